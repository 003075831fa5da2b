"""Say what kind of file bytes are by looking at them: what a phone says of its files is never believed."""

from typing import Final

HEAD_BYTES: Final = 512  # enough to tell every kind below
UNKNOWN: Final = "application/octet-stream"

_BEGINNINGS: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"#!AMR", "audio/amr"),
    (b"OggS", "audio/ogg"),
)
# ISO base media (ISO/IEC 14496-12): brands stand after "ftyp", the major one first; the first line that fits counts.
_BRANDS: Final = (
    ("image/avif", frozenset({b"avif", b"avis"})),
    ("image/heic", frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})),
    ("image/heif", frozenset({b"mif1", b"msf1"})),
    ("audio/mp4", frozenset({b"M4A ", b"M4B "})),
    ("video/3gpp", frozenset({b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3gr6", b"3gs7", b"3ge6", b"3gg6"})),
    (
        "video/mp4",
        frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash"}),
    ),
)
_BRAND: Final = 4  # bytes of one
_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}

# What a browser may show in place; everything else is only offered for saving.
SHOWN: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"})


def sniff(head: bytes) -> str:
    r"""Return the media type of a file by its first bytes.

    Parameters
    ----------
    head : bytes
        The first ``HEAD_BYTES``, or all there is.

    Returns
    -------
    str
        ``application/octet-stream`` for what is not recognised; never a type that a browser would run.

    Examples
    --------
    >>> sniff(b"\xff\xd8\xff\xe0\x00\x10JFIF"), sniff(b"<html><script>"), sniff(b"event,node,start\n")
    ('image/jpeg', 'application/octet-stream', 'text/csv')
    """
    for beginning, found in _BEGINNINGS:
        if head.startswith(beginning):
            return found
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], UNKNOWN)
    return "text/csv" if _is_table(head) else UNKNOWN


def _by_brand(head: bytes) -> str:
    """Look at all brands: a phone's HEIC may call itself a plain HEIF first and HEIC only after that."""
    end = min(int.from_bytes(head[:4]), len(head))
    brands = {head[8:12], *(head[at : at + _BRAND] for at in range(16, end, _BRAND))}
    return next((found for found, known in _BRANDS if brands & known), UNKNOWN)


def _is_table(head: bytes) -> bool:
    """Text with commas in its first line, such as an audit log; markup is none, some browsers would look into it."""
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # a character cut in two at the end is no fault
            return False
        text = head[: error.start].decode()
    if "<" in text or not all(sign.isprintable() or sign in "\r\n\t\ufeff" for sign in text):
        return False
    return "," in text.partition("\n")[0]
