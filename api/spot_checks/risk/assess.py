"""Score households by the signs that are stored of them: points, a band, and every reason kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign
from api.spot_checks.risk.adopt import model_in_force
from api.spot_checks.risk.history_signs import history_signs
from api.spot_checks.risk.model import BANDS, CERTAIN, CERTAIN_SIGNS, LABELS, MODEL, RiskWeights
from api.spot_checks.risk.registry_signs import apart_signs, person_signs
from api.spot_checks.risk.roll_signs import part_signs, roll_signs
from api.spot_checks.risk.said import Asked, Detail, Signs
from api.spot_checks.risk.visit_signs import asset_signs, interview_signs, visit_signs

# Where signs come from. A new source (payments, leads received, field checks) is one more function here that yields
# (household, sign, what it says) from a few set-based queries, and its signs in `model.MODEL`. Whatever it reads must
# also be in the mark of `keep.mark_of_signs`.
SOURCES: Final[tuple[Callable[[Asked], Signs], ...]] = (
    person_signs,
    roll_signs,
    part_signs,
    apart_signs,
    visit_signs,
    asset_signs,
    interview_signs,
    history_signs,
)
BAND_ORDER: Final = (*BANDS, CERTAIN)  # a band's number is its place here
PLACE: Final = {name: place for place, name in enumerate(MODEL.names)}
ALWAYS: Final = [PLACE[name] for name in sorted(CERTAIN_SIGNS)]

Whole = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Risk:
    """A household's band and why it is in it.

    Attributes
    ----------
    score : int
        Sum of the points.
    band : str
        ``certain``, ``high``, ``middle`` or ``low``.
    reasons : list of dict
        ``indicator``, ``points``, ``text`` and ``details`` (what the sources say, each as ``text`` with its
        ``values``; may be empty), weightiest first. A sign that weighs nothing is listed with 0 points.
    """

    score: int
    band: str
    reasons: list[dict[str, Any]]


@dataclass(frozen=True, eq=False, kw_only=True)
class SignTable:
    """The signs of N households, before anybody weighs them.

    Attributes
    ----------
    values : ndarray of bool, shape (N, k)
        Which household has which sign, in the order of `MODEL`.
    details : mapping of (row, indicator) to list
        What the sources say.
    """

    values: np.ndarray[Any, np.dtype[np.bool_]] = field(repr=False)
    details: dict[tuple[int, str], list[Detail]] = field(repr=False)

    @property
    def certain(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which households are visited whatever the weights say, shape (N,)."""
        return np.asarray(self.values[:, ALWAYS].any(axis=1))

    def scores(self, weights: RiskWeights) -> Whole:
        """Sum of the points of each household, shape (N,)."""
        return np.asarray(self.values @ weights.vector)

    def bands(self, weights: RiskWeights) -> Whole:
        """Each household's band as a place in `BAND_ORDER`, shape (N,)."""
        found = np.searchsorted(np.array(weights.cuts), self.scores(weights), side="right")
        found[self.certain] = BAND_ORDER.index(CERTAIN)
        return np.asarray(found, dtype=np.int64)

    def reasons(self, row: int, weights: RiskWeights) -> list[dict[str, Any]]:
        """Return why a household has its score, weightiest first."""
        names = [MODEL.names[place] for place in np.flatnonzero(self.values[row]).tolist()]
        return [
            {
                "indicator": name,
                "points": weights.weights[name],
                "text": LABELS[name],
                "details": sorted(self.details.get((row, name), []), key=str),
            }
            for name in sorted(names, key=lambda name: (-weights.weights[name], name))
        ]


def read_signs(
    session: Session, campaign: Campaign, county_code: str, household_ids: Sequence[UUID], day: date
) -> SignTable:
    """Read the signs of households of one county.

    Parameters
    ----------
    household_ids : sequence of UUID, shape (N,)
        Which, in the order of the answer's rows.
    day : date
        What "for years" and the standard's year are counted from.

    Notes
    -----
    Set-based: about a dozen queries for a county, whatever its size, and three for each draw it has made.
    """
    row_of = {identity: row for row, identity in enumerate(household_ids)}
    values = np.zeros((len(household_ids), len(PLACE)), dtype=np.bool_)
    details: dict[tuple[int, str], list[Detail]] = {}
    asked = Asked(session=session, campaign=campaign, county_code=county_code, day=day)
    for source in SOURCES:
        for identity, sign, detail in source(asked):
            if (row := row_of.get(identity)) is None:
                continue
            values[row, PLACE[sign]] = True
            if detail not in (kept := details.setdefault((row, sign), [])):
                kept.append(detail)
    return SignTable(values=values, details=details)


def assess_risk(
    session: Session,
    campaign: Campaign,
    county_code: str,
    household_ids: Sequence[UUID],
    day: date,
    *,
    weights: RiskWeights | None = None,
) -> list[Risk]:
    """Score households of one county by what is stored of them.

    Parameters
    ----------
    household_ids : sequence of UUID, shape (N,)
        Which, in the order of the answer.
    day : date
        What "for years" and the standard's year are counted from.
    weights : RiskWeights, optional
        Those in force for the campaign by default.

    Returns
    -------
    list of Risk, length N
    """
    if not household_ids:
        return []
    chosen = weights or model_in_force(session, campaign.id, county_code)
    table = read_signs(session, campaign, county_code, household_ids, day)
    scores, bands = table.scores(chosen).tolist(), table.bands(chosen).tolist()
    return [
        Risk(score, BAND_ORDER[band], table.reasons(row, chosen))
        for row, (score, band) in enumerate(zip(scores, bands, strict=True))
    ]
