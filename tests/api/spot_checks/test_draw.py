import json
from fractions import Fraction

import pytest
import sqlalchemy as sa
import world

from api.people.tables import AuditEntry
from api.problems import Conflict, Forbidden, Invalid
from api.spot_checks.commit import commit_draw, draws_of, frame_of, plan_of
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.plan import explain, make_plan, totals, townships
from api.spot_checks.tables import Draw, FrameUnit, Selection

DICE, MORE_DICE = "31415926535897932384", "27182818284590452353"
WITNESSES = "虚构人大代表\n虚构村民"


def selections(session, draw, role="base"):
    statement = sa.select(Selection).where(Selection.draw_id == draw.id, Selection.role == role)
    return list(session.scalars(statement.order_by(Selection.stratum, Selection.position)))


def test_every_township_gives_at_least_ceil_of_30_percent_counted_from_the_stored_rows(session, draw, result):
    township = sa.func.substr(FrameUnit.stratum, 1, 9)
    sizes = dict(session.execute(sa.select(township, sa.func.count()).group_by(township)).all())
    township = sa.func.substr(Selection.village_code, 1, 9)
    drawn = dict(
        session.execute(sa.select(township, sa.func.count()).where(Selection.role == "base").group_by(township)).all()
    )
    assert sizes == {world.TOWNSHIP: 24, world.NEXT_TOWNSHIP: 24}
    for code, size in sizes.items():
        assert drawn[code] >= -(-30 * size // 100)
    assert sum(drawn.values()) >= -(-30 * 48 // 100)


def test_each_scheme_of_a_township_keeps_the_floor_too(session, draw, result):
    for scheme in ("urban", "rural"):
        stratum = FrameUnit.stratum.like(f"{world.TOWNSHIP}|{scheme}|%")
        size = session.scalar(sa.select(sa.func.count()).select_from(FrameUnit).where(stratum))
        drawn = [s for s in selections(session, draw) if s.stratum.startswith(f"{world.TOWNSHIP}|{scheme}|")]
        assert len(drawn) >= -(-30 * size // 100)


def test_relatives_of_officials_are_all_on_the_list_and_every_stratum_gives_two_where_it_can(session, draw, result):
    by_stratum = {}
    for selection in selections(session, draw):
        by_stratum.setdefault(selection.stratum, set()).add(selection.household_code)
    for row in explain(plan_of(draw)):
        assert len(by_stratum[row.stratum]) == row.n >= min(2, row.size)
        if row.band == "certain":
            assert row.n == row.size
    assert f"{world.VILLAGE}-0001" in by_stratum[f"{world.TOWNSHIP}|urban|certain"]


def test_each_household_carries_its_exact_chance_and_they_sum_to_the_list(session, draw, result):
    base = selections(session, draw)
    sizes = dict(session.execute(sa.select(FrameUnit.stratum, sa.func.count()).group_by(FrameUnit.stratum)).all())
    for selection in base:
        chance = Fraction(selection.inclusion_n, selection.inclusion_of)
        assert 0 < chance <= 1
        assert selection.inclusion_of == sizes[selection.stratum]
    # Horvitz–Thompson: every drawn household stands for 1/chance households, together the whole roll
    assert sum(Fraction(s.inclusion_of, s.inclusion_n) for s in base) == 48


def test_reserves_follow_in_ticket_order_and_overlap_nobody(session, draw, result):
    base, reserve = selections(session, draw), selections(session, draw, "reserve")
    assert not {s.leaf for s in base} & {s.leaf for s in reserve}
    planned = {row.stratum: row for row in explain(plan_of(draw))}
    for stratum, row in planned.items():
        positions = [s.position for s in base + reserve if s.stratum == stratum]
        assert positions == list(range(1, row.n + row.reserve + 1))
        assert row.reserve == min(-(-row.n // 10), row.size - row.n)


def test_the_plan_says_which_bound_binds(session, campaign, frame):
    plan = make_plan(session, frame, campaign)
    assert [(t.township_code, t.size, t.floor) for t in townships(plan)] == [
        (world.TOWNSHIP, 24, 8),
        (world.NEXT_TOWNSHIP, 24, 8),
    ]
    rows = {row.stratum: row for row in explain(plan)}
    assert rows[f"{world.TOWNSHIP}|urban|certain"].binds == "certain"
    assert rows[f"{world.TOWNSHIP}|urban|high"].binds == "two"
    assert rows[f"{world.TOWNSHIP}|rural|low"].binds == "township"
    assert totals(plan)["n"] >= totals(plan)["floor"] == 15
    more = make_plan(session, frame, campaign, total=40)
    assert totals(more)["n"] == 40
    assert {row.binds for row in explain(more)} <= {"certain", "two", ""}


def test_a_total_below_the_floors_is_refused_with_the_number_that_would_do(session, campaign, frame):
    least = totals(make_plan(session, frame, campaign))["n"]
    with pytest.raises(Invalid, match=str(least)) as refused:
        make_plan(session, frame, campaign, total=least - 1)
    assert refused.value.where == "total"
    with pytest.raises(Invalid):
        make_plan(session, frame, campaign, total=49)


def test_a_campaign_may_ask_for_more_than_the_law_and_the_plan_keeps_it(session, campaign, frame):
    campaign.spot_check_floor_percent = 50
    plan = make_plan(session, frame, campaign)
    assert all(township.n >= 12 for township in townships(plan))
    assert plan.floors == {"county": 50, "scheme": 50, "township": 50}


def test_the_commitment_fixes_everything_before_the_dice(session, frame, draw, result):
    manifest = json.loads(draw.manifest_json)
    assert manifest["frame_sha256"] == frame.frame_sha256
    assert manifest["plan_sha256"] == draw.plan_sha256
    assert manifest["entropy_rule"] == "dice:20"
    assert manifest["previous_manifest_sha256"] == ""
    assert frame.frozen_at <= draw.committed_at < result.drawn_at
    actions = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-3:] == ["frame.freeze", "draw.commit", "draw.result"]


def test_a_drawn_list_cannot_be_drawn_again(session, draw, result, viewer):
    with pytest.raises(Conflict, match="不能重抽"):
        draw_spot_check(session, draw, MORE_DICE, viewer("county"), witnesses=WITNESSES)


def test_a_second_draw_needs_a_reason_names_the_first_and_leaves_it_visible(session, campaign, frame, result, viewer):
    county, plan = viewer("county"), make_plan(session, frame, campaign)
    for reason in ("", "  无  "):
        with pytest.raises(Conflict, match="理由") as refused:
            commit_draw(session, frame, plan, county, reason=reason)
        assert refused.value.where == "reason"
    second = commit_draw(session, frame, plan, county, reason="首次抽取时骰子缺少公证")
    first, again = draws_of(session, world.COUNTY, campaign.id)
    assert (first.number, again.number) == (1, 2)
    assert json.loads(second.manifest_json)["previous_manifest_sha256"] == first.manifest_sha256
    assert second.reason == "首次抽取时骰子缺少公证"


def test_dice_that_were_thrown_before_cannot_serve_a_second_draw(session, draw, result, viewer, approve):
    county = viewer("county")
    second = commit_draw(session, frame_of(session, draw), plan_of(draw), county, reason="重新抽取的理由")
    approve(second)
    with pytest.raises(Invalid, match="重新掷骰"):
        draw_spot_check(session, second, " ".join(DICE), county, witnesses=WITNESSES)


def test_with_two_promises_open_only_the_newest_is_drawn(session, draw, viewer, approve):
    county = viewer("county")
    newer = commit_draw(session, frame_of(session, draw), plan_of(draw), county, reason="方案需要调整")
    with pytest.raises(Conflict, match="取代"):
        draw_spot_check(session, draw, DICE, county, witnesses=WITNESSES)
    approve(newer)
    assert draw_spot_check(session, newer, DICE, county, witnesses=WITNESSES).entropy == DICE


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ((DICE[:19], WITNESSES), "entropy"),
        (("我们自己选的数字", WITNESSES), "entropy"),
        ((f"12|{DICE}", WITNESSES), "entropy"),
        (("", WITNESSES), "entropy"),
        (("1" * 3000, WITNESSES), "entropy"),
        ((DICE, "  "), "witnesses"),
        ((DICE, "虚构甲"), "witnesses"),
        ((DICE, "虚构甲，虚构甲；\n"), "witnesses"),
    ],
)
def test_too_few_dice_free_text_and_nobody_watching_are_refused(session, draw, viewer, given, where):
    entropy, witnesses = given
    with pytest.raises(Invalid) as refused:
        draw_spot_check(session, draw, entropy, viewer("county"), witnesses=witnesses)
    assert refused.value.where == where
    assert session.scalar(sa.select(sa.func.count()).select_from(Selection)) == 0


def test_full_width_digits_and_spaces_are_the_same_dice(session, draw, viewer):
    wide = "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in DICE)
    result = draw_spot_check(session, draw, f" {wide[:10]} {wide[10:]}\n", viewer("county"), witnesses=WITNESSES)
    assert result.entropy == DICE


@pytest.mark.parametrize("rule", ["dice:19", "公开掷骰", "dice:20|lottery:ssq:2026140", ""])
def test_a_rule_that_leaves_a_choice_is_refused_before_it_is_published(session, campaign, frame, viewer, rule):
    with pytest.raises(Invalid) as refused:
        commit_draw(session, frame, make_plan(session, frame, campaign), viewer("county"), entropy_rule=rule)
    assert refused.value.where == "entropy_rule"


def test_a_lottery_issue_may_stand_before_the_dice(session, campaign, frame, viewer):
    county = viewer("county")
    rule = "lottery:ssq:2026140|dice:20"
    draw = commit_draw(session, frame, make_plan(session, frame, campaign), county, entropy_rule=rule)
    result = draw_spot_check(session, draw, f"05 12 17 23 28 31 07 | {DICE}", county, witnesses=WITNESSES)
    assert result.entropy == f"05121723283107|{DICE}"


def test_only_the_countys_own_supervisor_commits_and_draws(session, campaign, frame, draw, viewer):
    plan = make_plan(session, frame, campaign)
    for name in ("county-outside", "city", "discipline", "admin", "checker"):
        with pytest.raises(Forbidden):
            commit_draw(session, frame, plan, viewer(name), reason="不该允许的抽取")
        with pytest.raises(Forbidden):
            draw_spot_check(session, draw, DICE, viewer(name), witnesses=WITNESSES)


def test_a_draw_without_a_commitment_cannot_be_stored(session, frame):
    row = {
        "county_code": world.COUNTY, "draw_id": frame.id, "leaf": "0" * 64, "household_id": frame.id,
        "household_code": "x", "village_code": world.VILLAGE, "stratum": "a|b|c", "role": "base", "position": 1,
        "inclusion_n": 1, "inclusion_of": 2,
    }  # fmt: skip
    with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
        session.execute(sa.insert(Selection), [row])
    assert session.scalar(sa.select(sa.func.count()).select_from(Draw)) == 0
