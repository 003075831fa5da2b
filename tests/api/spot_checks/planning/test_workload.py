"""Days and kilometres of a plan, against figures worked out by hand and a tree found the slow way."""

from datetime import date

import numpy as np
import pytest
import world
from field import account
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import pdist, squareform

from api.registry.tables import DivisionBoundary
from api.spot_checks.lists.places import Point
from api.spot_checks.lists.team import TeamWanted, make_team
from api.spot_checks.planning.options import PlanOptions
from api.spot_checks.planning.way import Starts, starts_of
from api.spot_checks.planning.workload import (
    DETOUR,
    TOUR_PER_TREE,
    Ground,
    ground_of,
    kilometres,
    tree_length,
    tree_lengths,
    workload_of,
)
from sampling.certificate import Plan, PlannedStratum

LOW, CERTAIN = "540222100|rural|low", "540222100|rural|certain"


@pytest.fixture
def ground(session, frame):
    return ground_of(session, frame)


def test_a_quarter_of_a_village_takes_half_its_tree_and_the_way_between_villages_is_gone_once():
    ground = Ground(
        units={("v1", LOW): 12, ("v2", LOW): 4, ("v2", CERTAIN): 4}, tree_km={"v1": 6.0, "v2": 8.0}, between_km=5.0,
        placed=1.0, centres={"v1": Point(89.0, 29.0), "v2": Point(89.0, 29.1)},
    )  # fmt: skip
    plan = Plan({LOW: PlannedStratum(16, 4), CERTAIN: PlannedStratum(4, 4)})
    nowhere = Starts([], "")
    cost = workload_of(ground, plan, PlanOptions(teams=2, days=1, per_day=3), nowhere)
    # v1: 3 of 12, so 6·√(1/4); v2: 1 + 4 of 8, so 8·√(5/8)
    assert cost.km == pytest.approx((3 + 8 * (5 / 8) ** 0.5 + 5) * TOUR_PER_TREE * DETOUR)
    assert (cost.households, cost.team_days, cost.days, cost.enough) == (8, 3, 2, False)
    assert workload_of(ground, plan, PlanOptions(teams=3, days=1, per_day=3), nowhere).enough
    # three team-days go out and back; 3 of the 8 live where they start, 5 of them 11.12 km away
    from_town = workload_of(ground, plan, PlanOptions(teams=2, days=1, per_day=3), Starts([Point(89.0, 29.0)], "seat"))
    assert from_town.way_km == pytest.approx(2 * 3 * (5 * 11.1195 / 8) * DETOUR)
    assert from_town.km == pytest.approx(cost.km + from_town.way_km)
    each = [Point(89.0, 29.0), Point(89.0, 29.1)]
    assert workload_of(ground, plan, PlanOptions(per_day=3), Starts(each, "teams")).way_km == pytest.approx(0, abs=1e-9)


def test_teams_set_out_from_their_own_starts_else_from_the_seat_else_from_the_middle(
    session, campaign, frame, viewer, ground
):
    seat = starts_of(session, frame, ground.centres)
    assert (seat.whose, seat.seat, seat.points) == ("seat", world.TOWNSHIP, [ground.centres[world.TOWNSHIP]])
    without = {code: point for code, point in ground.centres.items() if code != world.TOWNSHIP}
    assert starts_of(session, frame, without).whose == "middle"
    square = "SRID=4326;MULTIPOLYGON(((89 29, 89.2 29, 89.2 29.2, 89 29.2, 89 29)))"
    session.add(DivisionBoundary(division_code=world.TOWNSHIP, ground=square, synthetic=True, source="a test"))
    session.flush()
    [point] = starts_of(session, frame, without).points
    assert point == pytest.approx((89.1, 29.1))
    wanted = TeamWanted(
        name="一组 (虚构)", members=[account(session, "checker").id], capacity_per_day=8, days_from=date(2026, 7, 6),
        days_to=date(2026, 7, 10), start_longitude=89.5, start_latitude=28.5,
    )  # fmt: skip
    make_team(session, viewer("county"), world.COUNTY, campaign.id, wanted)
    assert starts_of(session, frame, ground.centres) == Starts([Point(89.5, 28.5)], "teams")


@pytest.mark.parametrize("places", [2, 12, 13, 150])
def test_the_tree_of_a_triangulation_is_the_shortest_of_all(places):
    xy = np.random.default_rng(places).random((places, 2))
    xy[-1] = xy[0]  # two households at one place
    shortest = minimum_spanning_tree(squareform(pdist(np.unique(xy, axis=0)))).sum()
    assert tree_length(xy) == pytest.approx(shortest)


def test_one_household_needs_no_way_and_a_road_is_as_long_as_it_is():
    assert tree_length(np.empty((0, 2))) == tree_length(np.array([[3.0, 4.0]])) == 0
    assert tree_length(np.array([[step, 2.0 * step] for step in range(40)])) == pytest.approx(39 * 5**0.5)


def test_degrees_become_kilometres_shorter_eastwards_than_northwards():
    east, north = (
        kilometres(np.array([[89.0, 29.0], [89.1, 29.0], [89.0, 29.1]]))[1:]
        - kilometres(np.array([[89.0, 29.0], [89.1, 29.0], [89.0, 29.1]]))[0]
    )
    assert east[0] == pytest.approx(9.72, abs=0.02)
    assert north[1] == pytest.approx(11.12, abs=0.01)


def test_the_trees_of_many_villages_at_once_are_those_of_each_alone():
    chance = np.random.default_rng(7)
    group = chance.integers(0, 9, 300)  # the third village has nobody with a place
    group[group == 3] = 4
    group[:2], xy = 8, chance.random((300, 2))
    xy[1] = xy[0]
    together = tree_lengths(xy, group, 9)
    for village in range(9):
        own = np.unique(xy[group == village], axis=0)
        shortest = minimum_spanning_tree(squareform(pdist(own))).sum() if len(own) else 0.0
        assert together[village] == pytest.approx(shortest)
