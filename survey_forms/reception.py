"""The first look at bytes from a phone: whole, harmless XML, or how exactly it is not."""

import re
from typing import Final
from xml.parsers import expat

from survey_forms.errors import CutOff, ForbiddenMarkup, NotWellFormed, TooDeep, TooLarge, WrongEncoding
from survey_forms.hardened import MAX_DEPTH, Element, XMLSyntaxError, depth, parse

_BOM: Final = b"\xef\xbb\xbf"
_DECLARED: Final = re.compile(rb"<\?xml\s[^>]*?\bencoding\s*=\s*[\"']([^\"'>]*)[\"']")
# what may stand before the root: white space, comments, instructions; then a document type, or the root
_BEFORE_ROOT: Final = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_UTF8: Final = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})


def open_xml(data: bytes, max_bytes: int) -> Element:
    """Root element of what a phone sent.

    Parameters
    ----------
    data
        The bytes as received.
    max_bytes
        The most that is read.

    Returns
    -------
    Element
        The root, nested at most `MAX_DEPTH` deep.

    Raises
    ------
    TooLarge, WrongEncoding, ForbiddenMarkup, CutOff, NotWellFormed, TooDeep
        As their names say; `CutOff` only where every byte so far could be the start of a whole document.

    Examples
    --------
    >>> open_xml(b"<data><a>1</a>", 1000)
    Traceback (most recent call last):
    survey_forms.errors.CutOff: byte 14: the XML ends before it is complete; send it again
    """
    body = _harmless(data, max_bytes)
    try:
        root = parse(body)
    except XMLSyntaxError as error:
        # libxml2 does not tell an end too early from a fault; expat reads piece by piece and does
        if _could_go_on(body):
            raise _cut_off(data) from None
        if "depth" in str(error).lower():
            raise _too_deep() from None
        where = f"line {error.lineno}, column {error.offset}"
        raise NotWellFormed(where, str(error.msg), "send the XML as the form made it") from None
    if depth(root) > MAX_DEPTH:
        raise _too_deep()
    return root


def _harmless(data: bytes, max_bytes: int) -> bytes:
    """Check everything that must be checked before parsing; the bytes without their byte order mark."""
    if len(data) > max_bytes:
        raise TooLarge("submission", f"{len(data)} bytes, the limit is {max_bytes}", "leave files out of the XML")
    if (nul := data.find(b"\0")) >= 0:
        raise NotWellFormed(f"byte {nul}", "a NUL byte", "send the XML as UTF-8")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            raise _cut_off(data) from None
        raise WrongEncoding(f"byte {error.start}", "not UTF-8", "send the XML as UTF-8") from None
    body = data.removeprefix(_BOM)
    declared = _DECLARED.match(body)
    if declared and declared[1].lower() not in _UTF8:
        encoding = declared[1].decode(errors="replace")
        raise WrongEncoding("XML declaration", f"encoding {encoding!r}", "send the XML as UTF-8")
    prolog = _BEFORE_ROOT.match(body)
    start = prolog.end() if prolog else 0
    if body[start : start + 9].upper() == b"<!DOCTYPE":
        raise ForbiddenMarkup(f"byte {start}", "a document type declaration", "leave it out; no form needs one")
    return body


def _cut_off(data: bytes) -> CutOff:
    return CutOff(f"byte {len(data)}", "the XML ends before it is complete", "send it again")


def _too_deep() -> TooDeep:
    return TooDeep("submission", f"nested deeper than {MAX_DEPTH} elements", "no form is; send a form's answers")


def _could_go_on(body: bytes) -> bool:
    reader = expat.ParserCreate("utf-8")
    try:
        reader.Parse(body, False)
    except expat.ExpatError:
        return False
    try:
        reader.Parse(b"", True)
    except expat.ExpatError:
        return True
    return False
