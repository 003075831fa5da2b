"""Reading frames and keys back from bytes, so strictly that equal content always means equal bytes."""

import io
import re
import unicodedata
from array import array
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sampling.frame.leaves import KEY_HEADER, SALT_BYTES, Key, leaf_of
from sampling.frame.refusals import DuplicateUnits, MalformedFile, MalformedHousehold
from sampling.frame.units import LARGEST, Frame, malformed_stratum

HEADERS = {"leaf,stratum": None, "leaf,stratum,size": "size", "leaf,stratum,order": "order"}
_LEAF = re.compile(r"[0-9a-f]{64}")
_WHOLE = re.compile(r"0|[1-9][0-9]{0,18}")
_SALT = re.compile(rf"[0-9a-f]{{{2 * SALT_BYTES}}}")
_REFREEZE = "use the file exactly as it was published"


def parse_frame(lines: bytes | Iterable[bytes], name: str = "frame.csv") -> Frame:
    r"""Read a canonical ``frame.csv``.

    Parameters
    ----------
    lines : bytes or iterable of bytes
        The whole file, or its lines with their ``\n`` (an open binary file will do).
    name : str
        What to call it in a refusal.

    Returns
    -------
    Frame
        Whose `Frame.to_bytes` gives the same bytes again.

    Raises
    ------
    MalformedFile
        Names the first line that breaks the rule: UTF-8, NFC, LF, no byte-order mark, a final newline,
        no quoting, no blank line, one of three headers, rows strictly ascending by leaf.
    DuplicateUnits
        When two rows have the same leaf.

    Examples
    --------
    >>> frame = parse_frame(b"leaf,stratum\n" + b"a" * 64 + b",540222100|rural|1\n")
    >>> frame.counts
    {'540222100|rural|1': 1}
    """
    column: str | None = None
    leaves = bytearray()
    codes = array("i")
    values = array("q")
    place: dict[str, int] = {}
    previous = ""
    number = 0
    for number, line in enumerate(_texts(lines, name), 1):
        if number == 1:
            if line not in HEADERS:
                raise MalformedFile(f"{name}, line 1", f"is {line!r}", f"begin with one of {', '.join(HEADERS)}")
            column = HEADERS[line]
            continue
        where = f"{name}, line {number}"
        leaf, stratum, value = _fields(line, column, where)
        if leaf <= previous:
            _out_of_order(where, leaf, previous)
        if stratum not in place:
            if malformed_stratum(stratum):
                raise MalformedFile(where, f"stratum {stratum!r}", _REFREEZE)
            place[stratum] = len(place)
        if column:
            values.append(_whole(value, column, where))
        leaves += leaf.encode()
        codes.append(place[stratum])
        previous = leaf
    if number <= 1:
        raise MalformedFile(name, "has no rows", _REFREEZE)
    # the strata were numbered as met; a frame numbers them in ascending order
    strata = tuple(sorted(place))
    rank = np.empty(len(place), dtype=np.int32)
    rank[[place[s] for s in strata]] = np.arange(len(place), dtype=np.int32)
    extra: NDArray[np.int64] | None = np.array(values, dtype=np.int64) if column else None
    return Frame(
        leaf=np.frombuffer(bytes(leaves), dtype="S64"),
        stratum=rank[np.asarray(codes)],
        strata=strata,
        size=extra if column == "size" else None,
        order=extra if column == "order" else None,
    )


def read_frame(path: str | Path) -> Frame:
    """Read a canonical ``frame.csv`` from a file, line by line.

    Parameters
    ----------
    path : str or Path
        Of the file.

    Returns
    -------
    Frame
        As in `parse_frame`.

    Raises
    ------
    MalformedFile, DuplicateUnits
        As in `parse_frame`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "frame.csv")
    ...     _ = path.write_bytes(Frame.build(["a" * 64], ["540222100|rural|1"]).to_bytes())
    ...     len(read_frame(path))
    1
    """
    with Path(path).open("rb") as file:
        return parse_frame(file, Path(path).name)


