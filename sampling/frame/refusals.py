"""Why a frame is refused: one class per reason, each naming the offending rows."""

from collections.abc import Sequence

from sampling.errors import SamplingError

SHOWN = 5  # rows named in a message; the rest stay in ``rows``


class FrameRefused(SamplingError):  # noqa: N818 - a refusal is named after what is refused
    """Base of the refusals of this room.

    Parameters
    ----------
    where, what, remedy : str
        As in `SamplingError`.
    rows : sequence of int
        Zero-based positions of the offending rows, all of them.
    """

    def __init__(self, where: str, what: str, remedy: str, rows: Sequence[int] = ()) -> None:
        if rows:
            more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
            where = f"{where}, rows {', '.join(str(r) for r in rows[:SHOWN])}{more} (counted from 0)"
        super().__init__(where, what, remedy)
        self.rows = tuple(rows)


class EmptyFrame(FrameRefused):
    """There is nothing to draw from."""


class WrongLength(FrameRefused):
    """Columns of different lengths, or not one-dimensional."""


class MalformedLeaf(FrameRefused):
    """A leaf that is not 64 lower-case hexadecimal digits."""


class DuplicateUnits(FrameRefused):
    """The same leaf, or the same household code, more than once."""


class MissingStratum(FrameRefused):
    """A unit without a stratum."""


class MalformedStratum(FrameRefused):
    """A stratum that is not ``<township code>|<scheme>|<band>``."""


class MalformedSize(FrameRefused):
    """A size or order that is not a whole number in range (not a number, infinite, negative, fractional)."""


class SizeAndOrder(FrameRefused):
    """A frame with both a size and an order; the public file carries one of them."""


class MalformedHousehold(FrameRefused):
    """A household code or salt that cannot stand in ``key.csv``."""


class MalformedFile(FrameRefused):
    """Bytes that are not a canonical ``frame.csv`` or ``key.csv``."""
