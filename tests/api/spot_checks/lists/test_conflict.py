"""Nobody checks his own people: whichever way a household is given, and only a reason on record makes an exception."""

import pytest
import sqlalchemy as sa
import world

from api.collection.assignments.move import move_assignments, withdraw_assignments
from api.collection.assignments.undo import undo_act
from api.collection.tables import Assignment
from api.people.tables import AuditEntry
from api.problems import Conflict, Forbidden, Invalid, NotFound
from api.registry.tables import Household, Official
from api.spot_checks.assign import assign_selection
from api.spot_checks.lists import checkers_of
from api.spot_checks.lists.conflict import conflicts_of
from api.spot_checks.lists.tie import declare_tie, end_tie, override_conflict


@pytest.fixture
def cousin(session, viewer, checker, households):
    """A drawn household of the checker's cousin, declared so."""
    one = households()[0]
    tie = declare_tie(
        session, viewer("county"), world.COUNTY, checker.id, kind="relative", of=one.household_code, note="表弟"
    )
    return one, tie


def the_open(session, household_id):
    return session.scalars(
        sa.select(Assignment).where(
            Assignment.household_id == household_id,
            Assignment.purpose == "spot_check",
            Assignment.withdrawn_at.is_(None),
        )
    ).one()


def test_a_checker_is_not_given_his_cousin_when_a_list_is_handed_out(session, viewer, draw, checker, second, cousin):  # noqa: PLR0917 - all take part
    one, _ = cousin
    assert assign_selection(session, draw, [checker], viewer("county")).left == [one.household_code]
    assign_selection(session, draw, [checker, second], viewer("county"))
    assert checkers_of(session, draw)[one.household_id] == second.display_name


def test_nor_when_a_supervisor_moves_it_to_him_by_hand(session, viewer, draw, checker, second, cousin):  # noqa: PLR0917 - all take part
    one, _ = cousin
    assign_selection(session, draw, [second], viewer("county"))
    with pytest.raises(Conflict, match="须回避"):
        move_assignments(session, viewer("county"), [the_open(session, one.household_id)], [checker])


def test_nor_when_an_act_is_undone_after_the_tie_was_declared(session, viewer, draw, checker, households):
    county, one = viewer("county"), households()[0]
    assign_selection(session, draw, [checker], county)
    act = withdraw_assignments(session, county, [the_open(session, one.household_id)]).act
    declare_tie(session, county, world.COUNTY, checker.id, kind="relative", of=one.household_code)
    assert undo_act(session, county, act).left == {"原来的人须回避": 1}


def test_a_home_village_is_barred_as_a_whole_and_no_other(session, viewer, draw, checker, households):
    village = households()[0].village_code
    declare_tie(session, viewer("county"), world.COUNTY, checker.id, kind="home_village", of=village)
    left = assign_selection(session, draw, [checker], viewer("county")).left
    assert left == sorted(one.household_code for one in households() if one.village_code == village)


def test_who_is_an_official_stays_away_from_his_declared_relatives_by_identity_number(session, viewer, draw, checker):
    official = session.scalars(sa.select(Official).where(Official.name == "虚构干部")).one()
    declare_tie(session, viewer("county"), world.COUNTY, checker.id, kind="official", of=str(official.id))
    brother = session.scalars(sa.select(Household).where(Household.code == f"{world.VILLAGE}-0001")).one()
    assert conflicts_of(session, world.COUNTY, [checker.id]) == {(checker.id, brother.id): {"declared"}}


def test_an_exception_needs_a_reason_and_is_written_down(session, viewer, draw, checker, cousin):
    (one, _), county = cousin, viewer("county")
    with pytest.raises(Invalid, match="写明理由"):
        override_conflict(session, county, draw, checker.id, one.household_code, reason="  急 ")
    made = override_conflict(session, county, draw, checker.id, one.household_code, reason="只有他会当地方言，虚构理由")
    assert assign_selection(session, draw, [checker], county).left == []
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "conflict.override")).one()
    assert entry.details["reason"] == made.reason
    with pytest.raises(Conflict, match="登记过例外"):
        override_conflict(session, county, draw, checker.id, one.household_code, reason="再来一次，虚构理由")


def test_no_reason_lets_a_man_check_what_he_surveyed_himself(session, viewer, draw, checker, households):
    one = households()[0]
    session.add(
        Assignment(
            county_code=world.COUNTY, campaign_id=draw.campaign_id, household_id=one.household_id,
            account_id=checker.id, purpose="township_visit",
        )
    )  # fmt: skip
    session.flush()
    with pytest.raises(Invalid, match="自己调查过"):
        override_conflict(session, viewer("county"), draw, checker.id, one.household_code, reason="没有别人，虚构理由")


def test_without_a_conflict_there_is_nothing_to_override(session, viewer, draw, checker, households):
    code = households()[0].household_code
    with pytest.raises(Invalid, match="没有回避"):
        override_conflict(session, viewer("county"), draw, checker.id, code, reason="以防万一，虚构理由")


def test_a_tie_ended_no_longer_bars_and_stays_on_record(session, viewer, draw, checker, cousin):
    _, tie = cousin
    end_tie(session, viewer("county"), tie)
    assert assign_selection(session, draw, [checker], viewer("county")).left == []
    assert tie.ended_by == viewer("county").account_id
    with pytest.raises(Conflict, match="撤销过"):
        end_tie(session, viewer("county"), tie)


def test_only_who_draws_declares_ties_and_only_of_what_there_is(session, viewer, checker, cousin):
    one, _ = cousin
    with pytest.raises(Forbidden):
        declare_tie(session, viewer("city"), world.COUNTY, checker.id, kind="home_village", of=world.VILLAGE)
    for kind, of in (("relative", "540222100201-9999"), ("home_village", world.TOWNSHIP), ("official", "x")):
        with pytest.raises(NotFound):
            declare_tie(session, viewer("county"), world.COUNTY, checker.id, kind=kind, of=of)
    with pytest.raises(Conflict, match="登记过"):
        declare_tie(session, viewer("county"), world.COUNTY, checker.id, kind="relative", of=one.household_code)
