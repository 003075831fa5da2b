"""What an operator makes of a refused posting: each decision, its phone's next try, two operators at once."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
import world
from collect import JPEG, Phone, visit
from lxml import etree

from api.collection.forms import close_form, publish_form
from api.collection.quarantine.bulk import JOB, release_all
from api.collection.quarantine.decide import Kind, decide
from api.collection.tables import Attachment, FormVersion, QuarantineAct, Quarantined, Submission, SubmissionVersion
from api.evidence.tables import Evidence
from api.jobs.tables import Job
from api.jobs.work import do
from api.people.tables import AuditEntry, RoleGrant
from api.problems import Unavailable
from survey_forms.catalogue import compiled

WHY = "已电话核对，虚构理由"
OTHER = JPEG + b"another"


def all_of(database, table, **where):
    with database.read() as session:
        return session.scalars(sa.select(table).filter_by(**where).order_by(table.id)).all()


@pytest.fixture
def row(database):
    """The one posting that is kept aside."""

    def found():
        (one,) = all_of(database, Quarantined)
        return one

    return found


@pytest.fixture
def act(client, bearer, row):
    """A function that does one thing to the posting kept aside, as the county's operator."""

    def do_it(kind, name="county", status=200, why=WHY):
        address = f"/api/quarantine/{row().id}/acts"
        answer = client.post(address, json={"kind": kind, "why": why}, headers=bearer(name))
        assert answer.status_code == status, answer.text
        return answer.json

    return do_it


@pytest.fixture
def unpublished(database):
    """A visit of a version that nobody has published yet, and a function that publishes it."""
    form = compiled("home_visit")

    def publish():
        newer = form.xml.replace(form.version.encode(), b"2099010101")
        with database.transaction() as session:
            publish_form(session, _as_version(form, newer, "2099010101"))

    return visit("uuid:1").replace(form.version.encode(), b"2099010101"), publish


def _as_version(form, xml, version):
    return type(form)(
        **{
            **{name: getattr(form, name) for name in form.__dataclass_fields__},
            "xml": xml,
            "version": version,
        }
    )


def answers_of(app, version):
    return etree.fromstring(app.extensions["ruhu_blobs"].read(version.xml_sha256))


def test_a_posting_goes_in_as_its_first_sender_once_the_form_is_published_and_the_phone_then_hears_202(  # noqa: PLR0917 - all take part
    phone, unpublished, act, database, stored, row
):
    xml, publish = unpublished
    assert phone.send(xml, {"house.jpg": JPEG}).status_code == 404
    assert act("release")["outcome"] == "refused"  # not yet
    assert (row().state, row().stands_for, stored()) == ("open", "unknown-form", (0, 0))
    publish()
    assert act("release")["outcome"] == "new"
    (submission,) = all_of(database, Submission)
    assert (row().state, row().submission_id) == ("released", submission.id)
    assert submission.account_id == row().account_id
    assert submission.device_id == "collect:test"
    (version,) = all_of(database, SubmissionVersion)
    assert (version.token_id, version.sent_sha256) == (row().token_id, None)
    assert [file.name for file in all_of(database, Attachment)] == ["house.jpg"]
    assert len(all_of(database, Evidence)) == 1
    assert phone.send(xml, {"house.jpg": JPEG}).status_code == 202
    assert stored() == (1, 1)
    assert act("release")["outcome"] == "new"  # asked for twice, done once
    assert [one.outcome for one in all_of(database, QuarantineAct)] == ["refused", "new"]


def test_a_closed_form_stays_closed_until_it_is_opened(phone, act, row, database):
    with database.transaction() as session:
        close_form(session, "home_visit")
    assert phone.send(visit("uuid:1")).status_code == 409
    refused = act("release")
    assert (refused["outcome"], refused["refused_for"]) == ("refused", "form-closed")
    assert "已停止接收" in refused["message"]
    with database.transaction() as session:
        session.execute(sa.update(FormVersion).values(state="published"))
    assert act("release")["outcome"] == "new"


