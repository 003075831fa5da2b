"""What one round is: the draws of one population of a county's campaign, and who may hold it."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.people.access import COUNTY_LENGTH, Viewer
from api.people.roles import Permission
from api.problems import Forbidden
from api.spot_checks.tables import Draw, DrawResult, Frame


def draws_of_round(session: Session, frame: Frame) -> Sequence[Draw]:
    """Return the draws of the round that a frame belongs to, the first first.

    A round is a county's campaign and a population: the roll, the registered poor that are not on it, or a city's
    sub-round within one draw. `Draw.number` and the chain of manifests count all draws of the campaign, whatever
    their round; whether a draw is a *second* one, which needs a reason, is a matter of its round alone.
    """
    same = sa.and_(
        Draw.county_code == frame.county_code,
        Draw.campaign_id == frame.campaign_id,
        Frame.population == frame.population,
        Frame.within_draw_id.is_(None)
        if frame.within_draw_id is None
        else Frame.within_draw_id == frame.within_draw_id,
    )
    of_frame = sa.and_(Frame.county_code == Draw.county_code, Frame.id == Draw.frame_id)
    return session.scalars(sa.select(Draw).join(Frame, of_frame).where(same).order_by(Draw.number)).all()


def waiting_before(session: Session, draw: Draw, frame: Frame) -> Draw | None:
    """Return a promise of another round of the county that was made earlier and still waits for its dice.

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
    if frame.within_draw_id is not None:
        return None
    for other, its_frame in session.execute(earlier).all():
        if draws_of_round(session, its_frame)[-1].id == other.id:
            return other
    return None


def permission_of(frame: Frame) -> Permission:
    """Return what it takes to commit and draw from a frame: a sub-round is the city's, everything else the county's."""
    return Permission.SPOT_CHECK_DRAW if frame.within_draw_id is None else Permission.SPOT_CHECK_SUBROUND


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


def demand_city(viewer: Viewer, county_code: str) -> None:
    """Refuse unless the viewer inspects the whole city that a county belongs to.

    Raises
    ------
    Forbidden
        Somebody whose area is the county itself or less cannot check the county's own work.
    """
    areas = viewer.areas(Permission.SPOT_CHECK_SUBROUND)
    if not any(len(area) < COUNTY_LENGTH and county_code.startswith(area) for area in areas):
        raise Forbidden("市级复查须由管辖全市的市级督导进行，县 {code} 不能复查自己", code=county_code)
