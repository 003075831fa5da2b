"""Stratified simple random sampling: the design everything else is compared with."""

import numpy as np
import numpy.typing as npt

from sampling.selection.checks import chances
from sampling.selection.ranking import head, ranked
from sampling.selection.result import Selection
from sampling.selection.strata import CountsLike, Strata, StrataLike


def simple_random(
    strata: StrataLike,
    n: CountsLike,
    *,
    rng: np.random.Generator | None = None,
    uniforms: npt.ArrayLike | None = None,
    reserve: CountsLike = 0,
) -> Selection:
    """Draw a simple random sample without replacement in every stratum.

    Each unit has a uniform number; the n smallest of a stratum are drawn and the next ones are its reserves. With
    the same numbers a larger n contains the smaller (Ohlsson 1995, in Cox et al., *Business Survey Methods*,
    ch. 9).

    Parameters
    ----------
    strata : Strata, int or array_like, shape (N,)
        Label of each unit, in any order; an integer N is one stratum of N units.
    n : int, mapping or array_like, shape (H,)
        Units to draw per stratum, 0 ≤ n ≤ N.
    rng : numpy.random.Generator, optional
        Source of chance; give either this or `uniforms`.
    uniforms : array_like, shape (N,), optional
        Permanent random numbers in [0, 1), one per unit.
    reserve : int, mapping or array_like, shape (H,)
        Reserves per stratum.

    Returns
    -------
    Selection
        With π = n/N exactly; `uniforms` are kept.

    Raises
    ------
    SampleAboveStratum, NegativeValue, NotWhole, UnknownStratum, WrongLength, EmptyInput
        If the counts do not fit the strata.
    NoSourceOfChance, UniformOutOfRange, NotFinite
        If the random numbers are missing or wrong.

    Examples
    --------
    >>> draw = simple_random(["a", "b", "a", "b"], {"a": 1, "b": 2}, uniforms=[0.9, 0.2, 0.1, 0.3])
    >>> draw.sample.tolist(), draw.probability.tolist()
    ([2, 1, 3], [0.5, 1.0, 0.5, 1.0])
    """
    parts = Strata.of(strata)
    count = parts.per_stratum(n)
    reserves = parts.per_stratum(reserve, where="reserve")
    chance = chances(parts.units, rng, uniforms)
    sample, spare = head(parts, ranked(parts, chance), count, reserves)
    return Selection(
        design="stratified simple random sampling",
        strata=parts,
        n=count,
        probability=(count / parts.sizes)[parts.code],
        exact=True,
        sample=sample,
        reserve=spare,
        reserves=reserves,
        uniforms=chance,
    )
