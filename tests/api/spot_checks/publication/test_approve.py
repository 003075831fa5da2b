import pytest
import sqlalchemy as sa
import world

from api.people.accounts import viewer_of
from api.people.roles import Role
from api.people.tables import Account, AuditEntry, RoleGrant
from api.problems import Conflict, Forbidden, Invalid
from api.spot_checks.commit import commit_draw, is_second_draw
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.frame import freeze_frame
from api.spot_checks.plan import make_plan
from api.spot_checks.publication.approve import (
    decide_second_draw,
    decided_by_area,
    newest_open,
    standing_of,
    waiting_for,
)
from api.spot_checks.publication.tables import DrawApproval

DICE, MORE_DICE = "31415926535897932384", "27182818284590452353"
WITNESSES = "虚构人大代表，虚构村民"
WHY = "首次抽取时骰子缺少公证"


@pytest.fixture
def second(session, campaign, frame, result, viewer):
    return commit_draw(session, frame, make_plan(session, frame, campaign), viewer("county"), reason=WHY)


def somebody(session, name, *grants):
    account = Account(name=name, display_name="虚构", password_hash="x", session_stamp="0" * 32)
    account.grants = [RoleGrant(role=role, area_code=area) for role, area in grants]
    session.add(account)
    session.flush()
    return viewer_of(account)


def test_a_first_draw_needs_nobodys_approval(session, draw, result, viewer):
    assert standing_of(session, draw).state == "first"
    with pytest.raises(Conflict, match="无须批准"):
        decide_second_draw(session, draw, viewer("city"), approved=True, note="")


def test_the_dice_of_a_second_draw_wait_for_the_city_and_are_taken_once_it_agrees(session, second, viewer):
    county = viewer("county")
    assert standing_of(session, second).state == "waiting"
    with pytest.raises(Conflict, match="须先由市级批准"):
        draw_spot_check(session, second, MORE_DICE, county, witnesses=WITNESSES)
    decision = decide_second_draw(session, second, viewer("city"), approved=True, note="同意，须有公证员到场")
    assert decision.office == "日喀则市 市级督导"
    assert standing_of(session, second).state == "approved"
    assert draw_spot_check(session, second, MORE_DICE, county, witnesses=WITNESSES).entropy == MORE_DICE


def test_a_refusal_needs_a_reason_and_closes_the_draw_for_good(session, second, frame, viewer):
    city = viewer("city")
    with pytest.raises(Invalid, match="理由") as refused:
        decide_second_draw(session, second, city, approved=False, note="不")
    assert refused.value.where == "note"
    decide_second_draw(session, second, city, approved=False, note="理由不成立，维持首次抽取")
    assert standing_of(session, second).state == "refused"
    with pytest.raises(Conflict, match="理由不成立"):
        draw_spot_check(session, second, MORE_DICE, viewer("county"), witnesses=WITNESSES)
    with pytest.raises(Conflict, match="未批准"):
        decide_second_draw(session, second, city, approved=True, note="")
    assert newest_open(session, frame).number == 1


def test_after_a_refusal_the_promise_before_it_may_be_drawn(session, campaign, frame, draw, viewer):
    county = viewer("county")
    newer = commit_draw(session, frame, make_plan(session, frame, campaign), county, reason=WHY)
    with pytest.raises(Conflict, match="取代"):
        draw_spot_check(session, draw, DICE, county, witnesses=WITNESSES)
    decide_second_draw(session, newer, viewer("city"), approved=False, note="按首次承诺掷骰即可")
    assert draw_spot_check(session, draw, DICE, county, witnesses=WITNESSES).entropy == DICE


def test_only_who_stands_above_the_county_decides(session, second, viewer):
    for name in ("county", "county-outside", "city-outside", "discipline", "admin", "checker", "township"):
        with pytest.raises(Forbidden):
            decide_second_draw(session, second, viewer(name), approved=True, note="")
    as_high_as_the_county = somebody(session, "in-the-county", (Role.CITY_INSPECTOR, world.COUNTY))
    with pytest.raises(Forbidden, match="县以上"):
        decide_second_draw(session, second, as_high_as_the_county, approved=True, note="")
    assert waiting_for(session, as_high_as_the_county) == []
    assert session.scalar(sa.select(sa.func.count()).select_from(DrawApproval)) == 0


def test_nobody_approves_what_he_asked_for_himself(session, campaign, frame, result):
    both = somebody(session, "two-hats", (Role.COUNTY_SUPERVISOR, world.COUNTY), (Role.CITY_INSPECTOR, "5402"))
    asked = commit_draw(session, frame, make_plan(session, frame, campaign), both, reason=WHY)
    with pytest.raises(Forbidden, match="自己"):
        decide_second_draw(session, asked, both, approved=True, note="")


def test_the_city_sees_what_waits_and_what_was_decided_and_its_neighbour_sees_neither(session, second, viewer):
    city, neighbour = viewer("city"), viewer("city-outside")
    assert [draw.id for draw in waiting_for(session, city)] == [second.id]
    assert waiting_for(session, neighbour) == []
    decide_second_draw(session, second, city, approved=True, note="")
    assert waiting_for(session, city) == []
    assert [(draw.id, decision.approved) for draw, decision in decided_by_area(session, city)] == [(second.id, True)]
    assert decided_by_area(session, neighbour) == []


def test_a_request_that_another_followed_no_longer_waits(session, campaign, frame, second, viewer):
    third = commit_draw(
        session, frame, make_plan(session, frame, campaign), viewer("county"), reason="改正第二次的方案"
    )
    assert standing_of(session, second).state == "replaced"
    assert [draw.id for draw in waiting_for(session, viewer("city"))] == [third.id]
    with pytest.raises(Conflict, match="取代"):
        decide_second_draw(session, second, viewer("city"), approved=True, note="")


def test_the_decision_is_in_the_audit_log_and_the_database_does_not_let_it_change(session, second, viewer, approve):
    approve(second, "同意，须有公证员到场")
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "draw.decide")).one()
    assert (entry.county_code, entry.object_id) == (world.COUNTY, str(second.id))
    assert entry.details["approved"] is True
    assert entry.details["reason"] == WHY
    assert entry.details["manifest_sha256"] == second.manifest_sha256
    for statement in (sa.update(DrawApproval).values(approved=False), sa.delete(DrawApproval)):
        with pytest.raises(sa.exc.DBAPIError, match="written once"), session.begin_nested():
            session.execute(statement)


def test_a_first_draw_of_other_households_is_no_second_draw(session, campaign, result, viewer):
    county = viewer("county")
    session.execute(sa.text("update household set on_roll = false where code like '%-0002'"))
    missed = freeze_frame(session, campaign, world.COUNTY, county, day=result.drawn_at.date(), population="missed")
    assert not is_second_draw(session, missed)
    first = commit_draw(session, missed, make_plan(session, missed, campaign), county)
    assert (first.number, standing_of(session, first).state) == (2, "first")
    assert draw_spot_check(session, first, MORE_DICE, county, witnesses=WITNESSES).entropy == MORE_DICE
    assert is_second_draw(session, missed)
