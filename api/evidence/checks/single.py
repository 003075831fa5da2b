"""The rules that look at one piece of evidence by itself: its place, its times, its photos."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import shapely
from shapely.ops import nearest_points

from api.evidence.checks.daylight import sun_of
from api.evidence.checks.gather import Degrees, Matter, Piece
from api.evidence.reading import CHINA
from api.registry.proposals.difference import metres_between

PLACED: Final = frozenset({"visit", "interview", "inspection"})  # kinds whose form asks for a place on the spot
TALKS: Final = frozenset({"visit", "interview"})
LEAST_QUESTIONS: Final = 10
#: Rule, its threshold, and how many digits of the village's code name the ground; the worst first.
OUTSIDE: Final = (("outside-township", "outside_township_m", 9), ("outside-village", "outside_m", 12))


class Found(NamedTuple):
    """One rule that one piece of evidence does not pass, and the numbers that say why."""

    evidence_id: UUID
    rule: str
    numbers: dict[str, Any]


def judge_place(matter: Matter, piece: Piece) -> Iterator[Found]:
    """Judge where it was."""
    if piece.place is None:
        if piece.kind in PLACED:
            yield Found(piece.id, "no-place", {})
        return
    if piece.accuracy_m == 0:
        yield Found(piece.id, "mock-place", {})
    elif piece.accuracy_m is not None and piece.accuracy_m > (most := matter.limit("accuracy_m")):
        yield Found(piece.id, "coarse-place", {"accuracy_m": round(piece.accuracy_m), "limit_m": most})
    if piece.kind not in PLACED:
        return
    if piece.home is not None:
        away, most = metres_between(piece.place, piece.home), matter.limit("far_m")
        if away > most:
            yield Found(piece.id, "far-from-home", {"distance_m": round(away), "limit_m": most})
    for rule, limit, length in OUTSIDE:
        beyond, most = _beyond(matter.grounds.get(piece.village_code[:length]), piece.place), matter.limit(limit)
        if beyond > most:
            yield Found(piece.id, rule, {"distance_m": round(beyond), "limit_m": most})
            break  # who is outside the township is outside its village as well


def _beyond(ground: shapely.Geometry | None, place: Degrees) -> float:
    """Return how many metres outside of a ground a place lies; 0 inside, and where nobody knows the ground."""
    if ground is None or ground.intersects(point := shapely.Point(place)):
        return 0.0
    edge = nearest_points(ground, point)[0]
    return metres_between(place, (edge.x, edge.y))


def judge_time(matter: Matter, piece: Piece) -> Iterator[Found]:
    """Judge how long it took, and when it was."""
    if piece.began is None:
        return
    if piece.met and piece.ended is not None:
        minutes, least = (piece.ended - piece.began).total_seconds() / 60, matter.limit("short_minutes")
        if minutes < least:
            yield Found(piece.id, "too-short", {"minutes": round(minutes, 1), "limit_minutes": least})
    local = piece.began.astimezone(CHINA)
    at = piece.home or piece.place
    if piece.kind in TALKS and at is not None and (sun := sun_of(local.date(), *at)) is not None:
        allowed = timedelta(minutes=matter.limit("dark_minutes"))
        if not sun[0] - allowed <= piece.began <= sun[1] + allowed:
            rise, sets = (moment.astimezone(CHINA) for moment in sun)
            yield Found(
                piece.id, "dark",
                {"time": f"{local:%H:%M}", "sunrise": f"{rise:%H:%M}", "sunset": f"{sets:%H:%M}"},
            )  # fmt: skip
    first, last = matter.first_day, matter.last_day
    if piece.kind in PLACED and first is not None and last is not None and not first <= local.date() <= last:
        yield Found(
            piece.id, "outside-stage",
            {"day": local.date().isoformat(), "first": first.isoformat(), "last": last.isoformat()},
        )  # fmt: skip


def judge_log(matter: Matter, piece: Piece) -> Iterator[Found]:
    """Judge in which order and how fast it was answered; a form of few questions says nothing."""
    log = piece.log
    if log is None or piece.kind not in TALKS or log.questions < LEAST_QUESTIONS:
        return
    for rule, limit, name, number, of in (
        ("rushed", "rushed_percent", "quick", log.quick, log.questions),
        ("odd-order", "odd_percent", "backward", log.backward, log.questions - 1),
    ):
        percent, most = 100 * number / of, matter.limit(limit)
        if percent >= most:
            numbers = {"count": log.questions, name: number, "percent": round(percent), "limit_percent": most}
            yield Found(piece.id, rule, numbers)


def judge_photos(matter: Matter, piece: Piece) -> Iterator[Found]:
    """Judge the photos it names, and those it should."""
    photos = [picture for picture in piece.pictures if not picture.signature]
    if piece.met and not any(photo.question.endswith("/house_photo") for photo in photos):
        yield Found(piece.id, "no-photo", {})
    days = matter.limit("missing_days")
    missing = [photo.name for photo in photos if photo.sha256 is None]
    if missing and matter.at - piece.received_at > timedelta(days=days):
        yield Found(
            piece.id, "photo-missing", {"count": len(missing), "limit_days": days, "names": "、".join(missing[:3])}
        )
    if piece.kind not in PLACED:
        return
    for photo in photos:
        if photo.screen_sign:
            yield Found(piece.id, "screen-photo", {"name": photo.name, "sign": [photo.screen_sign]})
        if photo.taken_at is not None and piece.began is not None:
            hours, most = abs((photo.taken_at - piece.began).total_seconds()) / 3600, matter.limit("photo_hours")
            if hours > most:
                numbers = {"name": photo.name, "hours": round(hours, 1), "limit_hours": most}
                yield Found(piece.id, "photo-time", numbers)
        if photo.place is not None and piece.place is not None:
            away, most = metres_between(photo.place, piece.place), matter.limit("photo_m")
            if away > most:
                numbers = {"name": photo.name, "distance_m": round(away), "limit_m": most}
                yield Found(piece.id, "photo-place", numbers)
