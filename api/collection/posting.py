"""Take in one posting of a phone: multipart straight to files, within limits, before any database is asked."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Protocol, Self

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from api.collection.blobs import Blobs, Draft
from api.collection.sniff import HEAD_BYTES, sniff
from api.problems import BadRequest, TooLarge
from survey_forms.values import safe_file_name

XML_PART: Final = "xml_submission_file"
CHUNK_BYTES: Final = 64 * 1024
HEADER_BYTES: Final = 4 * CHUNK_BYTES  # what may wait in memory for the end of a part's headers
LONGEST_BOUNDARY: Final = 200  # RFC 2046 says 70
LONGEST_NAME: Final = 255
DISCARD_SECONDS: Final = 20  # a phone that trickles must not hold a thread for ever


class Stream(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to that many bytes, none at the end."""


@dataclass
class Part:
    """One file of a posting."""

    name: str
    draft: Draft
    head: bytearray = field(default_factory=bytearray)

    @property
    def media_type(self) -> str:
        """What kind of file it is, by looking at it."""
        return sniff(bytes(self.head))


@dataclass
class Posting:
    """What one POST carried, in drafts; a context that throws away what was not kept."""

    blobs: Blobs
    xml: Part | None = None
    files: list[Part] = field(default_factory=list)
    _drafts: ExitStack = field(default_factory=ExitStack, repr=False)

    def part(self, name: str) -> Part:
        """Begin a part."""
        return Part(name, self._drafts.enter_context(self.blobs.draft()))

    @property
    def parts(self) -> list[Part]:
        """Every part, the XML first."""
        return [self.xml, *self.files] if self.xml else list(self.files)

    def keep(self) -> None:
        """Make all parts durable; to be done before the database is written to."""
        self.blobs.keep(part.draft for part in self.parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._drafts.close()


@dataclass(frozen=True)
class Limits:
    """How much one posting may bring."""

    bytes_in_all: int
    files: int


def read_posting(stream: Stream, content_type: str, blobs: Blobs, limits: Limits) -> Posting:
    """Read a posting to its very end.

    Parameters
    ----------
    stream
        The request's body; its end is its end, whatever was announced.
    content_type
        As the phone says, with the boundary.

    Returns
    -------
    Posting
        To be used as a context.

    Raises
    ------
    BadRequest
        Not multipart, or cut off before its end: nothing is left of it.
    TooLarge
        More bytes or files than allowed.
    """
    with ExitStack() as undo:
        posting = Posting(blobs)
        undo.enter_context(posting)
        reader = _Reader(posting, limits)
        for event in _events(_pieces(stream, limits.bytes_in_all), _boundary(content_type)):
            reader.take(event)
        undo.pop_all()
    return posting


def discard(stream: Stream, most_bytes: int) -> None:
    """Read and forget a bounded amount of a refused body, so that the phone comes to reading the answer."""
    until = time.monotonic() + DISCARD_SECONDS
    left = most_bytes
    while left > 0 and time.monotonic() < until:
        try:
            data = stream.read(min(CHUNK_BYTES, left))
        except Exception:  # noqa: BLE001 - each server has its own class for a broken connection; nobody listens then
            return
        if not data:
            return
        left -= len(data)


def _boundary(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not 0 < len(boundary) <= LONGEST_BOUNDARY or not boundary.isascii():
        raise BadRequest("发送的内容不是 multipart/form-data, 请用 ODK Collect 或兼容的程序发送", where="Content-Type")
    return boundary.encode()


def _pieces(stream: Stream, most_bytes: int) -> Iterator[bytes]:
    left = most_bytes
    while True:
        try:
            data = stream.read(CHUNK_BYTES)
        except Exception as error:
            # each server has its own classes for a connection that broke or a chunk that is none
            raise _cut_off() from error
        if not data:
            return
        left -= len(data)
        if left < 0:
            raise too_large(most_bytes)
        yield data


def _events(pieces: Iterator[bytes], boundary: bytes) -> Iterator[Event]:
    decoder = MultipartDecoder(boundary, HEADER_BYTES)
    try:
        for data in pieces:
            decoder.receive_data(data)
            while not isinstance(event := decoder.next_event(), NeedData):
                yield event
        decoder.receive_data(None)
        while not isinstance(event := decoder.next_event(), Epilogue):
            yield event
        yield event
    except RequestEntityTooLarge:
        raise BadRequest("附件的说明部分过长，请用 ODK Collect 或兼容的程序发送") from None
    except ValueError:
        # the decoder's word for an end before the closing boundary, and for headers that are none
        raise _cut_off() from None


def _cut_off() -> BadRequest:
    return BadRequest("传送中断，没有保存任何内容，请在信号好的地方重新发送")


def too_large(most_bytes: int) -> TooLarge:
    """Return the refusal of a posting that is too large; it says the limit."""
    return TooLarge(
        "一次发送的内容超过 {limit} MB, 没有保存，请减少照片或降低照片大小后重新发送", limit=most_bytes // 1_000_000
    )


class _Reader:
    """Sort the decoder's events into parts."""

    def __init__(self, posting: Posting, limits: Limits) -> None:
        self.posting = posting
        self.limits = limits
        self.part: Part | None = None
        self.seen = 0

    def take(self, event: Event) -> None:
        kinds: dict[type[Event], Callable[..., None]] = {File: self.begin, Field: self.begin, Data: self.data}
        if (kind := kinds.get(type(event))) is not None:
            kind(event)

    def begin(self, event: File | Field) -> None:
        self.seen += 1
        if self.seen > self.limits.files + 10:  # the XML and a few plain fields are no files
            raise TooLarge("一次发送的附件超过 {limit} 个，没有保存，请分批发送", limit=self.limits.files)
        name = event.name or ""
        if name == XML_PART:
            if self.posting.xml is not None:
                raise BadRequest("一次发送中有两份答卷，请每份记录单独发送", where=XML_PART)
            self.part = self.posting.xml = self.posting.part(XML_PART)
        elif isinstance(event, File):
            if len(self.posting.files) >= self.limits.files:
                raise TooLarge("一次发送的附件超过 {limit} 个，没有保存，请分批发送", limit=self.limits.files)
            self.part = self.posting.part(_file_name(name, event.filename))
            self.posting.files.append(self.part)
        else:
            self.part = None  # a plain field such as *isIncomplete*: what has arrived is known without it

    def data(self, event: Data) -> None:
        if self.part is not None:
            if len(self.part.head) < HEAD_BYTES:
                self.part.head += event.data[: HEAD_BYTES - len(self.part.head)]
            self.part.draft.write(event.data)


def _file_name(field_name: str, file_name: str) -> str:
    """Return the name a file goes by: the field's, which Collect takes from the XML; else the file's own."""
    for name in (field_name, file_name):
        if safe_file_name(name):
            return name
    plain = "".join(sign for sign in (field_name or file_name) if sign.isprintable() and sign not in "/\\").strip(" .")
    return plain.encode()[:LONGEST_NAME].decode(errors="ignore") or "unnamed"
