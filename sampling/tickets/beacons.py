"""Readers of public lotteries made elsewhere: drand, RFC 3797, Rivest's consistent sampler."""

import hashlib
import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sampling.tickets.refusals import MalformedEntropy, RoundOutOfRange, SampleAboveStratum

_TICKET_DIGITS = 64  # the consistent sampler pads its decimal digits to 64, not to the 78 a digest can need


@dataclass(frozen=True)
class DrandChain:
    """A drand network's clock.

    Parameters
    ----------
    name : str
    genesis : int
        Unix time of round 1, seconds.
    period : int
        Seconds between rounds.

    Examples
    --------
    >>> QUICKNET.round_at(QUICKNET.genesis)
    1
    >>> QUICKNET.time_of(2) - QUICKNET.genesis
    3
    """

    name: str
    genesis: int
    period: int

    def round_at(self, unix_time: int) -> int:
        """Return the latest round published at ``unix_time``, in seconds.

        Raises
        ------
        RoundOutOfRange
            Before the chain began.
        """
        if unix_time < self.genesis:
            raise RoundOutOfRange("drand", f"{unix_time} is before {self.name} began", f"ask from {self.genesis}")
        return (unix_time - self.genesis) // self.period + 1

    def time_of(self, round_number: int) -> int:
        """Return when round ``round_number`` is published, Unix seconds.

        Raises
        ------
        RoundOutOfRange
            Below 1.
        """
        if round_number < 1:
            raise RoundOutOfRange("drand", f"round {round_number}", "rounds are counted from 1")
        return self.genesis + self.period * (round_number - 1)

    def lies_ahead(self, round_number: int, unix_time: int) -> bool:
        """Tell whether ``round_number`` was still to come at ``unix_time``: the condition for naming it in a rule."""
        return self.time_of(round_number) > unix_time


QUICKNET = DrandChain("quicknet", 1692803367, 3)


def drand_randomness(signature: str) -> str:
    """Return a round's randomness: SHA-256 of its signature, both hexadecimal.

    The signature itself (BLS) is not verified here; that needs a pairing library.

    Parameters
    ----------
    signature : str
        Hexadecimal, as the beacon publishes it.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    MalformedEntropy
        When the signature is not hexadecimal.

    Examples
    --------
    >>> drand_randomness("b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be"
    ...                  "41076862b98fad56e91a6b85b89cd97b")[:16]
    'fc1873a13f3545ae'
    """
    try:
        return hashlib.sha256(bytes.fromhex(signature)).hexdigest()
    except ValueError as error:
        raise MalformedEntropy("drand signature", f"is {signature[:40]!r}", "give hexadecimal digits") from error


def rfc3797_key(sources: Iterable[int | Sequence[int]]) -> str:
    """Return the key string of RFC 3797, section 4.1: numbers of a source ascending, each followed by a dot.

    Parameters
    ----------
    sources : iterable of int or of sequences of int
        Each source's numbers, in the published order of sources.

    Returns
    -------
    str
        ASCII.

    Examples
    --------
    >>> rfc3797_key([9319, [2, 5, 12, 8, 10], [9, 18, 26, 34, 41, 45]])
    '9319./2.5.8.10.12./9.18.26.34.41.45./'
    """
    parts = ([source] if isinstance(source, int) else sorted(source) for source in sources)
    return "".join("".join(f"{number}." for number in part) + "/" for part in parts)


