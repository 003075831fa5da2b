"""Where a household lies on a list: its own place, or for want of it the middle of its village, township or county."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.spot_checks.tables import Draw, FrameUnit

LEVELS: Final = {12: "village", 9: "township", 6: "county"}
PLACED: Final = {
    "household": "本户坐标",
    "village": "村中心 (本户无坐标)",
    "township": "乡镇中心 (本村无坐标)",
    "county": "县中心 (本乡镇无坐标)",
    "nowhere": "无坐标",
}


class Point(NamedTuple):
    """A place in degrees, WGS 84."""

    longitude: float
    latitude: float


class Placed(NamedTuple):
    """A place, and whose it is: a key of `PLACED`."""

    point: Point | None
    whose: str


def centres_of(session: Session, draw: Draw) -> dict[str, Point]:
    """Return the middle of the frozen households of a county, its townships and villages, by code."""
    rows = session.execute(
        sa.select(
            FrameUnit.village_code, sa.func.count(), sa.func.sum(FrameUnit.longitude), sa.func.sum(FrameUnit.latitude)
        )
        .where(
            FrameUnit.county_code == draw.county_code,
            FrameUnit.frame_id == draw.frame_id,
            FrameUnit.longitude.is_not(None),
            FrameUnit.latitude.is_not(None),
        )
        .group_by(FrameUnit.village_code)
    )
    return middle_of((village, number, east or 0.0, north or 0.0) for village, number, east, north in rows)


def middle_of(sums: Iterable[tuple[str, int, float, float]]) -> dict[str, Point]:
    """Return the middle of villages and of what lies above them, from (village, households, Σ longitude, Σ latitude).

    Examples
    --------
    >>> found = middle_of([("540222100201", 1, 89.0, 28.0), ("540222100202", 3, 270.0, 87.0)])
    >>> found["540222100202"], found["540222100"]
    (Point(longitude=90.0, latitude=29.0), Point(longitude=89.75, latitude=28.75))
    """
    totals: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0])
    for village, *numbers in sums:
        for length in LEVELS:
            for at, number in enumerate(numbers):
                totals[village[:length]][at] += number
    return {code: Point(east / number, north / number) for code, (number, east, north) in totals.items()}


def place_of(longitude: float | None, latitude: float | None, village: str, centres: Mapping[str, Point]) -> Placed:
    """Return where a household is looked for.

    Examples
    --------
    >>> place_of(None, None, "540222100201", {"540222100": Point(89.0, 28.0)})
    Placed(point=Point(longitude=89.0, latitude=28.0), whose='township')
    """
    if longitude is not None and latitude is not None:
        return Placed(Point(longitude, latitude), "household")
    for length, level in LEVELS.items():
        if (centre := centres.get(village[:length])) is not None:
            return Placed(centre, level)
    return Placed(None, "nowhere")
