"""What became of each household on a drawn list: visited, proved gone, or not reached, and what the checker found."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.evidence.tables import Evidence, Photo
from api.spot_checks.recheck import seen_in
from api.spot_checks.tables import Draw, Frame, FrameUnit, Selection

MET: Final = frozenset({"met_householder", "met_member"})
GONE: Final = frozenset({"moved", "deceased", "no_such_household"})
STATES: Final = {
    "waiting": "尚未入户",
    "completed": "已完成",
    "gone": "查实已不在 (计入)",  # moved away, died out or never was, shown with evidence: a finding
    "unreached": "未见到人 (不计入)",
}
COUNTS: Final = frozenset({"completed", "gone"})


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One household of a draw's list and what its check found.

    Attributes
    ----------
    state : str
        A key of `STATES`. ``completed``: somebody of the household was met. ``gone``: it has moved away, died out or
        does not exist, and the visit says who confirmed it and brings a place or a photo (DRAW.md, "What counts as
        30 %"). ``unreached``: away, refused, nobody at home, or gone without proof. ``waiting``: no check has arrived.
    outcome : str
        The form's own answer to "whom did you meet?"; empty while waiting.
    attempts : int
        Checks that arrived.
    verdict : str
        ``right``, ``amount_high``, ``amount_low``, ``not_eligible`` or ``cannot_tell``; empty where none was given.
    error_kinds : tuple of str
        As the form names them, without ``none``.
    content : mapping
        All answers of the visit that decides; empty while waiting.
    paid_fen_per_month, persons : int or None
        As the roll stood when the frame was frozen; None in frames from before these were kept.
    """

    leaf: str
    household_id: UUID
    household_code: str
    village_code: str
    stratum: str
    role: str
    position: int
    inclusion_n: int
    inclusion_of: int
    paid_fen_per_month: int | None
    persons: int | None
    state: str = "waiting"
    outcome: str = ""
    attempts: int = 0
    verdict: str = ""
    error_kinds: tuple[str, ...] = ()
    visit_id: UUID | None = None
    account_id: UUID | None = None
    received_at: datetime | None = None
    content: Mapping[str, Any]

    @property
    def counts(self) -> bool:
        """Whether the household counts towards the 30 %."""
        return self.state in COUNTS

    @property
    def township_code(self) -> str:
        """The township of the stratum it was drawn in."""
        return self.stratum.split("|")[0]

    @property
    def band(self) -> str:
        """The band of the stratum it was drawn in."""
        return self.stratum.rpartition("|")[2]


@dataclass(frozen=True, kw_only=True)
class _Visit:
    row: Any
    outcome: str
    state: str


def outcomes_of(
    session: Session, draw: Draw, *, area: str = "", role: str = "", household_id: UUID | None = None
) -> list[Outcome]:
    """Return every household of a draw's list with what its check found, in the order of the codes.

    Only checks that arrived after the frame was frozen are looked at, and in a city's sub-round only those of the
    city's checkers, which count nowhere else. Of several, the last one that counts decides,
    else the last one.

    Parameters
    ----------
    area : str
        A township's or village's code; empty for all.
    role : str
        ``base`` or ``reserve``; empty for both.
    household_id : UUID, optional
        Of this household alone.

    Notes
    -----
    Three queries, whatever the size. Blindness is not applied here: who may see another's verdict is for the caller
    to decide (`api.evidence.visible`).
    """
    frame = session.get_one(Frame, (draw.county_code, draw.frame_id))
    wanted = [Selection.county_code == draw.county_code, Selection.draw_id == draw.id]
    if area:
        wanted.append(Selection.village_code.startswith(area, autoescape=True))
    if role:
        wanted.append(Selection.role == role)
    if household_id is not None:
        wanted.append(Selection.household_id == household_id)
    visits = _visits(session, draw, wanted, frame.frozen_at)
    unit = sa.and_(
        FrameUnit.county_code == Selection.county_code,
        FrameUnit.frame_id == frame.id,
        FrameUnit.leaf == Selection.leaf,
    )
    rows = session.execute(
        sa.select(
            Selection.leaf, Selection.household_id, Selection.household_code, Selection.village_code,
            Selection.stratum, Selection.role, Selection.position, Selection.inclusion_n, Selection.inclusion_of,
            FrameUnit.benefit_fen_per_month.label("paid_fen_per_month"), FrameUnit.persons,
        )
        .join(FrameUnit, unit)
        .where(*wanted)
        .order_by(Selection.household_code)
    )  # fmt: skip
    return [Outcome(**row, **_said(visits.get(row["household_id"], []))) for row in rows.mappings()]


def _said(visits: list[_Visit]) -> dict[str, Any]:
    if not visits:
        return {"content": {}}
    decides = next((one for one in reversed(visits) if one.state in COUNTS), visits[-1])
    content = decides.row.content
    kinds = content.get("error_kinds", ())
    return {
        "state": decides.state,
        "outcome": decides.outcome,
        "attempts": len(visits),
        "verdict": str(content.get("verdict", "")),
        "error_kinds": tuple(kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "none"),
        "visit_id": decides.row.id,
        "account_id": decides.row.account_id,
        "received_at": decides.row.received_at,
        "content": content,
    }


def _visits(
    session: Session, draw: Draw, wanted: Iterable[sa.ColumnElement[bool]], since: datetime
) -> dict[UUID, list[_Visit]]:
    """Return the checks of the households of a list, the earliest first."""
    listed = sa.select(Selection.household_id).where(*wanted)
    rows = session.execute(
        sa.select(
            Evidence.id, Evidence.household_id, Evidence.account_id, Evidence.received_at, Evidence.content,
            Evidence.place.is_not(None).label("has_place"),
            sa.exists().where(
                Photo.county_code == Evidence.county_code, Photo.evidence_id == Evidence.id, Photo.sha256.is_not(None)
            ).label("has_photo"),
        )
        .where(
            Evidence.county_code == draw.county_code,
            Evidence.household_id.in_(listed),
            Evidence.purpose == "spot_check",
            Evidence.kind == "visit",
            Evidence.received_at >= since,
            seen_in(draw),
        )
        .order_by(Evidence.received_at, Evidence.id)
    )  # fmt: skip
    found: dict[UUID, list[_Visit]] = {}
    for row in rows:
        found.setdefault(row.household_id, []).append(_judged(row))
    return found


def _judged(row: Any) -> _Visit:
    outcome = str(row.content.get("outcome", ""))
    proved = bool(str(row.content.get("outcome_note", "")).strip()) and (row.has_place or row.has_photo)
    state = "completed" if outcome in MET else "gone" if outcome in GONE and proved else "unreached"
    return _Visit(row=row, outcome=outcome, state=state)


def shares(outcomes: Iterable[Outcome]) -> Iterator[tuple[str, dict[str, int]]]:
    """Yield each township with how many of its base list are in each state, by code."""
    found: dict[str, dict[str, int]] = {}
    for one in outcomes:
        if one.role == "base":
            states = found.setdefault(one.township_code, dict.fromkeys(STATES, 0))
            states[one.state] += 1
    yield from sorted(found.items())
