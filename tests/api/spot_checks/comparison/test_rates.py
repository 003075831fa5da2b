"""The rates against a computation by hand: strata, weights and the finite-population correction written out."""

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
import sqlalchemy as sa
import world

from api.spot_checks.commit import plan_of
from api.spot_checks.comparison.rates import discrepancy_rates
from api.spot_checks.comparison.reading import compare_draw
from api.spot_checks.tables import FrameUnit
from sampling.estimation import stratified_rate_limits

WRONG, RIGHT = {"members_count": 9}, {"members_count": 3}


@pytest.fixture
def rates(session, draw, viewer):
    return lambda: discrepancy_rates(draw, compare_draw(session, viewer("county"), draw).compared)


def by_hand(frame_sizes, found):
    """Σ N_h p_h / Σ N_h over the strata in which anything was compared, and its variance with the correction."""
    seen, wrong = Counter(stratum for stratum, _ in found), Counter(stratum for stratum, mark in found if mark)
    whole = sum(frame_sizes[stratum] for stratum in seen)
    return sum(Fraction(frame_sizes[s] * wrong[s], seen[s]) for s in seen) / whole, seen, wrong


def test_before_anything_is_compared_every_township_says_so(rates):
    found = rates()
    assert (found.county.enough, found.county.seen, found.surveyors) == (False, 0, [])
    assert [one.label for one in found.townships] == [world.TOWNSHIP, world.NEXT_TOWNSHIP]
    assert not any(one.enough for one in found.townships)


def test_rates_are_those_of_a_hand_computation_over_the_frozen_strata(session, frame, base, both, rates):
    statement = sa.select(FrameUnit.stratum).where(FrameUnit.frame_id == frame.id)
    sizes = Counter(session.scalars(statement))  # from the frozen rows, not from the plan
    found = []
    for at, one in enumerate(base):
        wrong = at % 3 == 0
        both(one, RIGHT, WRONG if wrong else RIGHT, surveyor="surveyor" if at % 2 else "surveyor-outside")
        found.append((one.stratum, wrong))
    answer = rates()
    value, seen, wrong = by_hand(sizes, found)
    assert answer.county.value == pytest.approx(float(value))
    assert (answer.county.seen, answer.county.discrepant) == (len(base), sum(mark for _, mark in found))
    assert answer.county.speaks_for == answer.county.population == sum(sizes.values())
    assert answer.county.lower <= answer.county.value <= answer.county.upper
    for town in answer.townships:
        mine = [one for one in found if one[0].startswith(town.label)]
        assert town.value == pytest.approx(float(by_hand(sizes, mine)[0]))
        assert town.population == sum(n for stratum, n in sizes.items() if stratum.startswith(town.label))
        assert (town.seen, town.discrepant) == (len(mine), sum(mark for _, mark in mine))
    # the interval of the county, from the counts alone
    strata = sorted(seen)
    arrays = [np.array([counts[s] for s in strata]) for counts in (sizes, seen, wrong)]
    lower, upper = limits(*arrays)
    assert (answer.county.lower, answer.county.upper) == pytest.approx((lower, upper))


def limits(size, seen, wrong):
    found = stratified_rate_limits(size, seen, wrong)
    return float(np.ravel(found[0])[0]), float(np.ravel(found[1])[0])


def test_a_surveyors_rate_is_a_weighted_share_of_his_own_households(frame, base, both, rates, draw):
    named = ["surveyor" if at % 2 else "surveyor-outside" for at in range(len(base))]
    for at, (one, name) in enumerate(zip(base, named, strict=True)):
        both(one, RIGHT, WRONG if at % 4 == 1 else RIGHT, surveyor=name)
    weight = Counter(one.stratum for one in base)
    size = {name: row.size for name, row in plan_of(draw).strata.items()}
    mine = [at for at, name in enumerate(named) if name == "surveyor"]
    total = sum(Fraction(size[base[at].stratum], weight[base[at].stratum]) for at in mine)
    wrong = sum(Fraction(size[base[at].stratum], weight[base[at].stratum]) for at in mine if at % 4 == 1)
    answer = {one.discrepant > 0: one for one in rates().surveyors}
    assert answer[True].value == pytest.approx(float(wrong / total))
    assert answer[True].seen == len(mine)
    # the other one is never contradicted: a bound, not a proof
    assert (answer[False].value, answer[False].lower) == (0, 0)
    assert 0 < answer[False].upper < 1


def test_too_few_households_say_nothing_but_are_counted(base, both, rates):
    both(base[0], RIGHT, WRONG)
    found = rates()
    [one] = found.surveyors
    assert (one.enough, one.seen, one.discrepant) == (False, 1, 1)
    town = next(town for town in found.townships if town.label == base[0].stratum[:9])
    assert (town.enough, town.seen, town.speaks_for < town.population) == (False, 1, True)


def test_strata_nobody_visited_yet_are_left_out_and_the_rate_says_for_how_many_it_speaks(base, both, rates, draw):
    stratum = Counter(one.stratum for one in base).most_common(1)[0][0]
    for one in base:
        if one.stratum == stratum:
            both(one, RIGHT, RIGHT)
    found = rates()
    assert found.county.speaks_for == plan_of(draw).strata[stratum].size < found.county.population
