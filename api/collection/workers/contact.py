"""When a phone was last heard, by what program: written now and then, and never worth waiting for."""

import hashlib
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.forms import OfferedForm
from api.collection.workers.tables import PhoneContact
from api.database import now

SECONDS_BETWEEN = 300  # contacts of one key that are written; a supervisor looks at hours
SECONDS_WHEN_CHANGED = 20  # if the device, its program or its list of forms is another
MOST_REMEMBERED = 10_000  # keys in one process
LONGEST_AGENT, LONGEST_DEVICE = 200, 128
_PROGRAM = re.compile(r"(?P<program>[\w.]+)/(?P<version>\S+)")
_ANDROID = re.compile(r"Android (?P<release>[\d.]+)(?:; (?P<model>[^;)]+?)(?: Build/[^;)]*)?)?[;)]")
PROGRAMS = {"org.odk.collect.android": "ODK Collect", "org.koboc.collect.android": "KoboCollect"}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one request tells of the phone that sent it; without a hash it did not read the list of forms."""

    token_id: UUID
    user_agent: str
    device_id: str
    forms_hash: str = ""


class Contacts:
    """Remembers, in one process, when each key's contact was written last, so that most requests write nothing."""

    def __init__(self) -> None:
        self._written: dict[UUID, tuple[float, tuple[str, str, str]]] = {}

    def is_due(self, seen: Seen) -> bool:
        """Tell whether this contact should be written."""
        if (last := self._written.get(seen.token_id)) is None:
            return True
        at, (agent, device, forms) = last
        changed = (seen.user_agent, seen.device_id) != (agent, device) or seen.forms_hash not in {"", forms}
        return time.monotonic() - at > (SECONDS_WHEN_CHANGED if changed else SECONDS_BETWEEN)

    def written(self, seen: Seen) -> None:
        """Remember that it was."""
        before = self._written.pop(seen.token_id, (0.0, ("", "", "")))[1]
        while len(self._written) >= MOST_REMEMBERED:
            self._written.pop(next(iter(self._written)), None)
        kept = (seen.user_agent, seen.device_id, seen.forms_hash or before[2])
        self._written[seen.token_id] = (time.monotonic(), kept)


def write_contact(session: Session, seen: Seen) -> bool:
    """Write a contact down, unless another request of the same phone is writing; tell whether it was written."""
    mine = PhoneContact.token_id == seen.token_id
    contact = session.scalar(sa.select(PhoneContact).where(mine).with_for_update(skip_locked=True))
    if contact is None:
        if session.scalar(sa.select(PhoneContact.token_id).where(mine)) is not None:
            return False
        contact = PhoneContact(token_id=seen.token_id)
        session.add(contact)
    contact.at = now()
    contact.user_agent = shown(seen.user_agent)[:LONGEST_AGENT]
    contact.device_id = shown(seen.device_id)[:LONGEST_DEVICE]
    if seen.forms_hash:
        contact.forms_at, contact.forms_hash = contact.at, seen.forms_hash
    session.flush()
    return True


def shown(text: str) -> str:
    """Return a text that a phone sent without what cannot be printed or stored."""
    return "".join(sign for sign in text if sign.isprintable())


def hash_of(forms: Iterable[OfferedForm]) -> str:
    """Return a short mark of a list of forms, the same as long as it holds the same versions."""
    lines = sorted(f"{form.form_id} {form.version} {form.md5}" for form in forms)
    return hashlib.md5("\n".join(lines).encode(), usedforsecurity=False).hexdigest()


def program_of(user_agent: str) -> str:
    """Return the program, its version and the phone behind a User-Agent header, as far as it tells.

    Examples
    --------
    >>> program_of("org.odk.collect.android/v2025.3.1 Dalvik/2.1.0 (Linux; U; Android 13; Redmi 12 Build/TP1A.22)")
    'ODK Collect v2025.3.1 · Android 13 · Redmi 12'
    >>> program_of("curl/8.5.0"), program_of("")
    ('curl 8.5.0', '')
    """
    parts = []
    if found := _PROGRAM.match(user_agent):
        parts.append(f"{PROGRAMS.get(found['program'], found['program'])} {found['version']}")
    if found := _ANDROID.search(user_agent):
        parts += [f"Android {found['release']}", *filter(None, [found["model"]])]
    return " · ".join(parts)
