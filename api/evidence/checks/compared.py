"""The rules that compare pieces of evidence: one worker's with each other, and all that is known of a household."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import combinations, pairwise
from typing import Any, Final
from uuid import UUID

import numpy as np
import shapely

from api.evidence.checks.gather import Matter, Piece
from api.evidence.checks.single import Found
from api.registry.proposals.difference import metres_between

#: Answers that tell households apart; what the roll or the standard gives is the same for many.
TELLING: Final = ("income_", "spending_", "yaks", "cattle", "sheep", "goats", "cropland_mu", "grassland_mu")
DERIVED: Final = frozenset({
    "income_fen_per_person_year", "income_total_fen_per_year", "income_farming_fen_per_year", "income_sources",
})  # fmt: skip
COMMONEST: Final = 20  # a number that so many of one worker's households share says nothing of two of them
LEAST_MINUTES: Final = 1.0  # between two visits, so that a speed can be told
DEGREES_PER_M: Final = 1 / 111_000


def judge_pace(matter: Matter, visits: list[Piece]) -> Iterator[Found]:
    """Judge one worker's way from one visit to the next, in the order they began; both ends are told."""
    most, near = matter.limit("speed_kmh"), matter.limit("fast_m")
    timed = sorted(((piece.began, piece) for piece in visits if piece.began and piece.place), key=lambda one: one[0])
    worst: dict[UUID, Found] = {}
    for (_, one), (began, other) in pairwise(timed):
        if one.place is None or other.place is None or one.household_code == other.household_code:
            continue
        metres = metres_between(one.place, other.place)
        minutes = max((began - _left(one)).total_seconds() / 60, LEAST_MINUTES)
        speed = metres / 1000 / (minutes / 60)
        if metres <= near or speed <= most:
            continue
        for piece, next_to in ((one, other), (other, one)):
            numbers = {
                "household": next_to.household, "distance_m": round(metres), "minutes": round(minutes),
                "speed_kmh": round(speed), "limit_kmh": most,
            }  # fmt: skip
            before = worst.get(piece.id)
            if before is None or before.numbers["speed_kmh"] < numbers["speed_kmh"]:
                worst[piece.id] = Found(piece.id, "too-fast", numbers)
    yield from worst.values()


def _left(piece: Piece) -> datetime:
    """Return when a visit was over; an end before its beginning is a clock's fault, not a way to gain time."""
    began = piece.began or piece.received_at
    return max(began, piece.ended) if piece.ended is not None else began


def judge_spots(matter: Matter, visits: list[Piece]) -> Iterator[Found]:
    """Judge whether one worker recorded several households at one place where they do not live."""
    near, least = matter.limit("spot_m"), int(matter.limit("spot_count"))
    # who was recorded where he lives is no doubt, however many live together
    elsewhere = [
        one for one in visits if one.place and (one.home is None or metres_between(one.place, one.home) > near)
    ]
    everybody = [one for one in visits if one.place]
    if not elsewhere:
        return
    tree = shapely.STRtree([shapely.Point(one.place) for one in everybody if one.place])
    for piece in elsewhere:
        if piece.place is None:
            continue
        # a box a little too large, whatever the latitude below 75 degrees; then metres decide
        box = shapely.Point(piece.place).buffer(near * DEGREES_PER_M * 4)
        beside = {
            other.household
            for at in tree.query(box)
            if (other := everybody[int(at)]).place and metres_between(piece.place, other.place) <= near
        }
        if len(beside) >= least:
            example = min(beside - {piece.household}, default=piece.household)
            yield Found(
                piece.id, "same-spot",
                {"count": len(beside), "limit_m": near, "limit_count": least, "household": example},
            )  # fmt: skip


