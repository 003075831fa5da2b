"""Where the files come from that a form names: each source knows its own, the first that has a name gives it."""

import hashlib
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import quote

from sqlalchemy.orm import Session

from api.collection.entity_lists import EntityList
from api.collection.forms import file_of, media_of, schema_of
from api.collection.plain_lists import PLAIN_LISTS
from api.collection.tables import FormVersion
from api.people.access import Viewer

# lists that the server gives every worker's phone, whichever form names them
LIST_FILES: Final = frozenset({"households.csv", "missed_households.csv", "spot_check_households.csv", *PLAIN_LISTS})

log = logging.getLogger(__name__)
_told: set[tuple[str, str]] = set()  # forms and names an operator has been told of by this process


@dataclass(frozen=True)
class Media:
    """One file as a phone's manifest lists it.

    Attributes
    ----------
    name : str
        As the form names it.
    path : str
        Where it is fetched, under the worker's key.
    hash : str
        ``md5:`` of its bytes, or the token of an entity list; phones fetch it again when this changes.
    integrity : str
        Where a phone asks which entities are gone; empty for files that are no entity list.
    """

    name: str
    path: str
    hash: str
    integrity: str = ""


class Source(Protocol):
    """Something that has files for forms."""

    def names(self, session: Session, form: FormVersion) -> Collection[str]:
        """Return the names it has for a form, whoever asks."""

    def find(self, session: Session, worker: Viewer, form: FormVersion, name: str) -> Media:
        """Return one of these files as this worker gets it."""


class EntityLists:
    """The lists whose rows forms update."""

    def __init__(self, lists: Mapping[str, EntityList]) -> None:
        self.lists = lists

    def names(self, _session: Session, _form: FormVersion) -> Collection[str]:
        """Return the files of the lists."""
        return {f"{name}.csv" for name in self.lists}

    def find(self, session: Session, worker: Viewer, _form: FormVersion, name: str) -> Media:
        """Return a list with its token; the list itself is not made for that."""
        found = self.lists[name.removesuffix(".csv")]
        token = found.token(session, worker)
        return Media(name, f"lists/{name}", f"md5:{token}", integrity=f"lists/{found.name}/integrity")


class FormFiles:
    """The files that were frozen with a version of a form."""

    def names(self, session: Session, form: FormVersion) -> Collection[str]:
        """Return the names of the files kept with this version."""
        return {file.name for file in media_of(session, form)}

    def find(self, session: Session, _worker: Viewer, form: FormVersion, name: str) -> Media:
        """Return a file with the hash of its bytes, as they were when the version was published."""
        file = file_of(session, form, name)
        version = f"{quote(form.form_id, safe='')}/{quote(form.version, safe='')}"
        return Media(name, f"forms/{version}/media/{quote(name, safe='')}", f"md5:{file.md5}")


class PlainLists:
    """The lists that forms only read; small, so they are made to be hashed."""

    def names(self, _session: Session, _form: FormVersion) -> Collection[str]:
        """Return the files of the lists."""
        return PLAIN_LISTS.keys()

    def find(self, session: Session, worker: Viewer, _form: FormVersion, name: str) -> Media:
        """Return a list with the hash of its bytes."""
        content = PLAIN_LISTS[name](session, worker)
        return Media(name, f"lists/{name}", "md5:" + hashlib.md5(content, usedforsecurity=False).hexdigest())


def media_for(session: Session, worker: Viewer, form: FormVersion, sources: Sequence[Source]) -> list[Media]:
    """Return the files of a form for a worker's phone, in the form's order.

    A file that no source has is left out, for one entry without a hash or an address makes Collect drop the whole
    manifest; the log says so once.
    """
    found = []
    for name in schema_of(session, form).media:
        source = _source_of(session, form, name, sources)
        if source is not None:
            found.append(source.find(session, worker, form, name))
        elif (form.xform_sha256, name) not in _told:
            _told.add((form.xform_sha256, name))
            log.warning("form %s %s names %s, which nothing here has", form.form_id, form.version, name)
    return found


def missing_files(session: Session, form: FormVersion, sources: Sequence[Source]) -> list[str]:
    """Return the files a form names and no source has: an operator must add them, or mend the form."""
    return [name for name in schema_of(session, form).media if _source_of(session, form, name, sources) is None]


def _source_of(session: Session, form: FormVersion, name: str, sources: Sequence[Source]) -> Source | None:
    return next((source for source in sources if name in source.names(session, form)), None)
