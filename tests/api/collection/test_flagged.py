"""Accepted and not understood: the operator's list beside the quarantine, and processing again."""

import re

import pytest
import sqlalchemy as sa
import world
from collect import HOUSEHOLD, JPEG, Phone, visit

from api.collection.commands import reprocess_command
from api.collection.flagged.again import JOB, reprocess_asked
from api.collection.flagged.reading import KINDS
from api.collection.tables import Submission, SubmissionVersion
from api.evidence.tables import Evidence
from api.jobs.tables import Job
from api.jobs.work import do
from api.people.tables import RoleGrant
from api.registry.tables import Household

NEW = f"{world.VILLAGE}-0777"  # not on the roll yet


def all_of(database, table):
    with database.read() as session:
        return session.scalars(sa.select(table).order_by(table.id)).all()


@pytest.fixture
def doubtful(phone, client):
    """Four submissions, one of them without a doubt."""
    phone.send(visit("uuid:1", household=NEW))
    phone.send(visit("uuid:2"), {"stray.bin": b"x"})
    phone.send(visit("uuid:3", wages="a lot", check=False))
    phone.send(visit("uuid:4"), {"house.jpg": JPEG})


@pytest.fixture
def listed(client, bearer):
    def ask(query="", name="county"):
        found = client.get(f"/api/flagged-submissions{query}", headers=bearer(name))
        assert found.status_code == 200, found.text
        return {row["instance_id"]: sorted(flag["kind"] for flag in row["flags"]) for row in found.json}

    return ask


@pytest.fixture
def imported(database):
    def do_it():
        with database.transaction() as session:
            session.scalars(sa.select(Household).where(Household.code == HOUSEHOLD)).one().code = NEW

    return do_it


def work(app, database):
    job = all_of(database, Job)[-1]
    kinds = {JOB: lambda task: reprocess_asked(task, app.extensions["ruhu_workshop"])}
    assert do(database, kinds, job.county_code, job.id)
    return all_of(database, Job)[-1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"uuid:1", "uuid:2", "uuid:3"}),
        ("?kind=unknown-household", {"uuid:1"}),
        ("?kind=unreadable-answer&form=home_visit", {"uuid:3"}),
        ("?kind=stray-file", {"uuid:2"}),
        ("?form=other", set()),
        ("?area=540222100", {"uuid:1", "uuid:2", "uuid:3"}),
        ("?area=540222201", set()),
        (f"?text={NEW}", {"uuid:1"}),
        ("?text=测试sur&order=household", {"uuid:1", "uuid:2", "uuid:3"}),
    ],
)
def test_the_list_holds_what_is_doubtful_and_filters_keep_what_is_asked_for(
    doubtful, listed, query, expected, signed_in
):
    assert set(listed(query)) == expected
    page = signed_in("county").get(f"/flagged{query.replace('text=', 'q=')}").text
    assert page.count('href="/flagged/01') == len(expected)


def test_only_operators_of_the_area_see_it_and_nobody_sees_what_he_is_to_check(
    doubtful, listed, assign, client, bearer
):
    assert listed(name="county-outside") == {}
    assert client.get("/api/flagged-submissions", headers=bearer("township")).status_code == 403
    key = all_of_key(client, bearer, "uuid:2")
    assign("county")
    assert set(listed()) == {"uuid:1"}
    assert set(listed(name="admin")) == {"uuid:1", "uuid:2", "uuid:3"}
    stray = client.get(f"/api/submissions/{key}/stray-files/stray.bin", headers=bearer("county"))
    assert stray.status_code == 404


def all_of_key(client, bearer, instance_id):
    rows = client.get("/api/flagged-submissions", headers=bearer("admin")).json
    return next(row["id"] for row in rows if row["instance_id"] == instance_id)


def test_a_page_says_of_one_submission_what_is_doubtful_where_and_what_to_do(doubtful, client, bearer, signed_in):
    operator = signed_in("county")
    page = operator.get(f"/flagged/{all_of_key(client, bearer, 'uuid:3')}").text
    assert "有答案无法读取" in page
    assert "/data/economy/income/wages" in page
    assert "a lot" in page
    page = operator.get(f"/flagged/{all_of_key(client, bearer, 'uuid:2')}").text
    assert "stray-files/stray.bin" in page
    assert "还没有从手机传来" in page  # the house's photo
    sheet = operator.get("/flagged/export.csv?kind=stray-file", buffered=True).data.decode("utf-8-sig")
    assert [line.split(",")[1] for line in sheet.splitlines()] == ["疑问", "多出的附件"]


