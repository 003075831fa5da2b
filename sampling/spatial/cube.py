"""The cube method: samples whose estimated totals of known variables equal the true ones, stratum sizes fixed."""

import numpy as np
import numpy.typing as npt

from sampling.selection.checks import chances, probabilities
from sampling.selection.ranking import ranked
from sampling.selection.result import Selection
from sampling.selection.spare import left_over
from sampling.selection.strata import Booleans, CountsLike, Floats, Integers, Strata, StrataLike
from sampling.selection.systematic import gathered
from sampling.spatial.flight import fly
from sampling.spatial.ground import places
from sampling.spatial.moves import scaled, settled, undecided

# singular values below this share of the largest are zero
RANK = 1e-10


def cube(
    pi: npt.ArrayLike,
    x: npt.ArrayLike,
    strata: StrataLike | None = None,
    *,
    rng: np.random.Generator,
    order: npt.ArrayLike | None = None,
    across: bool = True,
    reserve: CountsLike = 0,
) -> Selection:
    """Draw a sample balanced on known variables within strata, every stratum's size exact.

    Flight within strata, then over what is left of all strata together, then landing by giving up the balancing
    variables one by one from the last (Deville & Tillé 2004, *Biometrika* 91, 893-912; in strata Chauvet 2009,
    *Survey Methodology* 35, 115-119). The size of a stratum is never given up, so floors hold.

    Parameters
    ----------
    pi : array_like, shape (N,)
        Inclusion probabilities, 0 < π ≤ 1, with whole totals per stratum.
    x : array_like, shape (N,) or (N, q)
        Variables to balance on, the most important first: persons, benefit, …; at least q + 2 units a stratum are
        needed for a flight within it.
    strata : Strata or array_like, shape (N,), optional
        Labels; None is one stratum.
    rng : numpy.random.Generator
        Source of chance.
    order : array_like, shape (N,), optional
        Value along which units meet, for instance `hilbert_order`: the sample then also spreads along it. None
        lets units meet in random order.
    across : bool
        Whether to balance what strata leave over all of them together; a loop over those few units.
    reserve : int, mapping or array_like, shape (H,)
        Reserves per stratum: units not drawn, in Pareto order on π.

    Returns
    -------
    Selection
        With exact first-order probabilities; `total_deviation` shows how well it is balanced.

    Raises
    ------
    ProbabilityOutOfRange, FractionalTotal, NotFinite, WrongLength
        If probabilities or variables are not usable.

    Examples
    --------
    >>> from sampling.spatial.balance import total_deviation
    >>> x = np.arange(1.0, 101.0)
    >>> draw = cube([0.3] * 100, x, rng=np.random.default_rng(1))
    >>> draw.sample.size, bool(abs(total_deviation(draw, x)) < 0.02)
    (30, True)
    """
    parts = Strata.of(len(np.asarray(pi)) if strata is None else strata)
    target, n = probabilities(pi, parts)
    reserves = parts.per_stratum(reserve, where="reserve")
    a = scaled(balancing(x, parts.units), target)
    p = target.copy()
    walked = ranked(parts, rng.random(parts.units)) if order is None else parts.arranged(order)
    fly(p, a, walked, parts.code, rng)
    if across:
        fly_across(p, a, walked, parts.code, rng)
    return landed(
        p,
        a,
        (parts, target, n, reserves),
        walked,
        rng,
        design="cube method within strata",
    )


def balancing(x: npt.ArrayLike, units: int) -> Floats:
    """Balancing variables as N rows, checked."""
    table = np.asarray(x, dtype=np.float64)
    return places(table[:, None] if table.ndim == 1 else table, units=units)


def landed(
    p: Floats,
    a: Floats,
    plan: tuple[Strata, Floats, Integers, Integers],
    walked: Integers,
    rng: np.random.Generator,
    *,
    design: str,
) -> Selection:
    """Decide the last units, giving up balances from the last but no stratum's size, and report the draw."""
    parts, target, n, reserves = plan
    for kept in range(a.shape[1] - 1, -1, -1):
        fly(p, a[:, :kept], walked, parts.code, rng)
    p[:] = np.rint(p)  # at most one a stratum, and totals are whole: a rounding away from 0 or 1
    drawn: Booleans = p[parts.grouped] >= 1
    sample = gathered(parts, parts.grouped[drawn], parts.grouped[:0])
    spare = chances(parts.units, rng, None) if reserves.any() else None
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


def fly_across(p: Floats, a: Floats, walked: Integers, code: Integers, rng: np.random.Generator) -> None:
    """Fly what the strata have left over, all together, keeping every stratum's size and the overall balances.

    Strata join one by one; as each has at least two undecided units while it has any, never more than q strata
    stay open and every step is small (Hasler & Tillé 2014, *Comput. Statist. Data Anal.* 74, 81-94).

    Parameters
    ----------
    p : ndarray, shape (N,)
        Probabilities; changed in place.
    a : ndarray, shape (N, q)
        Balancing variables over probability.
    walked : ndarray of int, shape (N,)
        Positions, stratum after stratum.
    code : ndarray of int, shape (N,)
        Stratum of each unit.
    rng : numpy.random.Generator
        Source of chance.
    """
    left = walked[undecided(p[walked])]
    if not left.size or not a.shape[1]:
        return
    cuts = np.flatnonzero(code[left][1:] != code[left][:-1]) + 1
    pool = left[:0]
    for comers in np.split(left, cuts):
        pool = np.concatenate((pool, comers))
        while pool.size:
            member = code[pool][None, :] == np.unique(code[pool])[:, None]
            u = _null(np.vstack((member.astype(np.float64), a[pool].T)))
            if u is None:
                break
            with np.errstate(divide="ignore", invalid="ignore"):
                q = p[pool]
                up = float(np.where(u > 0, (1 - q) / u, np.where(u < 0, -q / u, np.inf)).min())
                down = float(np.where(u > 0, q / u, np.where(u < 0, (q - 1) / u, np.inf)).min())
            step = up if rng.random() * (up + down) < down else -down
            p[pool] = settled(q + step * u)
            pool = pool[undecided(p[pool])]


def _null(constraints: Floats) -> Floats | None:
    """A vector the constraints map to zero, None if there is none."""
    rows, columns = constraints.shape
    _, values, basis = np.linalg.svd(constraints, full_matrices=True)
    rank = int((values > RANK * values[0]).sum()) if rows else 0
    if rank >= columns:
        return None
    vector: Floats = np.where(np.abs(basis[-1]) < RANK, 0.0, basis[-1])
    return vector