def judge_answers(matter: Matter, visits: list[Piece]) -> Iterator[Found]:
    """Judge whether one worker wrote the same numbers for two households."""
    share, least = matter.limit("copied_percent"), int(matter.limit("copied_numbers"))
    told = {piece.id: telling_numbers(piece.content) for piece in visits if piece.met}
    by_id = {piece.id: piece for piece in visits}
    holders: dict[tuple[str, int], list[UUID]] = defaultdict(list)
    for key, answers in told.items():
        for number in answers.items():
            holders[number].append(key)
    equal: Counter[tuple[UUID, UUID]] = Counter()
    for keys in holders.values():
        if len(keys) <= COMMONEST:
            equal.update(combinations(sorted(keys), 2))
    best: dict[UUID, Found] = {}
    for (one, other), same in equal.items():
        if same < least or by_id[one].household_code == by_id[other].household_code:
            continue
        compared = len(told[one].keys() | told[other].keys())
        percent = 100 * same / compared
        if percent < share:
            continue
        for key, beside in ((one, other), (other, one)):
            numbers: dict[str, Any] = {
                "household": by_id[beside].household, "compared": compared, "equal": same,
                "percent": round(percent), "limit_percent": share,
            }  # fmt: skip
            before = best.get(key)
            if before is None or before.numbers["equal"] < same:
                best[key] = Found(key, "copied-answers", numbers)
    yield from best.values()


def telling_numbers(content: dict[str, Any]) -> dict[str, int]:
    """Return the answers by which households differ; nought is what most answer, and says nothing.

    Examples
    --------
    >>> telling_numbers({"yaks": 3, "sheep": 0, "income_wages_fen_per_year": 120_000, "members_count": 4})
    {'yaks': 3, 'income_wages_fen_per_year': 120000}
    """
    found: dict[str, int] = {}
    for name, value in content.items():
        if not name.startswith(TELLING) or name in DERIVED or isinstance(value, bool | list):
            continue
        try:
            number = float(value)
        except (TypeError, ValueError):
            continue
        if np.isfinite(number) and number > 0:
            found[name] = round(number * 10) if name.endswith("_mu") else round(number)
    return found


def judge_household(matter: Matter, piece: Piece) -> Iterator[Found]:
    """Judge a piece beside everything else that is known of the same household."""
    if piece.household_id is None or piece.kind not in {"visit", "interview"}:
        return
    beside = [one for one in matter.around.get(piece.household_id, ()) if one.purpose == piece.purpose]
    interviews = [one for one in beside if one.kind == "interview"]
    if piece.kind == "interview":
        near = matter.limit("neighbour_m")
        away = [metres_between(piece.place, one.place) for one in beside
                if piece.place and one.place and one.kind == "visit"]  # fmt: skip
        if away and min(away) < near:
            yield Found(piece.id, "neighbour-at-home", {"distance_m": round(min(away)), "limit_m": near})
        return
    least = int(matter.limit("neighbours"))
    if interviews and len(interviews) < least:
        yield Found(piece.id, "few-neighbours", {"count": len(interviews), "limit_count": least})
    assets_seen = piece.content.get("assets_seen") == "yes" or any(one.kind == "asset" for one in beside)
    if not piece.met or assets_seen:
        return
    told = [name for name in ("vehicle", "shop") if any(one.content.get(name) == "yes" for one in interviews)]
    if told:
        yield Found(piece.id, "neighbours-differ", {"told": told})
    if records := matter.records.get(piece.household_id):
        yield Found(piece.id, "records-differ", {"count": len(records), "told": sorted(set(records))})


def judge_reuse(matter: Matter, piece: Piece) -> Iterator[Found]:
    """Judge whether a photo of it was used for another household as well, or one that shows nearly the same."""
    if piece.household_code is None:
        return
    for photo in piece.pictures:
        if photo.signature or photo.sha256 is None:
            continue
        others = matter.users.get(photo.sha256, set()) - {piece.household_code}
        if others:
            yield Found(piece.id, "same-photo", {"name": photo.name, "household": min(others)})
        elif alike := matter.alike.get((photo.sha256, piece.household_code)):
            numbers = {"name": photo.name, "household": alike.household, "spots": alike.spots,
                       "limit_spots": matter.limit("alike_spots")}  # fmt: skip
            yield Found(piece.id, "alike-photo", numbers)
