import math
from dataclasses import replace

import numpy as np
import pytest
from checked_samples import NEXT, PAID, TOWN, horvitz_thompson, sample, unit
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from api.spot_checks.estimates.county import estimate_county, visited_in_order
from api.spot_checks.estimates.designs import classes_of, in_township
from api.spot_checks.estimates.measures import RATES, wrongly_included

HIGH, LOW, FAR = f"{TOWN}|rural|high", f"{TOWN}|rural|low", f"{NEXT}|rural|low"


def two_bands(high, low, **how):
    """Of 30 households in the high band and 200 in the low one, these verdicts."""
    units = [unit(at, HIGH, verdict) for at, verdict in enumerate(high, 1)]
    units += [unit(100 + at, LOW, verdict) for at, verdict in enumerate(low, 1)]
    return sample({HIGH: (30, len(high)), LOW: (200, len(low))}, units, **how)


def by_stratum(drawn, value):
    found = {}
    for one in drawn.units:
        if one.tells:
            found.setdefault(one.stratum, []).append(value(one))
    return found


def test_a_rate_is_the_textbooks_stratified_mean_with_finite_population_correction():
    drawn = two_bands(["not_eligible"] * 3 + ["right"] * 9, ["not_eligible"] * 2 + ["amount_high"] + ["right"] * 57)
    total, error = horvitz_thompson(by_stratum(drawn, wrongly_included), {HIGH: 30, LOW: 200})
    assert total == pytest.approx(3 / 12 * 30 + 2 / 60 * 200)
    found = estimate_county(drawn).whole.figures["wrongly_included"]
    assert found.value == pytest.approx(total / 230)
    assert found.standard_error == pytest.approx(error / 230)
    assert found.lower < found.value < found.upper
    assert (found.n, found.size, found.found, found.confidence) == (72, 230, 5, 0.95)
    assert found.interval.startswith("korn-graubard")


def test_money_is_twelve_months_of_the_difference_and_its_range_is_students():
    drawn = two_bands(["right"] * 2 + ["not_eligible"] * 10, ["not_eligible"] * 25 + ["right"] * 35)
    total, error = horvitz_thompson(
        by_stratum(drawn, lambda one: 12 * PAID * wrongly_included(one)), {HIGH: 30, LOW: 200}
    )
    found = estimate_county(drawn).whole.figures["over"]
    half = stats.t.ppf(0.975, 72 - 2) * error
    assert (found.value, found.standard_error) == (pytest.approx(total), pytest.approx(error))
    assert (found.lower, found.upper) == (pytest.approx(total - half), pytest.approx(total + half))
    assert found.interval.startswith("t with")


def test_over_and_under_are_kept_apart_and_net_is_their_difference():
    units = [unit(at, LOW, "right") for at in range(1, 7)]
    units += [unit(7, LOW, "amount_high", correct=20_000), unit(8, LOW, "amount_low", correct=90_000)]
    # the verdict says in which direction, whatever the reckoning says
    units += [unit(9, LOW, "amount_low", correct=10_000), unit(10, LOW, "right", state="gone")]
    figures = estimate_county(sample({LOW: (20, 10)}, units)).whole.figures
    assert figures["over"].value == pytest.approx(2 * 12 * (30_000 + PAID))
    assert figures["under"].value == pytest.approx(2 * 12 * 40_000)
    assert "不给净数" in figures["net"].reason  # three amounts show no spread
    census = estimate_county(sample({LOW: (10, 10)}, units)).whole.figures
    assert census["net"].value == pytest.approx(12 * (30_000 + PAID - 40_000))
    assert figures["wrongly_included"].found == 1
    assert (figures["amount_high"].found, figures["amount_low"].found, figures["wrong_amount"].found) == (1, 2, 3)


def test_few_amounts_have_a_range_from_what_was_found_to_a_bound_that_holds():
    drawn = two_bands(["not_eligible"] + ["right"] * 11, ["right"] * 60)
    whole = estimate_county(drawn).whole.figures
    over = whole["over"]
    assert (over.lower, over.interval, over.found) == (12 * PAID, "bound", 1)
    # as many households as the rate allows, each paid all it is paid
    assert over.upper == pytest.approx(12 * PAID * math.ceil(whole["wrongly_included"].upper * 230 - 1e-9))


