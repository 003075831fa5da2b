"""The files a draft needs on the phone beside it: pictures, sounds, lists of choices."""

import hashlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.blobs import Blob
from api.collection.form_drafts.tables import FormDraft, FormDraftMedia, demand_open
from api.collection.sniff import HEAD_BYTES, sniff
from api.people.access import Viewer
from api.people.audit import record
from api.problems import Conflict, Invalid, NotFound, TooLarge, WrongMediaType
from survey_forms.values import safe_file_name

MOST_BYTES: Final = 20_000_000  # every phone of the county downloads it
MOST_FILES: Final = 100
LONGEST_NAME: Final = 255
KINDS: Final = frozenset(
    {".jpg", ".jpeg", ".png", ".gif", ".webp", ".mp3", ".m4a", ".amr", ".ogg", ".wav", ".3gp", ".mp4"}
    | {".csv", ".xml", ".geojson"}
)
_ENCODINGS: Final = ("utf-8-sig", "gb18030")


@dataclass(frozen=True)
class MediaFile:
    """A file that may go to phones."""

    name: str
    content: bytes
    media_type: str

    @property
    def md5(self) -> str:
        """What phones compare with the file they hold."""
        return hashlib.md5(self.content, usedforsecurity=False).hexdigest()


def open_media(file_name: str, content: bytes) -> MediaFile:
    """Return an uploaded file as phones will get it: lists become UTF-8 without a mark, whatever Excel made of them.

    Raises
    ------
    Invalid
        Its name cannot be used, or there is nothing in it.
    TooLarge
        More bytes than phones should load.
    WrongMediaType
        No kind of file that a form uses.
    """
    name = file_name.replace("\\", "/").rpartition("/")[2]
    if not safe_file_name(name) or len(name.encode()) > LONGEST_NAME:
        raise Invalid("文件名不能用，请改成简单的名称，如 towns.csv", where="file")
    if not content:
        raise Invalid("文件是空的，请重新选择", where="file")
    if len(content) > MOST_BYTES:
        raise TooLarge("附件超过 {limit} MB，手机下载太慢，请压缩后重试", where="file", limit=MOST_BYTES // 1_000_000)
    kind = PurePath(name).suffix.lower()
    if kind not in KINDS:
        raise WrongMediaType("表格附件只能是图片、声音、视频或 CSV、XML、GeoJSON 列表", where="file")
    if kind == ".csv":
        content = _utf8(content)
    return MediaFile(name, content, sniff(content[:HEAD_BYTES]))


def _utf8(content: bytes) -> bytes:
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding).encode()
        except UnicodeDecodeError:
            continue
    raise WrongMediaType("CSV 既不是 UTF-8 也不是 GB18030 编码，请另存为 UTF-8 CSV 后重试", where="file")


def keep_media(session: Session, draft: FormDraft, file: MediaFile, blob: Blob, *, by: Viewer) -> FormDraftMedia:
    """Keep a file with a draft, in the place of one of the same name.

    Raises
    ------
    Conflict
        The draft is published or discarded, or has too many files.
    """
    demand_open(draft)
    kept = put_media(session, draft, file, blob)
    record(
        session, by, "form_draft.media", "form_draft", draft.id, division_code=draft.county_code, name=file.name,
        sha256=blob.sha256,
    )  # fmt: skip
    return kept


def put_media(session: Session, draft: FormDraft, file: MediaFile, blob: Blob) -> FormDraftMedia:
    """Put a file beside a draft, in the place of one of the same name.

    Raises
    ------
    Conflict
        The draft has too many files.
    """
    kept = session.get(FormDraftMedia, (draft.county_code, draft.id, file.name))
    if kept is None:
        if len(draft_media(session, draft)) >= MOST_FILES:
            raise Conflict("附件已有 {most} 个，请先删除不用的", most=MOST_FILES)
        kept = FormDraftMedia(county_code=draft.county_code, draft_id=draft.id, name=file.name)
        session.add(kept)
    kept.sha256, kept.md5, kept.bytes, kept.media_type = blob.sha256, file.md5, blob.size, file.media_type
    session.flush()
    return kept


def remove_media(session: Session, draft: FormDraft, name: str, *, by: Viewer) -> None:
    """Take a file away from a draft.

    Raises
    ------
    Conflict
        The draft is published or discarded.
    NotFound
        It has no such file.
    """
    demand_open(draft)
    session.delete(find_media(session, draft, name))
    session.flush()
    record(
        session, by, "form_draft.media_remove", "form_draft", draft.id, division_code=draft.county_code, name=name
    )  # fmt: skip


def find_media(session: Session, draft: FormDraft, name: str) -> FormDraftMedia:
    """Return one file of a draft.

    Raises
    ------
    NotFound
        It has no such file.
    """
    kept = session.get(FormDraftMedia, (draft.county_code, draft.id, name))
    if kept is None:
        raise NotFound("这份草稿没有附件 {name}", name=name)
    return kept


def draft_media(session: Session, draft: FormDraft) -> list[FormDraftMedia]:
    """Return the files of a draft, by name."""
    return list(
        session.scalars(
            sa.select(FormDraftMedia)
            .where(FormDraftMedia.county_code == draft.county_code, FormDraftMedia.draft_id == draft.id)
            .order_by(FormDraftMedia.name)
        )
    )
