"""A list that is near on the ground where it is near on paper: places in the order of a Hilbert curve."""

import numpy as np
import numpy.typing as npt

from sampling.selection.strata import Integers
from sampling.spatial.ground import places

# 2^20 cells a side: a tenth of a metre in a county a hundred kilometres wide
BITS = 20


def hilbert_order(xy: npt.ArrayLike) -> Integers:
    """Position of each place along a Hilbert curve over the smallest square that holds them all.

    Hilbert (1891), *Math. Ann.* 38, 459-460; for sampling Stevens & Olsen (2004), *JASA* 99, 262-278, use a
    space-filling address in the same role. Give the result as `order` to `systematic`, `madow` or
    `ordered_pivotal`.

    Parameters
    ----------
    xy : array_like, shape (N, 2)
        Coordinates in one unit of length (metres of a projection; degrees only near the equator).

    Returns
    -------
    ndarray of int, shape (N,)
        Positions in [0, 4^20); equal for places in the same cell.

    Raises
    ------
    WrongLength, NotFinite, EmptyInput
        If the coordinates are not N pairs of finite numbers.

    Examples
    --------
    >>> hilbert_order([[0, 0], [0, 1], [1, 1], [1, 0]]).argsort().tolist()
    [0, 1, 2, 3]
    """
    ground = places(xy, dimensions=2)
    low = ground.min(axis=0)
    width = float((ground.max(axis=0) - low).max()) or 1.0
    cell = np.minimum((ground - low) / width * 2.0**BITS, 2.0**BITS - 1).astype(np.int64)
    x, y = cell[:, 0], cell[:, 1]
    along: Integers = np.zeros_like(x)
    for level in range(BITS - 1, -1, -1):
        right, upper = (x >> level) & 1, (y >> level) & 1
        along = (along << 2) | ((3 * right) ^ upper)
        # each quadrant is the curve turned: swap axes in the lower ones, and mirror in the lower right
        mirror = -(right & (1 - upper))
        x, y = x ^ mirror, y ^ mirror
        swap = -(1 - upper)
        change = (x ^ y) & swap
        x, y = x ^ change, y ^ change
    return along
