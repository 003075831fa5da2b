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
    (b"ID3", "audio/mpeg"),
    (b"PK\x03\x04", "application/zip"),
)
# ISO base media (ISO/IEC 14496-12): the brand stands after "ftyp"
_BRANDS: Final = {
    b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heif", b"msf1": "image/heif", b"avif": "image/avif",
    b"3gp4": "video/3gpp", b"3gp5": "video/3gpp", b"3gp6": "video/3gpp",
    b"M4A ": "audio/mp4", b"qt  ": "video/quicktime",
}  # fmt: skip
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
    ('image/jpeg', 'application/octet-stream', 'text/plain')
    """
    for beginning, found in _BEGINNINGS:
        if head.startswith(beginning):
            return found
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], UNKNOWN)
    return "text/plain" if _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    """Plain text such as an audit log; markup is not called text, some browsers would look into it."""
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # a character cut in two at the end is no fault
            return False
        text = head[: error.start].decode()
    return bool(text) and "<" not in text and all(sign.isprintable() or sign in "\r\n\t" for sign in text)
