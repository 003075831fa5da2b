"""The chain that shows any later change of the audit log: sealed in batches, checked against anchors kept outside.

Each entry has a hash over its canonical JSON; each link's chain hash covers the link before it and the entry's hash.
Changing, removing, inserting or reordering sealed rows breaks the arithmetic at a place that can be named. Cutting
off the tail, or recomputing everything, leaves the arithmetic whole: only a head kept elsewhere (printed in a report,
sent to the city) shows it. Such a head is an anchor.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.database import Database, insert_at_once, now
from api.people.tables import AuditEntry, AuditLink

BATCH = 1000  # entries sealed in one transaction: some milliseconds of the embedded database's write place
START = "0" * 64


@dataclass(frozen=True)
class Anchor:
    """The head of one county's chain at some moment, as text ``county:position:hash``.

    Examples
    --------
    >>> str(Anchor.parse("540222:3:" + "ab" * 32)) == "540222:3:" + "ab" * 32
    True
    """

    county_code: str
    position: int
    chain_hash: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an anchor.

        Raises
        ------
        ValueError
            If the text has not the three parts.
        """
        county, position, chain_hash = text.strip().split(":")
        if len(chain_hash) != len(START):
            raise ValueError(f"{text!r} is no anchor: county:position:hash is wanted, the hash has 64 digits")
        return cls(county, int(position), chain_hash.lower())

    def __str__(self) -> str:
        return f"{self.county_code}:{self.position}:{self.chain_hash}"


@dataclass(frozen=True)
class Fault:
    """One place where the log is not what was sealed."""

    county_code: str
    position: int
    kind: str  # changed, removed, reordered, broken, cut-off, anchor
    what: str


def entry_hash(entry: AuditEntry) -> str:
    """Return the SHA-256 of an entry's canonical JSON."""
    content = {
        "county_code": entry.county_code,
        "id": str(entry.id),
        "at": entry.at.isoformat(),
        "actor_id": str(entry.actor_id) if entry.actor_id else None,
        "actor_name": entry.actor_name,
        "action": entry.action,
        "object_kind": entry.object_kind,
        "object_id": entry.object_id,
        "details": entry.details,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def link_hash(before: str, position: int, entry: str) -> str:
    """Return the hash of a link from the one before, its position and its entry's hash."""
    return hashlib.sha256(f"{before}:{position}:{entry}".encode()).hexdigest()


def head(session: Session, county_code: str) -> Anchor:
    """Return the head of a county's chain; position 0 when nothing is sealed yet."""
    last = session.scalars(
        sa.select(AuditLink).where(AuditLink.county_code == county_code).order_by(AuditLink.position.desc()).limit(1)
    ).first()
    return Anchor(county_code, last.position, last.chain_hash) if last else Anchor(county_code, 0, START)


def unsealed_counties(session: Session) -> list[str]:
    """Return the counties with entries that are not sealed yet."""
    return list(session.scalars(_unsealed(sa.select(AuditEntry.county_code)).distinct()))


def next_links(session: Session, county_code: str, *, most: int = BATCH) -> list[dict[str, Any]]:
    """Work out the links of a county's next unsealed entries, oldest first; writes nothing, so nobody waits for it."""
    before = head(session, county_code)
    entries = session.scalars(
        _unsealed(sa.select(AuditEntry))
        .where(AuditEntry.county_code == county_code)
        .order_by(AuditEntry.id)
        .limit(most)
    )
    links, chain, moment = [], before.chain_hash, now()
    for position, entry in enumerate(entries, start=before.position + 1):
        digest = entry_hash(entry)
        chain = link_hash(chain, position, digest)
        links.append(
            {
                "county_code": county_code,
                "position": position,
                "entry_id": entry.id,
                "entry_hash": digest,
                "chain_hash": chain,
                "sealed_at": moment,
            }
        )
    return links


def append_links(session: Session, links: list[dict[str, Any]]) -> None:
    """Write links that `next_links` worked out.

    Two sealers at once are kept apart by the primary key: the second fails and works them out anew.
    """
    insert_at_once(session, AuditLink, links)


def seal(session: Session, county_code: str, *, most: int = BATCH) -> int:
    """Seal the unsealed entries of a county, oldest first, in the caller's transaction; return how many."""
    links = next_links(session, county_code, most=most)
    append_links(session, links)
    return len(links)


def seal_everything(database: Database) -> int:
    """Seal every county's unsealed entries in transactions of some milliseconds each; return how many it sealed.

    Where another sealer was quicker, it goes on from the new head.
    """
    sealed = 0
    with database.read() as session:
        counties = unsealed_counties(session)
    for county in counties:
        while True:
            with database.read() as session:
                links = next_links(session, county, most=BATCH)
            if not links:
                break
            try:
                with database.transaction() as session:
                    append_links(session, links)
            except IntegrityError:
                with database.read() as session:
                    if head(session, county).position < links[0]["position"]:  # nobody else sealed: a real trouble
                        raise
            else:
                sealed += len(links)
    return sealed


def _unsealed(statement: sa.Select[Any]) -> sa.Select[Any]:
    return statement.outerjoin(
        AuditLink,
        sa.and_(AuditLink.county_code == AuditEntry.county_code, AuditLink.entry_id == AuditEntry.id),
    ).where(AuditLink.position.is_(None))


def verify(session: Session, county_code: str, anchors: list[Anchor] | None = None) -> Iterator[Fault]:
    """Yield every place where a county's log is not what was sealed.

    Parameters
    ----------
    anchors : list of Anchor
        Heads kept outside; those of other counties are passed over.
    """
    wanted = {anchor.position: anchor for anchor in anchors or [] if anchor.county_code == county_code}
    rows = session.execute(
        sa.select(AuditLink, AuditEntry)
        .outerjoin(
            AuditEntry,
            sa.and_(AuditEntry.county_code == AuditLink.county_code, AuditEntry.id == AuditLink.entry_id),
        )
        .where(AuditLink.county_code == county_code)
        .order_by(AuditLink.position)
        .execution_options(yield_per=1000)
    )
    chain, expected = START, 1
    for link, entry in rows:
        if link.position != expected:
            yield Fault(county_code, expected, "removed", f"links {expected} to {link.position - 1} are missing")
            expected = link.position
        if entry is None:
            yield Fault(county_code, link.position, "removed", f"entry {link.entry_id} is gone")
        elif entry_hash(entry) != link.entry_hash:
            yield Fault(
                county_code,
                link.position,
                "changed",
                f"entry {entry.id} ({entry.action} by {entry.actor_name}) is not what was sealed",
            )
        if link_hash(chain, link.position, link.entry_hash) != link.chain_hash:
            yield Fault(
                county_code,
                link.position,
                "reordered",
                f"link {link.position} does not follow the one before",
            )
        chain = link.chain_hash
        if (anchor := wanted.pop(link.position, None)) and anchor.chain_hash != chain:
            yield Fault(county_code, link.position, "anchor", f"the chain was recomputed: {anchor} was its head")
        expected += 1
    for position in sorted(wanted):
        if position:
            yield Fault(
                county_code,
                position,
                "cut-off",
                f"the chain ends at {expected - 1}, but an anchor says it reached {position}",
            )
