"""The seed from what was published and what was thrown, and one ticket per unit from the seed."""

import hashlib
import re

import numpy as np
from numpy.typing import NDArray

from sampling.tickets.refusals import MalformedHash

SPEC = "ruhu-draw/1"
CHUNK = 1 << 11  # messages and digests of one chunk stay in the processor's cache
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SEED_BYTES = 32


def seed_of(manifest_sha256: str, entropy: str) -> bytes:
    r"""Return the seed: SHA-256 of specification, manifest hash and entropy, one per line.

    Parameters
    ----------
    manifest_sha256 : str
        64 lower-case hexadecimal digits, as published before the entropy existed.
    entropy : str
        Canonical text (see `EntropyRule.accept`).

    Returns
    -------
    bytes
        32 bytes.

    Raises
    ------
    MalformedHash
        When the manifest hash is not of that form.

    Notes
    -----
    ruhu-draw/1, *Seed*: ``SHA-256(utf8("ruhu-draw/1\n" + manifest_sha256 + "\n" + entropy))``.

    Examples
    --------
    >>> published = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
    >>> seed_of(published, "31415926535897932384").hex()
    'c4cb658d1273f35e00e29c1905bc2828dac38c7fca5ef20c6b90bf09f512c162'
    """
    if _SHA256.fullmatch(manifest_sha256) is None:
        raise MalformedHash("manifest hash", f"is {manifest_sha256!r}", "give 64 lower-case hexadecimal digits")
    return hashlib.sha256(f"{SPEC}\n{manifest_sha256}\n{entropy}".encode()).digest()


def ticket(seed: bytes, key: str) -> int:
    """Return a unit's ticket: SHA-256(seed ‖ utf8(key)) as a big-endian integer below 2**256.

    Parameters
    ----------
    seed : bytes
        32 bytes, from `seed_of`.
    key : str
        A leaf; for a systematic start, the stratum.

    Returns
    -------
    int
        At least 0, below 2**256.

    Raises
    ------
    MalformedHash
        When the seed does not have 32 bytes.

    Examples
    --------
    >>> seed = bytes.fromhex("c4cb658d1273f35e00e29c1905bc2828dac38c7fca5ef20c6b90bf09f512c162")
    >>> leaf = "175acf14117ebf566410db5d1dc7b74c67a34efff1eb8960327b5c7890ae41a6"
    >>> f"{ticket(seed, leaf):064x}"[:16]
    '87bc6103b3a9e72a'
    """
    if len(seed) != _SEED_BYTES:
        raise MalformedHash("seed", f"has {len(seed)} bytes", "use the 32 bytes of seed_of, not hex text")
    return int.from_bytes(hashlib.sha256(seed + key.encode()).digest(), "big")


def ticket_heads(seed: bytes, leaves: NDArray[np.bytes_]) -> NDArray[np.uint64]:
    """Return the first 64 bits of every ticket: enough to sort by, except between equal heads.

    Parameters
    ----------
    seed : bytes
        32 bytes.
    leaves : ndarray of bytes, shape (N,)
        ``S64``, 64 hexadecimal digits each.

    Returns
    -------
    ndarray of uint64, shape (N,)
        8 bytes per unit; Python objects exist for one chunk at a time.

    Examples
    --------
    >>> leaf = np.array([b"175acf14117ebf566410db5d1dc7b74c67a34efff1eb8960327b5c7890ae41a6"])
    >>> seed = bytes.fromhex("c4cb658d1273f35e00e29c1905bc2828dac38c7fca5ef20c6b90bf09f512c162")
    >>> hex(ticket_heads(seed, leaf)[0])
    '0x87bc6103b3a9e72a'
    """
    heads = np.empty(leaves.size, dtype=np.uint64)
    width = leaves.dtype.itemsize
    # seed and leaf side by side in one buffer: numpy makes the messages, Python only hashes them
    messages = np.empty(CHUNK, dtype=f"S{_SEED_BYTES + width}")
    cells = messages.view(np.uint8).reshape(CHUNK, _SEED_BYTES + width)
    cells[:, :_SEED_BYTES] = np.frombuffer(seed, dtype=np.uint8)
    sha256 = hashlib.sha256
    for start in range(0, leaves.size, CHUNK):
        chunk = np.ascontiguousarray(leaves[start : start + CHUNK])
        cells[: chunk.size, _SEED_BYTES:] = chunk.view(np.uint8).reshape(chunk.size, width)
        digests = b"".join([sha256(message).digest() for message in messages[: chunk.size].tolist()])
        # a digest is four big-endian words of 64 bits; the first is its head
        heads[start : start + chunk.size] = np.frombuffer(digests, dtype=">u8")[::4]
    return heads
