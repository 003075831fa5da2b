"""Propose how a damaged submission could be made whole: for a person to look at, never to be believed unseen."""

import re
from typing import Final

from lxml import etree

from survey_forms.errors import SubmissionRefused
from survey_forms.hardened import Element, local, serialise
from survey_forms.identity import write_meta
from survey_forms.submission import read_submission

_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*\?>")
_DOCTYPE: Final = re.compile(r"<!DOCTYPE[^\[>]*(?:\[.*?\])?\s*>", re.DOTALL | re.IGNORECASE)
_LONE_AMPERSAND: Final = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)")
_WHOLE_IDENTITY: Final = re.compile(rb"instanceID>[^<>]+</")
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def propose_mended(data: bytes, *, instance_id: str) -> bytes | None:
    """Whole submission made of what can be read of a damaged one.

    Parameters
    ----------
    data
        The bytes as they came: cut off, not well formed, in another encoding, without an instanceID.
    instance_id
        For a submission in which none is left.

    Returns
    -------
    bytes or None
        XML that `read_submission` accepts; None where too little is left, such as the form's id. What stood last
        may be half a word, and what came after the damage is gone: only a person can say whether it is enough.

    Examples
    --------
    >>> cut = b'<data id="f" version="1"><a>1</a><b>half a wo'
    >>> propose_mended(cut, instance_id="uuid:1").decode().splitlines()[1]
    '<data id="f" version="1"><a>1</a><b>half a wo</b><meta><instanceID>uuid:1</instanceID></meta></data>'
    >>> propose_mended(b"no XML at all", instance_id="uuid:1")
    """
    root = _rescued(data)
    if root is None:
        return None
    # where an end tag is missing, the meta block stands too deep: its identity is still the submission's; an identity
    # that was cut off is none
    found = ((element.text or "").strip() for element in root.iter("{*}instanceID") if _WHOLE_IDENTITY.search(data))
    write_meta(root, {"instanceID": next(filter(None, found), instance_id)})
    mended = serialise(root)
    try:
        read_submission(mended)
    except SubmissionRefused:
        return None
    return mended


def _rescued(data: bytes) -> Element | None:
    text = data.decode("utf-8", errors="ignore").removeprefix("\ufeff")
    text = _FORBIDDEN.sub("", _DOCTYPE.sub("", _DECLARATION.sub("", text)))
    text = _LONE_AMPERSAND.sub("&amp;", text)
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError:
        return None
    return root if root is not None and local(root) != "html" else None
