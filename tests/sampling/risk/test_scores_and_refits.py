"""Scores explained point by point; weights learned, compared out of sample, adopted by a person."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats

from sampling.refusals import ImpossibleCount, NonFiniteValues, NotYesOrNo, WrongLength
from sampling.risk import (
    Indicator,
    RiskModel,
    adopt,
    fit_logistic,
    make_model,
    propose_weights,
    rank_performance,
    score_risk,
)
from sampling.risk.refusals import (
    DuplicateIndicators,
    ImpossibleWeight,
    NobodyAdopts,
    NoConvergence,
    NoIndicators,
    TooFewFindings,
)

MODEL = make_model([("related", 5), ("vehicle", 3), ("income", 0.01)])


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 9000)), min_size=1, max_size=30))
def test_contributions_always_add_up_to_the_score(rows):
    scores = score_risk(MODEL, np.array(rows, dtype=float))
    assert scores.contributions.sum(axis=1) == pytest.approx(scores.score)
    for unit in range(len(rows)):
        parts = scores.explain(unit)
        assert sum(part.points for part in parts) == pytest.approx(scores.score[unit])
        assert [abs(part.points) for part in parts] == sorted((abs(p.points) for p in parts), reverse=True)


def test_an_explanation_speaks_the_supervisor_s_language_and_leaves_out_what_gave_no_points():
    model = RiskModel((Indicator("related", 5, "干部近亲属"), Indicator("vehicle", 3, "名下有机动车")))
    parts = score_risk(model, [[0, 1]]).explain(0)
    assert [(part.label, part.points) for part in parts] == [("名下有机动车", 3.0)]


def found_by(chance, rng):
    return (rng.random(len(chance)) < chance).astype(float)


@pytest.fixture
def round_of_visits():
    rng = np.random.default_rng(20180731)
    x = (rng.random((900, 4)) < [0.05, 0.1, 0.3, 0.5]).astype(float)
    return x, found_by(special.expit(-3 + x @ np.array([2.5, 1.5, 0.0, 0.0])), rng)


def test_the_fit_is_where_an_independent_optimiser_also_ends(round_of_visits):
    x, y = round_of_visits
    weights = np.random.default_rng(1).uniform(0.5, 3, len(y))
    w = weights * len(y) / weights.sum()
    fit = fit_logistic(x, y, penalty=4.0, weights=weights)
    centre = np.average(x, axis=0, weights=w)
    spread = np.sqrt(np.average((x - centre) ** 2, axis=0, weights=w))

    def loss(b):
        eta = b[0] + x @ b[1:]
        return (w * (np.logaddexp(0, eta) - y * eta)).sum() + 2.0 * ((b[1:] * spread) ** 2).sum()

    best = optimize.minimize(loss, np.zeros(5), method="BFGS", options={"gtol": 1e-7}).x
    assert fit.intercept == pytest.approx(best[0], abs=1e-5)
    assert fit.coefficients == pytest.approx(best[1:], abs=1e-5)


def test_an_unpenalised_two_by_two_table_gives_its_odds_ratio():
    x = np.repeat([[0.0], [1.0]], [40, 30], axis=0)
    y = np.concatenate([np.repeat([1, 0], [8, 32]), np.repeat([1, 0], [20, 10])])
    fit = fit_logistic(x, y, penalty=0.0)
    assert np.exp(fit.coefficients[0]) == pytest.approx((20 / 10) / (8 / 32))
    assert fit.chance([[0.0], [1.0]]) == pytest.approx([0.2, 2 / 3])


def test_a_column_that_never_varies_gets_no_weight(round_of_visits):
    x, y = round_of_visits
    fit = fit_logistic(np.column_stack([x, np.ones(len(y))]), y, penalty=0.0)
    assert fit.coefficients[-1] == 0


def test_ranks_agree_with_counting_every_pair():
    rng = np.random.default_rng(2)
    scores, found = rng.integers(0, 6, 60), rng.random(60) < 0.3
    pairs = [(s > t) + 0.5 * (s == t) for s in scores[found] for t in scores[~found]]
    area, top = rank_performance(scores, found)
    assert area == pytest.approx(np.mean(pairs))
    test = stats.mannwhitneyu(scores[found], scores[~found])
    assert area == pytest.approx(test.statistic / (found.sum() * (~found).sum()))
    assert 0 <= top <= 1


def test_a_flat_score_finds_in_the_top_part_what_chance_finds():
    assert rank_performance(np.zeros(50), [1] * 7 + [0] * 43) == pytest.approx((0.5, 0.3))


def test_better_weights_are_proposed_and_change_nothing_until_a_person_adopts_them(round_of_visits):
    x, y = round_of_visits
    wrong_way = make_model([("a", 0), ("b", 0), ("c", 3), ("d", 2)])
    proposal = propose_weights(wrong_way, x, y, rng=np.random.default_rng(1))
    assert proposal.better
    assert proposal.after.auc > proposal.before.auc + 0.1
    assert proposal.after.log_loss < proposal.before.log_loss
    assert proposal.current is wrong_way
    assert proposal.proposed.adopted_by == ""
    assert np.abs(proposal.proposed.weights).sum() == pytest.approx(5)
    assert adopt(proposal, " 德吉 ").adopted_by == "德吉"
    with pytest.raises(NobodyAdopts):
        adopt(proposal, "")


def test_weights_that_are_already_right_are_not_called_worse_than_a_refit():
    rng = np.random.default_rng(8)
    x = (rng.random((600, 3)) < 0.3).astype(float)
    truth = make_model([("a", 2.0), ("b", 1.0), ("c", 0.5)])
    y = found_by(special.expit(-2.5 + x @ truth.weights), rng)
    proposal = propose_weights(truth, x, y, rng=np.random.default_rng(1))
    assert not proposal.better
    assert proposal.after.auc == pytest.approx(proposal.before.auc, abs=0.03)


def test_the_same_seed_gives_the_same_proposal(round_of_visits):
    x, y = round_of_visits
    model = make_model([("a", 1), ("b", 1), ("c", 1), ("d", 1)])
    one, two = (propose_weights(model, x, y, rng=np.random.default_rng(3)) for _ in range(2))
    assert one.proposed == two.proposed
    assert one.after == two.after


@pytest.mark.parametrize(
    ("refusal", "ask"),
    [
        (NoIndicators, lambda: RiskModel(())),
        (DuplicateIndicators, lambda: make_model([("a", 1), ("a", 2)])),
        (ImpossibleWeight, lambda: Indicator("a", float("nan"))),
        (ImpossibleWeight, lambda: fit_logistic([[0.0], [1.0]], [0, 1], penalty=-1)),
        (WrongLength, lambda: score_risk(MODEL, [[1, 2]])),
        (WrongLength, lambda: score_risk(MODEL, np.empty((0, 3)))),
        (NonFiniteValues, lambda: score_risk(MODEL, [[1, 2, np.inf]])),
        (ImpossibleCount, lambda: score_risk(MODEL, [[1, 0, 0]]).explain(1)),
        (NotYesOrNo, lambda: fit_logistic([[0.0], [1.0]], [0, 2])),
        (TooFewFindings, lambda: fit_logistic([[0.0], [1.0]], [1, 1])),
        (TooFewFindings, lambda: rank_performance([1, 2], [0, 0])),
        (
            TooFewFindings,
            lambda: propose_weights(MODEL, np.ones((30, 3)), [1] * 9 + [0] * 21, rng=np.random.default_rng()),
        ),
        (NoConvergence, lambda: fit_logistic([[0.0], [0.0], [1.0], [1.0]], [0, 0, 1, 1], penalty=0.0)),
    ],
)
def test_what_cannot_be_scored_or_learned_is_refused_with_what_to_do(refusal, ask):
    with pytest.raises(refusal) as caught:
        ask()
    assert caught.value.remedy
