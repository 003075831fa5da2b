"""The text of one answer, read as its question's type: every reading checked, nothing guessed."""

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from survey_forms.schema import Question


@dataclass(frozen=True)
class Place:
    """A place as a phone measured it.

    Attributes
    ----------
    latitude, longitude : float
        Degrees, WGS 84.
    altitude_m : float or None
        Metres above the ellipsoid, as the phone says it.
    accuracy_m : float or None
        Radius in metres; exactly 0 means that it was set by hand or by a mock provider.
    """

    latitude: float
    longitude: float
    altitude_m: float | None = None
    accuracy_m: float | None = None


Value = str | int | bool | Decimal | dt.date | dt.time | dt.datetime | Place | tuple[str, ...] | tuple[Place, ...]


class Unreadable(ValueError):  # noqa: N818 - said of an answer, kept beside it, never stops a submission
    """The text does not fit the question; the message says why, for a person."""


# 18 digits fit every database's 64-bit integer; phones write whole calculations as 12.0
_INT: Final = re.compile(r"([+-]?[0-9]{1,18})(?:\.0+)?")
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,10}(?:\.[0-9]{0,30})?(?:[eE][+-]?[0-9]{1,2})?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(r"([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)[0-9]*(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?")
_LONGEST_NAME: Final = 255


def read_value(question: Question, text: str) -> Value:
    """Read an answer.

    Parameters
    ----------
    question
        What was asked.
    text
        What the submission carries; spaces around it do not count.

    Returns
    -------
    Value
        ``int`` → int; ``decimal`` → Decimal; ``boolean`` → bool; ``date``, ``time``, ``dateTime`` → datetime
        classes, date-times with their offset; ``geopoint`` → `Place`; ``geotrace``, ``geoshape`` → tuple of
        `Place`; ``select_multiple`` and ``rank`` → tuple of choice names; ``binary`` → a plain file name;
        everything else → str.

    Raises
    ------
    Unreadable
        The text does not fit the type, or is not among the choices.

    Notes
    -----
    ODK XForms specification, "Data types".

    Examples
    --------
    >>> read_value(Question("/data/place", "geopoint"), "28.9147 89.6021 4021.5 6.2")
    Place(latitude=28.9147, longitude=89.6021, altitude_m=4021.5, accuracy_m=6.2)
    >>> read_value(Question("/data/wages", "int"), "a lot")
    Traceback (most recent call last):
    survey_forms.values.Unreadable: 'a lot' is not a whole number of at most 18 digits
    """
    return _READERS.get(question.type, _string)(question, text.strip())


def safe_file_name(text: str) -> bool:
    """Whether a text can name a file beside a submission, and nothing else.

    Parameters
    ----------
    text
        A name as written in XML or in a form's field.

    Returns
    -------
    bool
        True for a printable name without separators, of at most 255 bytes, that is not ``.`` or ``..``.

    Examples
    --------
    >>> safe_file_name("1718874000123.jpg"), safe_file_name("../../etc/passwd")
    (True, False)
    """
    plain = text == text.strip() and text not in {"", ".", ".."} and not set(text) & set("/\\")
    return plain and text.isprintable() and len(text.encode()) <= _LONGEST_NAME


def _string(_: Question, text: str) -> str:
    return text


def _int(_: Question, text: str) -> int:
    if not (found := _INT.fullmatch(text)):
        raise Unreadable(f"{text[:80]!r} is not a whole number of at most 18 digits")
    return int(found[1])


def _decimal(_: Question, text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise Unreadable(f"{text[:80]!r} is not a decimal number")
    return Decimal(text)


def _boolean(_: Question, text: str) -> bool:
    if text not in {"true", "false", "1", "0"}:
        raise Unreadable(f"{text[:80]!r} is neither true nor false")
    return text in {"true", "1"}


def _date(_: Question, text: str) -> dt.date:
    # some clients write a date question as a date-time: the day is what was asked
    day, *rest = text.split("T", 1)
    try:
        for clock in rest:
            _clock(clock)
        return _day(day)
    except ValueError:
        raise Unreadable(f"{text[:80]!r} is not a day of the calendar such as 2018-06-20") from None


def _time(_: Question, text: str) -> dt.time:
    try:
        return _clock(text)
    except ValueError:
        raise Unreadable(f"{text[:80]!r} is not a time of day such as 14:30:00.000+08:00") from None


def _datetime(_: Question, text: str) -> dt.datetime:
    day, _t, clock = text.partition("T")
    try:
        moment = dt.datetime.combine(_day(day), _clock(clock))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        what = "is not a date and time with its offset such as 2018-06-20T14:30:00.000+08:00"
        raise Unreadable(f"{text[:80]!r} {what}")
    return moment


def _day(text: str) -> dt.date:
    # Python alone would also read 20180620 and 2018-W25-3
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return dt.date.fromisoformat(text)


def _clock(text: str) -> dt.time:
    if not (found := _TIME.fullmatch(text)):
        raise ValueError(text)
    return dt.time.fromisoformat(found[1] + (found[2] or ""))


def _geopoint(_: Question, text: str) -> Place:
    return _place(text)


def _line(_: Question, text: str) -> tuple[Place, ...]:
    return tuple(_place(point) for point in text.rstrip("; ").split(";"))


def _place(text: str) -> Place:
    parts = text.split()
    if not 2 <= len(parts) <= 4 or not all(_NUMBER.fullmatch(part) for part in parts):  # noqa: PLR2004 - the type's own
        raise Unreadable(f"{text[:80]!r} is not a place: latitude, longitude, altitude, accuracy")
    numbers = [float(part) for part in parts]
    latitude, longitude, *rest = numbers
    if abs(latitude) > 90 or abs(longitude) > 180:  # noqa: PLR2004 - degrees of the globe
        raise Unreadable(f"{text[:80]!r} lies outside the globe: latitude first, then longitude, in degrees")
    altitude, accuracy = [*rest, None, None][:2]
    if not all(map(math.isfinite, numbers)) or (accuracy is not None and accuracy < 0):
        raise Unreadable(f"{text[:80]!r} has an altitude or accuracy that cannot be")
    return Place(latitude, longitude, altitude, accuracy)


def _select_one(question: Question, text: str) -> str:
    if question.choices is not None and text not in {choice.name for choice in question.choices}:
        raise Unreadable(f"{text[:80]!r} is not among the choices")
    return text


def _select_multiple(question: Question, text: str) -> tuple[str, ...]:
    return tuple(_select_one(question, name) for name in text.split())


def _file_name(_: Question, text: str) -> str:
    if not safe_file_name(text):
        raise Unreadable(f"{text[:80]!r} is not a plain file name")
    return text


_READERS: Final[Mapping[str, Callable[[Question, str], Value]]] = {
    "int": _int,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "time": _time,
    "dateTime": _datetime,
    "geopoint": _geopoint,
    "geotrace": _line,
    "geoshape": _line,
    "select_one": _select_one,
    "select_multiple": _select_multiple,
    "rank": _select_multiple,
    "binary": _file_name,
}
