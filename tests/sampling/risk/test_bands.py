"""Cutting scores into bands: against a reference program, brute force, and the refusals."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.refusals import EmptySample, ImpossibleCount, NonFiniteValues
from sampling.risk import (
    band_by_cuts,
    band_by_quantiles,
    dalenius_hodges,
    geometric_bands,
    lavallee_hidiroglou,
    neyman_counts,
)
from sampling.risk.refusals import ImpossibleBands


@pytest.fixture
def sweden(oracle):
    return np.array([float(row["RMT85"]) for row in oracle("stratification_sweden.csv")])


@pytest.fixture
def debtors(oracle):
    return np.array([float(row["x"]) for row in oracle("stratification_debtors.csv")])


@pytest.fixture
def expected(oracle):
    return oracle("strata_boundaries.json")["expected"]


@pytest.mark.parametrize(
    ("frame", "name", "classes"),
    [("sweden", "sweden_cumrootf_cv05_L5_nclass50", 50), ("debtors", "debtors_cumrootf_n100_L4_nclass60", 60)],
)
def test_dalenius_hodges_boundaries_of_the_reference_program(request, expected, frame, name, classes):
    ours = dalenius_hodges(request.getfixturevalue(frame), len(expected[name]["Nh"]), classes)
    assert ours.boundaries == pytest.approx(expected[name]["bh"], rel=1e-9)
    assert list(ours.counts) == expected[name]["Nh"]


@pytest.mark.parametrize(
    ("frame", "name", "bands"), [("sweden", "sweden_geo_cv05_L5", 5), ("debtors", "debtors_geo_n100_L4", 4)]
)
def test_geometric_boundaries_of_the_reference_program(request, expected, frame, name, bands):
    ours = geometric_bands(request.getfixturevalue(frame), bands)
    assert ours.boundaries == pytest.approx(expected[name]["bh"], rel=1e-9)
    assert list(ours.counts) == expected[name]["Nh"]


def test_spreads_within_bands_are_those_of_the_reference_program(sweden, debtors, expected):
    for values, name in ((sweden, "sweden_geo_cv05_L5"), (debtors, "debtors_geo_n100_L4")):
        bands = geometric_bands(values, len(expected[name]["Nh"]))
        for h, spread in enumerate(expected[name]["varh"]):
            assert values[bands.band == h].var() == pytest.approx(spread, rel=1e-9)


def test_lavallee_hidiroglou_needs_no_more_visits_than_kozak_s_search(sweden, expected):
    ours = lavallee_hidiroglou(sweden, 5, 0.05, take_all=1)
    want = expected["sweden_LH_kozak_takeall1_cv05_L5"]
    assert ours.n <= want["n"]
    assert ours.cv <= 0.05
    assert ours.counts[-1] == ours.bands.counts[-1]


def spread_free_of_help(values, bands, counts):
    """Variance of the estimated total, written out per band."""
    out = 0.0
    for h, n in enumerate(counts):
        x = values[bands.band == h]
        if len(x) > 1:
            out += len(x) ** 2 * (1 / n - 1 / len(x)) * x.var(ddof=1)
    return out


def test_the_reported_precision_is_that_of_the_bands():
    values = np.random.default_rng(3).lognormal(5, 1.2, 600).round(1)
    answer = lavallee_hidiroglou(values, 4, 0.04)
    variance = spread_free_of_help(values, answer.bands, answer.counts)
    assert answer.cv == pytest.approx(np.sqrt(variance) / values.sum())
    assert answer.cv <= 0.04
    assert sum(answer.counts) == answer.n


def test_optimal_cuts_equal_an_exhaustive_search_on_a_small_list():
    values = np.array([1, 1, 2, 2, 3, 4, 4, 5, 7, 9, 12, 15, 20, 30, 44, 60, 90.0])
    best = 10**9
    different = np.unique(values)
    for cuts in combinations(different[1:], 2):
        bands = band_by_cuts(values, cuts)
        spreads = [values[bands.band == h].std() for h in range(3)]
        counts, reached = neyman_counts(bands.counts, spreads, values.sum(), 0.08, 1)
        if reached <= 0.08:
            best = min(best, int(counts.sum()))
    assert lavallee_hidiroglou(values, 3, 0.08).n == best


def test_even_division_equals_trying_every_way_by_hand():
    values = np.random.default_rng(5).exponential(10, 80)
    ours = dalenius_hodges(values, 4, 15)
    limits = values.min() + (values.max() - values.min()) * np.arange(16) / 15
    limits[-1] = values.max()  # rounding must not drop the largest
    rooted = np.sqrt(np.histogram(values, limits)[0])
    target = rooted.sum() / 4
    best = (np.inf, ())
    for choice in product((0, 1), repeat=3):
        cuts, start = [], 0
        for beyond in choice:
            end = start
            while end < 15 and rooted[start : end + 1].sum() < target:
                end += 1
            start = max(end + beyond, start + 1)
            cuts.append(start)
        if cuts[-1] < 15:
            departure = sum((part.sum() - target) ** 2 for part in np.split(rooted, cuts))
            best = min(best, (departure, tuple(cuts)))
    assert ours.boundaries == pytest.approx(tuple(limits[list(best[1])]))


def test_bands_of_a_list_where_most_score_nothing():
    assert band_by_quantiles([0] * 90 + [1] * 6 + [5] * 4, 3).counts == (90, 10)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 40), min_size=6, max_size=60).filter(lambda x: len(set(x)) >= 3), st.integers(2, 3))
def test_equal_scores_share_a_band_and_bands_rise_with_scores(scores, bands):
    for made in (band_by_quantiles(scores, bands), dalenius_hodges(scores, bands, 20)):
        order = np.argsort(scores, kind="stable")
        assert (np.diff(made.band[order]) >= 0).all()
        for value in set(scores):
            assert len({int(b) for b, s in zip(made.band, scores, strict=True) if s == value}) == 1
        assert sum(made.counts) == len(scores)


def test_quantile_bands_of_distinct_scores_differ_by_at_most_one_household():
    counts = band_by_quantiles(np.random.default_rng(1).permutation(101), 4).counts
    assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize(
    ("refusal", "ask"),
    [
        (ImpossibleBands, lambda: band_by_cuts([1, 2], [2, 1])),
        (ImpossibleBands, lambda: band_by_cuts([1, 2], [2, 2])),
        (ImpossibleBands, lambda: band_by_quantiles([1, 1, 1], 2)),
        (ImpossibleBands, lambda: geometric_bands([0, 1, 2], 2)),
        (ImpossibleBands, lambda: lavallee_hidiroglou([1, 2, 3], 2, 0)),
        (ImpossibleBands, lambda: lavallee_hidiroglou([-1, 2, 3], 2)),
        (ImpossibleBands, lambda: lavallee_hidiroglou([2, 2, 3], 3)),
        (ImpossibleCount, lambda: band_by_quantiles([1, 2, 3], 1)),
        (ImpossibleCount, lambda: dalenius_hodges([1, 2, 3], 3, 2)),
        (EmptySample, lambda: band_by_quantiles([], 2)),
        (NonFiniteValues, lambda: band_by_cuts([1, np.nan], [1])),
    ],
)
def test_impossible_bands_are_refused_with_what_to_do(refusal, ask):
    with pytest.raises(refusal) as caught:
        ask()
    assert caught.value.remedy
