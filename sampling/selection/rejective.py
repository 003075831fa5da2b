"""Sampford and conditional Poisson sampling, drawn exactly by keeping or discarding Pareto samples."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from sampling.selection import given_size
from sampling.selection.checks import numbers, probabilities
from sampling.selection.order import ranks
from sampling.selection.ranking import head, ranked
from sampling.selection.result import Selection
from sampling.selection.spare import left_over
from sampling.selection.strata import CountsLike, Floats, Integers, Strata, StrataLike
from sampling.selection.systematic import gathered

# working probabilities are sought to this distance of the wanted inclusion probabilities
WORKING_WITHIN = 1e-12
WORKING_STEPS = 500


def sampford(
    pi: npt.ArrayLike,
    strata: StrataLike | None = None,
    *,
    rng: np.random.Generator,
    reserve: CountsLike = 0,
) -> Selection:
    """Draw by Sampford's design: exact probabilities proportional to size, known joint ones, all of them positive.

    A Pareto sample is kept with probability proportional to Σ_s(1-π) / Σ_s c, which makes it a Sampford sample
    (Sampford 1967, *Biometrika* 54, 499-513; Bondesson, Traat & Lundqvist 2006). Nearly all are kept, at any
    sampling rate; strata that discard theirs draw again together.

    Parameters
    ----------
    pi : array_like, shape (N,)
        Inclusion probabilities, 0 < π ≤ 1, with whole totals per stratum.
    strata : Strata or array_like, shape (N,), optional
        Labels; None is one stratum.
    rng : numpy.random.Generator
        Source of chance; how many numbers a rejective draw needs is not known beforehand.
    reserve : int, mapping or array_like, shape (H,)
        Reserves per stratum: units not drawn, in Pareto order on π.

    Returns
    -------
    Selection
        With exact first-order probabilities; see `sampford_joint`.

    Raises
    ------
    ProbabilityOutOfRange, FractionalTotal, NotFinite, WrongLength
        If the probabilities are not usable.

    Examples
    --------
    >>> draw = sampford([0.2, 0.7, 0.8, 0.5, 0.4, 0.4], rng=np.random.default_rng(1))
    >>> draw.sample.size, draw.exact
    (3, True)
    """
    return _rejective(pi, strata, rng=rng, reserve=reserve, design="Sampford sampling", chance=_sampford_chance)


def conditional_poisson(
    pi: npt.ArrayLike,
    strata: StrataLike | None = None,
    *,
    rng: np.random.Generator,
    reserve: CountsLike = 0,
) -> Selection:
    """Draw by conditional Poisson sampling, of all designs with these probabilities and sizes the most random.

    Working probabilities are found so that inclusion probabilities are π to 1e-12 (Hájek 1964, *Ann. Math.
    Statist.* 35, 1491-1523; Chen, Dempster & Liu 1994, *Biometrika* 81, 457-469); a Pareto sample on them is then
    kept with probability proportional to 1/Σ_s c. Parameters and refusals as for `sampford`.

    Parameters
    ----------
    pi : array_like, shape (N,)
        Inclusion probabilities, 0 < π ≤ 1, with whole totals per stratum.
    strata : Strata or array_like, shape (N,), optional
        Labels; None is one stratum.
    rng : numpy.random.Generator
        Source of chance.
    reserve : int, mapping or array_like, shape (H,)
        Reserves per stratum: units not drawn, in Pareto order on π.

    Returns
    -------
    Selection
        With exact first-order probabilities; see `conditional_poisson_joint`.

    Examples
    --------
    >>> draw = conditional_poisson([0.2, 0.7, 0.8, 0.5, 0.4, 0.4], rng=np.random.default_rng(1))
    >>> draw.sample.size
    3
    """
    return _rejective(
        pi, strata, rng=rng, reserve=reserve, design="conditional Poisson sampling", chance=_entropy_chance
    )


def working_probabilities(pi: npt.ArrayLike, strata: StrataLike | None = None) -> Floats:
    """Probabilities p of a Poisson design that, given its size, includes units with the wanted π.

    Parameters
    ----------
    pi : array_like, shape (N,)
        Wanted inclusion probabilities, 0 < π ≤ 1, with whole totals per stratum.
    strata : Strata or array_like, shape (N,), optional
        Labels; None is one stratum.

    Returns
    -------
    ndarray, shape (N,)
        Working probabilities, with the same totals; certainties stay 1.

    Raises
    ------
    ProbabilityOutOfRange, FractionalTotal, NotFinite, WrongLength
        If the probabilities are not usable.

    Examples
    --------
    >>> working_probabilities([0.2, 0.7, 0.8, 0.5, 0.4, 0.4]).round(4).tolist()
    [0.2376, 0.6652, 0.7612, 0.4985, 0.4188, 0.4188]
    """
    parts = Strata.of(len(np.asarray(pi)) if strata is None else strata)
    target, n = probabilities(pi, parts)
    loose = _Loose.of(parts, target, n)
    working = target.copy()
    working[loose.unit] = _working(loose)
    return working


def sampford_joint(pi: npt.ArrayLike) -> Floats:
    """Joint inclusion probabilities of `sampford` in one stratum, exact.

    Parameters
    ----------
    pi : array_like, shape (N,)
        Inclusion probabilities, 0 < π ≤ 1, with a whole total.

    Returns
    -------
    ndarray, shape (N, N)
        Probabilities π_kl, with π_k on the diagonal.

    Examples
    --------
    >>> round(float(sampford_joint([0.2, 0.7, 0.8, 0.5, 0.4, 0.4])[0, 1]), 6)
    0.108182
    """
    return _joint(pi, lambda p, _: (p, 1 - p))


def conditional_poisson_joint(pi: npt.ArrayLike) -> Floats:
    """Joint inclusion probabilities of `conditional_poisson` (maximum entropy) in one stratum, exact.

    Parameters
    ----------
    pi : array_like, shape (N,)
        Inclusion probabilities, 0 < π ≤ 1, with a whole total.

    Returns
    -------
    ndarray, shape (N, N)
        Probabilities π_kl, with π_k on the diagonal.

    Examples
    --------
    >>> round(float(conditional_poisson_joint([0.2, 0.7, 0.8, 0.5, 0.4, 0.4])[0, 1]), 6)
    0.106984
    """
    return _joint(pi, lambda p, n: (_working(_Loose.single(p, n)), None))


def pareto_joint(pi: npt.ArrayLike) -> Floats:
    """Inclusion probabilities Pareto order sampling truly gives in one stratum, first-order on the diagonal.

    Parameters
    ----------
    pi : array_like, shape (N,)
        Target probabilities, 0 < π ≤ 1, with a whole total.

    Returns
    -------
    ndarray, shape (N, N)
        Probabilities π_kl of the design drawn by `pareto`; the diagonal differs a little from the targets.

    Examples
    --------
    >>> pareto_joint([0.2, 0.7, 0.8, 0.5, 0.4, 0.4]).diagonal().round(3).tolist()
    [0.195, 0.707, 0.806, 0.501, 0.396, 0.396]
    """
    zero = np.zeros(1, dtype=np.int64)
    return _joint(pi, lambda p, n: (p, given_size.pareto_tilt(p, zero, np.array([n]))))


def _joint(pi: npt.ArrayLike, design: Callable[[Floats, int], tuple[Floats, Floats | None]]) -> Floats:
    units = len(np.asarray(pi))
    target, n = probabilities(numbers(pi, units, "pi"), Strata.of(units))
    loose = np.flatnonzero(target < 1)
    both: Floats = np.diag(target)
    left = int(n[0]) - (units - loose.size)
    if left > 0:
        p, tilt = design(target[loose], left)
        both[np.ix_(loose, loose)] = given_size.joint(p, left, tilt)
    certain = np.flatnonzero(target >= 1)
    both[certain, :] = both.diagonal()  # with a certainty a unit is drawn as often as by itself
    both[:, certain] = both.diagonal()[:, None]
    return both


class _Loose:
    """The uncertain units of the strata that have any to draw, stratum after stratum."""

    __slots__ = ("code", "count", "n", "p", "start", "unit")

    def __init__(self, unit: Integers, code: Integers, p: Floats, n: Integers) -> None:
        self.unit, self.code, self.p, self.n = unit, code, p, n
        size = np.bincount(code, minlength=n.size)
        self.count = n.size
        self.start = np.cumsum(size) - size

    @classmethod
    def of(cls, parts: Strata, pi: Floats, n: Integers) -> "_Loose":
        unit = parts.grouped[pi[parts.grouped] < 1]
        number = np.bincount(parts.code[unit], minlength=parts.count)
        left = n - (parts.sizes - number)
        kept = number > 0
        code = (np.cumsum(kept) - 1)[parts.code[unit]]
        return cls(unit, code, pi[unit], left[kept])

    @classmethod
    def single(cls, p: Floats, n: int) -> "_Loose":
        return cls(np.arange(p.size), np.zeros(p.size, dtype=np.int64), p, np.array([n]))


_Chance = Callable[["_Loose"], tuple[Floats, Floats, Callable[[Integers, Integers], Floats]]]


def _sampford_chance(loose: _Loose) -> tuple[Floats, Floats, Callable[[Integers, Integers], Floats]]:
    tilt = given_size.pareto_tilt(loose.p, loose.start, loose.n)
    bound = np.maximum.reduceat((1 - loose.p) / tilt, loose.start)

    def kept(place: Integers, code: Integers) -> Floats:
        wanted = np.bincount(code, weights=1 - loose.p[place], minlength=loose.count)
        had = np.bincount(code, weights=tilt[place], minlength=loose.count)
        return np.divide(wanted, had * bound, out=np.zeros(loose.count), where=had > 0)

    return loose.p, tilt, kept


def _entropy_chance(loose: _Loose) -> tuple[Floats, Floats, Callable[[Integers, Integers], Floats]]:
    working = _working(loose)
    tilt = given_size.pareto_tilt(working, loose.start, loose.n)
    groups = Strata.of(loose.code)
    least, _ = head(groups, ranked(groups, tilt), loose.n, np.zeros_like(loose.n))
    bound = np.bincount(loose.code[least], weights=tilt[least], minlength=loose.count)

    def kept(place: Integers, code: Integers) -> Floats:
        had = np.bincount(code, weights=tilt[place], minlength=loose.count)
        return np.divide(bound, had, out=np.zeros(loose.count), where=had > 0)

    return working, tilt, kept


def _rejective(
    pi: npt.ArrayLike,
    strata: StrataLike | None,
    *,
    rng: np.random.Generator,
    reserve: CountsLike,
    design: str,
    chance: _Chance,
) -> Selection:
    parts = Strata.of(len(np.asarray(pi)) if strata is None else strata)
    target, n = probabilities(pi, parts)
    reserves = parts.per_stratum(reserve, where="reserve")
    loose = _Loose.of(parts, target, n)
    won = loose.unit[_drawn(loose, chance, rng)] if loose.count else loose.unit
    certain = parts.grouped[target[parts.grouped] >= 1]
    sample = gathered(parts, certain, won)
    spare = rng.random(parts.units) if reserves.any() else None
    return Selection(
        design=design,
        strata=parts,
        n=n,
        probability=target,
        exact=True,
        sample=sample,
        reserve=left_over(parts, target, sample, reserves, spare),
        reserves=reserves,
    )


def _drawn(loose: _Loose, chance: _Chance, rng: np.random.Generator) -> Integers:
    """Places in `loose` of the drawn units, stratum after stratum."""
    p, _, kept = chance(loose)
    waiting = np.ones(loose.count, dtype=np.bool_)
    won: list[Integers] = []
    while waiting.any():
        place = np.flatnonzero(waiting[loose.code])
        groups = Strata.of(loose.code[place])
        key = ranks(p[place], rng.random(place.size))
        none = np.zeros(groups.count, dtype=np.int64)
        first, _ = head(groups, ranked(groups, key), loose.n[groups.labels], none)
        first = place[first]
        code = loose.code[first]
        accepted = waiting & (rng.random(loose.count) < kept(first, code))
        won.append(first[accepted[code]])
        waiting &= ~accepted
    joined = np.concatenate(won)
    return joined[np.argsort(loose.code[joined], kind="stable")]


def _working(loose: _Loose) -> Floats:
    p = loose.p.copy()
    wanted = np.log(loose.p) - np.log1p(-loose.p)
    logit = wanted.copy()
    step = np.ones(loose.count)
    worst = np.full(loose.count, np.inf)
    for _ in range(WORKING_STEPS):
        pi = np.clip(given_size.first_order(p, loose.start, loose.n), 1e-300, 1 - 1e-16)
        error = np.maximum.reduceat(np.abs(pi - loose.p), loose.start)
        if np.all(error < WORKING_WITHIN):
            break
        step = np.where(error > worst, step / 2, step)  # an overshoot is damped
        worst = np.minimum(worst, error)
        logit += step[loose.code] * (wanted - np.log(pi) + np.log1p(-pi))
        p = _centred(logit, loose)
    return p


def _centred(logit: Floats, loose: _Loose) -> Floats:
    """Probabilities with these odds up to a factor per stratum that makes their total n."""
    for _ in range(20):
        p: Floats = 1 / (1 + np.exp(-logit))
        off = loose.n - np.add.reduceat(p, loose.start)
        if np.all(np.abs(off) < 1e-9 * loose.n):
            break
        logit += np.clip(off / np.add.reduceat(p * (1 - p), loose.start), -1, 1)[loose.code]
    return p
