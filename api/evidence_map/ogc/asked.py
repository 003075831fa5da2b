"""Read what a client of the standard asks of a layer; what the description does not name is refused, as Core wants."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from api.evidence_map.ogc.rows import Key
from api.people.access import COUNTY_LENGTH
from api.problems import BadRequest

MOST: Final = 1000  # features of one page; who asks for more gets so many
USUAL: Final = 100
CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CRS84H: Final = "http://www.opengis.net/def/crs/OGC/0/CRS84h"
PAGING: Final = ("limit", "bbox", "bbox-crs", "datetime", "after", "f")
# RFC 3339, section 5.6; a day alone besides, which no clock shifts. Without a zone nobody could say when it was.
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?", re.ASCII)
_LEAP_SECOND: Final = re.compile(r"(T\d\d:\d\d):60")
Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is wanted of a layer.

    Attributes
    ----------
    boxes
        Any of them; none means anywhere. A box across the 180th meridian is two.
    since, until
        Moments, both included; None is open.
    after
        The last feature of the page before, as the layer writes it.
    selection
        As `api.evidence_map.selection.Selection` takes it.
    filters
        Others, by name, as written; the layer knows what they mean.
    """

    limit: int = USUAL
    boxes: tuple[Box, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""
    selection: Mapping[str, Any] = field(default_factory=dict)
    filters: Mapping[str, str] = field(default_factory=dict)


def read_asked(given: Mapping[str, list[str]], filters: Collection[str]) -> Asked:
    """Return what an address asks of a layer that knows some filters.

    Raises
    ------
    BadRequest
        A parameter that is unknown, twice there, or makes no sense.
    """
    refuse_unknown(given, (*PAGING, *filters))
    values = {name: found[0] for name, found in given.items()}
    if values.get("bbox-crs", CRS84) not in {CRS84, CRS84H}:
        raise BadRequest("只支持 CRS84 (经度、纬度)", where="bbox-crs")
    since, until = read_interval(values["datetime"]) if "datetime" in values else (None, None)
    return Asked(
        limit=_limit(values.get("limit", str(USUAL))),
        boxes=read_boxes(values["bbox"]) if "bbox" in values else (),
        since=since,
        until=until,
        after=values.get("after", ""),
        filters={name: value for name, value in values.items() if name not in PAGING and value},
    )


def refuse_unknown(
    given: Mapping[str, list[str]], known: Collection[str], formats: Collection[str] = ("json",)
) -> None:
    """Refuse parameters that the description does not name, and those given twice.

    Raises
    ------
    BadRequest
        Naming the first of them.
    """
    for name, values in given.items():
        if name not in known:
            raise BadRequest("没有名为 {name} 的参数；可用的参数见 /ogc/api", where=name[:40], name=name[:40])
        if len(values) > 1:
            raise BadRequest("参数 {name} 只能给一次", where=name, name=name)
    if given.get("f", ["json"])[0] not in formats:
        raise BadRequest("这里没有这种格式，参数 f 请写 json", where="f")


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len("1000000000") and int(text) > 0):
        raise BadRequest("每页条数 limit 须为大于 0 的整数", where="limit")
    return min(int(text), MOST)


def read_boxes(text: str) -> tuple[Box, ...]:
    """Return the boxes that a ``bbox`` of four or six numbers means; heights are left aside.

    Examples
    --------
    >>> read_boxes("89.4,28.7,0,89.8,29.1,5000")
    ((89.4, 28.7, 89.8, 29.1),)
    >>> read_boxes("170,-10,-170,10")
    ((170.0, -10.0, 180.0, 10.0), (-180.0, -10.0, -170.0, 10.0))
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    match numbers:
        case [west, south, east, north] | [west, south, _, east, north, _]:
            pass
        case _:
            raise BadRequest("范围 bbox 应为 西，南，东，北 四个数字 (或带高度的六个)，单位为度", where="bbox")
    # written so that "nan", which compares with nothing, is refused too
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004 - degrees
        raise BadRequest("经度须在 -180 到 180 之间，纬度须在 -90 到 90 之间，南不大于北", where="bbox")
    if west <= east:
        return ((west, south, east, north),)
    return ((west, south, 180.0, north), (-180.0, south, east, north))


def read_interval(text: str) -> tuple[datetime | None, datetime | None]:
    """Return the first and last moment of a ``datetime``: an instant, or an interval that may be open.

    Examples
    --------
    >>> read_interval("2026-07-01T00:00:00Z/..")
    (datetime.datetime(2026, 7, 1, 0, 0, tzinfo=datetime.timezone.utc), None)
    >>> read_interval("2026-07-01T00:00:00+08:00")[1]
    datetime.datetime(2026, 6, 30, 16, 0, 0, 999999, tzinfo=datetime.timezone.utc)
    >>> read_interval("2026-07-01")[1]
    datetime.datetime(2026, 7, 1, 23, 59, 59, 999999, tzinfo=datetime.timezone.utc)
    """
    parts = text.split("/")
    if len(parts) == 1:
        return _moment(text, last=False), _moment(text, last=True)
    if len(parts) != len(("since", "until")):
        raise _unreadable()
    since, until = (None if part in {"", ".."} else part for part in parts)
    first = _moment(since, last=False) if since is not None else None
    last = _moment(until, last=True) if until is not None else None
    if first is not None and last is not None and first > last:
        raise BadRequest("时间段 datetime 的开始晚于结束", where="datetime")
    return first, last


def _moment(text: str, *, last: bool) -> datetime:
    """Return a moment; a day alone is its first or last moment, in UTC as the standard's examples have it.

    A whole second lasts until its end: layers write no fractions, and what they write must find its feature.
    """
    text = text.upper()
    if _MOMENT.fullmatch(text) is None:
        raise _unreadable()
    try:
        found = datetime.fromisoformat(_LEAP_SECOND.sub(r"\1:59", text))
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        if not last:
            return found
        if len(text) == len("2026-07-01"):
            return found + timedelta(days=1, microseconds=-1)
        return found if found.microsecond else found.replace(microsecond=999_999)
    except (ValueError, OverflowError):
        raise _unreadable() from None


def _unreadable() -> BadRequest:
    return BadRequest(
        "时间 datetime 应为一个时刻或时间段，例如 2026-07-01T00:00:00Z/2026-07-31T23:59:59Z，开口的一端写 ..",
        where="datetime",
    )


def read_key(text: str) -> Key | None:
    """Return the key that `write_key` wrote; None of an empty text.

    Raises
    ------
    BadRequest
        Nobody wrote that.
    """
    if not text:
        return None
    county, _, number = text.partition("-")
    if not (len(county) == COUNTY_LENGTH and county.isascii() and county.isdigit()):
        number = ""
    try:
        return county, UUID(hex=number)
    except ValueError:
        raise BadRequest("翻页参数 after 无效，请使用上一页给出的 next 链接", where="after") from None


def write_key(key: Key) -> str:
    """Return a key as an address carries it.

    Examples
    --------
    >>> write_key(read_key("540222-0190163d8694739b8dcbcc4a0b2aa8e1"))
    '540222-0190163d8694739b8dcbcc4a0b2aa8e1'
    """
    return f"{key[0]}-{key[1].hex}"
