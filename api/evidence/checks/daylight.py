"""Sunrise and sunset of a place and day, by NOAA's formula: good to a minute or two, which is all a check needs."""

import math
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

#: Degrees from the zenith at which the sun's upper edge appears: half its disc, and the bending of the air.
ZENITH_DEG: Final = 90.833
MINUTES_PER_DEGREE: Final = 4


def sun_of(day: date, longitude: float, latitude: float) -> tuple[datetime, datetime] | None:
    """Return sunrise and sunset of a local day, in UTC; None where the sun does not rise or set on it.

    Notes
    -----
    NOAA Global Monitoring Laboratory, "General Solar Position Calculations", the low-accuracy equations.

    Examples
    --------
    >>> rise, sets = sun_of(date(2018, 6, 21), 89.6, 28.9)
    >>> f"{rise:%H:%M} {sets:%H:%M}"  # 07:03 and 21:02 in Beijing's time
    '23:03 13:02'
    """
    year = 2 * math.pi / 365 * (day.timetuple().tm_yday - 1)
    equation_minutes = 229.18 * (
        0.000075
        + 0.001868 * math.cos(year)
        - 0.032077 * math.sin(year)
        - 0.014615 * math.cos(2 * year)
        - 0.040849 * math.sin(2 * year)
    )
    declination = (
        0.006918
        - 0.399912 * math.cos(year)
        + 0.070257 * math.sin(year)
        - 0.006758 * math.cos(2 * year)
        + 0.000907 * math.sin(2 * year)
        - 0.002697 * math.cos(3 * year)
        + 0.00148 * math.sin(3 * year)
    )
    north = math.radians(latitude)
    hour_cosine = math.cos(math.radians(ZENITH_DEG)) / (math.cos(north) * math.cos(declination)) - (
        math.tan(north) * math.tan(declination)
    )
    if not -1 < hour_cosine < 1:
        return None
    half_day = math.degrees(math.acos(hour_cosine))
    noon = datetime.combine(day, time(12), UTC) - timedelta(minutes=MINUTES_PER_DEGREE * longitude + equation_minutes)
    return noon - timedelta(minutes=MINUTES_PER_DEGREE * half_day), noon + timedelta(
        minutes=MINUTES_PER_DEGREE * half_day
    )
