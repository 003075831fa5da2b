"""Second-order inclusion probabilities against every sample enumerated, and against the reference numbers."""

import itertools

import numpy as np
import pytest
from scipy.integrate import quad

from sampling.selection import (
    conditional_poisson_joint,
    madow_joint,
    pareto_joint,
    sampford_joint,
    working_probabilities,
)
from sampling.selection.errors import FractionalTotal, ProbabilityOutOfRange

A = [0.2, 0.7, 0.8, 0.5, 0.4, 0.4]
# Tillé (2006), Sampling Algorithms, the example vector of chapters 5 to 7
B = [0.07, 0.17, 0.41, 0.61, 0.83, 0.91]
# first rows of R sampling 2.11 UPsampfordpi2, UPmaxentropypi2, UPsystematicpi2, restated from
# joint_inclusion_small.json
FIRST_ROWS = {
    ("a", sampford_joint): [0.2, 0.108181818181818, 0.136363636363636, 0.0627272727272727, 0.0463636363636364],
    ("a", conditional_poisson_joint): [0.2, 0.106984395108828, 0.13498460087636, 0.0629703445899583],
    ("a", madow_joint): [0.2, 0.0, 0.2, 0.2, 0.0, 0.0],
    ("b", sampford_joint): [0.07, 0.00401349580869847, 0.0115100194644156, 0.0215579422695947],
    ("b", conditional_poisson_joint): [0.07, 0.00491709069946113, 0.0129538894033595, 0.0214774514075108],
    ("b", madow_joint): [0.07, 0.0, 0.0, 0.07, 0.07, 0.0],
}
# R stops its fixed point at 1e-6; the others are closed forms
TOLERANCE = {sampford_joint: 1e-12, madow_joint: 1e-12, conditional_poisson_joint: 1e-6}


def enumerated(p, n, tilt):
    """Joint probabilities from all samples, each as likely as the product of odds times the sum of tilts."""
    p = np.asarray(p)
    odds = p / (1 - p)
    joint = np.zeros((p.size, p.size))
    total = 0.0
    for sample in itertools.combinations(range(p.size), n):
        s = list(sample)
        chance = odds[s].prod() * np.asarray(tilt)[s].sum()
        joint[np.ix_(s, s)] += chance
        total += chance
    return joint / total


@pytest.mark.parametrize(("vector", "function"), list(FIRST_ROWS))
def test_first_rows_agree_with_the_restated_reference(vector, function):
    row = FIRST_ROWS[vector, function]
    ours = function({"a": A, "b": B}[vector])[0, : len(row)]
    np.testing.assert_allclose(ours, row, rtol=0, atol=TOLERANCE[function])


def test_small_vectors_agree_with_the_reference_file(oracle):
    names = {
        "sampford": sampford_joint,
        "maxent": conditional_poisson_joint,
        "systematic_madow": madow_joint,
    }
    for expected in oracle("joint_inclusion_small.json")["expected"].values():
        for name, function in names.items():
            np.testing.assert_allclose(function(expected["pik"]), expected[name], rtol=0, atol=TOLERANCE[function])
        np.testing.assert_allclose(working_probabilities(expected["pik"]), expected["cps_piktilde"], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "function"),
    [("joint_sampford_60.csv", sampford_joint), ("joint_maxent_60.csv", conditional_poisson_joint)],
)
def test_sixty_units_agree_with_the_reference_file(oracle, name, function):
    rows = oracle(name)
    pi = np.array([float(row["pik"]) for row in rows])
    expected = np.array([[float(row[f"X{k + 1}"]) for k in range(60)] for row in rows])
    np.testing.assert_allclose(function(pi), expected, rtol=0, atol=TOLERANCE[function])


@pytest.mark.parametrize("pi", [A, B, np.arange(1, 11) * 4 / 55])
def test_sampford_equals_the_enumeration_of_all_samples(pi):
    n = round(sum(pi))
    np.testing.assert_allclose(sampford_joint(pi), enumerated(pi, n, 1 - np.asarray(pi)), rtol=0, atol=1e-13)


