"""A reserve comes in by its ticket, for a household that was tried, with a reason: never otherwise."""

import pytest
import sqlalchemy as sa
from checks import seen

from api.people.tables import AuditEntry
from api.problems import Conflict, Forbidden, Invalid, NotFound
from api.spot_checks.assign import assign_selection
from api.spot_checks.lists import checkers_of
from api.spot_checks.lists.progress import progress_of
from api.spot_checks.lists.replace import release_reserve
from api.spot_checks.lists.tables import Replacement
from api.spot_checks.lists.tie import declare_tie
from api.spot_checks.outcomes import outcomes_of

WHY = "全家外出务工，村委会证明，虚构理由"


def reserves_of(session, draw, stratum):
    found = [one for one in outcomes_of(session, draw, role="reserve") if one.stratum == stratum]
    return sorted(found, key=lambda one: one.position)


def test_a_refusal_releases_the_next_reserve_of_its_layer_to_the_same_checker(
    session, viewer, draw, checker, households
):
    one = households()[0]
    assign_selection(session, draw, [checker], viewer("county"))
    seen(session, one, outcome="refused")
    done = release_reserve(session, viewer("county"), draw, one.household_code, reason=WHY)
    following = reserves_of(session, draw, one.stratum)[0]
    assert done.household_code == following.household_code
    assert checkers_of(session, draw)[following.household_id] == checker.display_name
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "reserve.release")).one()
    assert (entry.details["replaced"], entry.details["released"]) == (one.household_code, following.household_code)
    assert entry.details["reason"] == WHY


def test_a_reserve_out_of_order_is_refused_and_the_next_is_named(session, viewer, draw, households):
    one = households()[0]
    seen(session, one, outcome="refused")
    first = reserves_of(session, draw, one.stratum)[0]
    wished = next(other for other in households("reserve") if other.leaf != first.leaf)
    with pytest.raises(Conflict, match=f"下一户是 {first.household_code}"):
        release_reserve(session, viewer("county"), draw, one.household_code, reason=WHY, expected=wished.household_code)
    assert session.scalars(sa.select(Replacement)).all() == []


def test_a_closed_door_must_be_tried_twice_and_the_number_is_a_setting(session, viewer, draw, households):
    one, county = households()[0], viewer("county")
    seen(session, one, outcome="nobody_home")
    with pytest.raises(Conflict, match="再去 1 次"):
        release_reserve(session, county, draw, one.household_code, reason=WHY)
    with pytest.raises(Conflict, match="再去 2 次"):
        release_reserve(session, county, draw, one.household_code, reason=WHY, attempts=3)
    seen(session, one, outcome="nobody_home", minutes=1)
    release_reserve(session, county, draw, one.household_code, reason=WHY)


@pytest.mark.parametrize(("outcome", "more", "said"), [
    (None, {}, "还没有人去过"),
    ("met_householder", {}, "不需替换"),
    ("moved", {"outcome_note": "邻居证明，虚构"}, "不需替换"),
])  # fmt: skip
def test_who_waits_or_counts_is_not_replaced(session, viewer, draw, households, outcome, more, said):  # noqa: PLR0917 - all take part
    one = households()[0]
    if outcome:
        seen(session, one, outcome=outcome, **more)
    with pytest.raises(Conflict, match=said):
        release_reserve(session, viewer("county"), draw, one.household_code, reason=WHY)


def test_nobody_is_replaced_twice_nor_without_a_reason_nor_from_outside_the_list(session, viewer, draw, households):
    one, county = households()[0], viewer("county")
    seen(session, one, outcome="refused")
    with pytest.raises(Invalid, match="写明理由"):
        release_reserve(session, county, draw, one.household_code, reason="")
    with pytest.raises(Forbidden):
        release_reserve(session, viewer("city"), draw, one.household_code, reason=WHY)
    release_reserve(session, county, draw, one.household_code, reason=WHY)
    with pytest.raises(Conflict, match="已经替换过"):
        release_reserve(session, county, draw, one.household_code, reason=WHY)
    released = {one.released_leaf for one in session.scalars(sa.select(Replacement))}
    waiting = next(one for one in households("reserve") if one.leaf not in released)
    with pytest.raises(NotFound, match="不在名单上"):
        release_reserve(session, county, draw, waiting.household_code, reason=WHY)


def test_reserves_run_out_and_then_it_is_said_what_to_do(session, viewer, draw, households):
    one = households()[0]
    for other in [one for one in households() if one.stratum == households()[0].stratum]:
        seen(session, other, outcome="refused")
    county = viewer("county")
    queue = [other for other in households() if other.stratum == one.stratum]
    count = len(reserves_of(session, draw, one.stratum))
    for number in range(count):
        done = release_reserve(session, county, draw, queue[number].household_code, reason=WHY)
        newcomer = next(other for other in households("reserve") if other.household_code == done.household_code)
        seen(session, newcomer, outcome="refused")
        queue.append(newcomer)
    with pytest.raises(Conflict, match="已没有备选"):
        release_reserve(session, county, draw, queue[count].household_code, reason=WHY)


def test_the_record_can_be_neither_changed_nor_removed(session, viewer, draw, households):
    one = households()[0]
    seen(session, one, outcome="refused")
    release_reserve(session, viewer("county"), draw, one.household_code, reason=WHY)
    for statement in ("update replacement set reason = 'x'", "delete from replacement"):
        with pytest.raises(sa.exc.DBAPIError, match="written once"), session.begin_nested():
            session.execute(sa.text(statement))


def test_a_checker_who_must_stay_away_from_the_newcomer_does_not_get_him(session, viewer, draw, checker, households):
    one, county = households()[0], viewer("county")
    assign_selection(session, draw, [checker], county)
    following = reserves_of(session, draw, one.stratum)[0]
    declare_tie(session, county, draw.county_code, checker.id, kind="relative", of=following.household_code)
    seen(session, one, outcome="refused")
    assert release_reserve(session, county, draw, one.household_code, reason=WHY).checker is None
    assert following.household_code in [one.household_code for one in progress_of(session, draw).nobody]
