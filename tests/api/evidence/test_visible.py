"""Who sees which evidence: the area, and a checker's blindness, on every way to it."""

import pytest
import sqlalchemy as sa
import world
from collect import JPEG, visit

from api.collection.tables import Assignment
from api.database import now
from api.evidence.tables import Evidence
from api.people.tables import Account, RoleGrant


@pytest.fixture
def reads(client, bearer):
    """A function from an account's name to every piece of evidence it can come to, by whichever way."""

    def ids(name):
        headers = bearer(name)
        page = client.get("/api/evidence", headers=headers).json
        listed = {feature["id"]: feature for feature in page["features"]}
        assert page["numberMatched"] == len(listed)
        with client.application.extensions["ruhu_database"].read() as session:
            everything = session.scalars(sa.select(Evidence)).all()
            for evidence in everything:
                for photo in evidence.photos:
                    address = f"/api/evidence/{evidence.id}/photos/{photo.id}"
                    expected = 200 if str(evidence.id) in listed else 404
                    assert client.get(address, headers=headers, buffered=True).status_code == expected
                found = client.get(f"/api/evidence/{evidence.id}", headers=headers).status_code
                assert found == (200 if str(evidence.id) in listed else 404)
                behind = client.get(f"/api/submissions/{evidence.submission_id}", headers=headers).status_code
                own = evidence.account_id == world.viewer(session, name).account_id
                assert behind == (200 if own or str(evidence.id) in listed else 404)
        return sorted(feature["properties"]["purpose"] for feature in listed.values())

    return ids


def send(phone, **answers):
    assert phone.send(visit(**answers), {"house.jpg": JPEG}).status_code == 201


def test_a_checker_sees_nothing_of_the_townships_visit_before_his_own_is_in_and_all_of_it_after(phone_of, reads):
    send(phone_of("surveyor"))
    assert reads("checker") == []
    send(phone_of("checker"), household=f"{world.VILLAGE}-0002")
    assert reads("checker") == ["spot_check"]
    send(phone_of("checker"))
    assert reads("checker") == ["spot_check", "spot_check", "township_visit"]


def test_the_neighbouring_township_sees_nothing_and_the_county_everything(phone_of, reads):
    send(phone_of("surveyor"))
    assert reads("township") == ["township_visit"]
    assert reads("surveyor") == ["township_visit"]
    assert reads("county") == reads("city") == reads("discipline") == ["township_visit"]
    for outside in ("township-outside", "surveyor-outside", "county-outside", "city-outside", "discipline-outside"):
        assert reads(outside) == []


@pytest.mark.parametrize("name", ["county", "surveyor", "city"])
def test_whoever_has_an_open_check_of_a_household_is_blind_whatever_the_role(phone_of, reads, assign, database, name):
    send(phone_of("checker"))
    send(phone_of("checker"), household=f"{world.VILLAGE}-0002")
    assert reads(name) == ["spot_check"] * 2
    key = assign(name)
    assert reads(name) == ["spot_check"]
    with database.transaction() as session:
        session.get_one(Assignment, key).withdrawn_at = now()
    assert reads(name) == ["spot_check"] * 2


def test_an_own_visit_completes_the_assignment_and_ends_blindness(phone_of, reads, assign, database):
    send(phone_of("checker"))
    key = assign("surveyor")
    assert reads("surveyor") == []
    send(phone_of("surveyor"))
    with database.read() as session:
        assert session.get_one(Assignment, key).completed_at is not None
    assert reads("surveyor") == ["spot_check", "spot_check"]


def test_a_visit_without_an_open_check_is_the_townships(phone_of, reads, assign):
    assign("surveyor", withdrawn_at=now())
    send(phone_of("surveyor"))
    assert reads("county") == ["township_visit"]


def test_a_checker_who_is_also_a_reviewer_elsewhere_stays_blind_where_he_only_checks(phone_of, reads, database):
    with database.transaction() as session:
        account = session.scalars(sa.select(Account).where(Account.name == "checker")).one()
        session.add(RoleGrant(account_id=account.id, role="township_reviewer", area_code=world.NEXT_TOWNSHIP))
    send(phone_of("surveyor"))
    assert reads("checker") == []
    send(phone_of("surveyor-outside"), household="540222201201-0001")
    assert reads("checker") == ["township_visit"]


def test_a_household_outside_the_senders_area_is_kept_and_flagged_and_seen_where_it_lies(phone_of, reads, database):
    send(phone_of("surveyor-outside"))
    assert reads("surveyor-outside") == []
    assert reads("township") == ["township_visit"]
    with database.read() as session:
        (evidence,) = session.scalars(sa.select(Evidence)).all()
        assert evidence.village_code == world.VILLAGE


def test_evidence_of_an_unknown_household_stays_in_the_senders_area(phone_of, reads, client, bearer):
    send(phone_of("surveyor"), household="540222100201-7777")
    assert reads("township") == ["township_visit"]
    assert reads("township-outside") == []
    (feature,) = client.get("/api/evidence", headers=bearer("township")).json["features"]
    assert feature["properties"]["household_known"] is False
    submission = client.get(
        f"/api/submissions/{feature['properties']['submission_id']}", headers=bearer("township")
    ).json
    assert [flag["kind"] for flag in submission["versions"][0]["flags"]] == ["unknown-household"]
