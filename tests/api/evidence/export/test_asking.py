"""Asking for an export: once built, found again, fetched in pieces, withdrawn, cleaned away, and never lost."""

import errno
import os
from datetime import timedelta

import pytest
import sqlalchemy as sa
import world
from collect import JPEG, visit

from api.collection.tables import Submission
from api.database import now
from api.evidence.export import carry_out
from api.evidence.export.expire import sweep_exports
from api.evidence.export.tables import Export
from api.jobs.tables import Job
from api.people.tables import Account, AuditEntry, RoleGrant
from api.registry.tables import Household

WEEK = timedelta(days=7)


@pytest.fixture
def three(phone_of):
    for number in (1, 2, 3):
        xml = visit(f"uuid:{number}", household=f"{world.VILLAGE}-{number:04d}")
        assert phone_of("surveyor").send(xml).status_code == 201


@pytest.fixture
def again(desk):
    """A function that asks and says whether it was built: True, or found: False."""

    def post(name="county", **wanted):
        answer = desk.ask(name, **wanted)
        assert answer.status_code in {200, 202}, answer.text
        return bool(desk.work())

    return post


def test_an_export_waits_is_made_and_says_what_it_holds(three, desk):
    asked = desk.ask()
    assert (asked.status_code, asked.json["state"], asked.json["file"]) == (202, "waiting", None)
    assert desk.fetch(asked).status_code == 404
    assert desk.work() == [True]
    found = desk.look(asked).json
    assert (found["state"], found["rows"], found["missing"]) == ("ready", 3, 0)
    assert found["file"] == f"/api/exports/{asked.json['id']}/file"
    assert found["bytes"] > 100
    assert found["expires_at"] > found["finished_at"]
    listed = desk.list()
    assert [row["id"] for row in listed.json] == [asked.json["id"]]
    assert '"total": 1' in listed.headers["X-Pagination"]


def test_unchanged_data_is_not_built_twice_and_changed_data_is(three, again, desk, phone_of, database):
    assert again()
    first = desk.ask()
    assert (first.status_code, first.json["state"]) == (200, "ready")
    assert not again()
    assert again(format="geojson")
    assert again(language="en")
    assert again(area=world.TOWNSHIP)
    phone_of("surveyor").send(visit("uuid:3", household=f"{world.VILLAGE}-0003"), {"house.jpg": JPEG})
    assert again()  # a file came late
    phone_of("surveyor").send(visit("uuid:9", deprecated_id="uuid:3", household=f"{world.VILLAGE}-0003"))
    assert again()  # an edit
    with database.transaction() as session:
        session.scalars(sa.select(Household).where(Household.code == f"{world.VILLAGE}-0001")).one().head_name = "改名"
    assert again()  # a household renamed
    with database.transaction() as session:
        session.scalars(sa.select(Account).where(Account.name == "surveyor")).one().display_name = "改名"
    assert again()  # a worker renamed
    assert again(area=world.TOWNSHIP)
    phone_of("surveyor-outside").send(visit("uuid:x", household="540222201201-0001"))
    assert again()
    assert not again(area=world.TOWNSHIP)  # nothing of it concerns this township


def test_two_people_of_the_same_rights_share_a_file_and_others_get_their_own(three, desk, database):
    with database.transaction() as session:
        second = session.scalars(sa.select(Account).where(Account.name == "county-outside")).one()
        session.execute(sa.update(RoleGrant).where(RoleGrant.account_id == second.id).values(area_code=world.COUNTY))
    mine = desk.ask("county")
    desk.work()
    shared = desk.ask("county-outside")
    assert (shared.status_code, shared.json["fingerprint"]) == (200, desk.ask("county").json["fingerprint"])
    assert shared.json["id"] != mine.json["id"]
    assert desk.fetch(shared, "county-outside").data == desk.fetch(mine, "county").data
    assert len(desk.files()) == 1
    assert desk.ask("discipline").status_code == desk.ask("township").status_code == 202
    # an address is worth nothing to anybody else
    for stranger in ("county-outside", "discipline", "township"):
        assert desk.fetch(mine, stranger).status_code == 404


