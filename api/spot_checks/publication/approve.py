"""A second draw waits for the level above: the county gives its reason, the city approves or refuses, both stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.people.access import COUNTY_LENGTH, Viewer
from api.people.audit import record
from api.people.roles import GRANTED, ROLE_NAMES, Permission
from api.problems import Conflict, Forbidden, Invalid
from api.registry.reading import division_names
from api.spot_checks.commit import SHORTEST_REASON, frame_of, is_second_draw, result_of
from api.spot_checks.publication.tables import DrawApproval
from api.spot_checks.rounds import draws_of_round
from api.spot_checks.tables import Draw, Frame

LONGEST_NOTE: Final = 2_000
STATES: Final = {
    "first": "首次抽取，无须批准",
    "waiting": "等待市级批准",
    "approved": "已批准",
    "refused": "未批准",
    "replaced": "未经批准即被取代",
    "missing": "没有批准记录",
}


@dataclass(frozen=True)
class Standing:
    """Where a draw stands with the level above: a word of `STATES`, and the decision once there is one."""

    state: str
    decision: DrawApproval | None = None


def standing_of(session: Session, draw: Draw) -> Standing:
    """Return where a draw stands with the level above."""
    frame = frame_of(session, draw)
    if not is_second_draw(session, frame, number=draw.number):
        return Standing("first")
    decision = decision_on(session, draw)
    if decision is not None:
        return Standing("approved" if decision.approved else "refused", decision)
    if result_of(session, draw) is not None:
        return Standing("missing")
    newest = newest_open(session, frame)
    return Standing("waiting" if newest is not None and newest.id == draw.id else "replaced")


def decision_on(session: Session, draw: Draw) -> DrawApproval | None:
    """Return what the level above said of a draw, or None."""
    return session.get(DrawApproval, (draw.county_code, draw.id))


def newest_open(session: Session, frame: Frame) -> Draw | None:
    """Return the newest draw of a frame's households that was not refused: the only one whose dice may be thrown."""
    draws = draws_of_round(session, frame)
    refused = set(
        session.scalars(
            sa.select(DrawApproval.draw_id).where(
                DrawApproval.county_code == frame.county_code, DrawApproval.approved.is_(False)
            )
        )
    )
    return next((draw for draw in reversed(draws) if draw.id not in refused), None)


def refuse_unapproved(session: Session, draw: Draw) -> None:
    """Refuse the dice of a second draw that the level above has not approved.

    Raises
    ------
    Conflict
        Saying whether it still waits or was refused.
    """
    standing = standing_of(session, draw)
    if standing.state == "refused" and standing.decision is not None:
        raise Conflict(
            "第 {number} 次抽取未获批准 ({office}：{note})，不能掷骰", where="draw_id", number=draw.number,
            office=standing.decision.office, note=standing.decision.note,
        )  # fmt: skip
    if standing.state == "waiting":
        raise Conflict("第 {number} 次抽取须先由市级批准，才能掷骰", where="draw_id", number=draw.number)


