"""What a phone gets beside a form: manifests, lists of households, and word of what has left them."""

import gzip
import hashlib
import logging
import re
import uuid
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
import world
from collect import Phone, words
from lists import MANIFEST, campaign, correction, files, give, listed_form, needs, rows
from lxml import etree

from api.campaigns.create import change_campaign
from api.collection import form_media
from api.collection.forms import publish_form
from api.collection.tables import Assignment
from api.database import Database, now
from api.people.tables import Account, RoleGrant
from api.registry.divisions import import_divisions
from api.registry.tables import Household
from survey_forms.compile import compile_form

NEEDS_NOTHING = """
[languages]
zh = "中文 (zh)"
[settings]
form_id = "alone"
version = "1"
[[survey]]
type = "text"
name = "who"
label = { zh = "姓名" }
"""
ADDRESS = "http://127.0.0.1:8000"
COLUMNS = ["name", "label", "__version", "code", "head_name", "village", "village_code", "address", "persons"]


@pytest.fixture
def published_lists(database):
    """A function that publishes a form naming files."""

    def publish(*names, name="households"):
        with database.transaction() as session:
            return publish_form(session, listed_form(name, more=needs(*names))).form_id

    return publish


def entities(phone, name="households"):
    return {row["code"][-4:]: row for row in rows(phone.get(f"lists/{name}.csv"))}


def gone(phone, *ids, name="households"):
    answer = phone.get(f"lists/{name}/integrity?{urlencode({'id': ','.join(ids)})}")
    assert answer.status_code == 200
    assert answer.content_type == "text/xml; charset=utf-8"
    # Collect takes the first child of each element, whatever it is
    assert re.fullmatch(rb"<\?xml[^>]+\?>\s<data><entities(/>|>(<entity id=[^<]+<deleted>\w+</deleted></entity>)+"
                        rb"</entities>)</data>", answer.data)  # fmt: skip
    return {one.get("id"): one.findtext("deleted") for one in etree.fromstring(answer.data).iter("entity")}


def test_the_form_list_names_a_manifest_for_forms_that_need_files_and_only_for_them(phone, published_lists, database):
    published_lists()
    with database.transaction() as session:
        publish_form(session, compile_form(NEEDS_NOTHING))
    listed = etree.fromstring(phone.get("formList").data)
    manifests = {form.findtext("{*}formID"): form.findtext("{*}manifestUrl") for form in listed}
    assert manifests["listed"] == f"{ADDRESS}{phone.key}/forms/listed/1/manifest"
    assert manifests["alone"] is None


def test_a_manifest_names_each_list_with_its_kind_its_hash_and_addresses_from_the_settings(
    phone, published_lists, database
):
    published_lists("villages.csv", "standards.csv")
    with database.transaction() as session:
        give(session, "surveyor", 1)
    found = files(phone.get("forms/listed/1/manifest", headers={"Host": "evil.example"}))
    assert list(found) == ["households.csv", "villages.csv", "standards.csv"]
    assert found["households.csv"]["type"] == "entityList"
    assert found["households.csv"]["downloadUrl"] == f"{ADDRESS}{phone.key}/lists/households.csv"
    assert found["households.csv"]["integrityUrl"] == f"{ADDRESS}{phone.key}/lists/households/integrity"
    for name in ("villages.csv", "standards.csv"):
        assert "type" not in found[name]
        assert "integrityUrl" not in found[name]
        served = phone.client.get(found[name]["downloadUrl"].removeprefix(ADDRESS))
        assert found[name]["hash"] == "md5:" + hashlib.md5(served.data, usedforsecurity=False).hexdigest()


def test_a_file_that_nobody_has_is_left_out_of_the_manifest_and_the_operator_is_told_once(
    phone, published_lists, caplog, monkeypatch
):
    monkeypatch.setattr(form_media, "_told", set())
    published_lists("prices.csv", "villages.csv")
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert list(files(phone.get("forms/listed/1/manifest"))) == ["households.csv", "villages.csv"]
    assert [record.getMessage() for record in caplog.records] == [
        "form listed 1 names prices.csv, which nothing here has"
    ]


