"""Canonical JSON: one way to write a document, so that its hash means its content."""

import hashlib
import json
from typing import Any

from sampling.certificate.refusals import NotCanonical


def canonical_json(value: Any) -> bytes:
    r"""Return the canonical bytes of a document, without the newline a file ends with.

    Parameters
    ----------
    value : dict, list, str or int
        Nested at will; nothing but strings and whole numbers inside.

    Returns
    -------
    bytes
        ASCII, keys sorted, no white space.

    Raises
    ------
    NotCanonical
        Names the place of anything else (a float, None, True).

    Examples
    --------
    >>> canonical_json({"b": ["é", 2], "a": 1})
    b'{"a":1,"b":["\\u00e9",2]}'
    """
    _only_strings_and_integers(value, "document")
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def sha256_of(value: Any) -> str:
    """Return the SHA-256 of a document's canonical bytes, 64 hexadecimal digits.

    Parameters
    ----------
    value : dict, list, str or int
        As in `canonical_json`.

    Returns
    -------
    str
        Over the bytes without a final newline.

    Examples
    --------
    >>> sha256_of({"a": 1})
    '015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862'
    """
    return hashlib.sha256(canonical_json(value)).hexdigest()


def canonical_file(value: Any) -> bytes:
    r"""Return the canonical bytes with the final newline of a file.

    Parameters
    ----------
    value : dict, list, str or int
        As in `canonical_json`.

    Returns
    -------
    bytes
        Canonical JSON and a newline.

    Examples
    --------
    >>> canonical_file({"a": 1})
    b'{"a":1}\n'
    """
    return canonical_json(value) + b"\n"


def parse_canonical(data: bytes, name: str) -> Any:
    r"""Read a canonical file, refusing any byte that writing it again would change.

    Parameters
    ----------
    data : bytes
    name : str
        What to call it in a refusal.

    Returns
    -------
    dict, list, str or int
        The document.

    Raises
    ------
    NotCanonical
        Not JSON, numbers that are not whole, white space, keys twice or unsorted, no final newline.

    Examples
    --------
    >>> parse_canonical(b'{"a":1}\n', "plan.json")
    {'a': 1}
    """
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotCanonical(name, f"is not JSON ({error})", "use the file exactly as published") from error
    _only_strings_and_integers(value, name)
    again = canonical_file(value)
    if again != data:
        at = next((i for i, (a, b) in enumerate(zip(again, data, strict=False)) if a != b), None)
        at = min(len(again), len(data)) if at is None else at
        raise NotCanonical(name, f"is not canonical at byte {at}", "use the file exactly as published")
    return value


def _only_strings_and_integers(value: Any, where: str) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise NotCanonical(where, f"has the key {key!r}", "use text as keys")
            _only_strings_and_integers(inner, f"{where}.{key}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            _only_strings_and_integers(inner, f"{where}[{place}]")
    elif isinstance(value, bool) or not isinstance(value, str | int):
        raise NotCanonical(where, f"holds {value!r}", "use strings and whole numbers only")