def test_every_act_is_in_the_log_with_who_why_and_what_came_of_it(phone, unpublished, act, row, database):
    xml, publish = unpublished
    phone.send(xml)
    act("discard", why="重复上报，虚构理由")
    act("reopen")
    publish()
    act("release")
    entries = [one for one in all_of(database, AuditEntry) if one.action.startswith("quarantine.")]
    assert [(one.action, one.actor_name) for one in entries] == [
        ("quarantine.discard", "county"), ("quarantine.reopen", "county"), ("quarantine.release", "county"),
    ]  # fmt: skip
    assert entries[0].details["why"] == "重复上报，虚构理由"
    assert entries[2].details["submission_id"] == str(row().submission_id)
    assert {one.county_code for one in entries} == {world.COUNTY}


@pytest.mark.parametrize("why", ["", "  核对  ", "字" * 201])
def test_a_reason_that_says_nothing_is_refused_422(phone, act, row, why):
    phone.send(visit("uuid:1")[:-20])
    act("discard", status=422, why=why)
    assert row().state == "open"


def test_the_same_id_with_other_answers_is_taken_in_as_the_newest_edit_and_both_are_kept(
    phone, act, row, app, database
):
    first, second = visit("uuid:1", wages=1), visit("uuid:1", wages=2)
    phone.send(first, {"house.jpg": JPEG})
    assert phone.send(second, {"house.jpg": JPEG}).status_code == 409
    done = act("as_edit")
    assert (done["outcome"], done["details"]["sent_as"], done["details"]["replaces"]) == ("edit", "uuid:1", "uuid:1")
    stored, edit = all_of(database, SubmissionVersion)
    assert (stored.number, edit.number, edit.deprecated_id) == (1, 2, "uuid:1")
    assert app.extensions["ruhu_blobs"].read(stored.xml_sha256) == first
    assert edit.sent_sha256 == hashlib.sha256(second).hexdigest()
    assert answers_of(app, edit).findtext(".//{*}wages") == "2"
    (evidence,) = all_of(database, Evidence)
    assert evidence.content["income_wages_fen_per_year"] == 200
    assert app.extensions["ruhu_blobs"].read(row().files[0]["sha256"]) == second  # as it was sent
    # the phone knows nothing of this: its next try is the same again
    assert phone.send(second, {"house.jpg": JPEG}).status_code == 202
    assert phone.send(first, {"house.jpg": JPEG}).status_code == 202
    assert len(all_of(database, SubmissionVersion)) == 2


def test_the_same_id_with_other_answers_is_taken_in_as_a_record_of_its_own_and_its_late_photo_finds_it(
    phone, act, row, app, database
):
    second = visit("uuid:1", household=f"{world.VILLAGE}-0002")
    phone.send(visit("uuid:1"))
    assert phone.send(second).status_code == 409
    done = act("as_separate")
    assert done["outcome"] == "new"
    first, own = all_of(database, Submission)
    assert own.instance_id == done["details"]["instance_id"] != "uuid:1"
    assert (first.household_code, own.household_code) == (f"{world.VILLAGE}-0001", f"{world.VILLAGE}-0002")
    assert phone.send(second, {"house.jpg": JPEG}).status_code == 201
    (photo,) = all_of(database, Attachment)
    assert photo.submission_id == own.id
    assert phone.send(second, {"house.jpg": JPEG}).status_code == 202
    assert len(all_of(database, Quarantined)) == 1


def test_an_edit_of_an_old_version_becomes_the_newest_edit_under_its_own_id(phone, act, row, database):
    phone.send(visit("uuid:1", wages=1))
    phone.send(visit("uuid:2", deprecated_id="uuid:1", wages=2))
    late = visit("uuid:3", deprecated_id="uuid:1", wages=3)
    assert phone.send(late).status_code == 409
    assert act("as_edit")["details"] == {"sent_as": "uuid:3", "replaces": "uuid:2", "instance_id": "uuid:3"}
    (submission,) = all_of(database, Submission)
    assert submission.instance_id == "uuid:3"
    numbers = {version.number: version.instance_id for version in all_of(database, SubmissionVersion)}
    assert numbers == {1: "uuid:1", 2: "uuid:2", 3: "uuid:3"}
    assert phone.send(late).status_code == 202
    assert phone.send(visit("uuid:2", deprecated_id="uuid:1", wages=2)).status_code == 202