def test_a_worker_gets_the_households_given_to_him_with_what_the_roll_says(phone, database):
    with database.transaction() as session:
        give(session, "surveyor", 2, 1)
        give(session, "surveyor", 3, purpose="spot_check")
        give(session, "surveyor-outside", 5, village=world.VILLAGES[2])
    listed = rows(phone.get("lists/households.csv"))
    assert list(listed[0]) == [*COLUMNS, "scheme", "geometry"]
    assert [row["code"] for row in listed] == [f"{world.VILLAGE}-0001", f"{world.VILLAGE}-0002"]
    first = listed[0]
    assert uuid.UUID(first.pop("name")).version == 4
    assert first == {
        "label": f"{world.VILLAGE}-0001 虚构户主1 第1村", "__version": "1", "code": f"{world.VILLAGE}-0001",
        "head_name": "虚构户主1", "village": "第1村", "village_code": world.VILLAGE, "address": "", "persons": "2",
        "scheme": "urban", "geometry": "28.901 89.601 0 0",
    }  # fmt: skip


def test_a_list_without_households_is_a_heading_so_that_the_form_still_opens(phone):
    answer = phone.get("lists/households.csv")
    assert (
        answer.data == b"name,label,__version,code,head_name,village,village_code,address,persons,scheme,geometry\r\n"
    )


def test_workers_and_areas_see_nothing_of_each_other(phone, client, database):
    with database.transaction() as session:
        give(session, "surveyor", 1)
        give(session, "surveyor-outside", 1, village=world.VILLAGES[2])
        give(session, "checker-outside", 1, village=world.VILLAGES[4])
        # given before he was moved to another township
        give(session, "surveyor-outside", 2)
        session.add(Household(**missed(world.VILLAGES[2])))
        session.add(Household(**missed(world.VILLAGE)))
    other = Phone(client, "surveyor-outside")
    assert [row["village_code"] for row in rows(other.get("lists/households.csv"))] == [world.VILLAGES[2]]
    assert [row["village_code"] for row in rows(phone.get("lists/households.csv"))] == [world.VILLAGE]
    assert [row["village_code"] for row in rows(other.get("lists/missed_households.csv"))] == [world.VILLAGES[2]]
    assert [row["village_code"] for row in rows(phone.get("lists/missed_households.csv"))] == [world.VILLAGE]
    stranger = entities(other)["0001"]["name"]
    assert gone(phone, stranger) == {stranger: "true"}
    for name in ("county", "township", "admin"):  # who sends nothing works through nothing
        assert rows(Phone(client, name).get("lists/missed_households.csv")) == []
    assert Phone(client, "city").get("lists/households.csv").status_code == 403


def missed(village, serial=9001, **values):
    """A registered-poor household that is not on the roll."""
    return {
        "county_code": village[:6], "township_code": village[:9], "village_code": village, "scheme": "rural",
        "code": f"{village}-{serial}", "on_roll": False, "registered_poor": True, "head_name": "虚构漏保户",
        "persons": 3, "benefit_fen_per_month": 0, **values,
    }  # fmt: skip


def test_missed_households_are_the_registered_poor_who_are_not_on_the_roll_village_by_village(phone, database):
    with database.transaction() as session:
        session.add(Household(**missed(world.VILLAGES[1])))
        session.add(Household(**missed(world.VILLAGE, 9002, address='三组, "东头"\n=1+1')))
        session.add(Household(**missed(world.VILLAGE, 9003, registered_poor=False)))
    listed = rows(phone.get("lists/missed_households.csv"))
    assert list(listed[0]) == [*COLUMNS, "geometry"]
    assert [(row["code"][-4:], row["geometry"]) for row in listed] == [("9002", ""), ("9001", "")]
    assert listed[0]["address"] == '三组, "东头"\n=1+1'
    assert b'"\xe4\xb8\x89\xe7\xbb\x84, ""' in phone.get("lists/missed_households.csv").data


def test_a_withdrawn_household_leaves_the_list_and_its_integrity_says_so(phone, database):
    with database.transaction() as session:
        first, _ = give(session, "surveyor", 1, 2)
        key = (first.county_code, first.id)
    before = entities(phone)
    assert gone(phone, before["0001"]["name"]) == {before["0001"]["name"]: "false"}
    with database.transaction() as session:
        session.get_one(Assignment, key).withdrawn_at = now()
    assert set(entities(phone)) == {"0002"}
    ids = [before["0001"]["name"], before["0002"]["name"], "no-such-entity"]
    assert gone(phone, *ids) == dict(zip(ids, ("true", "false", "true"), strict=True))


