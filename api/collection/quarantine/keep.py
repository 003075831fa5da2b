"""Keep aside what was refused: once per content with a count, within a quota per phone, for an operator to judge."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.households import county_of
from api.collection.posting import Part
from api.collection.refusals import BrokenXml, KeptAside
from api.collection.tables import Quarantined
from api.database import now
from api.people.access import Viewer
from api.people.roles import Permission
from survey_forms.errors import SubmissionRefused
from survey_forms.submission import read_submission

QUOTA = "quota"  # the one row of a phone that says: more came than is kept
NOTHING = hashlib.sha256(b"").hexdigest()
LONGEST_TEXT = 255

_HOUSEHOLD = re.compile(rb"(?<![0-9])([0-9]{12}-[0-9]{4})(?![0-9])")
_FORM = re.compile(rb"<[^<>?!]*?\sid\s*=\s*[\"']([^\"'<>]{1,64})[\"']")
_VERSION = re.compile(rb"<[^<>?!]*?\sversion\s*=\s*[\"']([^\"'<>]{1,64})[\"']")
_INSTANCE = re.compile(rb"<(?:[\w-]+:)?instanceID>\s*([^<>]{1,255}?)\s*</")


@dataclass(frozen=True, kw_only=True)
class Glimpse:
    """What can be told of answers without understanding them: enough to find and to sort them."""

    form_id: str | None = None
    form_version: str | None = None
    instance_id: str | None = None
    household_code: str | None = None


def glimpse(xml: bytes) -> Glimpse:
    """Return what can be told of answers, whole or damaged.

    Examples
    --------
    >>> glimpse(b'<data id="home_visit" version="7"><code>540222100201-0001</code><a>half a wo')
    Glimpse(form_id='home_visit', form_version='7', instance_id=None, household_code='540222100201-0001')
    """
    household = _first(_HOUSEHOLD, xml)
    try:
        whole = read_submission(xml)
    except SubmissionRefused:
        form, version, instance = _first(_FORM, xml), _first(_VERSION, xml), _first(_INSTANCE, xml)
    else:
        form, version, instance = whole.form_id[:64], whole.version[:64], whole.instance_id
    return Glimpse(form_id=form, form_version=version, instance_id=instance, household_code=household)


def _first(pattern: re.Pattern[bytes], xml: bytes) -> str | None:
    found = pattern.search(xml)
    text = found[1].decode("utf-8", errors="replace").replace("\0", "") if found else ""
    return text or None


def has_room(session: Session, sender: Viewer, parts: Sequence[Part], quota_bytes: int) -> bool:
    """Tell whether a refused posting still fits into what is kept aside for one phone.

    Asked before its bytes are made durable. A posting that is already kept takes no room.
    """
    mine = Quarantined.token_id == sender.token_id
    again = sa.select(Quarantined.id).where(mine, Quarantined.content_sha256 == content_sha256(parts)).limit(1)
    if session.scalar(again) is not None:
        return True
    kept = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Quarantined.bytes), 0)).where(mine, Quarantined.state == "open")
    )
    return (kept or 0) + sum(part.draft.size for part in parts) <= quota_bytes


def content_sha256(parts: Sequence[Part]) -> str:
    """Return one hash over all parts of a posting, in whatever order they came."""
    digest = hashlib.sha256()
    for line in sorted(f"{part.name}\0{part.draft.sha256}\n" for part in parts):
        digest.update(line.encode())
    return digest.hexdigest()


def keep_aside(
    session: Session,
    sender: Viewer,
    parts: Sequence[Part],
    refusal: KeptAside,
    *,
    room: bool,
    seen: Glimpse | None = None,
    device_id: str = "",
) -> Quarantined:
    """Write down a refused posting whose bytes are kept; the same again is only counted.

    Without room a single row per phone counts what was not kept. Two at once: the later flush raises
    ``IntegrityError``; roll back and call again.

    Returns
    -------
    Quarantined
        Its row; ``released`` when an operator has let this very content in before.
    """
    if sender.token_id is None:
        raise ValueError("only what a phone sent with its token is kept aside")
    reason = refusal.reason if room else QUOTA
    content = content_sha256(parts) if room else NOTHING
    county = county_of(sender, None)
    counted = session.scalar(
        sa.select(Quarantined)
        .where(
            Quarantined.county_code == county,
            Quarantined.token_id == sender.token_id,
            Quarantined.reason == reason,
            Quarantined.content_sha256 == content,
        )
        .with_for_update()
    )
    if counted is not None:
        counted.times += 1
        counted.last_at = now()
        if reason == QUOTA:
            counted.state = "open"  # said to be dealt with, and yet it goes on
        session.flush()
        return counted
    fault = refusal.fault if isinstance(refusal, BrokenXml) else None
    seen = seen or Glimpse()
    row = Quarantined(
        county_code=county,
        token_id=sender.token_id,
        account_id=sender.account_id,
        area_code=next(iter(sender.areas(Permission.SUBMISSION_SEND)), ""),
        device_id=device_id,
        reason=reason,
        stands_for=reason,
        message=str(refusal),
        fault_where=fault.where[:LONGEST_TEXT] if fault else "",
        fault_what=fault.what[:LONGEST_TEXT] if fault else "",
        form_id=seen.form_id,
        form_version=seen.form_version,
        instance_id=seen.instance_id,
        household_code=seen.household_code,
        content_sha256=content,
        files=[_described(part) for part in parts] if room else [],
        bytes=sum(part.draft.size for part in parts) if room else 0,
    )
    session.add(row)
    session.flush()
    return row


def _described(part: Part) -> dict[str, str | int]:
    return {
        "name": part.name,
        "sha256": part.draft.sha256,
        "bytes": part.draft.size,
        "media_type": part.media_type,
    }
