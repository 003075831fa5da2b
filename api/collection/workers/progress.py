"""How far each worker is: what he has to visit, what he has visited, when his phone last sent, what it still owes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.assignments.reach import IS_OPEN, OF_HOUSEHOLD, READERS, reachable
from api.collection.tables import Assignment, Attachment, Submission, SubmissionVersion
from api.collection.workers.tables import PhoneContact
from api.people.access import Viewer, inside
from api.people.roles import Permission
from api.people.tables import Account, Token
from api.people.tokens import live_keys
from api.registry.tables import Household


@dataclass
class Progress:
    """One worker's state.

    Attributes
    ----------
    assigned, visited, waiting
        Households given to him, of these visited, and still to be visited; spot checks among them only for a viewer
        who may know of them.
    last_sent, last_contact
        When a record arrived last, and when his phone was heard at all.
    keys, files_waiting
        Live keys; files that his records name and that have not arrived.
    """

    worker: Account
    assigned: int = 0
    visited: int = 0
    last_sent: datetime | None = None
    last_contact: datetime | None = None
    keys: int = 0
    files_waiting: int = 0

    @property
    def waiting(self) -> int:
        """Households still to be visited."""
        return self.assigned - self.visited


@dataclass
class Phone:
    """One key with what is known of the phone that uses it."""

    token: Token
    contact: PhoneContact | None = None
    last_sent: datetime | None = None
    records: int = 0
    waiting: dict[UUID, list[str]] = field(default_factory=dict)  # submission → names of files that have not arrived

    @property
    def files_waiting(self) -> int:
        """Files that have not arrived."""
        return sum(map(len, self.waiting.values()))

    @property
    def last_heard(self) -> datetime | None:
        """When it last asked or sent anything."""
        return max(filter(None, (self.contact.at if self.contact else None, self.last_sent)), default=None)


def progress_of(session: Session, viewer: Viewer, workers: Sequence[Account], *, area: str = "") -> list[Progress]:
    """Return the progress of workers, in their order.

    Parameters
    ----------
    area : str
        A division code; only households in it are counted.
    """
    found = {worker.id: Progress(worker) for worker in workers}
    ids = list(found)
    visible = [Assignment.account_id.in_(ids), Assignment.withdrawn_at.is_(None), reachable(viewer, READERS)]
    if area:
        visible.append(inside(Household.village_code, [area]))
    counts = (
        sa.select(Assignment.account_id, sa.func.count(), sa.func.count(Assignment.completed_at))
        .join(Household, OF_HOUSEHOLD)
        .where(*visible)
        .group_by(Assignment.account_id)
    )
    for account_id, assigned, visited in session.execute(counts):
        found[account_id].assigned, found[account_id].visited = assigned, visited
    sent = (
        sa.select(Submission.account_id, sa.func.max(Submission.received_at, type_=Submission.received_at.type))
        .where(Submission.account_id.in_(ids), known_to(viewer))
        .group_by(Submission.account_id)
    )
    for account_id, at in session.execute(sent):
        found[account_id].last_sent = found[account_id].last_contact = at
    heard = (
        sa.select(Token.account_id, sa.func.max(PhoneContact.at, type_=PhoneContact.at.type))
        .join(Token, Token.id == PhoneContact.token_id)
        .where(Token.account_id.in_(ids))
        .group_by(Token.account_id)
    )
    for account_id, at in session.execute(heard):
        found[account_id].last_contact = max(filter(None, (found[account_id].last_contact, at)))
    for key in live_keys(session, ids):
        found[key.account_id].keys += 1
    for _, account_id, _, names in files_owed(session, viewer, ids):
        found[account_id].files_waiting += len(names)
    return list(found.values())


def phones_of(session: Session, viewer: Viewer, worker: Account) -> list[Phone]:
    """Return every key a worker ever had with its phone, the live ones first, the newest first among them."""
    tokens = session.scalars(
        sa.select(Token)
        .where(Token.account_id == worker.id, Token.kind == "phone")
        .order_by(Token.revoked_at.is_not(None), Token.created_at.desc(), Token.id.desc())
    )
    found = {token.id: Phone(token) for token in tokens}
    for contact in session.scalars(sa.select(PhoneContact).where(PhoneContact.token_id.in_(list(found)))):
        found[contact.token_id].contact = contact
    sent = (
        sa.select(
            SubmissionVersion.token_id,
            sa.func.count(sa.distinct(Submission.id)),
            sa.func.max(SubmissionVersion.received_at, type_=SubmissionVersion.received_at.type),
        )
        .join(Submission, OF_SUBMISSION)
        .where(Submission.account_id == worker.id, known_to(viewer), SubmissionVersion.token_id.in_(list(found)))
        .group_by(SubmissionVersion.token_id)
    )
    for token_id, records, at in session.execute(sent):
        if token_id is not None:
            found[token_id].records, found[token_id].last_sent = records, at
    for submission_id, _, token_id, names in files_owed(session, viewer, [worker.id]):
        if token_id is not None and token_id in found:
            found[token_id].waiting[submission_id] = names
    return list(found.values())


OF_SUBMISSION = sa.and_(
    SubmissionVersion.county_code == Submission.county_code, SubmissionVersion.submission_id == Submission.id
)


def known_to(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Return the condition on `Submission` that keeps spot checks from who may not know which households are drawn."""
    return sa.or_(
        Submission.purpose == "township_visit",
        viewer.within(Submission.village_code, Permission.SPOT_CHECK_READ),
        viewer.within(Submission.village_code, Permission.PEOPLE_MANAGE),
    )


def files_owed(
    session: Session, viewer: Viewer, workers: Sequence[UUID]
) -> list[tuple[UUID, UUID, UUID | None, list[str]]]:
    """Return (submission, account, key, file names) of records whose XML names files that have not arrived."""
    named = sa.func.json_texts(SubmissionVersion.named_files).table_valued("value")
    arrived = sa.exists().where(
        Attachment.county_code == Submission.county_code,
        Attachment.submission_id == Submission.id,
        Attachment.name == named.c.value,
    )
    current = sa.and_(OF_SUBMISSION, SubmissionVersion.instance_id == Submission.instance_id)
    statement = (
        sa.select(Submission.id, Submission.account_id, SubmissionVersion.token_id, named.c.value)
        .select_from(Submission)
        .join(SubmissionVersion, current)
        .join(named, sa.true())
        .where(Submission.account_id.in_(list(workers)), known_to(viewer), ~arrived)
        .order_by(Submission.id)
    )
    found: dict[tuple[UUID, UUID, UUID | None], list[str]] = defaultdict(list)
    for submission_id, account_id, token_id, name in session.execute(statement):
        found[submission_id, account_id, token_id].append(name)
    return [(*key, names) for key, names in found.items()]


def without_work(session: Session, workers: Sequence[Account]) -> list[Account]:
    """Return the active workers among these who have nothing to visit."""
    busy = sa.select(Assignment.account_id).where(Assignment.account_id.in_([one.id for one in workers]), IS_OPEN)
    have = set(session.scalars(busy.distinct()))
    return [one for one in workers if one.active and one.id not in have]
