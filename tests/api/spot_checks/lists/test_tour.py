"""Days arrange a list: the way gets shorter, nobody goes where he must not, and who is drawn stays as it is."""

from datetime import date

import pytest
import sqlalchemy as sa
import world
from checks import seen
from field import account

from api.collection.tables import Assignment
from api.problems import Conflict, Invalid
from api.spot_checks.lists.hand_out import hand_out_tours
from api.spot_checks.lists.places import Point
from api.spot_checks.lists.progress import progress_of
from api.spot_checks.lists.replace import release_reserve
from api.spot_checks.lists.route import Going, distances, route_teams
from api.spot_checks.lists.tables import Tour, TourPlan, TourStop
from api.spot_checks.lists.team import TeamWanted, change_team, make_team, members_of, rest_team, teams_of
from api.spot_checks.lists.tie import declare_tie
from api.spot_checks.lists.tour import ListMoved, plan_tours, store_tours, work_out_tours
from api.spot_checks.tables import Selection

WHY = "全家外出务工，村委会证明，虚构理由"


def wanted(name, *members, capacity=4, **more):
    return TeamWanted(
        name=name, members=[one.id for one in members], capacity_per_day=capacity, days_from=date(2026, 7, 6),
        days_to=date(2026, 7, 10), **more,
    )  # fmt: skip


@pytest.fixture
def teams(session, viewer, draw, checker, second):
    """One checker each."""
    make = [wanted("第一组", checker), wanted("第二组", second, start_code=world.NEXT_TOWNSHIP)]
    return [make_team(session, viewer("county"), world.COUNTY, draw.campaign_id, one) for one in make]


def stops_of(session, team=None):
    statement = sa.select(TourStop, Tour).outerjoin(Tour, Tour.id == TourStop.tour_id)
    return [
        (stop, tour) for stop, tour in session.execute(statement) if team is None or (tour and tour.team_id == team.id)
    ]


@pytest.mark.usefixtures("teams")
def test_the_days_hold_exactly_the_list_before_and_after_a_release(session, viewer, draw, households):
    county = viewer("county")
    plan_tours(session, county, draw)
    base = {one.leaf for one in households()}
    assert {stop.leaf for stop, _ in stops_of(session)} == base
    one = households()[0]
    seen(session, one, outcome="refused")
    ready = work_out_tours(session, county, draw)
    release_reserve(session, county, draw, one.household_code, reason=WHY)
    with pytest.raises(ListMoved):
        store_tours(session, county, ready)
    plan_tours(session, county, draw)
    released = set(session.scalars(sa.text("select released_leaf from replacement")))
    assert {stop.leaf for stop, _ in stops_of(session)} == base | released
    chosen = set(session.scalars(sa.select(Selection.leaf).where(Selection.role == "base")))
    assert chosen == base, "the draw is what it was"


def test_no_day_is_fuller_than_its_team_manages_and_both_go(session, viewer, draw, households, teams):
    plan_tours(session, viewer("county"), draw)
    numbers = {}
    for _, tour in stops_of(session):
        numbers[tour.id] = numbers.get(tour.id, 0) + 1
    assert max(numbers.values()) <= 4
    assert {tour.team_id for _, tour in stops_of(session)} == {team.id for team in teams}


def test_a_cousin_goes_to_the_other_team_and_if_there_is_none_stands_without_a_day(  # noqa: PLR0917 - all take part
    session, viewer, draw, households, teams, checker
):
    one, county = households()[0], viewer("county")
    declare_tie(session, county, world.COUNTY, checker.id, kind="relative", of=one.household_code)
    plan_tours(session, county, draw)
    assert one.leaf not in {stop.leaf for stop, _ in stops_of(session, teams[0])}
    assert one.leaf in {stop.leaf for stop, _ in stops_of(session, teams[1])}
    rest_team(session, county, teams[1], active=False)
    plan_tours(session, county, draw)
    assert [stop.leaf for stop, tour in stops_of(session) if tour is None] == [one.leaf]


