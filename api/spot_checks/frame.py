"""Freeze a county's roll into a frame, and read it back exactly as it was frozen."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from operator import itemgetter
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign
from api.database import insert_at_once, new_id, now
from api.people.access import Viewer
from api.people.audit import record
from api.people.roles import Permission
from api.problems import Conflict, Invalid, NotFound
from api.registry.tables import DeclaredRelative, DepartmentRecord, Household, Member, Official
from api.spot_checks.numbers import COLUMNS, numbers_of
from api.spot_checks.refusals import in_our_words
from api.spot_checks.risk import RiskWeights, assess_risk, model_in_force
from api.spot_checks.tables import Frame, FrameUnit
from sampling.frame import Frame as PublicFrame
from sampling.frame import freeze

POPULATIONS = {"on_roll": "在册低保家庭", "missed": "未纳入低保的建档立卡家庭"}
ROWS_AT_ONCE = 5_000
STEPS = 4
UNIT_FIELDS = (
    "leaf", "salt", "household_id", "household_code", "head_name", "village_code", "stratum", "reasons",
    "longitude", "latitude",
)  # fmt: skip
KEPT_AS_READ = ("head_name", "village_code", "longitude", "latitude", "benefit_fen_per_month", "persons")
# Kept since frames know what was paid, and since they may publish a number; others have none.
AMOUNTS = ("benefit_fen_per_month", "persons", "size_or_order")


@dataclass(frozen=True, kw_only=True)
class ReadyFrame:
    """A frame worked out and not yet stored, with the mark of the registry it was read from."""

    frame: Frame
    units: list[dict[str, Any]]
    mark: tuple[Any, ...]
    viewer: Viewer
    townships: tuple[str, ...] = ()  # of a city's sub-round: what it is limited to; empty for all
    risk: RiskWeights | None = None  # none where strata are taken over, as a sub-round's are


class RollMoved(Conflict):
    """The registry changed while a frame was made of it."""


OnStep = Callable[[int, int, str], None]


def freeze_frame(
    session: Session,
    campaign: Campaign,
    county_code: str,
    viewer: Viewer,
    *,
    day: date,
    population: str = "on_roll",
    numbered_by: str = "none",
) -> Frame:
    """Freeze the households of a county: who can be drawn, in which stratum, under which salted leaf.

    Parameters
    ----------
    campaign : Campaign
        Obliges the county.
    day : date
        Today, as people in the county count it; risk looks back from it.
    population : {'on_roll', 'missed'}
        Households on the roll, or registered-poor households that are not on it.
    numbered_by : {'none', 'persons', 'road', 'curve'}
        The whole number published with each leaf, for designs that need one (`api.spot_checks.numbers`).

    Returns
    -------
    Frame
        With its units stored; neither can be changed afterwards.

    Raises
    ------
    Forbidden
        When the viewer may not draw in this county.
    Conflict
        When there is nobody to draw from, or a household code cannot stand in the public file.
    """
    ready = work_out_frame(
        session, campaign, county_code, viewer, day=day, population=population, numbered_by=numbered_by
    )
    return store_frame(session, ready)


def work_out_frame(
    session: Session,
    campaign: Campaign,
    county_code: str,
    viewer: Viewer,
    *,
    day: date,
    population: str = "on_roll",
    numbered_by: str = "none",
    frame_id: UUID | None = None,
    on_step: OnStep = lambda _done, _total, _words: None,
) -> ReadyFrame:
    """Read the roll and work out everything of a frame; writes nothing, so phones need not wait for it.

    Takes and raises what `freeze_frame` does.

    Parameters
    ----------
    session
        Sees one moment from its beginning to its end (`Database.snapshot`), or is the one that will store.
    frame_id
        What the frame will be called; a new id by default.
    on_step
        Told steps done, steps in all, and in Chinese what is being done.
    """
    check_population(campaign, county_code, viewer, population)
    check_numbering(numbered_by)
    on_step(0, STEPS, "正在读取名册")
    mark, moment = mark_of(session, county_code), now()
    anybody_to_draw(session, county_code, population)
    rows = session.execute(_households(county_code, population)).mappings().all()
    on_step(1, STEPS, "正在评定风险")
    weights = model_in_force(session, campaign.id, county_code)
    risks = assess_risk(session, campaign, county_code, [row["id"] for row in rows], day, weights=weights)
    described: list[dict[str, Any]] = [
        {
            "household_id": row["id"],
            "household_code": row["code"],
            "stratum": f"{row['township_code']}|{row['scheme']}|{risk.band}",
            "reasons": risk.reasons,
            **{name: row[name] for name in KEPT_AS_READ},
        }
        for row, risk in zip(rows, risks, strict=True)
    ]
    on_step(2, STEPS, "正在计算指纹")
    frame = Frame(
        county_code=county_code, id=frame_id or new_id(), campaign_id=campaign.id, population=population,
        numbered_by=numbered_by, frozen_at=moment, frozen_by=viewer.account_id,
    )  # fmt: skip
    return ReadyFrame(frame=frame, units=fingerprinted(frame, described), mark=mark, viewer=viewer, risk=weights)


def fingerprinted(frame: Frame, described: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Salt what was read of households into the units of a frame, and give the frame their fingerprints.

    Parameters
    ----------
    frame : Frame
        Not stored yet; its fingerprints and its number of units are set here.
    described : sequence of mapping
        Each household's id, code, head, village, stratum, reasons, place, benefit and persons.

    Raises
    ------
    Conflict
        When a code cannot stand in the public file.
    """
    numbers = numbers_of(frame.numbered_by, described)
    third = COLUMNS[frame.numbered_by]
    with in_our_words():
        public, key = freeze(
            [one["household_code"] for one in described],
            [one["stratum"] for one in described],
            size=numbers if third == "size" else None,
            order=numbers if third == "order" else None,
        )
    units: list[dict[str, Any]] = [
        {
            **one,
            "county_code": frame.county_code,
            "frame_id": frame.id,
            "leaf": (leaf := key.leaf_by_code[one["household_code"]]),
            "salt": key.opened[leaf][0].hex(),
            "size_or_order": number,
        }
        for one, number in zip(described, numbers or repeat(None, len(described)), strict=True)
    ]
    frame.units, frame.frame_sha256, frame.units_sha256 = len(public), public.fingerprint, digest_of_units(units)
    return units


