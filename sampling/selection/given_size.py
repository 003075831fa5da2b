"""Exact probabilities of Poisson sampling given its size, the family of Sampford, Pareto and maximum entropy.

All three give a sample s of n units a probability proportional to ∏_{k∈s} τ_k · Σ_{k∈s} c_k with τ = p/(1-p):
c = 1 is conditional Poisson (maximum entropy), c = 1-p Sampford (1967), and an integral c makes Pareto (Rosén 1997;
Bondesson, Traat & Lundqvist 2006, *Scand. J. Statist.* 33, 699-720). Sums over samples become a short sum over
points of the characteristic function of the Poisson sample's size; nothing cancels, and a stratum of any size needs
a few dozen points.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sampling.selection.strata import Floats, Integers

Complexes = npt.NDArray[np.complex128]

# terms below e^-NEGLIGIBLE of the largest are below double precision
NEGLIGIBLE = 40.0
CHUNK = 1 << 21


@dataclass(frozen=True, slots=True)
class Points:
    """Characteristic function of the sample size of some strata, on the points where it matters.

    Attributes
    ----------
    factor : ndarray of complex, shape (M, Q)
        For each unit a_k(θ) = p e^{iθ} / (1 - p + p e^{iθ}): it is in the sample.
    weight : ndarray of complex, shape (H, Q)
        φ(θ) e^{-inθ}, points θ and -θ together, 0 where a stratum needs fewer points.
    """

    factor: Complexes
    weight: Complexes


def points(p: Floats, start: Integers, n: Integers) -> Points:
    """Evaluate the points for strata laid end to end.

    Parameters
    ----------
    p : ndarray, shape (M,)
        Working probabilities in (0, 1), whose total per stratum is near n.
    start : ndarray of int, shape (H,)
        Where each stratum begins; none is empty.
    n : ndarray of int, shape (H,)
        Sample sizes, 1 ≤ n < N.
    """
    size = np.diff(np.append(start, p.size))
    spread = np.add.reduceat(p * (1 - p), start)
    # sizes n ± period alias onto n; the period puts them beyond double precision, or beyond the stratum. Odd, so
    # that θ = π, where a unit of p = ½ divides by zero, is no point.
    period = np.minimum(size + 1, np.ceil(10 * np.sqrt(spread)).astype(np.int64) + 40) | 1
    # |φ(θ)| ≤ exp(-2 spread sin²(θ/2)): beyond this θ nothing is left
    reach = 2 * np.arcsin(np.minimum(1.0, np.sqrt(NEGLIGIBLE / (2 * np.maximum(spread, 1e-300)))))
    needed = np.minimum(period // 2, np.floor(reach * period / (2 * np.pi)).astype(np.int64)) + 1
    q = np.arange(int(needed.max()))
    theta = 2 * np.pi * q[None, :] / period[:, None]
    live = q[None, :] < needed[:, None]
    turn = np.repeat(np.exp(1j * theta), size, axis=0)
    share = p[:, None] * turn
    whole = share + (1 - p[:, None])
    modulus = np.add.reduceat(np.log(np.abs(whole)), start, axis=0)
    angle = np.add.reduceat(np.angle(whole), start, axis=0)
    weight = np.exp(modulus + 1j * (angle - n[:, None] * theta))
    weight = np.where(live, weight, 0.0) * np.where(q == 0, 1.0, 2.0)
    share /= whole
    return Points(share, weight)


def first_order(p: Floats, start: Integers, n: Integers) -> Floats:
    """Inclusion probabilities of conditional Poisson sampling with working probabilities p, many strata at once.

    Parameters and refusals as for `points`; strata are taken in chunks so that memory stays flat.

    Returns
    -------
    ndarray, shape (M,)
        Probabilities adding up to n per stratum.
    """
    pi = np.empty_like(p)
    for low, high in chunks(start, p.size):
        begin = int(start[low])
        end = int(start[high]) if high < start.size else p.size
        at = points(p[begin:end], start[low:high] - begin, n[low:high])
        total = at.weight.real.sum(axis=1)
        weight = np.repeat(at.weight / total[:, None], np.diff(np.append(start[low:high], end)), axis=0)
        pi[begin:end] = np.einsum("ij,ij->i", at.factor, weight).real
    return pi


def chunks(start: Integers, units: int, points_each: int = 32) -> list[tuple[int, int]]:
    """Ranges of strata of bounded size, each of at least one stratum."""
    end = np.append(start[1:], units)
    ranges, low = [], 0
    while low < start.size:
        high = int(np.searchsorted(end, start[low] + CHUNK // points_each, side="right"))
        high = max(high, low + 1)
        ranges.append((low, high))
        low = high
    return ranges


def joint(p: Floats, n: int, tilt: Floats | None = None) -> Floats:
    """Joint inclusion probabilities in one stratum, diagonal first-order.

    Parameters
    ----------
    p : ndarray, shape (N,)
        Working probabilities in (0, 1), total near n.
    n : int
        Sample size, 1 ≤ n < N.
    tilt : ndarray, shape (N,), optional
        c of the design; None is conditional Poisson.

    Returns
    -------
    ndarray, shape (N, N)
        Symmetric; each row adds up to n π_k.
    """
    at = points(p, np.zeros(1, dtype=np.int64), np.array([n]))
    a, w = at.factor, at.weight[0]
    if tilt is None:
        total = w.sum().real
        both: Floats = ((a * w) @ a.T).real / total
        np.fill_diagonal(both, (a @ w).real / total)
        return both
    # given k and l in the sample, Σ c is c_k + c_l + what the others bring: S + c_k(1-a_k) + c_l(1-a_l)
    brought = tilt @ a
    total = (w @ brought).real
    own = tilt[:, None] * (1 - a)
    mixed = ((a * own * w) @ a.T).real
    both_tilted: Floats = (((a * (w * brought)) @ a.T).real + mixed + mixed.T) / total
    np.fill_diagonal(both_tilted, ((a * (brought + own)) @ w).real / total)
    return both_tilted


def pareto_tilt(p: Floats, start: Integers, n: Integers) -> Floats:
    """The c that makes the family Pareto order sampling, up to a factor per stratum.

    c_k = ∫ t^{n-1} (1+τ_k t)^{-1} ∏_i (1+τ_i t)^{-1} dt over t > 0: the largest rank drawn lies at t. The
    integrand in y = log t is analytic and falls off at both ends, so the trapezoidal rule reaches double precision.

    Parameters
    ----------
    p : ndarray, shape (M,)
        Target probabilities in (0, 1), total n per stratum.
    start : ndarray of int, shape (H,)
        Where each stratum begins.
    n : ndarray of int, shape (H,)
        Sample sizes, 1 ≤ n < N.

    Returns
    -------
    ndarray, shape (M,)
        Positive numbers, near 1 - p times a factor per stratum where strata are large.
    """
    tilt = np.empty_like(p)
    for low, high in chunks(start, p.size, 64):
        begin = int(start[low])
        end = int(start[high]) if high < start.size else p.size
        tilt[begin:end] = _tilt(p[begin:end], start[low:high] - begin, n[low:high])
    return tilt


def _tilt(p: Floats, start: Integers, n: Integers) -> Floats:
    size = np.diff(np.append(start, p.size))
    odds = p / (1 - p)
    spread = np.add.reduceat(p * (1 - p), start)

    def depth(y: Floats) -> Floats:
        """Log of the integrand without its k-th factor, per stratum; 0 at y = 0 and concave."""
        grown = np.log1p(p * np.repeat(np.expm1(y), size))
        level: Floats = n * y - np.add.reduceat(grown, start)
        return level

    ends = []
    for side in (-1.0, 1.0):
        y = side * np.minimum(9.0 / np.sqrt(spread), 1.0)
        while np.any(short := depth(y) > -NEGLIGIBLE):
            y = np.where(short, 1.4 * y, y)
        ends.append(y)
    step = np.minimum(0.5, 0.7 / np.sqrt(spread))
    q = np.arange(int(np.ceil((ends[1] - ends[0]) / step).max()) + 1)
    width = (ends[1] - ends[0]) / (q.size - 1)
    tilt = np.zeros_like(p)
    for each in q:  # a few dozen points, each over all units at once
        y = ends[0] + each * width
        tilt += np.repeat(np.exp(depth(y)), size) / (1 + odds * np.repeat(np.exp(y), size))
    scaled: Floats = tilt / np.repeat(np.maximum.reduceat(tilt, start), size)
    return scaled
