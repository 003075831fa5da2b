"""The dice of the demo: one seeded sequence per topic, so that a change in one part leaves the others as they were."""

import random
from collections.abc import Sequence
from typing import TypeVar

SEED = "ruhu demo 540222"
Choice = TypeVar("Choice")


def dice(*topic: object) -> random.Random:
    """Return the sequence of a topic; the same topic gives the same sequence on every machine.

    Examples
    --------
    >>> dice("places", 7).random() == dice("places", 7).random() != dice("names").random()
    True
    """
    return random.Random(" ".join([SEED, *map(str, topic)]))  # noqa: S311 - the demo must come out the same


def weighted(rng: random.Random, weights: dict[Choice, float]) -> Choice:
    """Draw one of the keys, each as likely as its weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def share_out(total: int, weights: Sequence[float], *, least: int = 0) -> list[int]:
    """Split a whole number by weights: everybody the least first, the largest remainders last.

    Examples
    --------
    >>> share_out(10, [1.0, 1.0, 2.0], least=1)
    [3, 3, 4]
    """
    rest = total - least * len(weights)
    if rest < 0:
        raise ValueError(f"{total} is too few for {len(weights)} shares of at least {least}")
    exact = [rest * weight / sum(weights) for weight in weights]
    shares = [int(part) for part in exact]
    order = sorted(range(len(weights)), key=lambda place: (shares[place] - exact[place], place))
    for place in order[: rest - sum(shares)]:
        shares[place] += 1
    return [least + part for part in shares]
