"""The exact chance of each household to stand on the base list, as a fraction of whole numbers."""

from collections.abc import Callable

from sampling.certificate import Plan
from sampling.frame import Frame as PublicFrame
from sampling.tickets import pareto_probabilities

Chance = tuple[int, int]  # n of N: a chance of n / N


def chances_of(public: PublicFrame, plan: Plan) -> Callable[[str, str], Chance]:
    """Return a function (leaf, stratum) → the chance of the base list.

    n/N where everybody of a stratum has the same; for Pareto n·size/Σsize, in lowest terms, those taken for certain
    1/1. That is the probability the design aims at, from which the true one differs by 0.6 % at most at N = 10, and
    less above (Rosén 1997).

    Examples
    --------
    >>> from sampling.certificate import PlannedStratum
    >>> frame = PublicFrame.build(["a" * 64, "b" * 64, "c" * 64], ["540222100|rural|low"] * 3, size=[1, 2, 3])
    >>> plan = Plan({"540222100|rural|low": PlannedStratum(3, 2, 0, "pareto")})
    >>> [chances_of(frame, plan)(leaf * 64, "540222100|rural|low") for leaf in "abc"]
    [(1, 3), (2, 3), (1, 1)]
    """
    own: dict[str, Chance] = {}
    for stratum, planned in plan.strata.items():
        if planned.method == "pareto" and public.size is not None:
            rows = public.rows_of(stratum)
            exact = pareto_probabilities(public.size[rows].tolist(), planned.n)
            leaves = public.leaf[rows].tolist()
            own |= {leaf.decode(): (one.numerator, one.denominator) for leaf, one in zip(leaves, exact, strict=True)}
    return lambda leaf, stratum: own.get(leaf) or (plan.strata[stratum].n, plan.strata[stratum].size)
