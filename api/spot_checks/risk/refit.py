"""Weights that the visits themselves suggest, with their evidence: shown beside those in force, adopted by a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.spot_checks.commit import draws_of, result_of
from api.spot_checks.outcomes import Outcome, outcomes_of
from api.spot_checks.risk.history_signs import is_judged, is_wrong
from api.spot_checks.risk.model import HEAVIEST, MODEL, RiskWeights
from api.spot_checks.tables import FrameUnit
from sampling.arrays import FloatArray
from sampling.errors import SamplingError
from sampling.risk import Performance, Refit, make_model, propose_weights

FEWEST_OF_EACH: Final = 10  # findings and non-findings, as `sampling.risk.refit` asks
FEWEST_WITH_SIGN: Final = 5  # visited households that have a sign, and that do not: fewer say nothing of it
OTHERS: Final = "others"  # the points of all signs that too few visited households have, or do not have
SMALLEST_SCALE: Final = 0.1  # below it the others say nothing of how large a point is
SEED: Final = 20260701  # deals the parts of the comparison; fixed, so that the same visits give the same answer

Flags = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, kw_only=True)
class SignProposal:
    """One sign in a proposal.

    Attributes
    ----------
    visited, wrong : int
        Visited households that have it, and how many of them were found wrong.
    present, proposed : int
        Points; the same where the visits say nothing of it.
    known : bool
        Whether enough visited households have it, and do not.
    """

    name: str
    visited: int
    wrong: int
    present: int
    proposed: int
    known: bool


@dataclass(frozen=True, kw_only=True)
class RefitProposal:
    """What a round of visits says of the weights; it changes nothing.

    Attributes
    ----------
    visits, wrong : int
        Checks that came to a conclusion, and those that found something wrong.
    draws : tuple of int
        The numbers of the draws they belong to.
    enough : bool
        Whether there are enough of both to learn anything; otherwise there is no proposal.
    before, after : Performance or None
        Both weights, on households that were not used for fitting; before rounding to whole points.
    better : bool
        Whether the proposal ranks better by more than its own uncertainty.
    """

    visits: int
    wrong: int
    draws: tuple[int, ...]
    signs: tuple[SignProposal, ...]
    enough: bool
    before: Performance | None = None
    after: Performance | None = None
    better: bool = False

    @property
    def weights(self) -> dict[str, int]:
        """The proposed points."""
        return {one.name: one.proposed for one in self.signs}


def propose_model(session: Session, county_code: str, campaign_id: UUID, present: RiskWeights) -> RefitProposal:
    """Propose weights from what the checks of a campaign found.

    Signs are those of the day the frame was frozen, never today's: what a check found must not explain itself. Every
    visit counts with the inverse of its chance of being drawn.
    """
    visits, draws = _visits(session, county_code, campaign_id)
    values = np.array([[name in signs for name in MODEL.names] for signs, _, _ in visits], dtype=np.bool_)
    values = values.reshape(len(visits), len(MODEL.names))
    wrong = np.array([found for _, found, _ in visits], dtype=np.bool_)
    having = values.sum(axis=0)
    known = (having >= FEWEST_WITH_SIGN) & (len(visits) - having >= FEWEST_WITH_SIGN)
    fit = None
    if known.any() and min(int(wrong.sum()), int((~wrong).sum())) >= FEWEST_OF_EACH:
        fit = _fit(values, wrong, np.array([weight for _, _, weight in visits]), known, present)
    proposed = _points(fit, present)
    return RefitProposal(
        visits=len(visits),
        wrong=int(wrong.sum()),
        draws=draws,
        signs=tuple(
            SignProposal(
                name=name,
                visited=int(having[place]),
                wrong=int((values[:, place] & wrong).sum()),
                present=present.weights[name],
                proposed=proposed[name],
                known=fit is not None and bool(known[place]),
            )
            for place, name in enumerate(MODEL.names)
        ),
        enough=fit is not None,
        before=fit.before if fit else None,
        after=fit.after if fit else None,
        better=fit.better if fit else False,
    )


def _fit(values: Flags, wrong: Flags, chances: FloatArray, known: Flags, present: RiskWeights) -> Refit | None:
    """Fit the signs one can learn of beside all others taken together, which keep their points among themselves.

    So both sides of the comparison are whole scores, and the points of the others say how large a point is.
    """
    others = values[:, ~known] @ present.vector[~known]
    names = [(name, present.weights[name]) for name, one in zip(MODEL.names, known, strict=True) if one]
    table = np.column_stack([values[:, known], others])
    try:
        return propose_weights(
            make_model([*names, (OTHERS, 1)]), table, wrong, rng=np.random.default_rng(SEED), weights=chances
        )
    except SamplingError:
        return None  # the visits do not settle the question


def _points(fit: Refit | None, present: RiskWeights) -> dict[str, int]:
    """Return whole points 0 … 20: a sign that the visits speak against weighs nothing, none counts in one's favour."""
    points = dict(present.weights)
    if fit is not None:
        learned = {one.name: one.weight for one in fit.proposed.indicators}
        others = learned.pop(OTHERS)
        # points as large as those of the others; where the others say nothing, of the same sum as before
        scale = others if others >= SMALLEST_SCALE else 1.0
        points |= {name: min(HEAVIEST, max(0, round(weight / scale))) for name, weight in learned.items()}
    return points


def _visits(
    session: Session, county_code: str, campaign_id: UUID
) -> tuple[list[tuple[frozenset[str], bool, float]], tuple[int, ...]]:
    """Return per concluded check the signs at freezing, whether it found anything, and its sampling weight."""
    found: dict[UUID, tuple[frozenset[str], bool, float]] = {}
    numbers: list[int] = []
    for draw in reversed(draws_of(session, county_code, campaign_id)):
        if result_of(session, draw) is None:
            continue
        judged = {one.leaf: one for one in outcomes_of(session, draw) if is_judged(one)}
        if not judged:
            continue
        numbers.append(draw.number)
        units = session.execute(
            sa.select(FrameUnit.leaf, FrameUnit.reasons).where(
                FrameUnit.county_code == county_code, FrameUnit.frame_id == draw.frame_id
            )
        )
        for leaf, reasons in units:
            one = judged.get(leaf)
            # of several draws the last check of a household speaks
            if one is not None and one.household_id not in found:
                found[one.household_id] = (_signs(reasons), is_wrong(one), _weight(one))
    return list(found.values()), tuple(numbers)


def _signs(reasons: list[Mapping[str, Any]]) -> frozenset[str]:
    return frozenset(str(reason["indicator"]) for reason in reasons)


def _weight(one: Outcome) -> float:
    return one.inclusion_of / one.inclusion_n