def test_what_is_done_stays_until_the_campaign_is_over_so_that_it_can_be_corrected(phone, database):
    with database.transaction() as session:
        give(session, "surveyor", 1, 2)
        give(session, "surveyor", 3, completed_at=now())
        give(session, "surveyor", 4, completed_at=now(), ends=2020)
        give(session, "surveyor", 5, ends=2020)
    assert set(entities(phone)) == {"0001", "0002", "0003", "0005"}


def test_asking_for_the_state_of_nothing_of_too_much_or_of_nonsense_is_answered(phone):
    assert gone(phone) == {}
    for ids in (",".join(map(str, range(501))), "a\x01b", "a b"):
        answer = phone.get(f"lists/households/integrity?{urlencode({'id': ids})}")
        assert answer.status_code == 400
        words(answer)
    assert phone.get("lists/none/integrity").status_code == phone.get("lists/none.csv").status_code == 404


@pytest.mark.parametrize("path", ["manifest", "households.csv", "villages.csv", "standards.csv"])
def test_unchanged_lists_and_manifests_cost_a_304_with_openrosas_headers(
    phone, published_lists, database, path, monkeypatch
):
    published_lists("villages.csv", "standards.csv")
    with database.transaction() as session:
        give(session, "surveyor", 1)
    path = "forms/listed/1/manifest" if path == "manifest" else f"lists/{path}"
    first = phone.get(path)
    if path.endswith("households.csv"):
        monkeypatch.setattr("api.collection.entity_lists.EntityList.content", None)  # not even made
    again = phone.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    for answer in (first, again):
        assert answer.headers["X-OpenRosa-Version"] == "1.0"
        assert answer.headers["X-OpenRosa-Accept-Content-Length"]
        assert answer.headers["Content-Language"] == "zh"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers.get("Vary", "") in {"", "Accept-Encoding"}


def test_a_list_is_packed_for_phones_that_unpack_and_is_the_same_list(phone, database):
    with database.transaction() as session:
        give(session, "surveyor", *range(1, 13))
    plain = phone.get("lists/households.csv")
    packed = phone.get("lists/households.csv", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 3
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] == plain.headers["ETag"]
    head = phone.client.head(f"{phone.key}/lists/households.csv")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", plain.headers["ETag"])


def change(database, **values):
    with database.transaction() as session:
        household = session.scalars(sa.select(Household).where(Household.code == f"{world.VILLAGE}-0001")).one()
        for name, value in values.items():
            setattr(household, name, value)


def renamed(database):
    with database.transaction() as session:
        row = {"code": world.VILLAGE, "level": "village", "name": "新村名", "parent_code": world.TOWNSHIP}
        assert import_divisions(session, [row]).renamed == 1


@pytest.mark.parametrize(
    ("act", "grows"),
    [
        (lambda database: change(database, address="二组"), True),
        (lambda database: change(database, persons=9), True),
        (lambda database: change(database, place="SRID=4326;POINT(89.7 28.8)"), True),
        (renamed, True),
        (lambda database: change(database, benefit_fen_per_month=1), False),
        (lambda database: change(database, phone_sealed="x"), False),
    ],
    ids=["address", "persons", "place", "village renamed", "money", "phone"],
)
def test_a_rows_version_and_the_lists_token_grow_exactly_when_the_row_shows_something_new(
    phone, published_lists, database, act, grows
):
    published_lists()
    with database.transaction() as session:
        give(session, "surveyor", 1, 2)
    before, tag = entities(phone), files(phone.get("forms/listed/1/manifest"))["households.csv"]["hash"]
    act(database)
    after, new_tag = entities(phone), files(phone.get("forms/listed/1/manifest"))["households.csv"]["hash"]
    assert (new_tag != tag, after["0001"] != before["0001"]) == (grows, grows)
    assert (int(after["0001"]["__version"]) > int(before["0001"]["__version"])) == grows
    assert after["0001"]["name"] == before["0001"]["name"]