def test_an_edit_of_anothers_record_can_only_become_a_record_of_its_own(phone, client, act, row, database):
    phone.send(visit("uuid:1"))
    edit = visit("uuid:2", deprecated_id="uuid:1", wages=9)
    assert Phone(client, "checker").send(edit).status_code == 409
    act("as_edit", status=409)
    assert act("as_separate")["outcome"] == "new"
    own = all_of(database, SubmissionVersion)[-1]
    assert (own.instance_id, own.deprecated_id) == ("uuid:2", None)
    assert Phone(client, "checker").send(edit).status_code == 202
    assert phone.send(visit("uuid:1")).status_code == 202


def test_another_file_under_a_used_name_is_kept_beside_the_first_and_the_phone_then_hears_202(
    phone, act, row, app, database
):
    xml = visit("uuid:1")
    phone.send(xml, {"house.jpg": JPEG})
    assert phone.send(xml, {"house.jpg": OTHER, "new.jpg": JPEG}).status_code == 409
    done = act("beside")
    assert (done["outcome"], done["details"]["renamed"]) == ("files_added", {"house.jpg": "house-2.jpg"})
    files = {file.name: app.extensions["ruhu_blobs"].read(file.sha256) for file in all_of(database, Attachment)}
    assert files == {"house.jpg": JPEG, "house-2.jpg": OTHER, "new.jpg": JPEG}
    assert phone.send(xml, {"house.jpg": OTHER}).status_code == 202
    assert phone.send(xml, {"house.jpg": OTHER + b"!"}).status_code == 409  # a third is another matter


def test_a_discarded_posting_stays_refused_for_its_phone_and_can_be_brought_back(phone, act, row):
    xml = visit("uuid:1")[:-20]
    phone.send(xml)
    act("discard")
    act("discard")  # twice is once
    assert phone.send(xml).status_code == 400
    assert (row().state, row().times) == ("discarded", 2)
    act("as_edit", status=409)
    act("reopen")
    assert row().state == "open"


def test_what_does_not_fit_the_reason_or_is_no_decision_is_refused(phone, act):
    phone.send(visit("uuid:1")[:-20])
    act("as_separate", status=409)
    act("reopen", status=409)
    act("release", status=409)  # first it has to be mended
    act("repair", status=422)
    act("something", status=422)


def test_nothing_is_taken_in_as_the_work_of_somebody_who_may_not_send_there_any_more(phone, unpublished, act, database):
    xml, publish = unpublished
    phone.send(xml)
    publish()
    with database.transaction() as session:
        session.execute(sa.update(RoleGrant).where(RoleGrant.area_code == world.TOWNSHIP).values(area_code="540221"))
    assert "测试surveyor" in act("release", status=409)["detail"]


def test_a_row_over_the_quota_that_was_put_aside_comes_back_when_it_goes_on(phone, act, row, app, settings):
    with app.app_context():
        object.__setattr__(app.extensions["ruhu_settings"], "quarantine_quota_bytes", 10)
    phone.send(visit("uuid:1")[:-20])
    act("discard")
    assert row().state == "discarded"
    phone.send(visit("uuid:2")[:-20])
    assert (row().state, row().times) == ("open", 2)


def test_eight_operators_release_the_same_posting_at_once_and_it_is_in_once(  # noqa: PLR0917 - all take part
    phone, unpublished, app, database, row, stored
):
    xml, publish = unpublished
    phone.send(xml)
    publish()
    operator, key = world.viewer(database.read(), "county"), row().id
    workshop = app.extensions["ruhu_workshop"]

    def release(_number):
        with database.transaction() as session:
            return decide(session, operator, key, Kind.RELEASE, WHY, workshop=workshop).id

    with ThreadPoolExecutor(8) as pool:
        done = set(pool.map(release, range(8)))
    assert len(done) == 1
    assert stored() == (1, 1)
    assert [one.outcome for one in all_of(database, QuarantineAct)] == ["new"]


