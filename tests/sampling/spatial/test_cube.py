"""The cube methods: totals kept in flight, sizes kept to the end, chances as stated, balance better than chance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.selection import Strata, errors, inclusion_probabilities, simple_random
from sampling.spatial import cube, hilbert_order, local_cube, total_deviation, voronoi_balance
from sampling.spatial.cube import fly_across
from sampling.spatial.flight import fly
from sampling.spatial.moves import direction, moved, undecided


@settings(deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 5), st.booleans())
def test_a_direction_changes_neither_total_nor_balances(seed, q, degenerate):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(q, q + 2, 6))
    if degenerate and q:
        a[-1] = 3.0  # a variable that does not vary
        a[0, 1] = a[0, 0]
    u = direction(a)
    assert np.abs(u.sum(axis=0)).max() < 1e-8 * np.abs(u).max()
    assert np.abs(np.einsum("qkg,kg->qg", a, u)).max(initial=0) < 1e-7 * np.abs(u).max()
    assert np.all(np.abs(u).max(axis=0) > 0)


@settings(deadline=None)
@given(st.integers(0, 2**32))
def test_a_move_decides_a_unit_in_every_group(seed):
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.05, 0.95, (4, 9))
    after = moved(p, rng.normal(size=(2, 4, 9)), rng.random(9))
    assert np.all((~undecided(after)).any(axis=0))
    assert np.all((after >= 0) & (after <= 1))
    np.testing.assert_allclose(after.sum(axis=0), p.sum(axis=0), atol=1e-7)


def test_a_move_keeps_probabilities_on_average():
    rng = np.random.default_rng(1)
    p, a = rng.uniform(0.1, 0.9, 4), rng.normal(size=(2, 4))
    times = 40_000
    after = moved(np.repeat(p[:, None], times, axis=1), np.repeat(a[:, :, None], times, axis=2), rng.random(times))
    assert np.all(np.abs(after.mean(axis=1) - p) < 4 * after.std(axis=1) / np.sqrt(times) + 1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 4))
def test_a_flight_keeps_each_stratums_total_and_balances(seed, q):
    rng = np.random.default_rng(seed)
    code = np.sort(rng.integers(0, 5, 400))
    start, a = rng.uniform(0.05, 0.9, 400), rng.normal(size=(400, q))
    p = start.copy()
    fly(p, a, np.arange(400), code, rng)
    for h in range(5):
        own = code == h
        np.testing.assert_allclose(p[own].sum(), start[own].sum(), atol=1e-6)
        np.testing.assert_allclose(p[own] @ a[own], start[own] @ a[own], atol=1e-5)
        assert undecided(p[own]).sum() <= q + 1


def test_the_flight_over_what_is_left_keeps_sizes_and_overall_balances():
    rng = np.random.default_rng(2)
    code = np.repeat(np.arange(30), 40)
    start, a = np.full(1200, 0.3), rng.normal(size=(1200, 3))
    p = start.copy()
    fly(p, a, np.arange(1200), code, rng)
    left = undecided(p).sum()
    fly_across(p, a, np.arange(1200), code, rng)
    assert undecided(p).sum() <= 6 < left
    np.testing.assert_allclose(np.bincount(code, weights=p), 12, atol=1e-6)
    np.testing.assert_allclose(p @ a, start @ a, atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.booleans(), st.sampled_from(["cube", "local"]))
def test_landing_keeps_every_stratums_size(seed, across, which):
    rng = np.random.default_rng(seed)
    strata = Strata.of(rng.integers(0, 8, 120))
    n = np.maximum(1, -(-30 * strata.sizes // 100))
    pi = inclusion_probabilities(rng.lognormal(0, 1, 120), n, strata)
    x = np.c_[rng.lognormal(size=120), rng.integers(0, 3, 120), np.ones(120)]
    if which == "cube":
        draw = cube(pi, x, strata, rng=rng, across=across)
    else:
        draw = local_cube(pi, x, rng.integers(0, 6, (120, 2)), strata, rng=rng, across=across)
    np.testing.assert_array_equal(np.bincount(strata.code[draw.sample], minlength=strata.count), n)
    assert draw.selected[pi == 1].all()


@pytest.mark.parametrize("which", ["cube", "along the curve", "local"])
def test_units_are_drawn_as_often_as_stated(which, soak):
    times = 20_000 if soak else 1_500
    rng = np.random.default_rng(3)
    xy, x = rng.random((30, 2)), rng.lognormal(size=30)
    pi = inclusion_probabilities(rng.lognormal(0, 0.5, 30), 9)
    strata = Strata.of(np.repeat(np.arange(times), 30))
    ground = np.tile(xy, (times, 1))
    if which == "local":
        draw = local_cube(np.tile(pi, times), np.tile(x, times), ground, strata, rng=rng, across=False)
    else:
        order = hilbert_order(ground) if which == "along the curve" else None
        draw = cube(np.tile(pi, times), np.tile(x, times), strata, rng=rng, order=order, across=False)
    seen = draw.selected.reshape(times, 30).mean(axis=0)
    assert np.all(np.abs(seen - pi) < 4.2 * np.sqrt(pi * (1 - pi) / times) + 1e-12)


def test_totals_of_persons_and_benefit_come_out_nearly_right():
    rng = np.random.default_rng(4)
    strata = Strata.of(np.repeat(np.arange(20), 100))
    x = np.c_[rng.integers(1, 8, 2000), rng.lognormal(7, 0.5, 2000)]
    pi = np.full(2000, 0.3)
    by_cube = np.abs([total_deviation(cube(pi, x, strata, rng=rng), x) for _ in range(10)]).mean(axis=0)
    by_chance = np.abs([total_deviation(simple_random(strata, 30, rng=rng), x) for _ in range(10)]).mean(axis=0)
    assert np.all(by_cube < by_chance / 8)


def test_a_sample_that_can_be_balanced_exactly_is():
    # every household has a twin: half of them, the same total in every stratum
    rng = np.random.default_rng(5)
    strata = Strata.of(np.repeat(np.arange(4), 20))
    x = np.repeat(rng.integers(1, 3, 40), 2).astype(float)
    draw = cube(np.full(80, 0.5), x, strata, rng=rng)
    assert abs(total_deviation(draw, x)[0]) < 0.03


def test_the_local_cube_is_both_spread_and_balanced():
    rng = np.random.default_rng(6)
    xy, x = rng.random((400, 2)), rng.lognormal(0, 0.5, 400)
    pi = np.full(400, 0.15)
    times = 30
    strata = Strata.of(np.repeat(np.arange(times), 400))
    draw = local_cube(np.tile(pi, times), np.tile(x, times), np.tile(xy, (times, 1)), strata, rng=rng, across=False)
    seen = draw.selected.reshape(times, 400)
    spread = np.mean([voronoi_balance(pi, xy, np.flatnonzero(row)) for row in seen])
    assert spread < 0.22  # simple random: 0.36
    totals = seen @ x / 0.15 / x.sum() - 1
    chance = np.sqrt(0.85 / 60) * x.std() / x.mean()  # relative error of a simple random total
    assert totals.std() < chance / 2


@pytest.mark.parametrize(
    ("x", "refusal", "says"),
    [
        ([1.0], errors.WrongLength, "2 rows"),
        ([1.0, np.nan], errors.NotFinite, "row 1"),
    ],
)
def test_bad_variables_are_refused_in_words(x, refusal, says):
    with pytest.raises(refusal, match=says):
        cube([0.5, 0.5], x, rng=np.random.default_rng(1))
