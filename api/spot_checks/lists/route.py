"""Group stops by team and day and order them the way a person goes: by a solver, or plainly where it finds no better.

Great-circle distances times a road factor: there is no road network offline, and a page says so.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from api.spot_checks.lists.places import Point

Metres = npt.NDArray[np.int64]

EARTH_M: Final = 6_371_008.8  # mean radius, IUGG
ROAD_PERCENT: Final = 140  # a mountain road is longer than the straight line; a stated guess, not a measurement
AT_ONCE: Final = 300  # stops that the solver is given together
SECONDS: Final = 10.0  # at most for one part
ITERATIONS: Final = 3_000  # with the seed they make the same plan again, while the seconds suffice
FAR_M: Final = 50_000_000  # between a team and a household it must not visit
SEED: Final = 1


@dataclass(frozen=True)
class Going:
    """A team as the solver sees it: where it sets out, how many stops a day, and which stops it must not visit."""

    start: Point
    capacity: int
    barred: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Day:
    """One day of one team: stops in order, the way to each in metres, and the whole way, home again included."""

    team: int
    stops: tuple[int, ...]
    legs_m: tuple[int, ...]
    distance_m: int


@dataclass(frozen=True)
class Routed:
    """Days for all stops but those that no team may visit.

    Attributes
    ----------
    method : {'solver', 'plain'}
    plain_distance_m : int
        What the plain order costs, to compare.
    """

    days: list[Day]
    left: list[int]
    method: str
    distance_m: int
    plain_distance_m: int


def route_teams(
    stops: Sequence[Point],
    teams: Sequence[Going],
    *,
    seconds: float = SECONDS,
    on_step: Callable[[int, int], None] = lambda _done, _total: None,
) -> Routed:
    """Give every stop to a team and a day, so that the teams' days are even in number and the ways short.

    Parameters
    ----------
    stops
        In the order of the household codes, which the plain order follows.
    teams
        At least one.
    seconds
        At most for each part of `AT_ONCE` stops.

    Examples
    --------
    >>> line = [Point(89.0 + n / 100, 29.0) for n in (1, 3, 2)]
    >>> [day.stops for day in route_teams(line, [Going(Point(89.0, 29.0), 2)]).days]
    [(0,), (2, 1)]
    """
    left = [stop for stop in range(len(stops)) if all(stop in team.barred for team in teams)]
    going = [stop for stop in range(len(stops)) if stop not in set(left)]
    plain = list(_plain(stops, teams, going))
    parts = [going] if len(going) <= AT_ONCE else _parts(plain)
    days: list[Day] = []
    solved = False
    for number, part in enumerate(parts):
        on_step(number, len(parts))
        inside = set(part)
        usual = [day for day in plain if inside.issuperset(day.stops)]
        able = teams if len(parts) == 1 else [teams[usual[0].team]]
        found = _solve(stops, able, part, seconds) if part else []
        if found and len(parts) > 1:
            found = [Day(usual[0].team, day.stops, day.legs_m, day.distance_m) for day in found]
        better = bool(found) and sum(day.distance_m for day in found) < sum(day.distance_m for day in usual)
        solved = solved or better
        days += found if better else usual
    days.sort(key=lambda day: (day.team, min(day.stops)))
    return Routed(
        days=days, left=left, method="solver" if solved else "plain",
        distance_m=sum(day.distance_m for day in days), plain_distance_m=sum(day.distance_m for day in plain),
    )  # fmt: skip


def distances(points: Sequence[Point]) -> Metres:
    """Return the way between any two places in metres: the great circle times the road factor.

    Examples
    --------
    >>> distances([Point(89.0, 29.0), Point(89.0, 30.0)])[0, 1]
    np.int64(155673)
    """
    east, north = np.radians(np.array(points, dtype=float).reshape(-1, 2)).T
    half = (
        np.sin((north[:, None] - north) / 2) ** 2
        + np.cos(north[:, None]) * np.cos(north) * np.sin((east[:, None] - east) / 2) ** 2
    )
    metres = 2 * EARTH_M * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    rounded: Metres = np.rint(metres * ROAD_PERCENT / 100).astype(np.int64)
    return rounded


def _day(team: int, start: Point, stops: Sequence[int], places: Sequence[Point]) -> Day:
    """Return a day that sets out towards the nearer end."""
    order = list(stops)
    metres = distances([start, *(places[stop] for stop in order)])
    if metres[0, 1] > metres[0, -1]:
        return _day(team, start, order[::-1], places)
    legs = tuple(int(metres[at, at + 1]) for at in range(len(order)))
    return Day(team, tuple(order), legs, sum(legs) + int(metres[-1, 0]))


def _plain(places: Sequence[Point], teams: Sequence[Going], going: Sequence[int]) -> Iterator[Day]:
    """Yield days by the order of the codes, an even number for each team, each from the nearest to the next nearest."""
    wanted = [math.ceil(len(going) * team.capacity / sum(one.capacity for one in teams)) for team in teams]
    given: list[list[int]] = [[] for _ in teams]
    turn = 0
    for stop in going:
        while turn < len(teams) - 1 and len(given[turn]) >= wanted[turn]:
            turn += 1
        may = [team for team in range(len(teams)) if stop not in teams[team].barred]
        given[turn if turn in may else min(may, key=lambda team: len(given[team]) / teams[team].capacity)].append(stop)
    for team, theirs in enumerate(given):
        for first in range(0, len(theirs), teams[team].capacity):
            rest = theirs[first : first + teams[team].capacity]
            metres = distances([teams[team].start, *(places[stop] for stop in rest)])
            order, here, waiting = [], 0, set(range(1, len(rest) + 1))
            while waiting:
                here = min(waiting, key=lambda stop: (metres[here, stop], stop))
                waiting.remove(here)
                order.append(rest[here - 1])
            yield _day(team, teams[team].start, order, places)


def _parts(plain: Sequence[Day]) -> list[list[int]]:
    """Return whole days of one team together, as many as the solver takes at once."""
    parts: list[tuple[int, list[int]]] = []
    for day in plain:
        if parts and parts[-1][0] == day.team and len(parts[-1][1]) + len(day.stops) <= AT_ONCE:
            parts[-1][1].extend(day.stops)
        else:
            parts.append((day.team, list(day.stops)))
    return [stops for _, stops in parts]


def _solve(places: Sequence[Point], teams: Sequence[Going], part: Sequence[int], seconds: float) -> list[Day]:
    """Return the solver's days; none when it finds no way to keep all conditions."""
    import pyvrp  # noqa: PLC0415 - takes a second to load, and only this work needs it
    import pyvrp.stop  # noqa: PLC0415

    days = math.ceil(len(part) / sum(team.capacity for team in teams))
    if any(team.barred for team in teams) and len(teams) > 1:
        days += 1  # room for what has to go to another team
    points = [*(team.start for team in teams), *(places[stop] for stop in part)]
    metres = distances(points)
    matrices: list[Any] = [_kept_away(metres, team, part, len(teams)) for team in teams]
    at_rest: list[Any] = [np.zeros_like(metres) for _ in teams]  # only the way counts, not the time
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(at, 0) for at in range(len(points))],
        clients=[pyvrp.Client(location=len(teams) + at, delivery=[1]) for at in range(len(part))],
        depots=[pyvrp.Depot(location=at) for at in range(len(teams))],
        vehicle_types=[
            pyvrp.VehicleType(
                num_available=days, capacity=[team.capacity], start_depot=at, end_depot=at, profile=at,
            )
            for at, team in enumerate(teams)
        ],
        distance_matrices=matrices,
        duration_matrices=at_rest,
    )  # fmt: skip
    enough: list[Any] = [pyvrp.stop.MaxIterations(ITERATIONS), pyvrp.stop.MaxRuntime(seconds)]
    result: Any = pyvrp.solve(data, stop=pyvrp.stop.MultipleCriteria(enough), seed=SEED, collect_stats=False)
    if not result.is_feasible():
        return []
    found = []
    for route in result.best.routes():
        team, order = int(route.vehicle_type()), [part[one.idx] for one in route if one.is_client()]
        if teams[team].barred.intersection(order):
            return []
        found.append(_day(team, teams[team].start, order, places))
    return found


def _kept_away(metres: Metres, team: Going, part: Sequence[int], before: int) -> Metres:
    """Return the distances for one team: what it must not visit lies far away."""
    barred = [before + at for at, stop in enumerate(part) if stop in team.barred]
    if not barred:
        return metres
    own = metres.copy()
    own[barred, :] = own[:, barred] = FAR_M
    np.fill_diagonal(own, 0)
    return own
