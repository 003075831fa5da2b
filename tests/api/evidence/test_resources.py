"""Evidence as programs read it."""

import json
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
import world
from collect import HOUSEHOLD, JPEG, visit

from api.collection.commands import reprocess_command
from api.collection.derive import reprocess
from api.collection.forms import publish_form
from api.collection.tables import SubmissionVersion
from api.evidence.derive import derive_evidence
from api.evidence.tables import Evidence
from api.registry.tables import Household
from survey_forms.compile import compile_form
from survey_forms.filling import fill
from survey_forms.values import Place
from survey_forms.xform import read_schema


@pytest.fixture
def get(client, bearer):
    def ask(query="", name="county", **more):
        return client.get(f"/api/evidence{query}", headers={**bearer(name), **more})

    return ask


@pytest.fixture
def five(phone_of):
    """Five visits of one township on five days, further and further east, and one with an asset elsewhere."""
    for number in range(1, 6):
        xml = visit(
            f"uuid:{number}",
            household=f"{world.VILLAGE}-{number:04d}",
            photo=None,
            place=Place(28.9, 89.6 + number / 100, 4000.0, 5.0),
            start=datetime(2018, 6, 20 + number, 1, tzinfo=UTC),
        )
        assert phone_of("surveyor").send(xml).status_code == 201
    asset = {"asset_kind": "vehicle", "asset_owner": "虚构甲", "asset_value": 45000, "asset_photo": "car.jpg"}
    other = visit("uuid:6", household="540222201201-0001", photo=None, place=None, assets_seen="yes", assets=[asset])
    assert phone_of("surveyor-outside").send(other).status_code == 201


def serials(answer):
    assert answer.status_code == 200, answer.text
    return [feature["properties"]["household_code"][-1] for feature in answer.json["features"]]


def test_a_visit_becomes_a_feature_with_its_place_and_money_in_fen(phone_of, get):
    phone_of("surveyor").send(visit("uuid:1"), {"house.jpg": JPEG})
    answer = get()
    assert answer.content_type == "application/geo+json"
    (feature,) = json.loads(answer.data)["features"]
    assert feature["type"] == "Feature"
    assert feature["geometry"] == {"type": "Point", "coordinates": [89.61, 28.95]}
    seen = feature["properties"]
    assert (seen["accuracy_m"], seen["altitude_m"], seen["household_code"]) == (6.5, 4021.5, HOUSEHOLD)
    assert seen["content"]["income_wages_fen_per_year"] == 120_000
    assert seen["content"]["companions"] == ["village_committee"]
    assert [photo["arrived"] for photo in seen["photos"]] == [True]


def test_an_asset_of_a_repeat_is_evidence_of_its_own(five, get):
    (asset,) = get("?kind=asset").json["features"]
    assert asset["geometry"] is None
    assert asset["properties"]["content"] == {"kind": "vehicle", "owner": "虚构甲", "value_fen": 4_500_000}
    assert [photo["arrived"] for photo in asset["properties"]["photos"]] == [False]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?kind=visit", "154321"),
        ("?kind=visit&township=540222100", "54321"),
        ("?village=540222201201&kind=visit", "1"),
        ("?kind=visit&household=540222100201-0003", "3"),
        ("?since=2018-06-23&until=2018-06-24", "43"),
        ("?bbox=89.615,28.8,89.635,29", "32"),
        ("?bbox=89.61,28.8,89.61,29", "1"),  # a line
        ("?bbox=-180,-90,180,90", "54321"),
        ("?purpose=spot_check", ""),
        ("?kind=visit&limit=2", "15"),
    ],
)
def test_filters_keep_what_is_asked_for_newest_first(five, get, query, expected):
    assert "".join(serials(get(query))) == expected


def test_pages_follow_each_other_by_their_links_without_gap_or_repetition(five, client, bearer):
    address, found, pages = "/api/evidence?kind=visit&limit=2", [], 0
    while address:
        page = client.get(address, headers=bearer("county")).json
        assert page["numberMatched"] == 6
        found += [feature["id"] for feature in page["features"]]
        pages += 1
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
        address = address.removeprefix("http://127.0.0.1:8000")
    assert (len(found), len(set(found)), pages) == (6, 6, 3)


@pytest.mark.parametrize(
    "query",
    [
        "?bbox=1,2,3", "?bbox=nan,0,1,1", "?bbox=10,0,5,1", "?bbox=0,0,inf,1", "?township=54", "?limit=0",
        "?limit=1001", "?since=2018-13-01", "?since=9999-12-31", "?before=x", "?purpose=other",
        "?township=540222100&village=540222201201",
    ],
)  # fmt: skip
def test_filters_that_make_no_sense_are_refused_422_naming_the_field(get, query):
    answer = get(query)
    assert answer.status_code == 422
    assert query[1:].split("=")[0] in answer.text or "village" in answer.text


def test_an_unchanged_page_costs_a_304_and_a_changed_one_does_not(phone_of, get):
    phone_of("surveyor").send(visit("uuid:1"))
    tag = get().headers["ETag"]
    assert get(**{"If-None-Match": tag}).status_code == 304
    assert get(name="township", **{"If-None-Match": tag}).status_code == 304  # the very same bytes
    phone_of("surveyor").send(visit("uuid:2", deprecated_id="uuid:1", wages=7))
    assert get(**{"If-None-Match": tag}).status_code == 200