def test_tours_reach_the_phones_of_their_team_once(session, viewer, draw, households, teams, checker):  # noqa: PLR0917 - all take part
    county = viewer("county")
    with pytest.raises(Conflict, match="先编排"):
        hand_out_tours(session, county, draw)
    plan_tours(session, county, draw)
    first = hand_out_tours(session, county, draw, team_id=teams[0].id)
    theirs = {stop.household_id for stop, _ in stops_of(session, teams[0])}
    given = session.scalars(sa.select(Assignment).where(Assignment.purpose == "spot_check")).all()
    assert {(one.household_id, one.account_id) for one in given} == {(one, checker.id) for one in theirs}
    assert (first.given, first.kept, first.left) == (len(theirs), 0, [])
    rest = hand_out_tours(session, county, draw)
    assert (rest.given, rest.kept) == (len(households()) - len(theirs), len(theirs))


def test_a_tie_declared_after_the_days_still_keeps_a_household_off_the_phone(  # noqa: PLR0917 - all take part
    session, viewer, draw, households, teams, checker
):
    county = viewer("county")
    plan_tours(session, county, draw)
    stop, _ = stops_of(session, teams[0])[0]
    code = next(one.household_code for one in households() if one.leaf == stop.leaf)
    declare_tie(session, county, world.COUNTY, checker.id, kind="relative", of=code)
    assert hand_out_tours(session, county, draw).left == [code]


def test_a_team_needs_a_checker_a_name_of_its_own_and_days_in_order(session, viewer, draw, teams, checker, second):  # noqa: PLR0917 - all take part
    county, campaign = viewer("county"), draw.campaign_id
    for fault, said in (
        (wanted("空组"), "至少要有一名"),
        (wanted(" ", checker), "起个名称"),
        (wanted("多", checker, capacity=1000), "每天户数"),
        (wanted("半", checker, start_longitude=89.0), "要么都填"),
        (wanted("外", checker, start_code=world.OTHER_TOWNSHIP), "本县的乡镇"),
    ):
        with pytest.raises(Invalid, match=said):
            make_team(session, county, world.COUNTY, campaign, fault)
    with pytest.raises(Conflict, match="只能在一个小组"):
        make_team(session, county, world.COUNTY, campaign, wanted("第三组", checker))
    rest_team(session, county, teams[0], active=False)
    change_team(session, county, teams[1], wanted("第二组", second, checker))
    assert [one.name for one in members_of(session, world.COUNTY, campaign)[teams[1].id]] == ["checker-2", "checker"]
    assert teams_of(session, world.COUNTY, campaign) == [teams[1]]
    with pytest.raises(Conflict, match="只能在一个小组"):
        rest_team(session, county, teams[0], active=True)


def test_the_solver_goes_a_shorter_way_than_the_order_of_the_codes_and_the_same_way_again():
    # two clusters east and west whose codes alternate
    places = [Point(89.0 + (0.3 if n % 2 else -0.3) + n / 1000, 29.0 + n / 1000) for n in range(16)]
    teams = [Going(Point(89.0, 29.0), 4), Going(Point(89.0, 29.0), 4)]
    first, again = route_teams(places, teams), route_teams(places, teams)
    assert first == again
    assert first.method == "solver"
    assert first.distance_m < 0.8 * first.plain_distance_m
    assert sorted(stop for day in first.days for stop in day.stops) == list(range(16))


def test_a_large_list_is_solved_in_parts_and_loses_nobody(monkeypatch):
    monkeypatch.setattr("api.spot_checks.lists.route.AT_ONCE", 20)
    places = [Point(89.0 + (n * 7 % 30) / 100, 29.0 + (n * 11 % 30) / 100) for n in range(60)]
    routed = route_teams(places, [Going(Point(89.0, 29.0), 5, frozenset({0})), Going(Point(89.2, 29.2), 5)])
    assert sorted(stop for day in routed.days for stop in day.stops) == list(range(60))
    assert all(0 not in day.stops for day in routed.days if day.team == 0)
    assert max(len(day.stops) for day in routed.days) <= 5


