"""A score a supervisor can read: indicators times weights, and for every household the points explained."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sampling.arrays import FloatArray, positions, whole
from sampling.refusals import NonFiniteValues, WrongLength
from sampling.risk.refusals import DuplicateIndicators, ImpossibleWeight, NoIndicators


@dataclass(frozen=True)
class Indicator:
    """One sign of risk.

    Attributes
    ----------
    name : str
        Short and unique, for example ``"vehicle"``.
    weight : float
        Points per unit of the indicator (a yes counts 1).
    label : str
        What a supervisor reads, for example ``"名下有机动车"``; the name where empty.
    """

    name: str
    weight: float
    label: str = ""

    def __post_init__(self) -> None:
        if not math.isfinite(self.weight):
            raise ImpossibleWeight(f"indicator {self.name!r}", f"weighs {self.weight}", "give a finite number")


@dataclass(frozen=True)
class RiskModel:
    """Indicators and their weights, as set for a campaign.

    Attributes
    ----------
    indicators : tuple of Indicator
        In the order of the columns that will be scored.
    adopted_by : str
        Who set these weights; empty for a draft.
    """

    indicators: tuple[Indicator, ...]
    adopted_by: str = ""

    def __post_init__(self) -> None:
        names = [one.name for one in self.indicators]
        if not names:
            raise NoIndicators("indicators", "are empty", "give at least one")
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise DuplicateIndicators("indicators", f"{sorted(twice)} stand twice", "give each its own name")

    @property
    def names(self) -> tuple[str, ...]:
        """The indicators' names, in order."""
        return tuple(one.name for one in self.indicators)

    @property
    def weights(self) -> FloatArray:
        """The weights, shape (k,)."""
        return np.array([one.weight for one in self.indicators], dtype=np.float64)


@dataclass(frozen=True)
class Contribution:
    """Points one indicator gave one household.

    Attributes
    ----------
    name, label : str
        The indicator, and how it is shown.
    value : float
        What the household has.
    weight, points : float
        What one unit of it counts, and what this one got.
    """

    name: str
    label: str
    value: float
    weight: float
    points: float


@dataclass(frozen=True, eq=False)
class RiskScores:
    """Scores of N households with everything that made them.

    Attributes
    ----------
    model : RiskModel
        The weights.
    values : ndarray of float, shape (N, k)
        The indicators.
    score : ndarray of float, shape (N,)
        Sum of the points.
    """

    model: RiskModel
    values: FloatArray = field(repr=False)
    score: FloatArray = field(repr=False)

    @property
    def contributions(self) -> FloatArray:
        """Points per household and indicator, shape (N, k); rows sum to the score."""
        return self.values * self.model.weights

    def explain(self, unit: int) -> tuple[Contribution, ...]:
        """List what gave one household its points, the largest first; indicators that gave none are left out.

        Parameters
        ----------
        unit : int
            Position of the household, 0 … N − 1.

        Raises
        ------
        ImpossibleCount
            When there is no such household.
        """
        row = self.values[whole("unit", unit, high=len(self.score) - 1)]
        parts = [
            Contribution(one.name, one.label or one.name, float(value), one.weight, float(value * one.weight))
            for one, value in zip(self.model.indicators, row, strict=True)
            if value * one.weight != 0
        ]
        return tuple(sorted(parts, key=lambda part: (-abs(part.points), part.name)))


def indicator_table(model: RiskModel, values: ArrayLike) -> FloatArray:
    """Return indicators as a checked table, shape (N, k).

    Raises
    ------
    WrongLength, NonFiniteValues
        When the columns are not the model's, or a value is missing: an unknown is not a zero, decide it first.

    Examples
    --------
    >>> indicator_table(RiskModel((Indicator("vehicle", 3),)), [[1], [0]]).shape
    (2, 1)
    """
    table = np.asarray(values, dtype=np.float64)
    wanted = len(model.indicators)
    if table.ndim != 2 or table.shape[1] != wanted or len(table) == 0:  # noqa: PLR2004 - rows and columns
        raise WrongLength("values", f"have shape {table.shape}", f"give one row per household, {wanted} columns")
    bad = ~np.isfinite(table)
    if bad.any():
        columns = [model.names[i] for i in np.flatnonzero(bad.any(axis=0))]
        raise NonFiniteValues(
            "values",
            f"are NaN or infinite in {columns} at {positions(np.asarray(bad.any(axis=1)))}",
            "decide what unknown means",
        )
    return table


def score_risk(model: RiskModel, values: ArrayLike) -> RiskScores:
    """Score households.

    Parameters
    ----------
    model : RiskModel
        The weights.
    values : array_like, shape (N, k)
        One row per household, one column per indicator, in the model's order.

    Returns
    -------
    RiskScores

    Raises
    ------
    WrongLength, NonFiniteValues

    Notes
    -----
    A weighted sum, on purpose: Dawes (1979), American Psychologist 34:571, on how well such scores do, and every
    point can be explained to the household it concerns. Cost: N·k.

    Examples
    --------
    >>> model = RiskModel((Indicator("related", 5, "干部近亲属"), Indicator("vehicle", 3, "名下有机动车")))
    >>> scores = score_risk(model, [[1, 1], [0, 1]])
    >>> scores.score.tolist()
    [8.0, 3.0]
    >>> [(part.label, part.points) for part in scores.explain(0)]
    [('干部近亲属', 5.0), ('名下有机动车', 3.0)]
    """
    table = indicator_table(model, values)
    return RiskScores(model, table, table @ model.weights)


def make_model(weights: Sequence[tuple[str, float]], adopted_by: str = "") -> RiskModel:
    """Make a model from pairs of name and weight.

    Parameters
    ----------
    weights : sequence of (str, float)
        The indicators' names and weights, in the order of the columns.
    adopted_by : str
        Who set them.

    Returns
    -------
    RiskModel

    Examples
    --------
    >>> make_model([("related", 5), ("vehicle", 3)]).names
    ('related', 'vehicle')
    """
    return RiskModel(tuple(Indicator(name, float(weight)) for name, weight in weights), adopted_by)
