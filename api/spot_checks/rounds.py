"""What one round is: the draws of one population of a county's campaign, and who may hold it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.people.access import COUNTY_LENGTH, Viewer
from api.people.roles import Permission
from api.problems import Forbidden
from api.spot_checks.tables import Draw, DrawResult, Frame


class Round(NamedTuple):
    """A population of a county's campaign: the roll, the registered poor not on it, or a city's part of a draw."""

    population: str
    within_draw_id: UUID | None = None

    @property
    def key(self) -> str:
        """What an address says for it."""
        return self.population if self.within_draw_id is None else str(self.within_draw_id)

    def frames(self) -> sa.ColumnElement[bool]:
        """Return the condition that a frame belongs to it."""
        within = Frame.within_draw_id
        return sa.and_(
            Frame.population == self.population,
            within.is_(None) if self.within_draw_id is None else within == self.within_draw_id,
        )


def round_of(frame: Frame) -> Round:
    """Return the round that a frame belongs to."""
    return Round(frame.population, frame.within_draw_id)


def rounds_of(session: Session, county_code: str, campaign_id: UUID) -> list[Round]:
    """Return the rounds that a county can hold: the roll and the missed, then sub-rounds that a city has begun."""
    begun = sa.select(Frame.population, Frame.within_draw_id, sa.func.min(Frame.frozen_at).label("first")).where(
        Frame.county_code == county_code, Frame.campaign_id == campaign_id, Frame.within_draw_id.is_not(None)
    )
    rows = session.execute(begun.group_by(Frame.population, Frame.within_draw_id).order_by("first")).all()
    return [Round("on_roll"), Round("missed"), *(Round(row.population, row.within_draw_id) for row in rows)]


def draws_of_round(session: Session, frame: Frame) -> Sequence[Draw]:
    """Return the draws of the round that a frame belongs to, the first first.

    `Draw.number` and the chain of manifests count all draws of a county's campaign, whatever their round; whether a
    draw is a *second* one, which needs a reason, is a matter of its round alone.
    """
    of_frame = sa.and_(Frame.county_code == Draw.county_code, Frame.id == Draw.frame_id)
    same = sa.and_(Draw.county_code == frame.county_code, Draw.campaign_id == frame.campaign_id)
    statement = sa.select(Draw).join(Frame, of_frame).where(same, round_of(frame).frames())
    return session.scalars(statement.order_by(Draw.number)).all()


def promised_before(session: Session, draw: Draw, frame: Frame) -> Iterator[tuple[Draw, Frame]]:
    """Yield the promises of other rounds of the county that were made earlier and have no dice yet.

    Dice go to promises in the order they were made: with a choice between two, one throw would leave a choice
    between two lists. A city's sub-rounds have dice of their own and stand apart.
    """
    drawn = sa.and_(DrawResult.county_code == Draw.county_code, DrawResult.draw_id == Draw.id)
    earlier = (
        sa.select(Draw, Frame)
        .join(Frame, sa.and_(Frame.county_code == Draw.county_code, Frame.id == Draw.frame_id))
        .outerjoin(DrawResult, drawn)
        .where(
            Draw.county_code == draw.county_code,
            Draw.campaign_id == draw.campaign_id,
            Draw.number < draw.number,
            DrawResult.draw_id.is_(None),
            Frame.within_draw_id.is_(None),
            Frame.population != frame.population,
        )
        .order_by(Draw.number)
    )
    if frame.within_draw_id is None:
        yield from ((other, its_frame) for other, its_frame in session.execute(earlier).all())


def demand_round(viewer: Viewer, frame: Frame) -> None:
    """Refuse whoever may not commit or draw from a frame.

    Raises
    ------
    Forbidden
        A county's own supervisor for a sub-round, the city for the county's rounds.
    """
    if frame.within_draw_id is None:
        viewer.demand(Permission.SPOT_CHECK_DRAW, frame.county_code)
    else:
        demand_city(viewer, frame.county_code)


def demand_county(viewer: Viewer, frame: Frame) -> None:
    """Refuse whoever may not send a county's checkers after what was drawn from a frame.

    Raises
    ------
    Forbidden
        A county's supervisor for the city's sub-round: he sends nobody after those whom the city checks.
    """
    viewer.demand(Permission.SPOT_CHECK_DRAW, frame.county_code)
    if frame.within_draw_id is not None:
        raise Forbidden("市级复查的名单由市级分配，县 {code} 不能编排、分配或替换", code=frame.county_code)


def demand_city(viewer: Viewer, county_code: str) -> None:
    """Refuse unless the viewer inspects the whole city that a county belongs to.

    Raises
    ------
    Forbidden
        Somebody whose area is the county itself or less cannot check the county's own work.
    """
    if not inspects_city(viewer, county_code):
        raise Forbidden("市级复查须由管辖全市的市级督导进行，县 {code} 不能复查自己", code=county_code)


def inspects_city(viewer: Viewer, county_code: str) -> bool:
    """Tell whether a viewer inspects the whole city that a county belongs to."""
    areas = viewer.areas(Permission.SPOT_CHECK_SUBROUND)
    return any(len(area) < COUNTY_LENGTH and county_code.startswith(area) for area in areas)


def may_draw(viewer: Viewer, county_code: str, asked: Round) -> bool:
    """Tell whether a viewer may commit and draw in a round."""
    if asked.within_draw_id is not None:
        return inspects_city(viewer, county_code)
    return viewer.may(Permission.SPOT_CHECK_DRAW, county_code)
