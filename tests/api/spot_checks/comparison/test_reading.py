from datetime import timedelta

import pytest
import sqlalchemy as sa
from checks import seen
from field import account

from api.collection.tables import Assignment
from api.database import now
from api.problems import NotFound
from api.spot_checks.comparison.reading import compare_draw, compare_household

NOTE = "村委会证实 (虚构)"


def test_both_visits_stand_beside_each_other_with_who_when_and_what_they_list(compared, base, both, listed):
    first, second = both(base[0], {"members_count": 2}, {"members_count": 3})
    for at in range(11, 8, -1):  # kept in any order, read in the form's
        listed(second, "member", at, name=f"虚构{at}")
    listed(first, "asset", 0, kind="vehicle", identifier="藏D1")
    one = compared()[base[0].household_id]
    assert (one.township.evidence_id, one.county.evidence_id) == (first.id, second.id)
    assert (one.township.name, one.county.name) == ("测试surveyor", "测试checker")
    assert (one.county.longitude, one.county.latitude, one.county.accuracy_m) == (89.6, 28.9, 5)
    assert [row["name"] for row in one.sightings[1].members] == ["虚构9", "虚构10", "虚构11"]
    assert [row["kind"] for row in one.sightings[0].assets] == ["vehicle"]
    assert one.head_name.startswith("虚构户主")
    assert one.discrepant
    assert [line.key for line in one.comparison.deciding] == ["visit.members_count"]


def test_without_one_of_the_visits_nothing_is_compared(session, compared, base):
    seen(session, base[0], purpose="township_visit", by="surveyor")
    seen(session, base[1], verdict="right")
    seen(session, base[2], purpose="township_visit", by="surveyor", minutes=-1)
    seen(session, base[2], outcome="away", outcome_note=NOTE)
    found = compared()
    assert all(one.comparison is None for one in found.values())
    assert (found[base[0].household_id].county, found[base[1].household_id].township) == (None, None)
    assert found[base[2].household_id].county is not None  # the try is shown, nothing follows from it


def test_of_several_township_visits_the_last_that_met_somebody_before_the_check_is_compared(session, compared, base):
    def township(minutes, outcome="met_householder"):
        return seen(session, base[0], purpose="township_visit", by="surveyor", minutes=minutes, outcome=outcome)

    township(-90)
    met = township(-80)
    township(-70, "nobody_home")
    seen(session, base[0], verdict="right")
    late = township(10)
    one = compared()[base[0].household_id]
    assert one.township.evidence_id == met.id
    assert (one.township.others, one.township.later) == (3, 1)
    assert late.id != met.id


def test_an_edit_after_the_check_is_shown_counts_and_says_which_version_was_compared(compared, base, both, version):
    first, second = both(base[0], {"members_count": 2}, {"members_count": 3})
    version(first, 1, at=first.received_at)
    version(second, 1, at=second.received_at)
    before = compared()[base[0].household_id]
    assert (before.township.version, before.edited_by_township, before.discrepant) == (1, (), True)
    # the surveyor hears of the check and sends the "right" number
    edited_at = second.received_at + timedelta(hours=1)
    version(first, 2, at=edited_at, members_count=3)
    one = compared()[base[0].household_id]
    assert not one.comparison.discrepant
    assert one.discrepant  # the answers agree now, the edit does not make it undone
    assert one.edited_by_township == ((2, edited_at, "测试surveyor"),)
    assert one.township.version == 2
    assert one.weight >= 1_000  # on top of the list


def test_an_edit_before_the_check_is_good_practice(compared, base, both, version):
    first, second = both(base[0])
    version(first, 1, at=first.received_at)
    version(first, 2, at=second.received_at - timedelta(minutes=1))
    one = compared()[base[0].household_id]
    assert (one.edited_by_township, one.discrepant, one.township.version) == ((), False, 2)


def test_a_checker_who_edits_once_he_can_see_the_other_visit_is_shown(compared, base, both, version):
    first, second = both(base[0], {"members_count": 2}, {"members_count": 3})
    version(second, 1, at=second.received_at)
    version(second, 2, at=second.received_at + timedelta(minutes=5), members_count=2)
    one = compared()[base[0].household_id]
    assert [number for number, _, _ in one.edited_by_checker] == [2]
    assert one.county.version == 2
    assert first.received_at < second.received_at


def check_open(session, draw, household, name):
    session.add(
        Assignment(
            county_code=draw.county_code, campaign_id=draw.campaign_id, household_id=household.household_id,
            account_id=account(session, name).id, purpose="spot_check",
        )
    )  # fmt: skip
    session.flush()


def test_a_supervisor_sees_nothing_of_a_household_he_is_still_to_check_himself(session, draw, viewer, base, both):
    both(base[0])
    both(base[1])
    check_open(session, draw, base[0], "county")
    found = compare_draw(session, viewer("county"), draw)
    assert found.hidden == 1
    assert [one.outcome.household_id for one in found.compared] == [base[1].household_id]
    with pytest.raises(NotFound):
        compare_household(session, viewer("county"), draw, base[0].household_id)


def test_a_checker_sees_the_township_beside_his_own_check_and_only_once_it_is_in(session, draw, viewer, base, both):
    check_open(session, draw, base[0], "checker")
    both(base[1])
    seen(session, base[0], purpose="township_visit", by="surveyor", minutes=-60)
    for household in base[0], base[2]:
        with pytest.raises(NotFound):
            compare_household(session, viewer("checker"), draw, household.household_id)
    [one] = compare_household(session, viewer("checker"), draw, base[1].household_id).rows
    assert one.township.name == "测试surveyor"
    session.execute(sa.update(Assignment).values(completed_at=now()))
    seen(session, base[0])
    [one] = compare_household(session, viewer("checker"), draw, base[0].household_id).rows
    assert one.comparison is not None


def test_nobody_else_sees_a_comparison(session, draw, viewer, base, both):
    both(base[0])
    for name in ("surveyor", "township", "checker-outside", "county-outside"):
        with pytest.raises(NotFound):
            compare_household(session, viewer(name), draw, base[0].household_id)


def test_supervisors_and_inspectors_of_the_area_see_all(session, draw, viewer, base, both):
    both(base[0])
    for name in ("county", "city", "discipline"):
        assert len(compare_draw(session, viewer(name), draw).compared) == 1
        assert compare_household(session, viewer(name), draw, base[0].household_id).compared


def test_a_whole_county_is_read_in_a_few_queries(session, draw, viewer, base, both):
    def queries():
        count = []

        def note(*_):
            count.append(1)

        sa.event.listen(session.connection(), "before_cursor_execute", note)
        compare_draw(session, viewer("county"), draw)
        sa.event.remove(session.connection(), "before_cursor_execute", note)
        return len(count)

    both(base[0])
    compare_draw(session, viewer("county"), draw)
    few = queries()
    for one in base[1:6]:
        both(one)
    assert queries() == few <= 12
