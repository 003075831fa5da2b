"""The township visited everybody first: what its visits foretell makes the county's estimate sharper."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from api.campaigns.stages import standard_for
from api.campaigns.tables import Campaign
from api.evidence.tables import Evidence
from api.spot_checks.commit import result_of
from api.spot_checks.comparison.verdicts import MONTHS, entitlement
from api.spot_checks.estimates.county import Estimates
from api.spot_checks.estimates.designs import SIMPLE, count_answers, weak
from api.spot_checks.estimates.figures import CONFIDENCE, Figure
from api.spot_checks.estimates.measures import RATES, amounts, marks
from api.spot_checks.estimates.sample import Flags, Sample
from api.spot_checks.outcomes import GONE
from api.spot_checks.tables import Draw, FrameUnit
from sampling.errors import SamplingError
from sampling.estimation import Estimate, estimate_two_phase

LEAST_COVERED: Final = (
    0.8  # of the households; below it the township's answers help too little to be worth a second number
)
TOLERANCE: Final = 0.10  # of what is paid: the same as where two visits are compared
FEWEST: Final = 20  # checks to fit one slope on
DIFFERENT: Final = 10  # checks that contradict the township (or amounts) below which their spread is not to be believed
SKEW: Final = 30  # below it the range may be too narrow (`sampling.estimation.estimate_two_phase`)
FORETOLD: Final = ("wrongly_included", "any_error", "over")

NOT_DRAWN: Final = "还没有掷骰"
TOO_LITTLE: Final = "抽签以前乡镇只入户了 {percent}%，不足 {least}%，不提供"
TOO_FEW_PER_STRATUM: Final = "有的层有结论的不足两户，暂不提供"
TOO_FEW_CHECKS: Final = "有结论的抽查不足 {least} 户，暂不提供"
ALMOST_ALIKE: Final = "与乡镇结论不同的抽查 (或有金额的户) 不足 {least} 户，区间不可信，暂不提供"
FEW_DIFFERENT: Final = "与乡镇结论不同的抽查只有 {n} 户，区间可能偏窄"
UNEQUAL: Final = "有不等概率抽取的层，不提供"
ALL_ALIKE: Final = "乡镇入户的结果彼此没有差别，帮不上忙"

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Foretold:
    """What a township's visits foretell of every household of a frame.

    Attributes
    ----------
    households : list of UUID
    strata : list of str
    visited : ndarray of bool, shape (N,)
        Whether the township's visit arrived before the dice were thrown.
    marks : mapping
        By measure of `FORETOLD`, shape (N,): 0 or 1, or fen a year. 0 for those not visited, which costs sharpness
        and not truth: the estimate holds whatever is foretold, as long as nobody knew yet who was drawn.
    """

    households: list[UUID]
    strata: list[str]
    visited: Flags
    marks: Mapping[str, Floats]


@dataclass(frozen=True, kw_only=True)
class Gain:
    """One estimate made with the township's visits, beside the plain one.

    Attributes
    ----------
    gain : float or None
        By how much the variance is smaller, as a share; below 0 where the township's answers mislead.
    """

    plain: Figure
    sharper: Figure
    gain: float | None


def read_foretold(session: Session, draw: Draw) -> Foretold | None:
    """Read what the townships' own visits say, of all households of a draw's frame; None before the dice.

    Only visits that arrived before the dice were thrown: afterwards somebody might know who will be checked.
    """
    result = result_of(session, draw)
    if result is None:
        return None
    campaign = session.get_one(Campaign, draw.campaign_id)
    frame = (FrameUnit.county_code == draw.county_code, FrameUnit.frame_id == draw.frame_id)
    visits = {
        row.household_id: row
        for row in session.execute(
            sa.select(
                Evidence.household_id,
                *(Evidence.content[name].as_string().label(name) for name in _ANSWERS),
            )
            .where(
                Evidence.county_code == draw.county_code,
                Evidence.purpose == "township_visit",
                Evidence.kind == "visit",
                Evidence.received_at < result.drawn_at,
                Evidence.household_id.is_not(None),
            )
            .order_by(Evidence.received_at, Evidence.id)
        )
    }  # the last one stays
    standards: dict[str, int | None] = {}
    households, strata, rows = [], [], []
    for unit in session.execute(
        sa.select(FrameUnit.household_id, FrameUnit.stratum, FrameUnit.benefit_fen_per_month).where(*frame)
    ):
        cell = unit.stratum.rpartition("|")[0]
        if cell not in standards:
            township, scheme = cell.split("|")
            standards[cell] = standard_for(campaign, township, scheme, draw.committed_at.year)
        households.append(unit.household_id)
        strata.append(unit.stratum)
        rows.append(_foretell(visits.get(unit.household_id), unit.benefit_fen_per_month, standards[cell]))
    found = np.array(rows, dtype=np.float64).reshape(len(rows), len(FORETOLD))
    return Foretold(
        households=households,
        strata=strata,
        visited=np.array([household in visits for household in households], dtype=np.bool_),
        marks={name: found[:, at] for at, name in enumerate(FORETOLD)},
    )


_ANSWERS: Final = (
    "outcome", "income_fen_per_person_year", "members_count", "provisional_fen_per_month", "withheld", "card_holder",
)  # fmt: skip


def _foretell(visit: Any, paid: int | None, standard: int | None) -> tuple[float, float, float]:
    """Return what a township's visit foretells: wrongly included, any error, fen a year too much."""
    if visit is None:
        return 0.0, 0.0, 0.0
    yearly = MONTHS * (paid or 0)
    if visit.outcome in GONE:
        return 1.0, 1.0, float(yearly)
    correct = _whole(visit.provisional_fen_per_month)
    if correct is None and standard is not None:
        income, members = _whole(visit.income_fen_per_person_year), _whole(visit.members_count)
        correct = entitlement(standard, {"income_fen_per_person_year": income, "members_count": members})
    kept = visit.withheld == "yes" or visit.card_holder == "cadre"
    if correct is None:
        return 0.0, float(kept), 0.0
    off = paid is not None and abs(paid - correct) > TOLERANCE * paid
    return float(correct == 0), float(correct == 0 or off or kept), float(max(0, yearly - MONTHS * correct))


