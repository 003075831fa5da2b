"""A city's sub-round: the base list of a county's draw becomes a frame of its own, frozen by the city."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.database import new_id, now
from api.people.access import Viewer
from api.problems import Conflict, Invalid
from api.spot_checks.commit import frame_of, result_of
from api.spot_checks.frame import ReadyFrame, check_numbering, fingerprinted, mark_of, store_frame
from api.spot_checks.rounds import demand_city
from api.spot_checks.tables import Draw, Frame, FrameUnit, Selection

KEPT = (
    "household_id", "household_code", "head_name", "village_code", "stratum", "reasons", "longitude", "latitude",
    "benefit_fen_per_month", "persons",
)  # fmt: skip


def freeze_subround(
    session: Session, draw: Draw, viewer: Viewer, *, numbered_by: str = "none", townships: Sequence[str] = ()
) -> Frame:
    """Freeze what a county's draw chose as the frame of the city's own draw.

    Every household is as the county's frame has it, in its stratum, under a new salt: with the county's salts the
    county would know the city's list as soon as it is drawn from the leaves alone. The floors are the law's again,
    now of what the county drew: 30 % of its list in every township and scheme, and the relatives of officials whole;
    a city that wants to see less takes fewer counties or townships, not fewer households of
    a township.

    Parameters
    ----------
    draw : Draw
        With its dice thrown, and of the county's own round.
    viewer : Viewer
        Inspects the whole city.
    numbered_by : str
        As in `api.spot_checks.frame.freeze_frame`.
    townships : sequence of str
        Codes of the townships to check; all that the county drew in by default.

    Raises
    ------
    Forbidden
        Somebody whose area is the county or less.
    Conflict
        A draw without a list, or one that is itself a sub-round.
    Invalid
        A township in which nobody was drawn.
    """
    demand_city(viewer, draw.county_code)
    check_numbering(numbered_by)
    base = frame_of(session, draw)
    if base.within_draw_id is not None:
        raise Conflict("第 {number} 次抽取本身就是市级复查，不能再从中复查", where="draw_id", number=draw.number)
    if result_of(session, draw) is None:
        raise Conflict("第 {number} 次抽取还没有掷骰，还没有名单", where="draw_id", number=draw.number)
    of_unit = sa.and_(
        FrameUnit.county_code == Selection.county_code,
        FrameUnit.frame_id == draw.frame_id,
        FrameUnit.leaf == Selection.leaf,
    )
    rows = session.execute(
        sa.select(*(getattr(FrameUnit, name) for name in KEPT))
        .join(Selection, of_unit)
        .where(Selection.county_code == draw.county_code, Selection.draw_id == draw.id, Selection.role == "base")
        .order_by(FrameUnit.household_code)
    )
    drawn: list[dict[str, Any]] = [dict(row) for row in rows.mappings()]
    if stray := sorted(set(townships) - {row["stratum"].partition("|")[0] for row in drawn}):
        raise Invalid("县里在乡镇 {code} 没有抽到家庭，不能从中复查", where="townships", code=stray[0][:12])
    described = [row for row in drawn if not townships or row["stratum"].partition("|")[0] in townships]
    frame = Frame(
        county_code=draw.county_code, id=new_id(), campaign_id=draw.campaign_id, population=base.population,
        within_draw_id=draw.id, numbered_by=numbered_by, frozen_at=now(), frozen_by=viewer.account_id,
    )  # fmt: skip
    units = fingerprinted(frame, described)
    # what the county drew cannot change any more, so no mark of the roll has to be compared
    return store_frame(
        session,
        ReadyFrame(
            frame=frame,
            units=units,
            mark=mark_of(session, draw.county_code),
            viewer=viewer,
            townships=tuple(sorted(set(townships))),
        ),
    )
