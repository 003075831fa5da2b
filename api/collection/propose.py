"""Hand what a submission would change of households on to the registry, as proposals; never to the roll itself."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.derive import Derivable, Deriver
from api.collection.entity_lists import HOUSEHOLDS, MISSED_HOUSEHOLDS, entity_id
from api.collection.households import Flag
from api.collection.tables import Assignment, Submission
from api.registry.proposals.difference import Visited
from api.registry.proposals.propose import Visit, propose
from api.registry.secrecy import Secrecy, open_secrecy
from survey_forms.evidence import records
from survey_forms.schema import Question
from survey_forms.submission import Answer, EntityChange
from survey_forms.values import Place, Unreadable, read_value

MEMBER: Final = "member"  # the kind of evidence that lists who lives in a household
MOST_PERSONS: Final = 99
LONGEST_ADDRESS: Final = 200
LONGEST_NAME: Final = 64
LONGEST_RELATION: Final = 16
PHONE: Final = re.compile(r"\+?[0-9]{5,20}")
SEPARATORS: Final = re.compile(r"[\s()（）-]")


def proposer(keys: Callable[[], Sequence[str]]) -> Deriver:
    """Return the deriver that keeps what submissions propose.

    Parameters
    ----------
    keys : callable
        Gives `api.settings.Settings.encryption_keys`; asked for only when a telephone number comes.
    """

    def derive_proposals(session: Session, found: Derivable) -> list[Flag]:
        """Keep what a submission says of households otherwise than the roll; return what could not be understood.

        A check of the county proposes nothing: it judges the roll, it does not mend it.
        """
        flags: list[Flag] = []
        visited: dict[UUID, Visited] = {}
        for change in found.answers.entities:
            household_id = _household_of(session, found.submission, change)
            if household_id is None or found.submission.purpose == "spot_check" or not change.update:
                flags.append(_flag("entity-not-taken", f"{change.dataset} {change.id}"))
            else:
                visited[household_id] = _visited(found, change, household_id, flags)
        if found.fresh and not visited:
            return flags
        opened: list[Secrecy] = []

        def secrecy() -> Secrecy:
            if not opened:
                opened.append(open_secrecy(session, keys()))
            return opened[0]

        visit = Visit(
            county_code=found.submission.county_code,
            submission_id=found.submission.id,
            instance_id=found.version.instance_id,
            account_id=found.submission.account_id,
            received_at=found.version.received_at,
        )
        propose(session, visit, list(visited.values()), secrecy=secrecy)
        return flags

    return derive_proposals


def _household_of(session: Session, submission: Submission, change: EntityChange) -> UUID | None:
    """Return the household an entity stands for, if the sender's lists ever held it."""
    key = change.id.lower()
    if change.dataset == HOUSEHOLDS.name:
        given = sa.select(Assignment.id, Assignment.household_id).where(
            Assignment.county_code == submission.county_code,
            Assignment.account_id == submission.account_id,
            Assignment.purpose == "township_visit",
        )
        # the household answered is nearly always the one picked: look among all of them only if it is not
        for some in (given.where(Assignment.household_id == submission.household_id), given):
            for assignment in session.execute(some):
                if entity_id(assignment.id) == key:
                    picked: UUID = assignment.household_id
                    return picked
    elif change.dataset == MISSED_HOUSEHOLDS.name and submission.household_id is not None:
        return submission.household_id if entity_id(submission.household_id) == key else None
    return None


def _visited(found: Derivable, change: EntityChange, household_id: UUID, flags: list[Flag]) -> Visited:
    said: dict[str, Any] = {}
    for name, read in READ.items():
        if (answer := change.properties.get(name)) is not None:
            try:
                said |= read(answer)
            except (Unreadable, ValueError):
                flags.append(_flag("property-not-taken", name))  # what was said may be a telephone number
    alone = len(found.answers.entities) == 1  # members are the household's when it is the only one spoken of
    return Visited(
        household_id=household_id,
        members=tuple(_members(found)) if alone else (),
        base_version=change.base_version,
        trunk_version=change.trunk_version,
        **said,
    )


def _place(answer: Answer) -> dict[str, Any]:
    # a form may take it over from another question, and then it is a text
    place = answer.value if isinstance(answer.value, Place) else read_value(Question("", "geopoint"), answer.text)
    if not isinstance(place, Place):
        raise TypeError(answer.text)
    return {"place": (place.longitude, place.latitude, place.accuracy_m)}


def _phone(answer: Answer) -> dict[str, Any]:
    number = SEPARATORS.sub("", answer.text)
    if not PHONE.fullmatch(number):
        raise ValueError(number)
    return {"phone": number}


def _persons(answer: Answer) -> dict[str, Any]:
    number = read_value(Question("", "int"), answer.text)
    if not isinstance(number, int) or not 1 <= number <= MOST_PERSONS:
        raise ValueError(number)
    return {"persons": number}


def _address(answer: Answer) -> dict[str, Any]:
    if len(text := " ".join(answer.text.split())) > LONGEST_ADDRESS:
        raise ValueError(text)
    return {"address": text}


# properties of the lists that a visit may correct; what else a form saves to them stays on the phone
READ: Final[dict[str, Callable[[Answer], dict[str, Any]]]] = {
    "geometry": _place,
    "phone": _phone,
    "persons": _persons,
    "address": _address,
}


def _members(found: Derivable) -> Iterator[tuple[str, str]]:
    """Yield name and relation of everybody listed, the relation in the roll's language."""
    for record in records(found.answers):
        name = str(record.value("name") or "").strip() if record.kind == MEMBER else ""
        if name:
            relation = next((_words(answer) for answer in record.fields.get("relation", ())), "")
            yield name[:LONGEST_NAME], relation[:LONGEST_RELATION]


def _words(answer: Answer) -> str:
    choices = answer.question.choices if answer.question and answer.question.choices else ()
    label = next((choice.label for choice in choices if choice.name == answer.value), {})
    return label.get("zh") or next(iter(label.values()), answer.text)


def _flag(kind: str, text: str) -> Flag:
    return {"from": "deriving", "kind": kind, "text": text[:200]}