def test_a_photo_is_served_as_the_picture_it_is_and_a_page_in_disguise_only_for_saving(phone_of, get, client, bearer):
    phone_of("surveyor").send(visit("uuid:1"), {"house.jpg": JPEG})
    phone_of("surveyor").send(visit("uuid:2"), {"house.jpg": b"<html><script>alert(1)</script>"})
    pages, photos = (
        [feature["properties"]["photos"][0]["url"] for feature in get().json["features"]][index] for index in (0, 1)
    )
    answer = client.get(photos, headers=bearer("county"), buffered=True)
    assert (answer.data, answer.content_type) == (JPEG, "image/jpeg")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("inline")
    disguised = client.get(pages, headers=bearer("county"), buffered=True)
    assert disguised.content_type == "application/octet-stream"
    assert disguised.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in disguised.headers["Content-Security-Policy"]


def test_a_photo_that_has_not_arrived_is_a_404_that_says_so(phone_of, get, client, bearer):
    phone_of("surveyor").send(visit("uuid:1"))
    (feature,) = get().json["features"]
    answer = client.get(feature["properties"]["photos"][0]["url"], headers=bearer("county"))
    assert answer.status_code == 404
    assert "还没有从手机传来" in answer.json["detail"]


def test_a_submission_says_whether_it_is_complete(phone_of, get, client, bearer):
    xml = visit("uuid:1")
    phone_of("surveyor").send(xml)
    (feature,) = get().json["features"]
    address = f"/api/submissions/{feature['properties']['submission_id']}"
    assert client.get(address, headers=bearer("county")).json["complete"] is False
    phone_of("surveyor").send(xml, {"house.jpg": JPEG})
    assert client.get(address, headers=bearer("county")).json["complete"] is True
    (again,) = get().json["features"]
    assert again["id"] == feature["id"]
    assert again["properties"]["photos"][0]["arrived"] is True


def test_evidence_is_rebuilt_from_raw_bytes_under_the_same_ids(five, app, database):
    def snapshot():
        with database.read() as session:
            rows = session.scalars(sa.select(Evidence).order_by(Evidence.id)).all()
            return [(row.id, row.kind, row.content, row.household_code, row.collected_at) for row in rows]

    before = snapshot()
    with database.transaction() as session:
        session.execute(sa.update(Evidence).values(content={}, kind="spoilt", collected_at=None))
    blobs = app.extensions["ruhu_blobs"]
    assert list(reprocess(database, blobs, [derive_evidence], everything=True)) == [True] * 6
    assert snapshot() == before


def test_what_failed_is_derived_once_mended_and_a_household_found_that_was_imported_since(phone_of, app, database):
    def fails(_session, _found):
        raise ValueError("not yet")

    app.extensions["ruhu_derivers"][:] = [fails]
    phone_of("surveyor").send(visit("uuid:1", household="540222100201-0777"))
    with database.transaction() as session:
        known = session.scalars(sa.select(Household).where(Household.code == HOUSEHOLD)).one()
        known.code = "540222100201-0777"
    result = app.test_cli_runner().invoke(reprocess_command)
    assert result.exit_code == 3
    app.extensions["ruhu_derivers"][:] = [derive_evidence]
    assert list(reprocess(database, app.extensions["ruhu_blobs"], [derive_evidence])) == [True]
    with database.read() as session:
        (evidence,) = session.scalars(sa.select(Evidence)).all()
        assert evidence.household_id == known.id
        (version,) = session.scalars(sa.select(SubmissionVersion)).all()
        assert version.flags == []


SECRETS = """
[languages]
zh = "中文 (zh)"
[settings]
form_id = "secrets"
version = "1"
[[survey]]
type = "text"
name = "household_code"
label = { zh = "家庭编码" }
evidence = "visit.household"
[[survey]]
type = "text"
name = "id_number"
label = { zh = "身份证号" }
evidence = "visit.identity_number"
[[survey]]
type = "text"
name = "note"
label = { zh = "说明" }
evidence = "visit.note"
"""


def test_numbers_of_persons_are_masked_for_everybody_whatever_question_they_stand_in(get, phone_of, database):
    form = compile_form(SECRETS)
    with database.transaction() as session:
        publish_form(session, form)
    answers = {"household_code": HOUSEHOLD, "id_number": "11010519491231002X", "note": "儿子电话13812345678"}
    xml = fill(read_schema(form.xml), answers, instance_id="uuid:secret")
    assert phone_of("surveyor").send(xml).status_code == 201
    for name in ("county", "discipline", "surveyor"):  # full numbers only by an export, with a reason that is recorded
        (feature,) = get(name=name).json["features"]
        content = feature["properties"]["content"]
        assert content == {"identity_number": "110105**********2X", "note": "儿子电话138******78"}
        assert get(f"/{feature['id']}", name=name).json["properties"]["content"] == content
    with database.read() as session:  # what was answered stays as it was
        assert session.scalars(sa.select(Evidence)).one().content["identity_number"] == "11010519491231002X"
