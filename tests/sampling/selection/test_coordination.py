"""Permanent random numbers: rounds that repeat units, and rounds that avoid them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.selection import (
    Strata,
    expected_overlap,
    inclusion_probabilities,
    madow,
    next_start,
    overlap,
    pareto,
    ranks,
    shifted,
    simple_random,
)
from sampling.selection.errors import UniformOutOfRange, UnknownStratum, WrongLength


def test_shifts_agree_with_numbers_of_the_reference_restated():
    # R prnsamplr 1.0.0 transformprn, first two rows of prn_expected.csv, start 0.2
    u = [0.782851336989552, 0.267508207354695]
    np.testing.assert_allclose(shifted(u, 0.2), [0.582851336989552, 0.0675082073546948], atol=1e-15)
    down = shifted(u, 0.2, direction="down")
    np.testing.assert_allclose(down, [0.417148663010448, 0.932491792645305], atol=1e-15)


def test_forty_thousand_units_agree_with_the_reference_file(oracle):
    reference = oracle("prn_coordination.json")
    frame, expected = oracle(reference["inputs"]["frame"]), oracle(reference["expected"]["file"])
    given = reference["inputs"]  # which column is what
    order = np.random.default_rng(1).permutation(len(frame))  # the result must not depend on the frame's order
    frame, expected = [frame[k] for k in order], [expected[k] for k in order]
    assert [row[given["id"]] for row in frame] == [row["id"] for row in expected]
    strata = Strata.of([row[given["stratum"]] for row in frame])
    n = {row[given["stratum"]]: int(row[given["n"]]) for row in frame}
    u = np.array([float(row[given["prn"]]) for row in frame])
    size = np.array([float(row[given["size"]]) for row in frame])

    def column(name):
        return np.array([float(row[name]) for row in expected])

    pi = inclusion_probabilities(size, n, strata)
    np.testing.assert_allclose(pi, column("lambda"), rtol=1e-12)
    # the file gives fifteen digits of u and size: a u near 0 or 1, or a π near 1, carries fewer into Q
    allowed = 1e-12 + 1e-15 / (u * (1 - u)) + 1e-14 / np.maximum(1 - pi, 1e-14)
    assert np.all(np.abs(ranks(pi, u) - column("Q")) <= allowed * column("Q"))
    np.testing.assert_array_equal(pareto(pi, strata, uniforms=u).selected, column("pareto_pps") == 1)
    np.testing.assert_array_equal(simple_random(strata, n, uniforms=u).selected, column("srs") == 1)
    up, down = shifted(u, 0.2), shifted(u, 0.2, direction="down")
    np.testing.assert_allclose(up, column("prn_up_0.2"), rtol=0, atol=1e-12)
    np.testing.assert_allclose(down, column("prn_down_0.2"), rtol=0, atol=1e-12)
    after = simple_random(strata, n, uniforms=up).selected
    np.testing.assert_array_equal(after, column("srs_after_up_0.2") == 1)


@settings(deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 30), st.floats(0, 1), st.floats(0, 1))
def test_a_round_begun_behind_the_last_shares_as_few_units_as_can_be(seed, units, one, two):
    u = np.random.default_rng(seed).random(units)
    n, m = round(one * units), round(two * units)
    first = simple_random(units, n, uniforms=u)
    second = simple_random(units, m, uniforms=shifted(u, next_start(first)))
    both = overlap(first, second)
    assert both.shared.tolist() == both.least.tolist() == [max(0, n + m - units)]


def test_a_round_with_the_same_numbers_shares_as_many_as_can_be():
    label = np.repeat(["a", "b"], [50, 30])
    u = np.random.default_rng(1).random(80)
    first = simple_random(label, {"a": 15, "b": 9}, uniforms=u)
    second = simple_random(label, {"a": 20, "b": 5}, uniforms=u)
    both = overlap(first, second)
    assert both.shared.tolist() == both.most.tolist() == [15, 5]


def test_fresh_numbers_share_what_chance_shares():
    times = 2_000
    strata = Strata.of(np.repeat(np.arange(times), 10))
    rng = np.random.default_rng(2)
    both = overlap(simple_random(strata, 5, rng=rng), simple_random(strata, 4, rng=rng))
    assert both.shared.mean() == pytest.approx(expected_overlap(10, 5, 4)[0], abs=0.08)


def test_one_number_stays_where_the_circle_begins():
    assert shifted([0.25], 0.25).tolist() == [0.0]
    assert shifted([0.25], 0.25, direction="down").tolist() == [0.0]
    hair = np.nextafter(0.25, 0)
    assert shifted([hair], 0.25)[0] > 0.999  # a hair behind the start is last, not first
    assert np.all(shifted(np.random.default_rng(1).random(1000), 0.7) < 1)


def test_unusable_numbers_are_refused():
    with pytest.raises(UniformOutOfRange, match="row 1"):
        shifted([0.1, 1.0], 0.2)
    with pytest.raises(UniformOutOfRange, match="start"):
        shifted([0.1], 1.2)
    with pytest.raises(WrongLength, match="one start"):
        shifted([0.1, 0.2], [0.1, 0.2, 0.3])
    with pytest.raises(UnknownStratum, match="keeps no random numbers"):
        next_start(madow([0.5, 0.5], rng=np.random.default_rng(1)))
    with pytest.raises(WrongLength, match="one frame"):
        overlap(simple_random(3, 1, uniforms=[0.1, 0.2, 0.3]), simple_random(2, 1, uniforms=[0.1, 0.2]))