def store_frame(session: Session, ready: ReadyFrame) -> Frame:
    """Store a frame that was worked out, in one short transaction of the caller.

    Raises
    ------
    RollMoved
        When the registry is no longer what the frame was read from; then nothing is stored.
    """
    frame = ready.frame
    if mark_of(session, frame.county_code) != ready.mark:
        raise RollMoved("名册在冻结过程中发生了变化，没有冻结；请等导入或更正结束后重试", where="county_code")
    session.add(frame)
    session.flush()
    for start in range(0, len(ready.units), ROWS_AT_ONCE):
        insert_at_once(session, FrameUnit, ready.units[start : start + ROWS_AT_ONCE])
    record(
        session, ready.viewer, "frame.freeze", "frame", frame.id, division_code=frame.county_code,
        frame_sha256=frame.frame_sha256, units_sha256=frame.units_sha256, units=frame.units,
        population=frame.population, campaign=str(frame.campaign_id), numbered_by=frame.numbered_by,
        within_draw=str(frame.within_draw_id) if frame.within_draw_id else "",
        **({"townships": list(ready.townships)} if ready.townships else {}),
        **({"risk_model": ready.risk.number, "risk_model_sha256": ready.risk.sha256} if ready.risk else {}),
    )  # fmt: skip
    return frame


def check_population(campaign: Campaign, county_code: str, viewer: Viewer, population: str) -> None:
    """Refuse to freeze what the viewer may not, or what the campaign does not reach."""
    viewer.demand(Permission.SPOT_CHECK_DRAW, county_code)
    if not county_code.startswith(campaign.area_code):
        raise Invalid("专项工作“{name}”不包括县 {code}", where="campaign_id", name=campaign.name, code=county_code)
    if population not in POPULATIONS:
        raise Invalid("抽查对象须为 on_roll 或 missed", where="population")