def test_all_judged_right_is_a_rate_of_zero_with_an_upper_end():
    found = estimate_county(two_bands(["right"] * 12, ["right"] * 60)).whole.figures
    rate = found["wrongly_included"]
    assert (rate.value, rate.lower) == (0, 0)
    assert 0.01 < rate.upper < 0.06
    assert "不等于没有" in rate.note
    assert (found["over"].value, found["over"].lower) == (0, 0)
    assert found["over"].upper == pytest.approx(12 * PAID * rate.upper * 230)
    assert found["under"].upper is None  # nobody knows how much a household could have been owed


def test_a_census_is_exact():
    drawn = two_bands(["not_eligible"] * 3 + ["right"] * 27, ["not_eligible"] * 7 + ["right"] * 193)
    found = estimate_county(drawn).whole.figures
    for name, truth in (("wrongly_included", 10 / 230), ("over", 10 * 12 * PAID), ("under", 0)):
        assert found[name].exact, name
        assert found[name].lower == found[name].value == found[name].upper == pytest.approx(truth)
        assert found[name].interval == "seen entirely"
        assert not found[name].note


def test_a_stratum_taken_whole_adds_nothing_to_the_uncertainty():
    certain = f"{TOWN}|rural|certain"
    units = [unit(at, certain, "not_eligible") for at in range(1, 11)]
    units += [unit(100 + at, LOW, "right") for at in range(1, 61)]
    found = estimate_county(sample({certain: (10, 10), LOW: (200, 60)}, units)).whole.figures["wrongly_included"]
    assert (found.value, found.lower) == (pytest.approx(10 / 210), pytest.approx(10 / 210))
    assert found.standard_error == pytest.approx(0, abs=1e-12)


def test_those_not_met_are_spoken_for_by_their_stratum_and_counted():
    drawn = two_bands(["not_eligible"] * 3 + ["right"] * 9, ["right"] * 60)
    away = replace(drawn.units[11], state="unreached", outcome="away", judged=None)
    refused = replace(drawn.units[10], state="unreached", outcome="refused", judged=None)
    drawn = replace(drawn, units=(*drawn.units[:10], refused, away, *drawn.units[12:]))
    found = estimate_county(drawn)
    rate = found.whole.figures["wrongly_included"]
    assert rate.value == pytest.approx(3 / 10 * 30 / 230)
    assert rate.n == 70
    assert found.attempts["unreached"].value == pytest.approx(30 / 12 / 230)
    assert found.attempts["refused"].found == 1
    assert (found.responses[0].refused, found.responses[0].unreached, found.responses[0].completed) == (1, 1, 70)


def test_a_visited_reserve_counts_like_the_base_list_of_its_stratum():
    drawn = two_bands(["right"] * 12, ["right"] * 60)
    reserve = unit(999, HIGH, "not_eligible", role="reserve")
    away = replace(drawn.units[0], state="unreached", outcome="away", judged=None)
    drawn = replace(drawn, units=(away, *drawn.units[1:], reserve))
    found = estimate_county(drawn)
    assert found.whole.figures["wrongly_included"].value == pytest.approx(1 / 12 * 30 / 230)
    assert (found.responses[0].drawn, found.responses[0].reserves) == (72, 1)


def test_what_could_not_be_judged_is_left_out_and_widens_the_range():
    drawn = two_bands(["cannot_tell"] * 2 + ["not_eligible"] * 2 + ["right"] * 8, ["right"] * 60)
    found = estimate_county(drawn)
    rate = found.whole.figures["wrongly_included"]
    assert rate.value == pytest.approx(2 / 10 * 30 / 230)
    assert rate.n == 70
    assert rate.widest[0] <= rate.lower
    assert rate.widest[1] > rate.upper
    assert found.responses[0].unsure == 2
    plain = estimate_county(two_bands(["not_eligible"] * 4 + ["right"] * 8, ["right"] * 60))
    assert rate.widest[1] == pytest.approx(plain.whole.figures["wrongly_included"].upper)


@pytest.mark.parametrize("seen", [0, 1, 4])
def test_too_few_visits_are_no_number_but_a_reason(seen):
    units = [unit(at, LOW, "right", state="completed" if at <= seen else "waiting") for at in range(1, 13)]
    found = estimate_county(sample({LOW: (40, 12)}, units))
    rate = found.whole.figures["wrongly_included"]
    assert rate.value is rate.lower is rate.upper is None
    assert rate.reason
    assert found.townships[0].figures["wrongly_included"].values == {"n": seen, "needed": 5}
    assert found.waiting == 12 - seen


