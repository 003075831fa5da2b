import json
from datetime import UTC, datetime, timedelta

import pytest

from api.problems import Invalid
from api.spot_checks.commit import commit_draw, frame_of, plan_of
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.plan import make_plan
from api.spot_checks.publication.sources import compose_rule, read_source, refuse_early, refuse_known_sources, words_of
from sampling.tickets import EntropyRule
from sampling.tickets.beacons import QUICKNET

NOON = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
# a real beacon of quicknet, in sampling's doctest too
SIGNATURE = "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b"
RANDOMNESS = "fc1873a13f3545ae"
DICE = "31415926535897932384"


def source(text):
    return EntropyRule.parse(text if text.startswith("dice") else f"{text}|dice:20").sources[0]


def beacon(**given):
    return json.dumps({"round": 1000, "signature": SIGNATURE} | given)


@pytest.mark.parametrize("seconds", [1, 2, 3, 4, 3600, 86_400 * 59])
def test_the_round_named_is_the_first_published_then_or_later(seconds):
    at = NOON + timedelta(seconds=seconds)
    number = int(compose_rule("drand", NOON, at=at).split("|")[0].rpartition(":")[2])
    assert QUICKNET.time_of(number) >= at.timestamp() > QUICKNET.time_of(number - 1)


@pytest.mark.parametrize(
    ("kind", "given", "where"),
    [
        ("", {}, "source"),
        ("hope", {}, "source"),
        ("dice", {"dice": 19}, "dice"),
        ("dice", {"dice": 201}, "dice"),
        ("drand", {}, "at"),
        ("drand", {"at": NOON}, "entropy_rule"),
        ("drand", {"at": NOON - timedelta(hours=1)}, "entropy_rule"),
        ("drand", {"at": NOON + timedelta(days=61)}, "entropy_rule"),
        ("drand", {"at": datetime(2001, 1, 1, tzinfo=UTC)}, "at"),
        ("lottery", {"lottery": "ssq", "issue": "next"}, "issue"),
        ("lottery", {"lottery": "ssq", "issue": "0126140"}, "issue"),
        ("lottery", {"lottery": "a|b", "issue": "1"}, "lottery"),
    ],
)
def test_a_choice_that_leaves_a_choice_is_refused_where_it_stands(kind, given, where):
    with pytest.raises(Invalid) as refused:
        compose_rule(kind, NOON, **given)
    assert refused.value.where == where


def test_full_width_digits_of_an_issue_are_the_same_issue():
    assert compose_rule("lottery", NOON, lottery="ssq", issue=" ２０２６140 ") == "lottery:ssq:2026140|dice:20"


def test_a_chain_whose_clock_is_not_known_and_a_round_beyond_any_calendar_are_refused():
    for rule in ("drand:mychain:5|dice:20", "drand:quicknet:999999999999999999|dice:20"):
        with pytest.raises(Invalid) as refused:
            refuse_known_sources(EntropyRule.parse(rule), NOON)
        assert refused.value.where == "entropy_rule"
        assert len(words_of(rule)) == 2  # an old promise can still be read


def test_a_pasted_beacon_is_checked_for_its_round_and_its_hash():
    found = read_source(source("drand:quicknet:1000"), beacon(), NOON)
    assert found.digits.startswith(RANDOMNESS)
    assert "没有核对签名本身" in found.checked
    again = read_source(source("drand:quicknet:1000"), beacon(randomness=found.digits), NOON)
    assert again.digits == found.digits
    bare = read_source(source("drand:quicknet:1000"), f" {found.digits}\n", NOON)
    assert (bare.digits, "只核对了格式" in bare.checked) == (found.digits, True)


@pytest.mark.parametrize(
    "text",
    [
        beacon(round=1001),
        beacon(randomness="0" * 64),
        beacon(signature="not hexadecimal"),
        beacon(signature=None),
        "[]",
        "{" * 1500,
        "fc18",
        "",
        "x" * 2001,
    ],
)
def test_another_beacon_or_none_is_refused(text):
    with pytest.raises(Invalid) as refused:
        read_source(source("drand:quicknet:1000"), text, NOON)
    assert refused.value.where == "entropy"


def test_dice_and_lotteries_are_digits_and_dice_are_counted():
    assert read_source(source("dice:20"), "３１415 92653 58979 32384", NOON).digits == DICE
    assert read_source(source("lottery:ssq:1"), "05 12 17 23 28 31 07", NOON).digits == "05121723283107"
    for wanted, text in (("dice:20", DICE[:19]), ("dice:20", "twenty"), ("lottery:ssq:1", "5,12")):
        with pytest.raises(Invalid):
            read_source(source(wanted), text, NOON)


def test_a_rule_with_a_round_that_is_out_is_never_committed(session, draw, viewer):
    with pytest.raises(Invalid, match="已于") as refused:
        commit_draw(
            session, frame_of(session, draw), plan_of(draw), viewer("county"), reason="方案需要调整",
            entropy_rule="drand:quicknet:1000|dice:20",
        )  # fmt: skip
    assert refused.value.where == "entropy_rule"


def test_while_the_round_is_to_come_nothing_is_drawn_whatever_is_typed(session, campaign, frame, viewer, monkeypatch):
    county = viewer("county")
    rule = compose_rule("drand", datetime.now(UTC), at=datetime.now(UTC) + timedelta(hours=1))
    draw = commit_draw(session, frame, make_plan(session, frame, campaign), county, entropy_rule=rule)
    with pytest.raises(Invalid, match="现在还不能抽取"):
        draw_spot_check(session, draw, f"{'0' * 64}|{DICE}", county, witnesses="虚构甲，虚构乙")
    later = datetime.now(UTC) + timedelta(hours=2)
    monkeypatch.setattr("api.spot_checks.draw.now", lambda: later)
    result = draw_spot_check(session, draw, f"{'0' * 64}|{DICE}", county, witnesses="虚构甲，虚构乙")
    assert result.entropy == f"{'0' * 64}|{DICE}"
    refuse_early(EntropyRule.parse(rule), later)