def check_numbering(numbered_by: str) -> None:
    """Refuse a number that no frame publishes."""
    if numbered_by not in COLUMNS:
        raise Invalid("公布的整数须为 {names} 之一", where="numbered_by", names=", ".join(COLUMNS))


def anybody_to_draw(session: Session, county_code: str, population: str) -> None:
    """Refuse when there is nobody to draw from.

    Raises
    ------
    Conflict
        Saying what to do first.
    """
    if session.execute(_households(county_code, population).limit(1)).first() is None:
        if population == "missed":
            raise Conflict("县 {code} 没有未纳入低保的建档立卡家庭，请先导入", where="county_code", code=county_code)
        raise Conflict("县 {code} 没有可供抽取的家庭，请先导入名册", where="county_code", code=county_code)


def mark_of(session: Session, county_code: str) -> tuple[Any, ...]:
    """Return what tells whether anything that a frame is made of has changed: how many rows, and the latest of them.

    Households say when they were changed; the others are only ever added and removed, and a new id is a later one.
    """
    parts: list[Any] = []
    for table in (Household, Member, DepartmentRecord, DeclaredRelative, Official):
        latest = Household.updated_at if table is Household else sa.cast(table.id, sa.String)
        of_county = sa.select(sa.func.count(), sa.func.max(latest)).where(table.county_code == county_code)
        parts += session.execute(of_county).one()
    return tuple(parts)


def digest_of_units(units: Iterable[Mapping[str, Any]]) -> str:
    """Return the SHA-256 over everything kept of a frame's units, in order of leaf.

    The public fingerprint covers leaf and stratum alone; this one also holds village, householder, place, reasons
    and what was paid.
    """
    digest = hashlib.sha256()
    for unit in sorted(units, key=itemgetter("leaf")):
        line = [str(unit[name]) if name == "household_id" else unit[name] for name in UNIT_FIELDS]
        line += [amount for name in AMOUNTS if (amount := unit[name]) is not None]
        digest.update(json.dumps(line, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    return digest.hexdigest()


def belongs(population: str) -> sa.ColumnElement[bool]:
    """Return the condition that a household is one of a population now."""
    if population == "on_roll":
        return Household.on_roll.is_(True)
    return sa.and_(~Household.on_roll, Household.registered_poor)


def _households(
    county_code: str, population: str
) -> sa.Select[tuple[UUID, str, str, str, str, str, int, int, float, float]]:
    return (
        sa.select(
            Household.id,
            Household.code,
            Household.township_code,
            Household.village_code,
            Household.scheme,
            Household.head_name,
            Household.benefit_fen_per_month,
            Household.persons,
            sa.func.ST_X(Household.place).label("longitude"),
            sa.func.ST_Y(Household.place).label("latitude"),
        )
        .where(Household.county_code == county_code, belongs(population))
        .order_by(Household.code)
    )


def stored_frame(session: Session, frame: Frame) -> PublicFrame:
    """Return the public frame from its stored units, whatever they are now.

    Its fingerprint is that of the frozen frame as long as nobody has changed a unit.
    """
    rows = session.execute(
        sa.select(FrameUnit.leaf, FrameUnit.stratum, FrameUnit.size_or_order).where(
            FrameUnit.county_code == frame.county_code, FrameUnit.frame_id == frame.id
        )
    ).all()
    with in_our_words():
        return PublicFrame.build(
            [row.leaf for row in rows],
            [row.stratum for row in rows],
            **({third: [row.size_or_order for row in rows]} if (third := COLUMNS[frame.numbered_by]) else {}),
        )


def find_frame(session: Session, viewer: Viewer, frame_id: UUID, permission: Permission) -> Frame:
    """Return a frame of the viewer's area.

    Raises
    ------
    NotFound
        When there is none, or it lies outside.
    """
    found = session.scalar(sa.select(Frame).where(Frame.id == frame_id, viewer.within(Frame.county_code, permission)))
    if found is None:
        raise NotFound("找不到这份冻结的名册，或不在您的管辖范围内", where="frame_id")
    return found
