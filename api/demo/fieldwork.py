"""Send the demo's filled forms in as phones do: XML and photos to the disk, then the verb that every phone meets."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from uuid import UUID

from api.collection.arrival import Arrival, ArrivedFile, understand
from api.collection.blobs import Blobs
from api.collection.derive import Deriver
from api.collection.forms import publish_form
from api.collection.posting import XML_PART, Part, Posting
from api.collection.receive import Outcome, receive
from api.collection.sniff import HEAD_BYTES
from api.database import Database
from api.demo.chance import dice
from api.demo.photos import draw_photo, draw_signature
from api.demo.visits import Filled
from api.people.access import Viewer
from survey_forms.catalogue import CATALOGUE, compiled, schema_of
from survey_forms.filling import fill

SIGNATURE = "signature-"  # how the names of signatures begin
TOGETHER = 40  # submissions in one transaction: a phone sends one, and the disk is slow


class FieldOffice:
    """Takes in filled forms.

    Parameters
    ----------
    derivers
        As the application wires them.
    viewers : dict of str to Viewer
        Who sends, by account name.
    """

    def __init__(
        self, database: Database, blobs: Blobs, derivers: Sequence[Deriver], viewers: dict[str, Viewer]
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._derivers = derivers
        self._viewers = viewers

    def publish(self) -> None:
        """Publish the house's forms."""
        with self._database.transaction() as session:
            for entry in CATALOGUE:
                publish_form(session, compiled(entry.form_id), for_roles=entry.for_roles)

    def take_in(self, filled: Sequence[Filled], on_done: Callable[[int], None]) -> int:
        """Take in filled forms, some at a time: bytes durable first, then one short transaction.

        Returns
        -------
        int
            How many were taken in.
        """
        done = 0
        for start in range(0, len(filled), TOGETHER):
            batch = filled[start : start + TOGETHER]
            with ExitStack() as drafts:
                postings = [drafts.enter_context(self._posting(one)) for one in batch]
                with self._database.read() as session:
                    understood = [
                        understand(session, _xml(posting).draft.read(), self._viewers[visit.sender])
                        for visit, posting in zip(batch, postings, strict=True)
                    ]
                self._blobs.keep(part.draft for posting in postings for part in posting.parts)
                with self._database.transaction() as session:
                    for one, posting, (form, answers) in zip(batch, postings, understood, strict=True):
                        arrival = Arrival(
                            sender=self._viewers[one.sender],
                            form=form,
                            answers=answers,
                            xml=_xml(posting).draft.blob,
                            files=tuple(
                                ArrivedFile(name=part.name, blob=part.draft.blob, media_type=part.media_type)
                                for part in posting.files
                            ),
                            device_id=f"ruhu-demo:{one.sender}",
                        )
                        outcome, _ = receive(session, arrival, self._derivers)
                        if outcome is not Outcome.NEW:
                            raise RuntimeError(f"{one.form_id} {one.subject} of {one.sender} was taken in before")
            done += len(batch)
            on_done(done)
        return done

    def _posting(self, one: Filled) -> Posting:
        posting = Posting(self._blobs)
        topic = ("instance", one.form_id, one.sender, one.subject, one.number)
        xml = fill(
            schema_of(one.form_id),
            one.answers,
            instance_id=f"uuid:{UUID(int=dice(*topic).getrandbits(128), version=4)}",
            instance_name=f"{one.subject} {one.began:%Y-%m-%d}",
        )
        posting.xml = _part(posting, XML_PART, xml)
        for name in one.files:
            draw = draw_signature if name.startswith(SIGNATURE) else draw_photo
            posting.files.append(_part(posting, name, draw(name)))
        return posting


def _part(posting: Posting, name: str, data: bytes) -> Part:
    part = posting.part(name)
    part.draft.write(data)
    part.head += data[:HEAD_BYTES]
    return part


def _xml(posting: Posting) -> Part:
    if posting.xml is None:
        raise ValueError("a form without answers")
    return posting.xml
