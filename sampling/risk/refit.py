"""Weights learned from what the visits found: proposed with evidence, adopted only by a person."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg, special

from sampling.arrays import FloatArray, IntArray, flags, non_negative, vector, whole
from sampling.risk.refusals import ImpossibleWeight, NobodyAdopts, NoConvergence, TooFewFindings
from sampling.risk.score import RiskModel, indicator_table

LEAST_OF_EACH = 10  # findings and non-findings: fewer and the weights are the noise of a few households


@dataclass(frozen=True, eq=False)
class LogisticFit:
    """A ridge logistic regression.

    Attributes
    ----------
    intercept : float
        Log odds where every indicator is at its mean.
    coefficients : ndarray of float, shape (k,)
        Log odds per unit of each indicator.
    penalty : float
        Ridge penalty, per standard deviation of an indicator.
    steps : int
        Newton steps taken.
    """

    intercept: float
    coefficients: FloatArray
    penalty: float
    steps: int

    def chance(self, values: ArrayLike) -> FloatArray:
        """Probability of a finding per row of ``values``, shape (N,)."""
        return np.asarray(special.expit(self.intercept + np.asarray(values, np.float64) @ self.coefficients))


def fit_logistic(
    values: ArrayLike,
    found: ArrayLike,
    *,
    penalty: float = 1.0,
    weights: ArrayLike | None = None,
    steps: int = 100,
) -> LogisticFit:
    """Fit a logistic regression with a ridge penalty by Newton's method (IRLS).

    Parameters
    ----------
    values : array_like, shape (n, k)
        Indicators of the visited households.
    found : array_like of bool, shape (n,)
        Whether the visit found an error.
    penalty : float
        λ of −ℓ + λ/2·Σ (βⱼ sⱼ)², with sⱼ the indicator's standard deviation: free of units. 0 is plain maximum
        likelihood and may not exist.
    weights : array_like, shape (n,), optional
        Sampling weights; scaled to sum to n.
    steps : int
        Newton steps at most.

    Returns
    -------
    LogisticFit

    Raises
    ------
    TooFewFindings
        When all or none have a finding.
    NoConvergence
        When the steps do not settle (separation without a penalty).
    WrongLength, NonFiniteValues, NotYesOrNo, NegativeValues, ImpossibleWeight

    Notes
    -----
    le Cessie & van Houwelingen (1992), Applied Statistics 41:191. The intercept is not penalised; steps are
    halved until the objective falls. Cost: n·k² per step.

    Examples
    --------
    >>> x = np.array([[0.0], [0], [0], [1], [1], [1]])
    >>> fit = fit_logistic(x, [0, 0, 1, 0, 1, 1], penalty=0.0)
    >>> round(float(fit.coefficients[0]), 6)  # log((2/1) / (1/2))
    1.386294
    """
    x = np.asarray(values, dtype=np.float64)
    y = flags("found", found, len(x))
    if not (np.isfinite(penalty) and penalty >= 0):
        raise ImpossibleWeight("penalty", f"is {penalty}", "give 0 or more")
    if y.min() == y.max():
        raise TooFewFindings("found", "holds only one kind of answer", "wait for visits of both kinds")
    w = np.ones(len(y)) if weights is None else non_negative("weights", weights, len(y))
    w = w * len(y) / w.sum()
    centre = np.average(x, axis=0, weights=w)
    spread = np.sqrt(np.average((x - centre) ** 2, axis=0, weights=w))
    scale = np.where(spread > 0, spread, 1.0)
    # an indicator that never varies cannot be learned: its column is zero and the penalty keeps it there
    z = np.column_stack([np.ones(len(y)), (x - centre) / scale])
    ridge = np.full(z.shape[1], penalty)
    ridge[0] = 0.0
    if penalty == 0:
        ridge[1:][spread == 0] = 1.0
    beta, taken = _newton(z, y, w, ridge, steps)
    slopes = beta[1:] / scale
    return LogisticFit(float(beta[0] - centre @ slopes), slopes, float(penalty), taken)


def _newton(z: FloatArray, y: FloatArray, w: FloatArray, ridge: FloatArray, steps: int) -> tuple[FloatArray, int]:
    def objective(b: FloatArray) -> float:
        eta = z @ b
        # log(1 + e^eta) − y·eta without overflow
        return float((w * (np.logaddexp(0.0, eta) - y * eta)).sum() + 0.5 * (ridge * b * b).sum())

    beta = np.zeros(z.shape[1])
    rate = float(np.average(y, weights=w))
    beta[0] = np.log(rate / (1 - rate))
    value = objective(beta)
    for step in range(1, steps + 1):
        chance = special.expit(z @ beta)
        gradient = z.T @ (w * (chance - y)) + ridge * beta
        curve = (z * (w * chance * (1 - chance))[:, None]).T @ z + np.diag(ridge + 1e-12)
        move = linalg.solve(curve, gradient, assume_a="pos")
        length = 1.0
        while objective(beta - length * move) > value + 1e-12 and length > 1e-8:  # noqa: PLR2004 - rounding
            length /= 2
        beta = beta - length * move
        value = objective(beta)
        if np.abs(length * move).max() < 1e-9:  # noqa: PLR2004 - settled
            return beta, step
        if np.abs(beta).max() > 30:  # noqa: PLR2004 - odds of e^30 are no odds
            break
    raise NoConvergence("fit_logistic", "the weights run away (an indicator separates)", "use a larger penalty")


@dataclass(frozen=True)
class Performance:
    """How well a score ranks households it has not seen.

    Attributes
    ----------
    auc : float
        Probability that a household with a finding scores above one without; 0.5 is chance.
    found_in_top : float
        Share of all findings in the top 30 % of scores, the share that will be visited anyway.
    log_loss : float
        Mean surprise in nats, after the scores are turned into chances on the training part.
    """

    auc: float
    found_in_top: float
    log_loss: float


def rank_performance(scores: ArrayLike, found: ArrayLike, top: float = 0.30) -> tuple[float, float]:
    """Area under the ROC curve, and the share of findings in the top part; ties count half, evenly.

    Parameters
    ----------
    scores : array_like, shape (n,)
        Higher means more suspect.
    found : array_like of bool, shape (n,)
        What was found.
    top : float
        The part looked at.

    Returns
    -------
    auc : float
        Probability that a unit with a finding scores above one without.
    found_in_top : float
        Share of all findings in the top part.

    Raises
    ------
    TooFewFindings
        When all or none have a finding.

    Notes
    -----
    Mann & Whitney's statistic; Hanley & McNeil (1982), Radiology 143:29.

    Examples
    --------
    >>> rank_performance([3, 2, 1, 0], [1, 0, 1, 0], top=0.5)
    (0.75, 0.5)
    """
    x = vector("scores", scores)
    y = flags("found", found, len(x)) == 1
    if y.all() or not y.any():
        raise TooFewFindings("found", "holds only one kind of answer", "wait for visits of both kinds")
    values, place, counts = np.unique(x, return_inverse=True, return_counts=True)
    above = counts.sum() - np.cumsum(counts)
    average_rank = (above + (counts + 1) / 2)[place]  # 1 is the highest
    ones, zeros = int(y.sum()), int((~y).sum())
    auc = float((ones * zeros + ones * (ones + 1) / 2 - average_rank[y].sum()) / (ones * zeros))
    places = top * len(x)
    # a group of equal scores across the edge counts in proportion
    inside = np.clip((places - above) / counts, 0.0, 1.0)[place]
    assert len(values) == len(counts)  # noqa: S101 - unique's own promise
    return auc, float(inside[y].sum() / ones)


@dataclass(frozen=True, eq=False)
class Refit:
    """A proposal for new weights with its evidence. It changes nothing until a person adopts it.

    Attributes
    ----------
    current : RiskModel
        The weights in force.
    proposed : RiskModel
        The new weights, on the scale of the current ones (same sum of absolute weights).
    fit : LogisticFit
        The regression behind them, on all visits.
    before, after : Performance
        Both, on households not used for fitting.
    folds : int
        Parts of the cross-validation.
    n, findings : int
        Visits and findings used.
    better : bool
        Whether the proposal ranks better out of sample by more than its standard error over folds.
    """

    current: RiskModel
    proposed: RiskModel
    fit: LogisticFit
    before: Performance
    after: Performance
    folds: int
    n: int
    findings: int
    better: bool


def _folds(y: FloatArray, folds: int, rng: np.random.Generator) -> IntArray:
    """Deal findings and non-findings separately, so that every part has both."""
    part = np.empty(len(y), dtype=np.int64)
    for kind in (0.0, 1.0):
        units = rng.permutation(np.flatnonzero(y == kind))
        part[units] = np.arange(len(units)) % folds
    return part


def _log_loss(chance: FloatArray, y: FloatArray) -> float:
    safe = np.clip(chance, 1e-12, 1 - 1e-12)
    return float(-(y * np.log(safe) + (1 - y) * np.log(1 - safe)).mean())


def propose_weights(
    model: RiskModel,
    values: ArrayLike,
    found: ArrayLike,
    *,
    rng: np.random.Generator,
    weights: ArrayLike | None = None,
    penalties: tuple[float, ...] = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0),
    folds: int = 5,
) -> Refit:
    """Refit weights from a round's findings and compare them with the current ones out of sample.

    Parameters
    ----------
    model : RiskModel
        The weights in force.
    values : array_like, shape (n, k)
        Indicators of the visited households, in the model's order.
    found : array_like of bool, shape (n,)
        Whether an error was found.
    rng : numpy.random.Generator
        Deals the folds; give a fixed seed to repeat the answer.
    weights : array_like, shape (n,), optional
        Sampling weights, so that oversampled bands do not shape the weights.
    penalties : tuple of float
        Ridge penalties tried; the one with the smallest out-of-sample log loss is taken.
    folds : int
        Parts of the cross-validation, at least 2.

    Returns
    -------
    Refit

    Raises
    ------
    TooFewFindings
        When fewer than ten households with, or without, a finding were visited.
    WrongLength, NonFiniteValues, NotYesOrNo, ImpossibleCount, ImpossibleWeight

    Notes
    -----
    Ridge logistic regression, stratified cross-validation (Hastie, Tibshirani & Friedman 2009, sec. 7.10).
    The penalty is chosen on the same folds as the comparison, which flatters the proposal a little; ``better`` asks
    for a gain above one standard error, the usual guard.

    Examples
    --------
    >>> from sampling.risk.score import make_model
    >>> rng = np.random.default_rng(7)
    >>> x = rng.random((400, 2)) < 0.3
    >>> found = rng.random(400) < np.where(x[:, 0], 0.5, 0.05)
    >>> answer = propose_weights(make_model([("useful", 1), ("idle", 1)]), x, found, rng=rng)
    >>> answer.better, bool(answer.proposed.weights[0] > 5 * abs(answer.proposed.weights[1]))
    (True, True)
    """
    x = indicator_table(model, values)
    y = flags("found", found, len(x))
    parts = whole("folds", folds, low=2)
    ones = int(y.sum())
    if min(ones, len(y) - ones) < LEAST_OF_EACH:
        raise TooFewFindings(
            "found", f"{ones} findings among {len(y)} visits", f"wait for {LEAST_OF_EACH} of each kind"
        )
    w = np.ones(len(y)) if weights is None else non_negative("weights", weights, len(y))
    part = _folds(y, min(parts, ones, len(y) - ones), rng)
    now = x @ model.weights
    losses = [
        float(np.mean([_held_out(x, y, w, part, fold, one)[0] for fold in range(part.max() + 1)])) for one in penalties
    ]
    penalty = penalties[int(np.argmin(losses))]
    gains, old, new = [], [], []
    for fold in range(part.max() + 1):
        loss, score = _held_out(x, y, w, part, fold, penalty)
        base, _ = _held_out(now[:, None], y, w, part, fold, 0.01)
        out = part == fold
        new.append((*rank_performance(score, y[out]), loss))
        old.append((*rank_performance(now[out], y[out]), base))
        gains.append(new[-1][0] - old[-1][0])
    fit = fit_logistic(x, y, penalty=penalty, weights=w)
    mean_gain, error = float(np.mean(gains)), float(np.std(gains, ddof=1) / np.sqrt(len(gains)))
    return Refit(
        model,
        _rescaled(model, fit.coefficients),
        fit,
        Performance(*(float(v) for v in np.mean(old, axis=0))),
        Performance(*(float(v) for v in np.mean(new, axis=0))),
        int(part.max() + 1),
        len(y),
        ones,
        mean_gain > error,
    )


def _held_out(  # noqa: PLR0917 - five arrays and a number, one call each
    x: FloatArray, y: FloatArray, w: FloatArray, part: IntArray, fold: int, penalty: float
) -> tuple[float, FloatArray]:
    """Log loss and scores of one fold by a fit on the others."""
    out = part == fold
    fit = fit_logistic(x[~out], y[~out], penalty=penalty, weights=w[~out])
    return _log_loss(fit.chance(x[out]), y[out]), x[out] @ fit.coefficients


def _rescaled(model: RiskModel, coefficients: FloatArray) -> RiskModel:
    size, learned = float(np.abs(model.weights).sum()), float(np.abs(coefficients).sum())
    factor = size / learned if size > 0 and learned > 0 else 1.0
    return RiskModel(
        tuple(
            replace(one, weight=float(value * factor))
            for one, value in zip(model.indicators, coefficients, strict=True)
        )
    )


def adopt(refit: Refit, person: str) -> RiskModel:
    """Put proposed weights in force, in a person's name.

    Parameters
    ----------
    refit : Refit
        The proposal.
    person : str
        Who answers for it; 谁审查、谁签字、谁负责.

    Returns
    -------
    RiskModel
        With ``adopted_by`` set.

    Raises
    ------
    NobodyAdopts
        When no name is given.

    Examples
    --------
    >>> adopt(None, " ")
    Traceback (most recent call last):
    ...
    sampling.risk.refusals.NobodyAdopts: person: is empty; name the person who answers for these weights
    """
    name = person.strip()
    if not name:
        raise NobodyAdopts("person", "is empty", "name the person who answers for these weights")
    return replace(refit.proposed, adopted_by=name)
