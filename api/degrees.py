"""Degrees of longitude and latitude as they come in and leave: to a centimetre, without the noise of arithmetic."""

from typing import Final

DECIMALS: Final = 7  # a centimetre on the ground; no phone knows more


def rounded(degrees: float | None) -> float | None:
    """Return degrees as they are written; None stays None.

    Examples
    --------
    >>> rounded(89.60000000000001), rounded(None)
    (89.6, None)
    """
    return None if degrees is None else round(degrees, DECIMALS)