def test_a_download_that_broke_off_goes_on_where_it_stopped(three, desk):
    asked = desk.ask(repeats=False)
    desk.work()
    whole = desk.fetch(asked)
    tag = whole.headers["ETag"]
    assert tag == f'"{asked.json["fingerprint"]}"'
    assert whole.headers["Accept-Ranges"] == "bytes"
    rest = desk.fetch(asked, Range="bytes=100-", **{"If-Range": tag})
    assert (rest.status_code, rest.data) == (206, whole.data[100:])
    assert rest.headers["Content-Range"] == f"bytes 100-{len(whole.data) - 1}/{len(whole.data)}"
    changed = desk.fetch(asked, Range="bytes=100-", **{"If-Range": '"another"'})
    assert (changed.status_code, changed.data) == (200, whole.data)
    beyond = desk.fetch(asked, Range=f"bytes={len(whole.data)}-")
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(whole.data)}")
    assert desk.fetch(asked, **{"If-None-Match": tag}).status_code == 304


def test_the_file_has_a_chinese_name_and_a_plain_one(three, desk):
    asked = desk.ask(repeats=False)
    desk.work()
    answer = desk.fetch(asked)
    name = answer.headers["Content-Disposition"]
    assert name.startswith('attachment; filename="home_visit-2')
    assert ".csv\"; filename*=UTF-8''%E5%85%A5%E6%88%B7%E8%B0%83%E6%9F%A5-2" in name
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_whoever_lost_a_right_since_does_not_get_the_file(three, desk, database):
    asked = desk.ask("county")
    desk.work()
    assert desk.fetch(asked).status_code == 200
    with database.transaction() as session:
        account = session.scalars(sa.select(Account).where(Account.name == "county")).one()
        session.execute(sa.update(RoleGrant).where(RoleGrant.account_id == account.id).values(area_code=world.TOWNSHIP))
    refused = desk.fetch(asked)
    assert (refused.status_code, "请重新导出" in refused.json["detail"]) == (403, True)


def test_whoever_lost_a_right_before_it_was_made_is_told_so(three, desk, database):
    asked = desk.ask("county", area=world.COUNTY)
    with database.transaction() as session:
        account = session.scalars(sa.select(Account).where(Account.name == "county")).one()
        session.execute(sa.update(RoleGrant).where(RoleGrant.account_id == account.id).values(area_code=world.TOWNSHIP))
    desk.work()
    found = desk.look(asked).json
    assert (found["state"], world.COUNTY in found["message"]) == ("failed", True)


def test_nobody_asks_beyond_his_area_or_his_role(desk):
    assert desk.ask("township", area=world.NEXT_TOWNSHIP).status_code == 403
    assert desk.ask("county", area=world.OTHER_COUNTY).status_code == 403
    assert desk.ask("county", area="54").status_code == 403
    for name in ("surveyor", "checker", "admin"):
        assert desk.ask(name).status_code == 403


@pytest.mark.parametrize(
    "wanted",
    [
        {"form_id": "nothing"}, {"format": "pdf"}, {"area": "5402221"}, {"since": "2026-13-01"}, {"language": "bo"},
        {"since": "2026-07-02", "until": "2026-07-01"}, {"purpose": "x"}, {"state": "x"}, {"colour": "red"},
        {"unmasked": True}, {"unmasked": True, "reason": "查"}, {"form_id": 7}, {"since": "1999-12-31"},
    ],
)  # fmt: skip
def test_a_wish_that_makes_no_sense_is_refused_422(desk, wanted):
    assert desk.ask(**wanted).status_code == 422


def test_what_is_on_its_way_is_not_asked_for_twice_and_not_without_limit(desk, three):
    first = desk.ask()
    assert desk.ask().json["id"] == first.json["id"]
    days = ["2026-07-01", "2026-07-02", "2026-07-03", "2026-07-04"]
    assert [desk.ask(since=day).status_code for day in days] == [202] * 4
    refused = desk.ask(since="2026-07-05")
    assert (refused.status_code, "5" in refused.json["detail"]) == (409, True)
    assert desk.ask("city").status_code == 202  # a limit of one's own


def test_every_export_is_written_to_the_log(three, desk, database):
    desk.ask(area=world.TOWNSHIP, format="xlsx")
    desk.work()
    desk.ask(area=world.TOWNSHIP, format="xlsx")
    with database.read() as session:
        entries = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "evidence.export")).all()
    assert [(entry.actor_name, entry.county_code, entry.details["area"]) for entry in entries] == [
        ("county", world.COUNTY, world.TOWNSHIP)
    ] * 2
    assert entries[0].details["wanted"]["format"] == "xlsx"