@pytest.mark.usefixtures("teams")
def test_a_released_reserve_stands_at_once_on_its_teams_way_where_the_detour_is_least(
    session, viewer, draw, households
):
    county = viewer("county")
    before = plan_tours(session, county, draw).distance_m
    one = households()[0]
    [his_day] = [tour for stop, tour in stops_of(session) if stop.leaf == one.leaf]
    was = {(stop.tour_id, stop.position): stop.leaf for stop, _ in stops_of(session)}
    seen(session, one, outcome="refused")
    done = release_reserve(session, county, draw, one.household_code, reason=WHY)
    found = stops_of(session)
    [(new, day)] = [(stop, tour) for stop, tour in found if stop.leaf == done.replacement.released_leaf]
    assert day.team_id == his_day.team_id
    assert (done.on_the_way.day, new.position >= 1) == (day.day, True)
    of_day = sorted((stop.position, stop.leaf) for stop, tour in found if tour.id == day.id)
    assert [position for position, _ in of_day] == list(range(1, len(of_day) + 1))
    # everybody else keeps day and order
    others = [leaf for _, leaf in of_day if leaf != new.leaf]
    assert others == [leaf for (tour, _), leaf in sorted(was.items(), key=lambda one: one[0][1] or 0) if tour == day.id]
    # the day is as long as its stops say, and no other place would have been nearer
    points = {stop.leaf: Point(stop.longitude, stop.latitude) for stop, _ in found}
    start = Point(day.start_longitude, day.start_latitude)

    def length(order):
        way = distances([start, *(points[leaf] for leaf in order), start])
        return sum(int(way[at, at + 1]) for at in range(len(order) + 1))

    shortest = min(length([*others[:at], new.leaf, *others[at:]]) for at in range(len(others) + 1))
    assert length([leaf for _, leaf in of_day]) == shortest
    assert day.distance_m == pytest.approx(shortest, abs=3)
    plan = session.get_one(TourPlan, (draw.county_code, draw.id))
    assert plan.distance_m - before == pytest.approx(shortest - length(others), abs=3)
    assert progress_of(session, draw).unplanned == []


@pytest.mark.usefixtures("teams")
def test_a_team_without_room_gets_one_more_day_for_a_released_reserve(session, viewer, draw, teams, households):
    county = viewer("county")
    for team, who in zip(teams, ("checker", "checker-2"), strict=True):
        change_team(session, county, team, wanted(team.name, account(session, who), capacity=1))
    plan_tours(session, county, draw)
    one = households()[0]
    seen(session, one, outcome="refused")
    last = {tour.team_id: tour.day for _, tour in sorted(stops_of(session), key=lambda found: found[1].day)}
    done = release_reserve(session, county, draw, one.household_code, reason=WHY)
    [(_, day)] = [found for found in stops_of(session) if found[0].leaf == done.replacement.released_leaf]
    assert day.day == last[day.team_id] + 1
    assert day.distance_m > 0


@pytest.mark.usefixtures("teams")
def test_what_may_not_go_on_the_teams_way_is_told_as_not_planned_yet(session, viewer, draw, households):
    county = viewer("county")
    plan_tours(session, county, draw)
    one = households()[0]
    following = min(
        (other for other in households("reserve") if other.stratum == one.stratum), key=lambda other: other.position
    )
    for who in (account(session, "checker"), account(session, "checker-2")):
        declare_tie(session, county, draw.county_code, who.id, kind="relative", of=following.household_code)
    seen(session, one, outcome="refused")
    assert release_reserve(session, county, draw, one.household_code, reason=WHY).on_the_way is None
    assert [one.household_code for one in progress_of(session, draw).unplanned] == [following.household_code]
