"""Floors in whole percent, rounded up in integers: where *not less than 30 %* becomes a number."""

from sampling.allocation.refusals import FloorBelowLaw

LEAST_PERCENT = 30  # the law's share; a plan may ask for more, never for less
HUNDRED = 100


def floor_of(percent: int, size: int) -> int:
    """Return the smallest whole number of at least `percent` % of `size`.

    Parameters
    ----------
    percent : int
        Whole percent, 0 to 100.
    size : int
        N, at least 0.

    Returns
    -------
    int

    Raises
    ------
    FloorBelowLaw
        When percent is not a whole number from 0 to 100; `statutory_percent` also asks for 30.

    Notes
    -----
    ``ceil(percent / 100 * N)`` in floating point is wrong for 12 of the 99 whole-percent rates:
    it gives 8 for 7 % of 100. Source: ruhu-draw/1, *What counts as 30 %*.

    Examples
    --------
    >>> floor_of(30, 10), floor_of(30, 11), floor_of(7, 100)
    (3, 4, 7)
    """
    if isinstance(percent, bool) or not isinstance(percent, int) or not 0 <= percent <= HUNDRED:
        raise FloorBelowLaw("floor", f"is {percent!r} percent", "give a whole number from 0 to 100")
    return -(-percent * size // HUNDRED)


def statutory_percent(percent: int, where: str) -> int:
    """Return a percent that a statutory plan may ask for.

    Parameters
    ----------
    percent : int
        Whole percent asked for.
    where : str
        The level, for the refusal.

    Returns
    -------
    int
        The same percent.

    Raises
    ------
    FloorBelowLaw
        Below 30 or above 100, or not whole.

    Examples
    --------
    >>> statutory_percent(45, "county")
    45
    """
    whole = isinstance(percent, int) and not isinstance(percent, bool)
    if not whole or not LEAST_PERCENT <= percent <= HUNDRED:
        raise FloorBelowLaw(f"floor of {where}", f"is {percent!r} percent", "give whole percent from 30 to 100", 30)
    return percent


def stratum_minimum(size: int) -> int:
    """Return what a stratum gives at least: 2 where it can, so that its variance can be estimated.

    Parameters
    ----------
    size : int
        N_h, at least 0.

    Returns
    -------
    int
        0, 1 or 2.

    Examples
    --------
    >>> [stratum_minimum(size) for size in (0, 1, 2, 9)]
    [0, 1, 2, 2]
    """
    return min(size, 2)
