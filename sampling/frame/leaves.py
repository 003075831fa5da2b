"""Leaves: how a household stands in the public frame without being named, and how it is opened later."""

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from numpy.typing import ArrayLike

from sampling.frame.refusals import DuplicateUnits, MalformedHousehold, WrongLength
from sampling.frame.units import Frame

SALT_BYTES = 16
KEY_HEADER = "leaf,salt,household_code"
_CODE = re.compile(r'[^,"\s]+')


def new_salt() -> bytes:
    """Return 16 unpredictable bytes, to be kept with the household for as long as the frame stands.

    Returns
    -------
    bytes
        16 of them.

    Examples
    --------
    >>> len(new_salt())
    16
    """
    return secrets.token_bytes(SALT_BYTES)


def leaf_of(salt: bytes, household_code: str) -> str:
    """Return the leaf of a household: SHA-256(salt ‖ utf8(code)), 64 hexadecimal digits.

    Parameters
    ----------
    salt : bytes
        16 bytes.
    household_code : str
        Without white space, comma or quote, in Unicode form NFC.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    MalformedHousehold
        When either is not of that form.

    Examples
    --------
    The vector of ruhu-draw/1:

    >>> leaf_of(bytes(range(16)), "540222100201-0001")
    '175acf14117ebf566410db5d1dc7b74c67a34efff1eb8960327b5c7890ae41a6'
    """
    if len(salt) != SALT_BYTES:
        raise MalformedHousehold("salt", f"has {len(salt)} bytes", "use 16 random bytes (see new_salt)")
    if malformed_code(household_code):
        raise MalformedHousehold(
            "household code",
            f"is {household_code!r}",
            "use a code without white space, comma or quote, in NFC",
        )
    return hashlib.sha256(salt + household_code.encode()).hexdigest()


def opens(leaf: str, salt: bytes, household_code: str) -> bool:
    """Tell whether salt and code open a leaf, that is, whether this household is the one drawn.

    Parameters
    ----------
    leaf : str
        64 hexadecimal digits.
    salt : bytes
        16 bytes.
    household_code : str
        As in `leaf_of`.

    Returns
    -------
    bool
        True when SHA-256(salt ‖ code) is the leaf.

    Examples
    --------
    >>> opens("175a" + "0" * 60, bytes(range(16)), "540222100201-0001")
    False
    """
    return hmac.compare_digest(leaf_of(salt, household_code), leaf)


def malformed_code(household_code: str) -> bool:
    """Tell whether a text cannot be a household code in ``key.csv``."""
    return (
        _CODE.fullmatch(household_code) is None
        or any(unicodedata.category(c).startswith("C") for c in household_code)
        or not unicodedata.is_normalized("NFC", household_code)
    )


@dataclass(frozen=True, eq=False)
class Key:
    """The private half of a frame: which leaf is which household (``key.csv``).

    Parameters
    ----------
    opened : mapping of str to (bytes, str)
        Leaf to salt and household code, ascending by leaf.
    """

    opened: Mapping[str, tuple[bytes, str]]

    @cached_property
    def leaf_by_code(self) -> dict[str, str]:
        """Household code to leaf."""
        return {code: leaf for leaf, (_, code) in self.opened.items()}

    def code_of(self, leaf: str) -> str:
        """Return the household code of a ``leaf``; ``KeyError`` when the key does not hold it."""
        return self.opened[leaf][1]

    def lines(self) -> Iterator[bytes]:
        """Yield ``key.csv`` line by line, the header first."""
        yield f"{KEY_HEADER}\n".encode()
        for leaf, (salt, code) in self.opened.items():
            yield f"{leaf},{salt.hex()},{code}\n".encode()

    def to_bytes(self) -> bytes:
        """Return the canonical ``key.csv``."""
        return b"".join(self.lines())


def freeze(
    household_codes: Sequence[str],
    strata: Sequence[str],
    *,
    size: ArrayLike | None = None,
    order: ArrayLike | None = None,
    salts: Sequence[bytes] | None = None,
) -> tuple[Frame, Key]:
    """Freeze households into a public frame and its private key.

    Parameters
    ----------
    household_codes, strata : sequence of str, shape (N,)
        One per household.
    size, order : array_like of int, shape (N,), optional
        As in `Frame.build`.
    salts : sequence of bytes, shape (N,), optional
        Salts kept from an earlier freezing; new ones by default.

    Returns
    -------
    frame : Frame
        Goes to the notice board.
    key : Key
        Stays with the county.

    Raises
    ------
    FrameRefused
        As in `Frame.build`; `DuplicateUnits` and `MalformedHousehold` for the codes.

    Examples
    --------
    >>> frame, key = freeze(["h-1", "h-2"], ["540222100|rural|1", "540222100|rural|1"])
    >>> len(frame), sorted(key.leaf_by_code)
    (2, ['h-1', 'h-2'])
    """
    if salts is None:
        salts = [new_salt() for _ in household_codes]
    if len(salts) != len(household_codes):
        raise WrongLength("salts", f"{len(salts)} for {len(household_codes)} households", "give one salt per household")
    first: dict[str, int] = {}
    repeated = [row for row, code in enumerate(household_codes) if first.setdefault(code, row) != row]
    if repeated:
        raise DuplicateUnits("household code", "occurs more than once", "keep one row per household", repeated)
    leaves = [leaf_of(salt, code) for salt, code in zip(salts, household_codes, strict=True)]
    frame = Frame.build(leaves, strata, size=size, order=order)
    opened = sorted(zip(leaves, salts, household_codes, strict=True))
    return frame, Key({leaf: (salt, code) for leaf, salt, code in opened})