@pytest.mark.parametrize("pi", [A, B, np.arange(1, 11) * 4 / 55])
def test_maximum_entropy_equals_the_enumeration_of_all_samples(pi):
    n = round(sum(pi))
    working = working_probabilities(pi)
    expected = enumerated(working, n, np.ones(len(pi)))
    np.testing.assert_allclose(conditional_poisson_joint(pi), expected, rtol=0, atol=1e-11)
    np.testing.assert_allclose(expected.diagonal(), pi, rtol=0, atol=1e-11)


@pytest.mark.parametrize("pi", [A, B])
def test_pareto_equals_the_enumeration_with_rosens_integral(pi):
    n = round(sum(pi))
    odds = np.asarray(pi) / (1 - np.asarray(pi))
    tilt = [
        quad(lambda t, o=o: t ** (n - 1) / (1 + o * t) / np.prod(1 + odds * t), 0, np.inf, epsrel=1e-11, epsabs=0)[0]
        for o in odds
    ]
    np.testing.assert_allclose(pareto_joint(pi), enumerated(pi, n, tilt), rtol=0, atol=1e-9)


def test_pareto_with_ten_equal_steps_is_within_six_in_a_thousand_of_its_targets():
    # SAMPLING: bias of inclusion probabilities at most 0.6 % at N = 10
    pi = np.linspace(0.2, 0.4, 10)
    assert np.abs(pareto_joint(pi).diagonal() / pi - 1).max() < 0.006


def test_madow_equals_a_sweep_over_all_starts():
    cut = np.concatenate(([0.0], np.cumsum(B)))
    edges = np.unique(np.concatenate((np.mod(cut, 1.0), [0.0, 1.0])))
    joint = np.zeros((6, 6))
    for low, high in itertools.pairwise(edges):
        u = (low + high) / 2
        s = np.flatnonzero(np.ceil(cut[1:] - u) > np.ceil(cut[:-1] - u))
        joint[np.ix_(s, s)] += high - low
    np.testing.assert_allclose(madow_joint(B), joint, rtol=0, atol=1e-12)


@pytest.mark.parametrize("function", [sampford_joint, conditional_poisson_joint, pareto_joint, madow_joint])
def test_rows_add_up_to_n_times_the_diagonal_also_in_a_large_stratum(function):
    rng = np.random.default_rng(2)
    size = rng.lognormal(0, 1, 600)
    pi = np.concatenate((np.ones(2), np.minimum(0.95, size / size.sum() * 180)))
    pi[2:] *= round(pi[2:].sum()) / pi[2:].sum()
    joint = function(pi)
    n = round(pi.sum())
    np.testing.assert_allclose(joint.sum(axis=1), n * joint.diagonal(), rtol=1e-9)
    np.testing.assert_allclose(joint, joint.T, rtol=0, atol=1e-14)
    if function is not pareto_joint:
        np.testing.assert_allclose(joint.diagonal(), pi, rtol=0, atol=1e-11)
    np.testing.assert_allclose(joint[0], joint.diagonal(), rtol=0, atol=1e-14)  # a certainty goes with everybody


def test_equal_probabilities_make_every_design_but_the_systematic_simple_random():
    for function in (sampford_joint, conditional_poisson_joint, pareto_joint):
        joint = function([0.3] * 10)
        off = joint[~np.eye(10, dtype=bool)]
        np.testing.assert_allclose(off, 3 * 2 / (10 * 9), rtol=0, atol=1e-12)


@pytest.mark.parametrize("function", [sampford_joint, conditional_poisson_joint, pareto_joint, madow_joint])
def test_unusable_probabilities_are_refused(function):
    with pytest.raises(ProbabilityOutOfRange, match="row 1"):
        function([0.5, 0.0, 0.5])
    with pytest.raises(ProbabilityOutOfRange, match=r"1\.5"):
        function([0.5, 1.5])
    with pytest.raises(FractionalTotal, match=r"1\.2"):
        function([0.6, 0.6])
