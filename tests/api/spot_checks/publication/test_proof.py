import hashlib

import pytest
import sqlalchemy as sa
import world

from api.people.tables import AuditEntry
from api.problems import Conflict, NotFound
from api.spot_checks.publication.certificate import certificate, certificate_file
from api.spot_checks.publication.proof import check_leaf, open_leaf
from api.spot_checks.tables import DrawResult, FrameUnit, Selection
from sampling.certificate import parse_canonical, verify_certificate
from sampling.verifier import check_certificate

DICE = "31415926535897932384"


def units(session):
    return session.scalars(sa.select(FrameUnit).order_by(FrameUnit.household_code)).all()


def test_the_shown_salt_makes_the_leaf_by_plain_sha256_and_says_whether_it_was_drawn(session, draw, result, viewer):
    drawn = {row.leaf: row for row in session.scalars(sa.select(Selection))}
    for unit in units(session):
        proof = open_leaf(session, draw, unit.household_code, viewer("county"))
        assert hashlib.sha256(bytes.fromhex(proof.salt) + unit.household_code.encode()).hexdigest() == proof.leaf
        row = drawn.get(proof.leaf)
        assert (proof.role, proof.position) == ((row.role, row.position) if row else ("", 0))
        assert check_leaf(session, draw, proof.household_code, proof.salt) == proof


def test_who_had_a_leaf_opened_stands_in_the_audit_log(session, draw, result, viewer):
    code = units(session)[0].household_code
    open_leaf(session, draw, code, viewer("discipline"))
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "leaf.open")).one()
    assert (entry.actor_name, entry.county_code, entry.details["household_code"]) == ("discipline", world.COUNTY, code)
    assert "salt" not in entry.details


def test_a_household_out_of_sight_or_not_on_the_frozen_roll_has_no_proof(session, draw, result, viewer):
    code = units(session)[0].household_code
    for name in ("county-outside", "city-outside", "checker"):
        with pytest.raises(NotFound):
            open_leaf(session, draw, code, viewer(name))
    for wrong in ("", "540222999999-9999", "540221100201-0001"):
        with pytest.raises(NotFound):
            open_leaf(session, draw, wrong, viewer("city"))


def test_the_certificate_is_what_the_library_and_the_verifier_accept(session, frame, draw, result):
    document = certificate(session, draw)
    data = certificate_file(session, draw)
    assert parse_canonical(data, "certificate.json") == document
    assert document["manifest_sha256"] == draw.manifest_sha256
    assert document["published_at"] == draw.committed_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert document["software"].startswith("ruhu")
    rows = session.execute(sa.select(FrameUnit.leaf, FrameUnit.stratum).order_by(FrameUnit.leaf)).all()
    public = "leaf,stratum\n" + "".join(f"{leaf},{stratum}\n" for leaf, stratum in rows)
    check_certificate(data, public.encode(), DICE.encode())
    assert verify_certificate(data, public.encode(), DICE).same


def test_before_the_dice_there_is_no_certificate_and_after_tampering_none_is_issued(session, draw, viewer):
    with pytest.raises(NotFound):
        certificate(session, draw)


def test_a_list_that_can_no_longer_be_worked_out_is_not_certified(session, draw, result):
    if session.get_bind().dialect.name == "sqlite":
        session.execute(sa.text("drop trigger draw_result_no_update"))
    else:
        session.execute(sa.text("alter table draw_result disable trigger user"))
    session.execute(sa.update(DrawResult).values(entropy="1" * 20))
    session.expire_all()
    with pytest.raises(Conflict, match="不能出具证书"):
        certificate(session, draw)
