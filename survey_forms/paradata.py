"""The audit log of a filled form: how long each question took, and where the phone was."""

import csv
import datetime as dt
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_NEEDED: Final = ("event", "node", "start", "end")
#: Beyond this a clock is broken, not late: the year 2100 in milliseconds.
_LATEST_MS: Final = 4_102_444_800_000
_ANSWERING: Final = frozenset({"question", "group questions"})
#: A form takes hundreds of events; a log of a million lines is a fault or an attack.
MAX_EVENTS: Final = 100_000


@dataclass(frozen=True)
class AuditEvent:
    """One line of the log.

    Attributes
    ----------
    event : str
        ``form start``, ``question``, ``jump``, ``form exit`` …
    node : str
        Path of the question, rows of repeats as ``[1]``; empty for events of the whole form.
    start_ms, end_ms : int or None
        Milliseconds since 1970. Only ``form start`` reads the wall clock; the others add elapsed time to it,
        so differences can be trusted and absolute times cannot.
    latitude, longitude : float or None
        Degrees, WGS 84.
    accuracy_m : float or None
        Metres; exactly 0 is a mock provider's.
    old_value, new_value, user, reason : str
        Empty unless the form tracks changes, names and reasons.
    """

    event: str
    node: str
    start_ms: int | None
    end_ms: int | None
    latitude: float | None = None
    longitude: float | None = None
    accuracy_m: float | None = None
    old_value: str = ""
    new_value: str = ""
    user: str = ""
    reason: str = ""

    @property
    def duration_ms(self) -> int | None:
        """From start to end; None where one is missing or they run backwards."""
        if self.start_ms is None or self.end_ms is None or self.end_ms < self.start_ms:
            return None
        return self.end_ms - self.start_ms

    @property
    def mocked(self) -> bool:
        """The place was made up by a program on the phone."""
        return self.accuracy_m == 0


@dataclass(frozen=True)
class AuditLog:
    """A log as far as it can be read.

    Attributes
    ----------
    events : tuple of AuditEvent
        In the order of the file.
    problems : tuple of str
        What could not be read, with its line.
    """

    events: tuple[AuditEvent, ...]
    problems: tuple[str, ...]

    @property
    def started_at(self) -> dt.datetime | None:
        """First ``form start`` by the phone's clock, in UTC; the clock may be wrong."""
        starts = (e.start_ms for e in self.events if e.event == "form start" and e.start_ms is not None)
        first = next(starts, None)
        return None if first is None else dt.datetime.fromtimestamp(first / 1000, dt.UTC)

    @property
    def answering_ms(self) -> int:
        """Milliseconds spent on questions, pauses with the form closed left out."""
        return sum(self.duration_by_question.values())

    @property
    def duration_by_question(self) -> dict[str, int]:
        """Milliseconds per node, visits to the same node added up, in the order first seen."""
        spent: dict[str, int] = {}
        for event in self.events:
            if event.event in _ANSWERING and event.duration_ms is not None:
                spent[event.node] = spent.get(event.node, 0) + event.duration_ms
        return spent

    @property
    def places(self) -> tuple[AuditEvent, ...]:
        """Events that say where the phone was."""
        return tuple(e for e in self.events if e.latitude is not None and e.longitude is not None)

    @property
    def mocked(self) -> bool:
        """At least one place was made up by a program on the phone."""
        return any(event.mocked for event in self.places)


def read_audit(data: bytes) -> AuditLog:
    r"""Read ``audit.csv``.

    Parameters
    ----------
    data
        The file; columns ``event, node, start, end`` and optionally ``latitude, longitude, accuracy,
        old-value, new-value, user, change-reason``, in any order.

    Returns
    -------
    AuditLog
        Never an exception: short lines, cells too many, odd numbers and broken encoding are listed as
        problems and the rest is read. Places off the globe are dropped.

    Notes
    -----
    ODK XForms specification, "Client Audit Logs".

    Examples
    --------
    >>> log = read_audit(b"event,node,start,end\nform start,,1529460000000,\nquestion,/data/a,1000,4000\n")
    >>> log.started_at.isoformat(), log.answering_ms
    ('2018-06-20T02:00:00+00:00', 3000)
    """
    problems: list[str] = []
    lines = _lines(data.decode("utf-8-sig", errors="replace"), problems)
    header = [cell.strip().lower() for cell in next(lines, (0, []))[1]]
    if missing := [column for column in _NEEDED if column not in header]:
        problems.append(f"line 1: no column {missing[0]}; expected {', '.join(_NEEDED)}")
        return AuditLog((), tuple(problems))
    events: list[AuditEvent] = []
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(events) == MAX_EVENTS:
            problems.append(f"line {number}: more than {MAX_EVENTS} events; the rest is not read")
            break
        if len(cells) > len(header):
            problems.append(f"line {number}: {len(cells)} cells under {len(header)} columns; the last are ignored")
        cell = dict(zip(header, cells, strict=False))
        events.append(_event(cell, number, problems))
    return AuditLog(tuple(events), tuple(problems))


def _lines(text: str, problems: list[str]) -> Iterator[tuple[int, list[str]]]:
    rows = csv.reader(io.StringIO(text, newline=""))
    while True:
        try:
            yield rows.line_num + 1, next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            problems.append(f"line {rows.line_num}: {error}")


def _event(cell: dict[str, str], number: int, problems: list[str]) -> AuditEvent:
    def time(column: str) -> int | None:
        text = cell.get(column, "").strip()
        if not text:
            return None
        if text.isascii() and text.isdigit() and int(text[:14]) <= _LATEST_MS and len(text) < 14:  # noqa: PLR2004 - digits
            return int(text)
        problems.append(f"line {number}: {column} {text[:40]!r} is no time in milliseconds")
        return None

    def measure(column: str, low: float, high: float) -> float | None:
        text = cell.get(column, "").strip()
        if not text:
            return None
        try:
            value = float(text) if text.isascii() and "_" not in text else math.nan
        except ValueError:
            value = math.nan
        if low <= value <= high:
            return value
        problems.append(f"line {number}: {column} {text[:40]!r} cannot be")
        return None

    return AuditEvent(
        event=cell.get("event", "").strip(),
        node=cell.get("node", "").strip(),
        start_ms=time("start"),
        end_ms=time("end"),
        latitude=measure("latitude", -90, 90),
        longitude=measure("longitude", -180, 180),
        accuracy_m=measure("accuracy", 0, 1e7),
        old_value=cell.get("old-value", ""),
        new_value=cell.get("new-value", ""),
        user=cell.get("user", "").strip(),
        reason=cell.get("change-reason", ""),
    )