def test_while_a_township_waits_the_county_says_nothing_and_the_others_speak_for_themselves():
    units = [unit(at, LOW, "not_eligible" if at < 4 else "right") for at in range(1, 13)]
    units += [unit(100 + at, FAR, state="waiting") for at in range(1, 13)]
    found = estimate_county(sample({LOW: (40, 12), FAR: (60, 12)}, units))
    assert found.silent == [NEXT]
    assert not found.whole.figures["wrongly_included"].says
    assert (found.whole.size, found.covered.size) == (100, 40)
    assert found.covered.figures["wrongly_included"].value == pytest.approx(3 / 12)
    assert estimate_county(sample({LOW: (40, 12), FAR: (60, 12)}, units), area=TOWN).covered is None


def test_a_stratum_without_an_answer_is_spoken_for_by_the_next_band():
    units = [unit(at, HIGH, state="waiting") for at in range(1, 4)]
    units += [unit(100 + at, LOW, "not_eligible" if at < 7 else "right") for at in range(1, 61)]
    drawn = sample({HIGH: (10, 3), LOW: (200, 60)}, units)
    assert classes_of(drawn, {LOW: 60}, in_township()) == {HIGH: LOW, LOW: LOW}
    found = estimate_county(drawn).whole.figures["wrongly_included"]
    assert found.value == pytest.approx(0.1)
    assert found.size == 210


def test_joined_strata_keep_the_chances_with_which_their_households_were_drawn():
    units = [unit(1, HIGH, "not_eligible"), unit(2, HIGH, state="waiting")]  # 2 of 4: each speaks for 2
    units += [unit(100 + at, LOW, "right") for at in range(1, 11)]  # 10 of 100: each speaks for 10
    found = estimate_county(sample({HIGH: (4, 2), LOW: (100, 10)}, units)).whole.figures["wrongly_included"]
    assert found.value == pytest.approx(2 / (2 + 100))  # not 1 of 11


def test_joined_strata_whose_few_answers_agree_are_not_taken_for_certainty():
    units = [unit(1, HIGH, "not_eligible"), unit(2, HIGH, state="waiting"), unit(3, HIGH, state="waiting")]
    units += [unit(10 + at, LOW, "not_eligible") for at in range(1, 3)]
    urban = f"{TOWN}|urban|low"
    units += [unit(100 + at, urban, "right") for at in range(1, 11)]
    found = estimate_county(sample({HIGH: (10, 3), LOW: (20, 2), urban: (40, 10)}, units)).whole.figures
    rate = found["wrongly_included"]
    assert rate.value == pytest.approx(30 / 70)
    assert rate.upper - rate.lower > 0.2
    assert rate.note


def test_kinds_and_withheld_money_are_estimated_too():
    units = [unit(at, LOW, "right") for at in range(1, 9)]
    units += [unit(at, LOW, "right", kinds=["withheld"], withheld_fen=30_000) for at in (9, 10)]
    figures = estimate_county(sample({LOW: (30, 10)}, units)).whole.figures
    assert figures["kind:withheld"].value == pytest.approx(0.2)
    assert figures["any_error"].value == pytest.approx(0.2)
    assert figures["withheld"].value == pytest.approx(3 * 60_000)
    assert figures["withheld"].lower >= 60_000
    assert figures["kind:rotation"].found == 0


def test_unequal_chances_weigh_each_household_by_its_own():
    chances = [(1, 2), (1, 2), (1, 4), (1, 4), (1, 4), (1, 1)]
    units = [
        unit(at, LOW, "not_eligible" if at in {1, 3} else "right", chance=chance)
        for at, chance in enumerate(chances, 1)
    ]
    found = estimate_county(sample({LOW: (17, 6)}, units, method="pareto")).whole.figures["wrongly_included"]
    assert found.value == pytest.approx((2 + 4) / (2 + 2 + 4 + 4 + 4 + 1))
    assert found.lower < found.value < found.upper


