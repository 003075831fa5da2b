"""Measures of spread against naive computations by hand and against the reference numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.selection import errors, simple_random, systematic
from sampling.spatial import (
    moran_balance,
    spread_indices,
    total_deviation,
    voronoi_balance,
    voronoi_shares,
)


def frame(rows):
    xy = np.array([[float(row["x"]), float(row["y"])] for row in rows])
    return xy, np.array([float(row["p"]) for row in rows])


def shares_by_hand(pi, xy, sample):
    shares = np.zeros(len(sample))
    for k in range(len(pi)):
        gap = np.linalg.norm(xy[sample] - xy[k], axis=1)
        near = np.flatnonzero(gap <= gap.min() * (1 + 1e-9))
        shares[near] += pi[k] / near.size
    return shares


def moran_by_hand(pi, xy, sample):
    """The paper's matrices, dense (Tillé, Dickson, Espa & Giuliani 2018, §3)."""
    units = len(pi)
    w = np.zeros((units, units))
    for k in range(units):
        left = 1 / pi[k] - 1
        gap = np.linalg.norm(xy - xy[k], axis=1).round(9)
        for far in np.unique(np.delete(gap, k)):
            ring = [j for j in np.flatnonzero(gap == far) if j != k]
            take = min(left, len(ring))
            w[k, ring] = take / len(ring)
            left -= take
            if left <= 0:
                break
    one, drawn = np.ones(units), np.zeros(units)
    drawn[sample] = 1
    z = drawn - (drawn @ w @ one) / (one @ w @ one)
    d = np.diag(w @ one)
    b = w.T @ np.linalg.pinv(d) @ w - np.outer(w.T @ one, one @ w) / (one @ w @ one)
    return z @ w @ z / np.sqrt((z @ d @ z) * (z @ b @ z))


@settings(deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_voronoi_shares_equal_those_by_hand_also_with_ties(seed, grid):
    rng = np.random.default_rng(seed)
    xy = rng.integers(0, 5, (40, 2)).astype(float) if grid else rng.random((40, 2))
    xy = np.unique(xy, axis=0)
    pi = rng.uniform(0.05, 1, len(xy))
    sample = rng.permutation(len(xy))[: rng.integers(1, len(xy))]
    shares = voronoi_shares(pi, xy, sample)
    np.testing.assert_allclose(shares, shares_by_hand(pi, xy, sample), rtol=0, atol=1e-12)
    assert shares.sum() == pytest.approx(pi.sum())


@settings(deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_the_moran_like_measure_equals_the_dense_matrices(seed, grid):
    rng = np.random.default_rng(seed)
    xy = np.argwhere(np.ones((5, 5))).astype(float) if grid else rng.random((25, 2))
    pi = rng.uniform(0.1, 0.9, 25)
    sample = rng.permutation(25)[:8]
    assert moran_balance(pi, xy, sample) == pytest.approx(moran_by_hand(pi, xy, sample), abs=1e-9)


def test_a_line_sampled_every_other_place_is_perfectly_spread_and_its_half_is_clustered():
    xy = np.c_[np.arange(20.0), np.zeros(20)]
    pi = np.full(20, 0.5)
    assert voronoi_balance(pi, xy, systematic(20, 10, starts=[0.3]).sample) < 0.02
    assert moran_balance(pi, xy, np.arange(0, 20, 2)) == pytest.approx(-1)
    assert voronoi_balance(pi, xy, np.arange(10)) > 1
    assert moran_balance(pi, xy, np.arange(10)) > 0.5


def test_one_sampled_unit_gathers_everybody():
    assert voronoi_shares([0.5, 0.25, 0.25], [[0, 0], [1, 1], [5, 5]], [1]).tolist() == [1.0]


def test_stored_samples_agree_with_the_reference_file(oracle):
    xy, pi = frame(oracle("spatial_frame.csv"))
    for expected in oracle("spatial_balance.json")["expected"].values():
        sample = np.array(expected["sample"]) - 1
        assert voronoi_balance(pi, xy, sample) == pytest.approx(expected["sb_voronoi"], rel=1e-9)


def test_four_indices_agree_with_the_reference_file(oracle):
    # spsurvey clips its polygons to the frame's box and loses two frame points that lie on it (rows 92 and 114);
    # its values come in the order of the alphabet
    xy, _ = frame(oracle("spatial_frame.csv"))
    kept = np.setdiff1d(np.arange(400), [91, 113])
    compared = 0
    for expected in oracle("spatial_balance.json")["expected"].values():
        if "sp_balance_equalprob" not in expected:
            continue
        sample = np.searchsorted(kept, np.array(expected["sample"]) - 1)
        ours = spread_indices(np.full(398, 0.15), xy[kept], sample)
        values = [ours.chi_square, ours.pielou, ours.rmse, ours.simpson]
        np.testing.assert_allclose(values, expected["sp_balance_equalprob"], rtol=1e-9)
        compared += 1
    assert compared == 2


def test_drawing_everybody_leaves_no_deviation():
    x = np.random.default_rng(1).random((12, 3))
    draw = simple_random(12, 12, rng=np.random.default_rng(2))
    np.testing.assert_allclose(total_deviation(draw, x), 0, atol=1e-12)


def test_a_total_of_zero_has_no_relative_deviation():
    draw = simple_random(2, 1, uniforms=[0.1, 0.2])
    assert np.isnan(total_deviation(draw, [1.0, -1.0])[0])


@pytest.mark.parametrize(
    ("pi", "xy", "sample", "refusal", "says"),
    [
        ([0.5, 0.5], [[0, 0], [1, 1]], [], errors.EmptyInput, "no units"),
        ([0.5, 0.5], [[0, 0], [1, 1]], [0, 0], errors.DuplicateUnits, "twice"),
        ([0.5, 0.5], [[0, 0], [1, 1]], [2], errors.UnknownUnit, "position 2 of 2"),
        ([0.5, 0.5], [[0, 0], [1, 1]], [-1], errors.UnknownUnit, "count from 0"),
        ([0.5, 0.5], [[0, 0], [1, 1]], [True, False], errors.NotWhole, "mask"),
        ([0.5, 0.5], [[0, 0], [1, 1]], [[0]], errors.WrongLength, "dimensions"),
        ([0.5], [[0, 0], [1, 1]], [0], errors.WrongLength, "2 units"),
        ([0.5, 0.0], [[0, 0], [1, 1]], [0], errors.ProbabilityOutOfRange, "row 1"),
        ([0.5, 0.5], [[0, 0], [1, np.nan]], [0], errors.NotFinite, "row 1"),
        ([0.5, 0.5], [0, 1], [0], errors.WrongLength, "rows of"),
        ([], np.zeros((0, 2)), [0], errors.EmptyInput, "no places"),
    ],
)
def test_bad_input_is_refused_in_words(pi, xy, sample, refusal, says):
    with pytest.raises(refusal, match=says):
        voronoi_balance(pi, xy, sample)
