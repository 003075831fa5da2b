from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
import world
from sqlalchemy import delete, select, update

from api.people.audit import record
from api.people.sealing import Anchor, head, seal, seal_everything, unsealed_counties, verify
from api.people.tables import AuditEntry, AuditLink

COUNTY = world.COUNTY


@pytest.fixture
def sealed(session, viewer):
    """Seven sealed entries of the county, and one of another."""
    for number in range(7):
        record(session, viewer("county"), "test.do", "thing", number, division_code=COUNTY, number=number)
    record(session, viewer("city"), "test.do", "thing", 9, division_code=world.OTHER_COUNTY)
    session.flush()
    assert seal(session, COUNTY, most=4) == 4
    assert seal(session, COUNTY) == 3
    assert seal(session, COUNTY) == 0
    assert unsealed_counties(session) == [world.OTHER_COUNTY]
    return head(session, COUNTY)


def faults(session, *anchors):
    session.expire_all()
    return [(fault.kind, fault.position) for fault in verify(session, COUNTY, list(anchors))]


def unlocked(session):
    """Let a tamperer with the database's own password do what the triggers forbid."""
    if session.get_bind().dialect.name == "sqlite":
        for table in ("audit_entry", "audit_link"):
            for verb in ("update", "delete"):
                session.execute(sa.text(f"drop trigger {table}_no_{verb}"))
    else:
        for table in ("audit_entry", "audit_link"):
            session.execute(sa.text(f"alter table {table} disable trigger user"))


def entry_at(session, position):
    return session.scalars(select(AuditLink).where(AuditLink.position == position)).one().entry_id


def test_an_untouched_log_has_no_faults(session, sealed):
    assert sealed.position == 7
    assert faults(session, sealed, Anchor.parse(str(sealed))) == []


@pytest.mark.parametrize("statement", [update(AuditEntry).values(action="x"), delete(AuditEntry), delete(AuditLink)])
def test_the_database_itself_refuses_to_change_the_log(session, sealed, statement):
    with pytest.raises(sa.exc.DBAPIError, match="written once"), session.begin_nested():
        session.execute(statement)


def test_a_changed_row_is_named(session, sealed):
    unlocked(session)
    session.execute(update(AuditEntry).where(AuditEntry.id == entry_at(session, 3)).values(actor_name="somebody else"))
    assert faults(session) == [("changed", 3)]


def test_a_removed_row_is_named(session, sealed):
    unlocked(session)
    gone = entry_at(session, 5)
    session.execute(delete(AuditLink).where(AuditLink.position == 5))
    session.execute(delete(AuditEntry).where(AuditEntry.id == gone))
    assert ("removed", 5) in faults(session)


def test_reordered_rows_are_named(session, sealed):
    unlocked(session)
    second, fourth = entry_at(session, 2), entry_at(session, 4)
    links = {link.position: link for link in session.scalars(select(AuditLink)).all()}
    hashes = links[2].entry_hash, links[4].entry_hash
    for position in (2, 4):
        session.execute(delete(AuditLink).where(AuditLink.position == position))
    session.expunge_all()
    for position, entry, digest in ((2, fourth, hashes[1]), (4, second, hashes[0])):
        old = links[position]
        session.add(
            AuditLink(
                county_code=COUNTY,
                position=position,
                entry_id=entry,
                entry_hash=digest,
                chain_hash=old.chain_hash,
                sealed_at=old.sealed_at,
            )
        )
    session.flush()
    assert faults(session) == [("reordered", 2), ("reordered", 4)]


def test_a_cut_off_tail_shows_only_against_an_anchor(session, sealed):
    unlocked(session)
    session.execute(delete(AuditLink).where(AuditLink.position > 5))
    assert faults(session) == []
    assert faults(session, sealed) == [("cut-off", 7)]


def test_a_recomputed_chain_shows_against_an_anchor(session, sealed):
    unlocked(session)
    session.execute(update(AuditEntry).where(AuditEntry.id == entry_at(session, 1)).values(action="harmless"))
    session.execute(delete(AuditLink).where(AuditLink.county_code == COUNTY))
    session.expire_all()
    assert seal(session, COUNTY) == 7
    assert faults(session) == []
    assert faults(session, sealed) == [("anchor", 7)]


def test_sealers_at_the_same_time_make_one_chain_of_everything(database, monkeypatch):
    monkeypatch.setattr("api.people.sealing.BATCH", 7)  # many turns, so that they meet
    with database.transaction() as session:
        for number in range(60):
            record(session, None, "test.do", "thing", number, division_code=COUNTY)
    with ThreadPoolExecutor(4) as pool:
        sealed = sum(pool.map(lambda _: seal_everything(database), range(4)))
    with database.read() as session:
        assert unsealed_counties(session) == []
        assert head(session, COUNTY).position == session.scalar(
            select(sa.func.count()).select_from(AuditEntry).where(AuditEntry.county_code == COUNTY)
        )
        assert sealed >= 60
        assert list(verify(session, COUNTY)) == []