def test_equal_chances_of_a_systematic_draw_give_the_simple_samples_error():
    seen = ["not_eligible"] * 4 + ["right"] * 20
    units = [unit(at, LOW, verdict, chance=(24, 80)) for at, verdict in enumerate(seen)]
    simple = estimate_county(sample({LOW: (80, 24)}, units)).whole.figures["wrongly_included"]
    other = estimate_county(sample({LOW: (80, 24)}, units, method="systematic")).whole.figures["wrongly_included"]
    assert other.value == pytest.approx(simple.value)
    assert other.standard_error == pytest.approx(simple.standard_error, rel=1e-6)


def test_early_visits_are_a_random_part_only_in_ticket_order():
    first = [unit(at, LOW, state="completed" if at < 5 else "waiting") for at in range(1, 13)]
    other = [unit(at, LOW, state="completed" if at > 8 else "waiting") for at in range(1, 13)]
    assert visited_in_order(sample({LOW: (40, 12)}, first))
    assert not visited_in_order(sample({LOW: (40, 12)}, other))


def test_bands_and_cells_speak_for_their_own_households():
    urban = f"{TOWN}|urban|low"
    units = [unit(at, LOW, "right") for at in range(1, 11)]
    units += [unit(100 + at, urban, "not_eligible" if at < 6 else "right") for at in range(1, 11)]
    found = estimate_county(sample({LOW: (40, 10), urban: (20, 10)}, units))
    assert {one.code: (one.size, one.figures["wrongly_included"].value) for one in found.cells} == {
        f"{TOWN}|rural": (40, 0.0),
        f"{TOWN}|urban": (20, 0.5),
    }
    assert [(one.code, one.size) for one in found.bands] == [("low", 60)]


VERDICT = st.sampled_from(["right", "right", "right", "amount_high", "amount_low", "not_eligible", "cannot_tell"])
STATE = st.sampled_from(["completed", "completed", "completed", "gone", "unreached", "waiting"])


@st.composite
def counties(draw):
    strata, units = {}, []
    for township in (TOWN, NEXT):
        for band in draw(st.lists(st.sampled_from(["certain", "high", "middle", "low"]), min_size=1, unique=True)):
            name = f"{township}|rural|{band}"
            size = draw(st.integers(1, 12))
            n = size if band == "certain" else draw(st.integers(min(2, size), size))
            strata[name] = (size, n)
            for _ in range(n):
                verdict, state = draw(VERDICT), draw(STATE)
                units.append(unit(len(units) + 1, name, verdict, state=state, correct=draw(st.integers(0, PAID))))
    return sample(strata, units, method=draw(st.sampled_from(["srs", "srs", "systematic"])))


@settings(deadline=None, max_examples=80)
@given(counties())
def test_every_county_gets_a_range_that_holds_its_estimate_or_a_reason(drawn):
    found = estimate_county(drawn)
    parts = [found.told, *found.townships, *found.cells, *found.bands]
    for part in parts:
        for name, figure in part.figures.items():
            if not figure.says:
                assert figure.reason, name
                continue
            assert figure.lower <= figure.value + 1e-9, name
            assert figure.upper is None or figure.value <= figure.upper + 1e-9, name
            assert np.isfinite(figure.value)
            if figure.unit == "share":
                assert 0 <= figure.lower <= figure.upper <= 1
            if figure.widest:
                assert figure.widest[0] <= figure.lower <= figure.upper <= figure.widest[1]
    assert sum(one.drawn for one in found.responses) == len(drawn.units)


@settings(deadline=None, max_examples=60)
@given(counties())
def test_where_every_stratum_has_two_answers_the_numbers_are_the_textbooks(drawn):
    drawn = replace(drawn, units=tuple(replace(one, role="base") for one in drawn.units))
    tells = by_stratum(drawn, RATES["any_error"][1])
    sizes = {name: planned.size for name, planned in drawn.strata.items()}
    found = estimate_county(drawn)
    simple = all(planned.method == "srs" for planned in drawn.strata.values())
    if not simple or any(len(tells.get(name, [])) < min(2, size) for name, size in sizes.items()):
        return
    if not found.whole.figures["any_error"].says:  # a township with fewer than five answers still counts in the whole
        assert sum(map(len, tells.values())) < 5
        return
    total, error = horvitz_thompson(tells, sizes)
    assert found.whole.figures["any_error"].value == pytest.approx(total / sum(sizes.values()))
    assert found.whole.figures["any_error"].standard_error == pytest.approx(error / sum(sizes.values()), abs=1e-9)