def parse_key(lines: bytes | Iterable[bytes], name: str = "key.csv") -> Key:
    r"""Read a canonical ``key.csv`` and check that every salt and code open their leaf.

    Parameters
    ----------
    lines : bytes or iterable of bytes
        The whole file, or its lines.
    name : str
        What to call it in a refusal.

    Returns
    -------
    Key
        Whose `Key.to_bytes` gives the same bytes again.

    Raises
    ------
    MalformedFile
        Names the first line that breaks the rule, or whose salt and code do not hash to the leaf.
    DuplicateUnits
        When two rows have the same leaf.

    Examples
    --------
    >>> leaf = "175acf14117ebf566410db5d1dc7b74c67a34efff1eb8960327b5c7890ae41a6"
    >>> line = f"{leaf},000102030405060708090a0b0c0d0e0f,540222100201-0001"
    >>> parse_key(f"leaf,salt,household_code\n{line}\n".encode()).code_of(leaf)
    '540222100201-0001'
    """
    opened: dict[str, tuple[bytes, str]] = {}
    previous = ""
    for number, line in enumerate(_texts(lines, name), 1):
        where = f"{name}, line {number}"
        if number == 1:
            if line != KEY_HEADER:
                raise MalformedFile(where, f"is {line!r}", f"begin with {KEY_HEADER}")
            continue
        fields = line.split(",")
        if len(fields) != len(KEY_HEADER.split(",")):
            raise MalformedFile(where, f"has {len(fields)} fields", _REFREEZE)
        leaf, salt, code = fields
        if _LEAF.fullmatch(leaf) is None or _SALT.fullmatch(salt) is None:
            raise MalformedFile(where, "leaf or salt is not lower-case hexadecimal", _REFREEZE)
        if leaf <= previous:
            _out_of_order(where, leaf, previous)
        try:
            matches = leaf_of(bytes.fromhex(salt), code) == leaf
        except MalformedHousehold as refused:
            raise MalformedFile(where, refused.what, refused.remedy) from refused
        if not matches:
            raise MalformedFile(where, "salt and code do not open the leaf", "look for the edit that broke it")
        opened[leaf] = (bytes.fromhex(salt), code)
        previous = leaf
    if not opened:
        raise MalformedFile(name, "has no rows", _REFREEZE)
    return Key(opened)


def _texts(lines: bytes | Iterable[bytes], name: str) -> Iterable[str]:
    """Yield lines without their newline, refusing every byte a canonical file does not have."""
    if isinstance(lines, bytes):
        lines = io.BytesIO(lines)
    for number, raw in enumerate(lines, 1):
        where = f"{name}, line {number}"
        if number == 1 and raw.startswith(b"\xef\xbb\xbf"):
            raise MalformedFile(where, "starts with a byte-order mark", "save as UTF-8 without one")
        if not raw.endswith(b"\n"):
            raise MalformedFile(where, "does not end with a newline", _REFREEZE)
        if raw == b"\n":
            raise MalformedFile(where, "is blank", _REFREEZE)
        if b"\r" in raw or b"\0" in raw or b'"' in raw:
            raise MalformedFile(where, "holds a carriage return, NUL or quote", "save with LF, unquoted")
        try:
            text = raw[:-1].decode("utf-8")
        except UnicodeDecodeError as error:
            raise MalformedFile(where, f"is not UTF-8 at byte {error.start}", "save as UTF-8") from error
        if not (text.isascii() or unicodedata.is_normalized("NFC", text)):
            raise MalformedFile(where, "is not in Unicode form NFC", _REFREEZE)
        yield text


def _whole(text: str, column: str, where: str) -> int:
    smallest = 1 if column == "size" else 0
    if _WHOLE.fullmatch(text) is None or not smallest <= int(text) <= LARGEST:
        raise MalformedFile(where, f"{column} {text!r}", f"write whole numbers from {smallest} in plain digits")
    return int(text)


def _fields(line: str, column: str | None, where: str) -> tuple[str, str, str]:
    fields = line.split(",")
    if len(fields) != (3 if column else 2):
        raise MalformedFile(where, f"has {len(fields)} fields", _REFREEZE)
    if _LEAF.fullmatch(fields[0]) is None:
        raise MalformedFile(where, f"leaf {fields[0][:80]!r}", _REFREEZE)
    return fields[0], fields[1], fields[2] if column else ""


def _out_of_order(where: str, leaf: str, previous: str) -> None:
    if leaf == previous:
        raise DuplicateUnits(where, f"leaf {leaf} occurs twice", _REFREEZE)
    raise MalformedFile(where, "is not in ascending order of leaf", _REFREEZE)
