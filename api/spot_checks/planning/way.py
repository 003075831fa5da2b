"""From where the teams of a plan set out each morning, and how far that is from the villages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.registry.tables import Division, DivisionBoundary
from api.spot_checks.lists.places import Point
from api.spot_checks.lists.team import teams_of
from api.spot_checks.lists.tour import start_of
from api.spot_checks.tables import Frame

KM_PER_DEGREE: Final = 111.195  # of a great circle, on a sphere of 6,371 km


@dataclass(frozen=True)
class Starts:
    """Where teams set out.

    Attributes
    ----------
    points : sequence of Point
        Empty when nothing in the county has a place.
    whose : str
        ``teams``: the start points of the campaign's teams; ``seat``: the middle of the county's seat; ``middle``: of
        all its households; empty without a place.
    seat : str
        Code of the township that is taken for the seat; empty with `teams`.
    """

    points: Sequence[Point]
    whose: str
    seat: str = ""


def starts_of(session: Session, frame: Frame, centres: Mapping[str, Point]) -> Starts:
    """Return where the teams set out: from their own start points, or for want of teams from the county's seat.

    Parameters
    ----------
    centres : mapping of str to Point
        Middles of the households of villages, townships and the county, as `lists.places.middle_of` gives them.

    Notes
    -----
    No register says which township is a county's seat. Its code's seventh digit is 0 for a subdistrict, 1 for a town,
    2 or 3 for a township (GB/T 10114-2003), so the smallest code is that of a subdistrict, else of a town. That this
    one is the seat is our guess, which the plan page names; a team's own start point replaces it.
    """
    teams = teams_of(session, frame.county_code, frame.campaign_id)
    points = [point for team in teams if (point := start_of(team, dict(centres))) is not None]
    if points:
        return Starts(points, "teams")
    of_county = sa.select(sa.func.min(Division.code)).where(
        Division.parent_code == frame.county_code, Division.level == "township"
    )
    seat = session.scalar(of_county) or ""
    if (point := centres.get(seat) or _middle_of_ground(session, seat)) is not None:
        return Starts([point], "seat", seat)
    if (point := centres.get(frame.county_code)) is not None:
        return Starts([point], "middle")
    return Starts([], "")


def way_to(centres: Mapping[str, Point], expected: Mapping[str, float], starts: Sequence[Point]) -> float:
    """Return the mean way in kilometres, as the crow flies, from the nearest start to a household that is drawn.

    Parameters
    ----------
    expected : mapping of str to float
        Households expected to be drawn, by village; villages without a place are passed over.

    Examples
    --------
    >>> middles = {"a": Point(89.0, 29.0), "b": Point(89.0, 29.2)}
    >>> round(way_to(middles, {"a": 3.0, "b": 1.0}, [Point(89.0, 29.0)]), 2)
    5.56
    """
    villages = [village for village in expected if village in centres]
    weight = np.array([expected[village] for village in villages])
    if not starts or not weight.sum():
        return 0.0
    there = np.array([centres[village] for village in villages])
    here = np.array(starts)
    east = (there[:, None, 0] - here[:, 0]) * np.cos(np.radians(there[:, 1].mean()))
    north = there[:, None, 1] - here[:, 1]
    nearest = np.hypot(east, north).min(axis=1) * KM_PER_DEGREE
    return float(np.average(nearest, weights=weight))


def _middle_of_ground(session: Session, code: str) -> Point | None:
    middle = sa.func.ST_Centroid(DivisionBoundary.ground)
    found = session.execute(
        sa.select(sa.func.ST_X(middle), sa.func.ST_Y(middle)).where(DivisionBoundary.division_code == code)
    ).first()
    return Point(*found) if found is not None else None