def _whole(text: Any) -> int | None:
    try:
        return int(text)
    except (TypeError, ValueError):
        return None


def sharpen(sample: Sample, foretold: Foretold | None, told: Estimates) -> tuple[list[Gain], str, dict[str, Any]]:
    """Estimate with the township's visits, beside the plain estimates.

    Parameters
    ----------
    sample : Sample
        Of the part that `told` speaks of.
    told : Estimates
        The plain ones.

    Returns
    -------
    gains : list of Gain
    reason : str
        Why there are none, with ``{names}``; empty otherwise.
    values : dict
        What to put in place of the names.
    """
    if foretold is None:
        return [], NOT_DRAWN, {}
    heard = sample.part(name for name in sample.strata if name.split("|")[0] not in told.silent)
    here = np.array([name in heard.strata for name in foretold.strata], dtype=np.bool_)
    reason, values = _why_not(heard, foretold, here)
    if reason:
        return [], reason, values
    found = [
        gain
        for name in FORETOLD
        if name in told.told.figures and (gain := _sharper(heard, foretold, here, name, told.told.figures[name]))
    ]
    if found:
        return found, "", {}
    some = any(marks.any() for marks in foretold.marks.values())
    return [], ALMOST_ALIKE if some else ALL_ALIKE, {"least": DIFFERENT}


def _why_not(sample: Sample, foretold: Foretold, here: Flags) -> tuple[str, dict[str, Any]]:
    """Return why no sharper estimate can be made at all; empty where it can."""
    covered = float(foretold.visited[here].mean()) if here.any() else 0.0
    tells = np.array([unit.tells for unit in sample.units], dtype=np.bool_)
    if tells.sum() < FEWEST:
        return TOO_FEW_CHECKS, {"least": FEWEST}
    if covered < LEAST_COVERED:
        return TOO_LITTLE, {"percent": f"{100 * covered:.0f}", "least": f"{100 * LEAST_COVERED:.0f}"}
    if any(planned.method != SIMPLE for planned in sample.strata.values()):
        return UNEQUAL, {}
    return (TOO_FEW_PER_STRATUM, {}) if _some_weak(sample, tells) else ("", {})


def _some_weak(sample: Sample, answered: Flags) -> bool:
    counts = count_answers(sample.units, answered)
    return any(weak(counts[name], planned.size) for name, planned in sample.strata.items())


def _sharper(sample: Sample, foretold: Foretold, here: Flags, name: str, plain: Figure) -> Gain | None:
    units = sample.units
    tells = np.array([unit.tells for unit in units], dtype=np.bool_)
    if name in RATES:
        truth = marks(units, RATES[name][1])
    else:
        truth, known = amounts(units, name)
        tells &= known
    if not plain.says or tells.sum() < FEWEST or _some_weak(sample, tells):
        return None
    found = {unit.household_id: value for unit, value, yes in zip(units, truth, tells, strict=True) if yes}
    households = [one for one, yes in zip(foretold.households, here, strict=True) if yes]
    checked = np.array([one in found for one in households], dtype=np.bool_)
    first = foretold.marks[name][here]
    second = np.array([found[one] for one in households if one in found])
    different = int(np.count_nonzero(second != first[checked] if name in RATES else second))
    if different < DIFFERENT:
        return None
    try:
        estimate = estimate_two_phase(
            first,
            checked,
            second,
            strata=[stratum for stratum, yes in zip(foretold.strata, here, strict=True) if yes],
            slope="combined",
            quantity="mean" if name in RATES else "total",
            confidence=CONFIDENCE,
        )
    except SamplingError:  # the township's answers do not vary
        return None
    sharper = _figure(plain, estimate, floor=float(sum(found.values())), different=different)
    before = plain.standard_error or 0.0
    gain = 1 - (estimate.standard_error / before) ** 2 if before > 0 else None
    return Gain(plain=plain, sharper=sharper, gain=gain)


def _figure(plain: Figure, estimate: Estimate, *, floor: float, different: int) -> Figure:
    """Return the sharper figure; what the visits found themselves is certain."""
    least, most = (floor / plain.size, 1.0) if plain.unit == "share" else (floor, float("inf"))
    return replace(
        plain,
        value=min(max(estimate.value, least), most),
        lower=min(max(estimate.lower, least), most),
        upper=min(max(estimate.upper, least), most),
        n=estimate.n,
        standard_error=estimate.standard_error,
        interval=estimate.interval.method,
        method=estimate.method,
        note=FEW_DIFFERENT if different < SKEW else "",
        values={"n": different},
        widest=None,
    )