def test_villages_and_standards_are_those_of_the_workers_area(phone, client, database):
    listed = rows(phone.get("lists/villages.csv"))
    assert listed == [
        {"name": code, "label": f"第{n}村", "township": "江孜镇"} for n, code in enumerate(world.VILLAGES[:2], start=1)
    ]
    assert len(rows(Phone(client, "checker").get("lists/villages.csv"))) == 4
    assert rows(phone.get("lists/standards.csv")) == []
    with database.transaction() as session:
        lines = {world.COUNTY: 331_100, world.TOWNSHIP: 400_000}
        change_campaign(
            session, campaign(session),
            standards=[
                {"area_code": area, "scheme": "rural", "year": 2018, "fen_per_person_year": fen}
                for area, fen in lines.items()
            ],
        )  # fmt: skip
    (line,) = rows(phone.get("lists/standards.csv"))
    assert line == {
        "name": "rural", "label": "农村低保 2018", "scheme": "rural", "year": "2018",
        "yuan_per_person_year": "4000.00", "yuan_per_person_month": "333.33",
    }  # fmt: skip
    assert rows(Phone(client, "surveyor-outside").get("lists/standards.csv"))[0]["yuan_per_person_year"] == "3311.00"
    assert rows(Phone(client, "checker-outside").get("lists/standards.csv")) == []


def test_whoever_has_a_household_to_check_sees_no_value_of_it_that_a_visit_may_have_corrected(phone, database):
    with database.transaction() as session:
        give(session, "surveyor", 1, 2)
        (check,) = give(session, "surveyor", 2, purpose="spot_check")
        key = (check.county_code, check.id)
    assert set(entities(phone)) == {"0001"}
    with database.transaction() as session:
        session.get_one(Assignment, key).completed_at = now()
    assert set(entities(phone)) == {"0001", "0002"}


def test_a_checkers_list_of_missed_households_leaves_out_those_a_visit_has_something_to_say_of(client, database):
    form = listed_form("missed_households")
    with database.transaction() as session:
        publish_form(session, form)
        session.add_all(Household(**missed(village)) for village in (world.VILLAGE, world.VILLAGES[2]))
    checker, surveyor = Phone(client, "checker"), Phone(client)
    seen = rows(checker.get("lists/missed_households.csv"))
    assert [row["village_code"] for row in seen] == [world.VILLAGE, world.VILLAGES[2]]
    (row,) = rows(surveyor.get("lists/missed_households.csv"))
    assert surveyor.send(correction(form, row["name"], code=row["code"], persons=8)).status_code == 201
    assert rows(checker.get("lists/missed_households.csv")) == seen[1:]
    assert rows(surveyor.get("lists/missed_households.csv")) == [row]
    with database.transaction() as session:
        account = session.scalars(sa.select(Account).where(Account.name == "checker")).one()
        session.add(RoleGrant(account_id=account.id, role="surveyor", area_code=world.TOWNSHIP))
    assert rows(checker.get("lists/missed_households.csv")) == seen


@pytest.fixture
def lost(app, monkeypatch, tmp_path):
    """The application's database is gone: nobody listens, or the file holds no tables."""
    nobody = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    found = app.extensions["ruhu_database"]
    other = Database(f"sqlite:///{tmp_path}/empty.db" if found.is_embedded else nobody)
    monkeypatch.setitem(app.extensions, "ruhu_database", other)
    yield
    other.dispose()


@pytest.mark.usefixtures("published", "lost")
@pytest.mark.parametrize("path", ["formList", "lists/households.csv", "forms/listed/1/manifest", "lists/x/integrity"])
def test_a_database_that_is_gone_is_a_503_never_an_empty_list(phone, path):
    answer = phone.get(path)
    assert answer.status_code == 503
    words(answer)


def test_fifteen_hundred_households_come_whole(phone, database):
    with database.transaction() as session:
        session.add_all(
            Household(**missed(world.VILLAGE, 1000 + n, on_roll=True, address="虚构地址", head_name=f"虚构{n}"))
            for n in range(1500)
        )
        session.flush()
        give(session, "surveyor", *range(1000, 2500))
    listed = entities(phone)
    assert len(listed) == 1500
    assert len({row["name"] for row in listed.values()}) == 1500
    assert gone(phone, listed["1000"]["name"]) == {listed["1000"]["name"]: "false"}


def test_the_manifest_speaks_openrosas_language(phone, published_lists):
    published_lists()
    root = etree.fromstring(phone.get("forms/listed/1/manifest").data)
    assert {entry.tag for entry in root} == {f"{MANIFEST}mediaFile"}
