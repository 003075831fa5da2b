"""What was drawn and what was found there, put together once: what every estimate is made from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from api.spot_checks.commit import plan_of
from api.spot_checks.comparison.verdicts import Judged
from api.spot_checks.outcomes import Outcome, outcomes_of
from api.spot_checks.tables import Draw, FrameUnit
from sampling.certificate.documents import PlannedStratum

REFUSED: Final = "refused"
Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One household of a list and what its check found.

    Attributes
    ----------
    chance : tuple of int
        Exact chance of being in the base list, as numerator and denominator.
    state, outcome : str
        As in `api.spot_checks.outcomes.Outcome`.
    judged : Judged or None
        None where nobody was met.
    paid_fen_per_month : int or None
        When the frame was frozen.
    withheld_fen : int or None
        What was said to have been kept back, in all; 0 where nothing was.
    """

    household_id: UUID
    stratum: str
    role: str
    position: int
    chance: tuple[int, int]
    state: str
    outcome: str = ""
    judged: Judged | None = None
    paid_fen_per_month: int | None = None
    withheld_fen: int | None = 0
    received_at: datetime | None = None

    @property
    def attempted(self) -> bool:
        """Whether any check has arrived."""
        return self.state != "waiting"

    @property
    def tells(self) -> bool:
        """Whether there is a verdict that says right or wrong."""
        return self.judged is not None and self.judged.verdict != "cannot_tell"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A draw, or the part of it in some strata.

    Attributes
    ----------
    strata : mapping
        N, n and method of each stratum, as planned and drawn.
    units : tuple of Drawn
        The base list, and those reserves that a check was sent to.
    paid : mapping
        What each household of the frame is paid a month, in fen, per stratum; strata whose frame does not know are
        left out.
    """

    strata: Mapping[str, PlannedStratum]
    units: tuple[Drawn, ...]
    paid: Mapping[str, NDArray[np.int64]]

    @property
    def size(self) -> int:
        """Households on the frozen roll."""
        return sum(planned.size for planned in self.strata.values())

    def part(self, strata: Iterable[str]) -> "Sample":
        """Return the sample in some whole strata."""
        chosen = set(strata)
        return Sample(
            strata={name: planned for name, planned in self.strata.items() if name in chosen},
            units=tuple(unit for unit in self.units if unit.stratum in chosen),
            paid={name: paid for name, paid in self.paid.items() if name in chosen},
        )

    def within(self, area: str) -> "Sample":
        """Return the sample of a township, or all of it."""
        return self.part(name for name in self.strata if name.startswith(area)) if area else self

    def paid_in_all(self) -> NDArray[np.int64] | None:
        """Return the monthly payments of all its households, the largest first; None when some are not known."""
        if set(self.paid) != set(self.strata):
            return None
        return -np.sort(-np.concatenate(list(self.paid.values()))) if self.paid else None

    @property
    def townships(self) -> list[str]:
        """The codes of the townships."""
        return sorted({name.split("|")[0] for name in self.strata})


def read_sample(
    session: Session, draw: Draw, verdicts: Mapping[UUID, Judged], *, outcomes: Iterable[Outcome] | None = None
) -> Sample:
    """Read a draw with what its checks found.

    Parameters
    ----------
    verdicts : mapping
        By household id, of those whose check counts.
    outcomes : iterable of Outcome, optional
        Of this draw, when the caller has them already.
    """
    units = tuple(
        drawn(one, verdicts.get(one.household_id))
        for one in (outcomes_of(session, draw) if outcomes is None else outcomes)
        if one.role == "base" or one.attempts
    )
    rows = session.execute(
        sa.select(FrameUnit.stratum, FrameUnit.benefit_fen_per_month).where(
            FrameUnit.county_code == draw.county_code, FrameUnit.frame_id == draw.frame_id
        )
    )
    paid: dict[str, list[int | None]] = {}
    for stratum, fen in rows:
        paid.setdefault(stratum, []).append(fen)
    known = {name: np.array(every, dtype=np.int64) for name, every in paid.items() if None not in every}
    return Sample(strata=plan_of(draw).strata, units=units, paid=known)


def drawn(one: Outcome, judged: Judged | None) -> Drawn:
    """Return what estimates need of one household's outcome."""
    kept = one.content.get("withheld")
    amount = one.content.get("withheld_fen")
    if kept == "yes":
        withheld = amount if isinstance(amount, int) else None
    else:
        withheld = 0 if kept == "no" or one.state == "gone" else None
    return Drawn(
        household_id=one.household_id,
        stratum=one.stratum,
        role=one.role,
        position=one.position,
        chance=(one.inclusion_n, one.inclusion_of),
        state=one.state,
        outcome=one.outcome,
        judged=judged if one.counts else None,
        paid_fen_per_month=one.paid_fen_per_month,
        withheld_fen=withheld,
        received_at=one.received_at,
    )