def rfc3797_select(key: str, size: int, n: int) -> list[int]:
    """Return the positions (from 1) that RFC 3797 selects out of a pool.

    Parameters
    ----------
    key : str
        From `rfc3797_key`.
    size : int
        Pool size, at most 65535.
    n : int
        How many, at most `size`.

    Returns
    -------
    list of int
        In the order of selection.

    Raises
    ------
    SampleAboveStratum
        When n is above the pool, or the pool above 65535.

    Notes
    -----
    Each pick is MD5(i ‖ key ‖ i) modulo what is left of the pool (RFC 3797, section 5). MD5 is enough for
    its purpose there, mixing; it is not used by ruhu-draw/1.

    Examples
    --------
    >>> rfc3797_select("9319./2.5.8.10.12./9.18.26.34.41.45./", 25, 3)
    [17, 7, 2]
    """
    if not 0 <= n <= size <= 0xFFFF:  # noqa: PLR2004 - counts are two bytes in the RFC
        raise SampleAboveStratum("RFC 3797", f"{n} of {size}", "ask for at most the pool, pools up to 65535")
    pool = list(range(1, size + 1))
    picked = []
    for i in range(n):
        around = i.to_bytes(2, "big")
        digest = hashlib.md5(around + key.encode("ascii") + around, usedforsecurity=False).digest()
        picked.append(pool.pop(int.from_bytes(digest, "big") % len(pool)))
    return picked


def consistent_sampler_ticket(unit: str, seed: str) -> str:
    """Return the first ticket (a decimal fraction) of a unit in Rivest's ``consistent_sampler``.

    Parameters
    ----------
    unit, seed : str
        As text; a Python tuple is hashed as its ``str``.

    Returns
    -------
    str
        ``0.`` and at least 64 digits.

    Notes
    -----
    arXiv 1808.10016, section 4: the decimal digits of SHA-256(hex(SHA-256(seed)) ‖ unit), padded to 64,
    reversed, behind a point.

    Examples
    --------
    >>> consistent_sampler_ticket("A-1", "314159")[:12]
    '0.9828515724'
    """
    return "0." + _reversed_digits(hashlib.sha256((_hex(seed) + unit).encode()))


def consistent_sampler_draw(
    units: Iterable[str], seed: str, take: int, *, with_replacement: bool = False
) -> list[tuple[str, str, int]]:
    """Return the first `take` (ticket, unit, generation), ascending, as ``consistent_sampler`` and Arlo do.

    Parameters
    ----------
    units : iterable of str
    seed : str
    take : int
    with_replacement : bool
        Put a drawn unit back with its next ticket, one generation on.

    Returns
    -------
    list of (str, str, int)
        Ticket, unit, and how often the unit had been drawn by then.

    Raises
    ------
    SampleAboveStratum
        When more are asked for than there are, without replacement.

    Notes
    -----
    The next ticket of a unit keeps the leading nines of the last and goes on with the digits of
    SHA-256(ticket ‖ ":" ‖ counter), the counter rising until the ticket is larger
    (arXiv 1808.10016, section 5).

    Examples
    --------
    >>> drawn = consistent_sampler_draw(["A-1", "A-2", "A-3"], "314159", 2)
    >>> [(unit, generation) for _, unit, generation in drawn]
    [('A-3', 1), ('A-2', 1)]
    """
    queue = sorted((consistent_sampler_ticket(unit, seed), unit, 1) for unit in units)
    if take > len(queue) and not with_replacement:
        raise SampleAboveStratum("consistent sampler", f"{take} of {len(queue)}", "ask for at most all")
    drawn: list[tuple[str, str, int]] = []
    while len(drawn) < take:
        number, unit, generation = heapq.heappop(queue)
        drawn.append((number, unit, generation))
        if with_replacement:
            heapq.heappush(queue, (_next_ticket(number), unit, generation + 1))
    return drawn


def _hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _reversed_digits(digest: "hashlib._Hash") -> str:
    return str(int.from_bytes(digest.digest(), "big")).zfill(_TICKET_DIGITS)[::-1]


def _next_ticket(number: str) -> str:
    nines = len(number) - len(number[2:].lstrip("9"))
    attempt, following = 0, number
    while following <= number:
        attempt += 1
        digest = hashlib.sha256(f"{number}:{attempt}".encode())
        following = number[:nines] + _reversed_digits(digest)
    return following
