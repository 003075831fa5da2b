"""A draw is never changed, only continued: the larger one contains the smaller, and its chances are known."""

import numpy as np

from sampling.selection.checks import chances
from sampling.selection.errors import NotNested
from sampling.selection.order import ranks
from sampling.selection.proportional import inclusion_probabilities
from sampling.selection.ranking import head, ranked
from sampling.selection.result import Selection
from sampling.selection.simple import simple_random
from sampling.selection.strata import CountsLike, Floats, Integers, Strata
from sampling.selection.systematic import gathered

# a unit the larger draw gives no more chance than the smaller still needs one to stay in the ranking
SMALLEST_CHANCE = 1e-12


def continued(
    draw: Selection,
    n: CountsLike,
    *,
    rng: np.random.Generator | None = None,
    reserve: CountsLike = 0,
) -> Selection:
    """Draw more units of every stratum on top of those drawn.

    A simple random draw goes on with the random numbers it has, and is what a larger draw would have been from the
    start. Any other draw is completed by a second, Pareto, draw among the units left, with conditional chances
    (π₂ - π₁)/(1 - π₁), scaled to a whole total; π₂ is π₁ raised in proportion, certainties taken whole. The
    scaling makes π₂ a close approximation, and `exact` says so.

    Parameters
    ----------
    draw : Selection
        The draw to continue.
    n : int, mapping or array_like, shape (H,)
        Units wanted in all per stratum, at least those drawn.
    rng : numpy.random.Generator, optional
        Source of chance of the second draw; a simple random draw needs none.
    reserve : int, mapping or array_like, shape (H,)
        Reserves per stratum behind the larger sample.

    Returns
    -------
    Selection
        The sample begins, in every stratum, with the first draw's units in their order.

    Raises
    ------
    NotNested
        If fewer units are wanted than drawn, or a stratum had none drawn so that its chances are unknown.
    SampleAboveStratum
        If more are wanted than a stratum has.

    Examples
    --------
    >>> first = simple_random(5, 2, uniforms=[0.5, 0.1, 0.9, 0.3, 0.7])
    >>> continued(first, 3).sample.tolist()
    [1, 3, 0]
    """
    parts = draw.strata
    wanted = parts.per_stratum(n)
    if np.any(fewer := wanted < draw.n):
        first = int(np.flatnonzero(fewer)[0])
        raise NotNested(
            "n",
            f"is {wanted[first]} but {draw.n[first]} are drawn in stratum {parts.labels[first]!s}",
            "ask for at least the units drawn; `shortened` gives a smaller draw",
        )
    if draw.design.startswith("stratified simple") and draw.uniforms is not None:
        return simple_random(parts, wanted, uniforms=draw.uniforms, reserve=reserve)
    return _completed(draw, wanted, rng, reserve)


def shortened(draw: Selection, n: CountsLike, *, rng: np.random.Generator) -> Selection:
    """Keep a simple random part of a draw: a smaller one inside it, with known chances.

    Planned the other way round (draw the largest stage first, then its parts) this gives nested stages of any
    design.

    Parameters
    ----------
    draw : Selection
        The larger draw.
    n : int, mapping or array_like, shape (H,)
        Units to keep per stratum, at most those drawn.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    Selection
        Probabilities are those of the draw times n/n_drawn; units left out become reserves, in random order.

    Raises
    ------
    NotNested
        If more units are wanted than drawn, or all of a stratum would be given up.

    Examples
    --------
    >>> larger = simple_random(4, 4, uniforms=[0.1, 0.2, 0.3, 0.4])
    >>> part = shortened(larger, 1, rng=np.random.default_rng(1))
    >>> part.sample.size, part.reserve.size, part.probability.tolist()
    (1, 3, [0.25, 0.25, 0.25, 0.25])
    """
    parts = draw.strata
    wanted = parts.per_stratum(n)
    if np.any(wrong := (wanted > draw.n) | ((wanted == 0) & (draw.n > 0))):
        first = int(np.flatnonzero(wrong)[0])
        raise NotNested(
            "n",
            f"is {wanted[first]} but {draw.n[first]} are drawn in stratum {parts.labels[first]!s}",
            "keep at least one unit and at most those drawn",
        )
    if not draw.sample.size:
        return draw
    code = parts.code[draw.sample]
    drawn = Strata.of(code)
    inner = simple_random(drawn, wanted[drawn.labels], rng=rng, reserve=(draw.n - wanted)[drawn.labels])
    share = np.divide(wanted, draw.n, out=np.ones(parts.count), where=draw.n > 0)
    return Selection(
        design=f"{draw.design}, a simple random part of it",
        strata=parts,
        n=wanted,
        probability=draw.probability * share[parts.code],
        exact=draw.exact,
        sample=draw.sample[inner.sample],
        reserve=draw.sample[inner.reserve],
        reserves=draw.n - wanted,
    )


def _completed(draw: Selection, wanted: Integers, rng: np.random.Generator | None, reserve: CountsLike) -> Selection:
    parts = draw.strata
    if np.any(unknown := (draw.n == 0) & (wanted > 0)):
        first = int(np.flatnonzero(unknown)[0])
        raise NotNested(
            "n",
            f"asks for units of stratum {parts.labels[first]!s}, where none were drawn and chances are unknown",
            "make a new draw for that stratum",
        )
    reserves = parts.per_stratum(reserve, where="reserve")
    grows = (wanted > draw.n)[parts.code]
    raised = inclusion_probabilities(draw.probability, wanted, parts, allow_zero=True)
    target: Floats = np.where(grows, raised, draw.probability)
    left = np.flatnonzero(~draw.selected)
    added = spare = left[:0]
    if left.size:
        groups = Strata.of(parts.code[left])
        more, behind = (wanted - draw.n)[groups.labels], reserves[groups.labels]
        before = draw.probability[left]
        chance = np.where(grows[left], (target[left] - before) / (1 - before), before)
        chance = np.maximum(chance, SMALLEST_CHANCE)
        scaled = inclusion_probabilities(chance, more, groups)
        key = ranks(np.where(grows[left], scaled, chance), chances(left.size, rng, None))
        places = head(groups, ranked(groups, key), more, behind)
        added, spare = left[places[0]], left[places[1]]
    elif reserves.any():
        head(parts, parts.grouped, wanted, reserves)  # nobody is left: refuses with the stratum's name
    return Selection(
        design=f"{draw.design}, continued",
        strata=parts,
        n=wanted,
        probability=target,
        exact=draw.exact and not grows.any(),
        sample=gathered(parts, draw.sample, added),
        reserve=spare,
        reserves=reserves,
    )