def decide_second_draw(session: Session, draw: Draw, viewer: Viewer, *, approved: bool, note: str) -> DrawApproval:
    """Say yes or no to a county that wants to draw the same households again; once, and for everybody to read.

    Parameters
    ----------
    draw : Draw
        Committed with a reason, the newest of its households, its dice not thrown.
    viewer : Viewer
        Of an area that holds the county and is wider than it, and not who asked.
    note : str
        Why; a refusal needs one.

    Returns
    -------
    DrawApproval

    Raises
    ------
    Forbidden
        For whoever stands no higher than the county, or asked himself.
    Conflict
        A first draw, one that was decided, replaced or drawn.
    Invalid
        A refusal that gives no reason.
    """
    office = refuse_not_above(session, viewer, draw)
    state, note = standing_of(session, draw).state, note.strip()
    if state != "waiting":
        raise Conflict(
            "第 {number} 次抽取现在不需要批准：{state}", where="draw_id", number=draw.number, state=STATES[state]
        )
    if len(note) > LONGEST_NOTE:
        raise Invalid("说明过长，最多 {most} 个字", where="note", most=LONGEST_NOTE)
    if not approved and len(note) < SHORTEST_REASON:
        raise Invalid("不批准须写明理由 (至少 {least} 个字)", where="note", least=SHORTEST_REASON)
    decision = DrawApproval(
        county_code=draw.county_code, draw_id=draw.id, approved=approved, note=note, office=office,
        decided_by=viewer.account_id,
    )  # fmt: skip
    session.add(decision)
    try:
        session.flush()
    except IntegrityError:
        raise Conflict("刚才有人作了决定，请刷新后再看", where="draw_id") from None
    record(
        session, viewer, "draw.decide", "draw", draw.id, division_code=draw.county_code, number=draw.number,
        manifest_sha256=draw.manifest_sha256, approved=approved, note=note, office=office, reason=draw.reason,
    )  # fmt: skip
    return decision


def refuse_not_above(session: Session, viewer: Viewer, draw: Draw) -> str:
    """Return the office in which a viewer may decide on a draw.

    Raises
    ------
    Forbidden
        When he stands no higher than the county, or made the commitment himself.
    """
    above = areas_above(viewer, draw.county_code)
    if not above:
        raise Forbidden(
            "再次抽取由县以上一级批准，您的账号不能批准 {code} 的抽取", where="draw_id", code=draw.county_code
        )
    if draw.committed_by == viewer.account_id:
        raise Forbidden("不能批准自己提出的抽取", where="draw_id")
    return office_of(session, viewer, above[0])


def areas_above(viewer: Viewer, county_code: str) -> list[str]:
    """Return the areas of a viewer from which he may decide on a county's draws, the nearest first."""
    held = viewer.areas(Permission.SPOT_CHECK_APPROVE)
    return sorted((area for area in held if county_code.startswith(area) and len(area) < COUNTY_LENGTH), key=len)[::-1]


def office_of(session: Session, viewer: Viewer, area: str) -> str:
    """Return an office by place and role, without the person's name."""
    role = next(role for role, held in viewer.grants if held == area and Permission.SPOT_CHECK_APPROVE in GRANTED[role])
    return f"{division_names(session, {area}).get(area, area)} {ROLE_NAMES[role]}"


def waiting_for(session: Session, viewer: Viewer) -> Sequence[Draw]:
    """Return the second draws on which a viewer may decide now, the oldest first."""
    areas = [area for area in viewer.areas(Permission.SPOT_CHECK_APPROVE) if len(area) < COUNTY_LENGTH]
    inside = viewer.within(Draw.county_code, Permission.SPOT_CHECK_APPROVE) if areas else sa.false()
    undecided = sa.and_(DrawApproval.county_code == Draw.county_code, DrawApproval.draw_id == Draw.id)
    asked = (
        sa.select(Draw)
        .outerjoin(DrawApproval, undecided)
        .where(inside, Draw.number > 1, DrawApproval.draw_id.is_(None))
        .order_by(Draw.committed_at)
    )
    return [draw for draw in session.scalars(asked) if standing_of(session, draw).state == "waiting"]


def decided_by_area(session: Session, viewer: Viewer, *, most: int = 50) -> Sequence[tuple[Draw, DrawApproval]]:
    """Return the decisions on draws of a viewer's area, the newest first."""
    of_draw = sa.and_(DrawApproval.county_code == Draw.county_code, DrawApproval.draw_id == Draw.id)
    statement = (
        sa.select(Draw, DrawApproval)
        .join(DrawApproval, of_draw)
        .where(viewer.within(Draw.county_code, Permission.SPOT_CHECK_APPROVE))
        .order_by(DrawApproval.decided_at.desc())
        .limit(most)
    )
    return [(draw, decision) for draw, decision in session.execute(statement)]
