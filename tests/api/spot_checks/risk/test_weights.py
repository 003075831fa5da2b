"""What holds of any signs and any weights, without a database."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from api.spot_checks.risk.assess import ALWAYS, BAND_ORDER, SignTable
from api.spot_checks.risk.model import CERTAIN, DEFAULT_WEIGHTS, DEFAULTS, HEAVIEST, MODEL, weights_of

K = len(MODEL.names)
tables = st.lists(st.lists(st.booleans(), min_size=K, max_size=K), min_size=1, max_size=8).map(
    lambda rows: SignTable(values=np.array(rows, dtype=np.bool_), details={})
)
points = st.fixed_dictionaries({name: st.integers(0, HEAVIEST) for name in MODEL.names})
cuts = st.tuples(st.integers(1, 100), st.integers(1, 100)).map(sorted).filter(lambda pair: pair[0] < pair[1])


@given(tables, points, cuts, st.sampled_from(MODEL.names), st.integers(1, HEAVIEST))
def test_a_heavier_weight_never_lowers_a_score_or_a_band(table, weights, two, name, more):
    lighter = weights_of(weights, two, base=DEFAULTS)
    heavier = weights_of({**weights, name: min(HEAVIEST, weights[name] + more)}, two, base=DEFAULTS)
    assert (table.scores(heavier) >= table.scores(lighter)).all()
    assert (table.bands(heavier) >= table.bands(lighter)).all()


@given(tables, points, cuts)
def test_who_is_related_to_those_who_decide_is_certain_whatever_the_weights_and_nobody_else_is(table, weights, two):
    found = table.bands(weights_of({**weights, "relative": 0, "official": 0}, two, base=DEFAULTS))
    assert ((found == BAND_ORDER.index(CERTAIN)) == table.values[:, ALWAYS].any(axis=1)).all()


@given(tables, points, cuts)
def test_the_reasons_of_a_household_sum_to_its_score(table, weights, two):
    chosen = weights_of(weights, two, base=DEFAULTS)
    for row, score in enumerate(table.scores(chosen).tolist()):
        reasons = table.reasons(row, chosen)
        assert sum(reason["points"] for reason in reasons) == score
        assert len(reasons) == table.values[row].sum()


def test_the_fingerprint_covers_weights_and_cuts_and_not_the_number():
    same = weights_of({}, (2, 5), base=DEFAULTS)
    assert same.sha256 == DEFAULTS.sha256
    assert same.same_as(DEFAULTS)
    assert weights_of({"vehicle": 5}, (2, 5), base=DEFAULTS).sha256 != DEFAULTS.sha256
    assert weights_of({}, (2, 6), base=DEFAULTS).sha256 != DEFAULTS.sha256


def test_every_sign_has_whole_points_within_bounds_and_its_own_words():
    assert all(0 < weight <= HEAVIEST for weight in DEFAULT_WEIGHTS.values())
    assert len({one.label for one in MODEL.indicators}) == K