def test_a_deleted_export_is_gone_and_one_on_its_way_stops_and_leaves_nothing(three, desk):
    asked = desk.ask()
    assert desk.delete(asked, "township").status_code == 404
    assert desk.delete(asked).status_code == 204
    assert desk.look(asked).status_code == 404
    assert desk.work() == [True]
    assert not desk.folder.exists()


def test_one_deleted_in_the_middle_stops_there(three, desk, database, monkeypatch):
    monkeypatch.setattr(carry_out, "LOOK_SECONDS", -1)
    asked = desk.ask()
    builds = carry_out.build

    def build(*args, **kwargs):
        with database.transaction() as session:
            session.execute(sa.delete(Export))
        return builds(*args, **kwargs)

    monkeypatch.setattr(carry_out, "build", build)
    desk.work()
    with database.read() as session:
        job = session.scalars(sa.select(Job).where(Job.arguments["export_id"].as_string() == asked.json["id"])).one()
    assert (job.state, job.result) == ("done", {"state": "withdrawn"})
    assert desk.files() == []
    assert list((desk.folder / "building").iterdir()) == []


def test_a_try_that_died_leaves_nothing_in_the_way_of_the_next(three, desk, database, monkeypatch):
    asked = desk.ask(format="media")
    builds = carry_out.build

    def dies(*args, **kwargs):
        builds(*args, **kwargs)
        raise ConnectionError("as when the database goes away")

    with monkeypatch.context() as broken:
        broken.setattr(carry_out, "build", dies)
        assert desk.work() == [False]
    assert desk.files() == []
    with database.transaction() as session:
        session.execute(sa.update(Job).values(not_before=None))
    assert desk.work() == [True]
    assert desk.fetch(asked).status_code == 200
    assert list((desk.folder / "building").iterdir()) == []


def test_a_full_disk_is_said_in_words_and_not_tried_five_times(three, desk, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(carry_out, "build", full)
    asked = desk.ask()
    assert desk.work() == [True]
    found = desk.look(asked).json
    assert (found["state"], "磁盘空间不足" in found["message"]) == ("failed", True)


def test_what_comes_between_asking_and_making_is_in_the_file_and_in_its_fingerprint(three, desk, phone_of):
    asked = desk.ask(repeats=False)
    phone_of("surveyor").send(visit("uuid:4"))
    desk.work()
    found = desk.ask(repeats=False)
    assert (found.status_code, found.json["rows"]) == (200, 4)
    assert found.json["fingerprint"] != asked.json["fingerprint"]
    assert b"uuid:4" in desk.fetch(found).data


def test_an_export_expires_and_its_file_is_swept_unless_another_shares_it(three, desk, database):
    asked = desk.ask()
    desk.work()
    other = desk.ask(format="xlsx")
    desk.work()
    (stray := desk.folder / f"{'0' * 64}.csv").write_bytes(b"of a process that died")
    (left := desk.folder / "building" / "left").mkdir()
    long_ago = now().timestamp() - 3 * 86_400
    for path in [*desk.folder.glob("*.*"), left]:
        os.utime(path, (long_ago, long_ago))
    sweep_exports(database, desk.folder.parent, kept_for=WEEK)
    assert (len(desk.files()), stray.exists(), left.exists()) == (2, False, False)
    with database.transaction() as session:
        row = session.scalars(sa.select(Export).where(Export.finished_at.is_not(None)).order_by(Export.id)).first()
        row.expires_at = now() - timedelta(seconds=1)
    assert desk.fetch(asked).status_code == 404
    sweep_exports(database, desk.folder.parent, kept_for=WEEK)
    assert len(desk.files()) == 1
    assert desk.fetch(other).status_code == 200
    with database.read() as session:
        assert session.scalars(sa.select(sa.func.count()).select_from(Export)).one() == 1


def test_a_file_that_somebody_removed_is_made_again(three, desk):
    asked = desk.ask()
    desk.work()
    for path in desk.folder.glob("*.*"):
        path.unlink()
    assert desk.fetch(asked).status_code == 404
    fresh = desk.ask()
    assert fresh.status_code == 202
    desk.work()
    assert desk.fetch(fresh).status_code == 200


def test_a_snapshot_sees_one_moment_whatever_is_committed_meanwhile(three, database, phone_of):
    count = sa.select(sa.func.count()).select_from(Submission)
    with database.snapshot() as snapshot:
        assert snapshot.scalars(count).one() == 3
        assert phone_of("surveyor").send(visit("uuid:4")).status_code == 201
        assert snapshot.scalars(count).one() == 3
    with database.read() as session:
        assert session.scalars(count).one() == 4