def test_after_the_household_was_imported_the_doubt_goes_away_by_processing_again(  # noqa: PLR0917 - all take part
    doubtful, listed, imported, app, database, client
):
    imported()
    token = {"Authorization": f"Bearer {world.PROGRAM_TOKENS['county']}"}
    answer = client.post("/api/reprocessings", json={"form": "home_visit"}, headers=token)
    assert answer.status_code == 202
    job = work(app, database)
    assert (job.state, job.result, job.progress_done) == ("done", {"derived": 3, "failed": 0}, 3)
    assert listed() == {
        "uuid:2": ["stray-file", "unknown-household"],
        "uuid:3": ["unknown-household", "unreadable-answer"],
    }
    with database.read() as session:
        found = session.scalars(sa.select(Evidence).where(Evidence.household_code == NEW)).all()
        assert all(evidence.household_id is not None for evidence in found)


def test_one_submission_is_processed_again_from_its_page_and_nothing_of_other_areas(  # noqa: PLR0917 - all take part
    doubtful, imported, app, database, client, bearer, signed_in
):  # fmt: skip
    imported()
    key = all_of_key(client, bearer, "uuid:1")
    outside = client.post("/api/reprocessings", json={"submission_id": key}, headers=bearer("county-outside"))
    assert outside.status_code == 404
    operator = signed_in("county")
    token = world.csrf_token(operator.get(f"/flagged/{key}").text)
    answer = operator.post("/flagged/reprocess", data={"submission_id": key, "csrf_token": token})
    assert answer.status_code == 303
    assert work(app, database).result == {"derived": 1, "failed": 0}
    assert "这份上报没有疑问" in operator.get(f"/flagged/{key}").text
    assert "已重新处理" in operator.get(answer.headers["Location"]).text


def test_an_operator_of_another_county_processes_only_what_lies_in_his_own(doubtful, app, database, client, bearer):
    client.post("/api/reprocessings", json={"everything": True}, headers=bearer("county-outside"))
    assert work(app, database).result == {"derived": 0, "failed": 0}


def test_bytes_or_a_form_that_are_lost_stop_nobody_else(doubtful, app, database, listed):
    blobs = app.extensions["ruhu_blobs"]
    versions = {version.instance_id: version for version in all_of(database, SubmissionVersion)}
    blobs.path(versions["uuid:1"].xml_sha256).unlink()
    with database.transaction() as session:
        session.get_one(SubmissionVersion, (world.COUNTY, versions["uuid:3"].id)).form_version = "gone"
    result = app.test_cli_runner().invoke(reprocess_command, ["--all"])
    assert (result.exit_code, "2 条已处理" in result.output, "2 条仍有问题" in result.output) == (3, True, True)
    assert "failed" in listed()["uuid:1"]
    assert "failed" in listed()["uuid:3"]
    assert app.test_cli_runner().invoke(reprocess_command, ["--all"]).exit_code == 3
    assert listed()["uuid:1"].count("failed") == 1


def test_what_was_concluded_from_a_senders_role_stays_when_he_holds_another_by_now(client, database, app):
    Phone(client, "checker").send(visit("uuid:1", household=NEW))
    before = all_of(database, Submission)[0]
    with database.transaction() as session:
        session.execute(
            sa.update(RoleGrant).where(RoleGrant.role == "spot_checker", RoleGrant.area_code == world.COUNTY)
            .values(role="surveyor", area_code=world.OTHER_COUNTY)
        )  # fmt: skip
    assert app.test_cli_runner().invoke(reprocess_command, ["--all"]).exit_code == 0
    after = all_of(database, Submission)[0]
    assert (after.purpose, after.village_code) == (before.purpose, before.village_code) == ("spot_check", world.COUNTY)
    assert {evidence.purpose for evidence in all_of(database, Evidence)} == {"spot_check"}


def test_flagged_ones_alone_are_processed_again_on_the_command_line(doubtful, app):
    assert "0 条已处理" in app.test_cli_runner().invoke(reprocess_command).output
    assert "3 条已处理" in app.test_cli_runner().invoke(reprocess_command, ["--flagged"]).output


def test_every_kind_of_flag_that_the_code_raises_has_a_name_and_advice(project):
    written = "".join(
        path.read_text("utf-8")
        for folder in ("collection", "evidence")
        for path in (project / "api" / folder).glob("*.py")
    )
    raised = set(re.findall(r'"kind": "([a-z-]+)"', written)) | {"unknown-household", "no-household", "failed"}
    assert raised == set(KINDS)