def test_an_operator_and_the_phone_bring_the_same_submission_at_once(  # noqa: PLR0917 - all take part
    phone, unpublished, app, bearer, row, stored
):
    xml, publish = unpublished
    phone.send(xml)
    publish()
    address = f"/api/quarantine/{row().id}/acts"

    def bring(number):
        if number % 2:
            return Phone(app.test_client()).send(xml).status_code
        answer = app.test_client().post(address, json={"kind": "release", "why": WHY}, headers=bearer("county"))
        return answer.status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(bring, range(6)))
    assert set(statuses) <= {200, 201, 202}
    assert stored() == (1, 1)
    assert row().state == "released"


def test_what_is_refused_half_way_leaves_nothing(phone, act, row, database, stored):
    """The edit would go in, but one of its files stands under a used name."""
    phone.send(visit("uuid:1", wages=1), {"house.jpg": JPEG})
    phone.send(visit("uuid:2", deprecated_id="uuid:1", wages=2))
    assert phone.send(visit("uuid:3", deprecated_id="uuid:1"), {"house.jpg": OTHER}).status_code == 409
    refused = act("as_edit")
    assert (refused["outcome"], refused["refused_for"]) == ("refused", "other-file")
    assert stored() == (1, 2)
    assert row().stands_for == "other-file"
    assert act("as_edit", status=409)


def test_all_of_one_reason_are_released_in_the_background_with_progress(  # noqa: PLR0917 - all take part
    client, unpublished, app, bearer, signed_in, database, stored
):
    xml, publish = unpublished
    for number in range(5):
        Phone(client).send(xml.replace(b"uuid:1", f"uuid:{number}".encode()))
    Phone(client).send(xml.replace(b'version="2099010101"', b'version="1"'))
    asked = {"reason": "unknown-form", "why": WHY}
    assert client.post("/api/quarantine-releases", json=asked, headers=bearer("county-outside")).status_code == 409
    publish()
    assert client.post(
        "/api/quarantine-releases", json={**asked, "reason": "other-xml"}, headers=bearer("county")
    ).status_code == 409  # fmt: skip
    job = client.post("/api/quarantine-releases", json=asked, headers=bearer("county"))
    assert job.status_code == 202
    operator = signed_in("county")
    progress = operator.get(f"/quarantine/jobs/{job.json['id']}")
    assert "等待开始" in progress.text
    kinds = {JOB: lambda task: release_all(task, app.extensions["ruhu_workshop"])}
    (waiting,) = all_of(database, Job)
    assert do(database, kinds, waiting.county_code, waiting.id)
    (done,) = all_of(database, Job)
    assert (done.result, done.progress_done, done.progress_total) == ({"received": 5, "refused": 1, "failed": 0}, 6, 6)
    assert stored() == (5, 5)
    page = operator.get(f"/quarantine/jobs/{done.id}", headers={"HX-Request": "true"}).text
    assert "已完成" in page
    assert "<html" not in page
    assert signed_in("county-outside").get(f"/quarantine/jobs/{done.id}").status_code == 404


def test_a_store_that_is_down_leaves_the_rest_of_the_job_for_later(  # noqa: PLR0917 - all take part
    client, unpublished, app, bearer, database, monkeypatch
):
    xml, publish = unpublished
    for number in range(3):
        Phone(client).send(xml.replace(b"uuid:1", f"uuid:{number}".encode()))
    publish()
    client.post("/api/quarantine-releases", json={"reason": "unknown-form", "why": WHY}, headers=bearer("county"))
    workshop = app.extensions["ruhu_workshop"]
    read, reads = workshop.blobs.read, []

    def down_at_the_second(sha256):
        reads.append(sha256)
        if len(reads) == 2:
            raise Unavailable("存储暂时不可用")
        return read(sha256)

    monkeypatch.setattr(workshop.blobs, "read", down_at_the_second)
    (job,) = all_of(database, Job)
    kinds = {JOB: lambda task: release_all(task, workshop)}
    assert not do(database, kinds, job.county_code, job.id)
    (job,) = all_of(database, Job)
    assert (job.state, [one.state for one in all_of(database, Quarantined)].count("released")) == ("waiting", 1)
    with database.transaction() as session:
        session.get_one(Job, (job.county_code, job.id)).not_before = None
    assert do(database, kinds, job.county_code, job.id)
    assert {one.state for one in all_of(database, Quarantined)} == {"released"}
