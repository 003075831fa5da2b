"""Progress is counted as DRAW.md counts, and warns while there is still something to be done."""

from datetime import date

import sqlalchemy as sa
from checks import seen

from api.collection.assignments.move import withdraw_assignments
from api.collection.assignments.reach import open_of_households
from api.spot_checks.assign import assign_selection
from api.spot_checks.lists.progress import progress_of
from api.spot_checks.lists.replace import release_reserve
from api.spot_checks.lists.tables import Tour
from api.spot_checks.lists.team import TeamWanted, make_team
from api.spot_checks.lists.tour import plan_tours

WHY = "全家外出务工，村委会证明，虚构理由"


def test_what_counts_is_met_or_proved_gone_and_the_rest_is_told_apart(session, draw, viewer, households):
    met, gone, closed, unproved, *_ = ones = [one for one in households() if one.township_code == "540222100"]
    seen(session, met)
    seen(session, gone, outcome="moved", outcome_note="邻居证明，虚构")
    seen(session, closed, outcome="nobody_home")
    seen(session, unproved, outcome="moved", place=False, outcome_note="听说，虚构")
    found = {one.code: one for one in progress_of(session, draw).townships}
    here = found["540222100"]
    assert (here.size, here.floor, here.drawn) == (24, 8, len(ones))
    assert (here.attempted, here.completed, here.gone, here.unreached, here.counted) == (4, 1, 1, 2, 2)
    assert found["540222201"].attempted == 0


def test_it_warns_when_even_success_everywhere_else_would_not_reach_the_floor(session, draw, viewer, households):
    ones = [one for one in households() if one.township_code == "540222100"]
    spare = len(ones) - 8
    for one in ones[: spare + 1]:
        seen(session, one, outcome="refused")
    before = progress_of(session, draw)
    here = before.townships[0]
    assert (here.at_most, here.falls_short) == (7, 1)
    assert before.townships[1].falls_short == 0
    follow = next(one for one in before.unreached if one.following)
    release_reserve(
        session, viewer("county"), draw, follow.outcome.household_code, reason=WHY,
        expected=follow.following.household_code,
    )  # fmt: skip
    after = progress_of(session, draw)
    assert after.townships[0].falls_short == 0
    assert (after.townships[0].released, after.townships[0].replaced) == (1, 1)
    assert after.townships[0].reserves_left == here.reserves_left - 1
    assert follow.outcome.leaf not in [one.outcome.leaf for one in after.unreached]


def test_a_household_taken_off_its_checker_does_not_vanish_from_the_list(session, draw, viewer, checker, households):
    county, one = viewer("county"), households()[0]
    assign_selection(session, draw, [checker], county)
    assert progress_of(session, draw).nobody == []
    withdraw_assignments(
        session, county, open_of_households(session, county, draw.campaign_id, [one.household_code], "spot_check")
    )
    found = progress_of(session, draw)
    assert [other.household_code for other in found.nobody] == [one.household_code]
    assert found.county.drawn == len(households())
    (his,) = found.checkers
    assert (his.given, his.attempted) == (len(households()) - 1, 0)


def test_each_team_is_told_with_its_part_and_whether_its_days_suffice(session, draw, viewer, households, request):
    county, checker, second = viewer("county"), *map(request.getfixturevalue, ("checker", "second"))
    one_day = {"days_from": date(2026, 7, 6), "days_to": date(2026, 7, 6)}
    for name, who, capacity in (("第一组", checker, 60), ("第二组", second, 1)):
        wanted = TeamWanted(name=name, members=[who.id], capacity_per_day=capacity, **one_day)
        make_team(session, county, draw.county_code, draw.campaign_id, wanted)
    base = households()
    assign_selection(session, draw, [second], county)
    seen(session, base[0], by="checker-2")
    seen(session, base[1], by="checker-2", outcome="refused")
    first, last = progress_of(session, draw).teams
    assert (first.team.name, first.drawn, first.days_needed, first.days_short) == ("第一组", 0, 0, 0)
    assert (last.drawn, last.attempted, last.counted, last.unreached) == (len(base), 2, 1, 1)
    assert (last.days_needed, last.days_given, last.days_short) == (len(base), 1, len(base) - 1)
    plan_tours(session, county, draw)  # all on one day of the team that manages sixty
    assert session.scalars(sa.select(Tour.team_id)).all() == [first.team.id]
    assert [one.days_needed for one in progress_of(session, draw).teams] == [1, len(base)]
