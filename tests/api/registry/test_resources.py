import importlib.util
import io
from pathlib import Path

import pytest
import python_calamine
import sqlalchemy as sa
import world
from openpyxl import load_workbook

from api.jobs.tables import Job
from api.jobs.work import do
from api.people.tables import AuditEntry
from api.registry.commands import import_roll_command, rotate_keys_command
from api.registry.tables import Household

_spec = importlib.util.spec_from_file_location("registry_rolls", Path(__file__).with_name("conftest.py"))
rolls = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(rolls)
person, csv_of, identity = rolls.person, rolls.csv_of, rolls.identity

CODE = f"{world.VILLAGE}-0001"
FAMILY = [
    person(name="=虚构公式"),
    {"code": CODE, "name": "虚构配偶", "relation": "配偶", "identity": identity(2)},
    person(f"{world.VILLAGES[2]}-0001", 3),
]


def work_off(app):
    """Do the background work that waits, as the consumer would."""
    queue = app.extensions["ruhu_queue"]
    with queue.database.read() as session:
        waiting = session.scalars(sa.select(Job).where(Job.state == "waiting").order_by(Job.id)).all()
    for job in waiting:
        assert do(queue.database, queue.kinds, job.county_code, job.id)


def upload(client, headers, content, area=world.COUNTY, **more):
    data = {"file": (io.BytesIO(content), "名册.csv"), "area_code": area, **more}
    return client.post("/api/roll-imports", data=data, headers=headers, content_type="multipart/form-data")


@pytest.fixture
def household_id(database, take_in):
    take_in(csv_of(FAMILY))
    with database.read() as session:
        return session.scalars(sa.select(Household.id).where(Household.code == CODE)).one()


def test_a_roll_is_tried_then_taken_in_by_the_background_work(app, client, bearer):
    headers = bearer("county")
    tried = upload(client, headers, csv_of(FAMILY), dry_run="true")
    assert (tried.status_code, tried.json["state"], tried.json["file_name"]) == (202, "waiting", "名册.csv")
    work_off(app)
    address = f"/api/roll-imports/{tried.json['id']}"
    assert client.get(address, headers=headers).json["state"] == "ready"
    job = client.get(f"/api/jobs/{tried.json['job_id']}", headers=headers).json
    assert (job["state"], job["progress_total"] >= 3) == ("done", True)
    applied = client.post(f"{address}/apply", headers=headers)
    assert applied.status_code == 202, applied.text
    work_off(app)
    done = client.get(f"/api/roll-imports/{applied.json['id']}", headers=headers).json
    assert (done["state"], done["changed"], done["removed"]) == ("applied", 2, 46)
    again = client.post(f"/api/roll-imports/{applied.json['id']}/apply", headers=headers)
    assert again.status_code == 422
    assert client.get("/api/roll-imports", headers=headers).json[0]["id"] == done["id"]
    assert client.get("/api/roll-imports", headers=bearer("county-outside")).json == []
    assert client.get(address, headers=bearer("county-outside")).status_code == 404


def test_nobody_imports_outside_his_area_and_no_file_is_left_behind(client, bearer, settings):
    assert upload(client, bearer("county-outside"), csv_of(FAMILY)).status_code == 403
    assert upload(client, bearer("township"), csv_of(FAMILY), world.TOWNSHIP).status_code == 403
    assert upload(client, bearer("county"), b"").status_code == 422
    assert upload(client, bearer("county"), csv_of(FAMILY), "540222999").status_code == 422
    assert upload(client, bearer("county"), csv_of(FAMILY), "54").status_code == 422
    assert (
        client.post("/api/roll-imports", data={"area_code": world.COUNTY}, headers=bearer("county")).status_code == 422
    )
    folder = settings.data_dir / "roll_imports"
    assert not folder.exists() or list(folder.iterdir()) == []


def test_what_is_wrong_is_listed_and_comes_as_a_sheet_without_formulas_or_secrets(app, client, bearer):
    headers = bearer("county")
    rows = [person(scheme="=SUM(A1)"), person(f"{world.VILLAGE}-0002", 2, identity="990000198001010019")]
    begun = upload(client, headers, csv_of(rows)).json
    work_off(app)
    address = f"/api/roll-imports/{begun['id']}"
    assert client.get(address, headers=headers).json["state"] == "refused"
    listed = client.get(f"{address}/errors", headers=headers).json
    assert [(row["row_number"], row["heading"]) for row in listed] == [(2, "保障类别"), (3, "身份证号")]
    assert listed[1]["shown"] == "990000**********19"
    sheet = client.get(f"{address}/errors.xlsx", headers=headers)
    cells = list(load_workbook(io.BytesIO(sheet.data)).active.iter_rows())
    assert [cell.value for cell in cells[1]][:3] == [2, "保障类别", "'=SUM(A1)"]
    assert all(cell.data_type != "f" for row in cells for cell in row)
    assert client.get(f"{address}/errors.xlsx", headers=bearer("county-outside")).status_code == 404


def test_households_are_listed_filtered_and_paged_within_the_area(client, bearer):
    def codes(name="county", **query):
        answer = client.get("/api/households", headers=bearer(name), query_string=query)
        assert answer.status_code == 200, answer.text
        return [row["code"] for row in answer.json]

    assert len(codes()) == 48
    assert {code[:9] for code in codes("township")} == {world.TOWNSHIP}
    assert codes("county-outside") == [f"{world.VILLAGES[4]}-{n:04d}" for n in range(1, 13)]
    assert codes("city-outside") == []
    assert len(codes(area=world.VILLAGE)) == len(codes(scheme="urban")) == 12
    assert codes(area=world.OTHER_COUNTY) == []
    assert codes(q="户主12", order="-code") == [f"{village}-0012" for village in world.VILLAGES[3::-1]]
    assert codes(q=CODE) == [CODE]
    assert codes(q="%") == []
    assert len(codes(page=2, page_size=30)) == 18
    assert codes(on_roll="false") == []


def test_an_unchanged_list_is_not_sent_again(client, bearer):
    first = client.get("/api/households", headers=bearer("county"))
    again = client.get("/api/households", headers={**bearer("county"), "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_a_household_shows_its_numbers_masked(client, bearer, household_id):
    answer = client.get(f"/api/households/{household_id}", headers=bearer("county"))
    assert answer.json["members"][1]["identity_masked"] == f"990000**********{identity(2)[-2:]}"
    assert answer.json["longitude"] == 89.6123
    for secret in (identity(1), identity(2), "10000000001", "6200000000000001", "_sealed", "gAAAA"):
        assert secret not in answer.text
    assert client.get(f"/api/households/{household_id}", headers=bearer("township-outside")).status_code == 404


def test_full_numbers_need_a_permission_and_a_reason_and_leave_a_trace_without_them(
    client, bearer, database, household_id
):
    address = f"/api/households/{household_id}/unmask"
    wanted = {"fields": ["identity", "phone"], "reason": "核对身份证原件"}
    answer = client.post(address, json=wanted, headers=bearer("county"))
    assert answer.json == {
        "identity": identity(1), "phone": "10000000001", "members": {"1": identity(1), "2": identity(2)},
    }  # fmt: skip
    assert client.post(address, json=wanted, headers=bearer("township")).status_code == 403
    assert client.post(address, json=wanted, headers=bearer("county-outside")).status_code == 404
    assert client.post(address, json={**wanted, "reason": " 查 "}, headers=bearer("county")).status_code == 422
    assert client.post(address, json={**wanted, "fields": ["name"]}, headers=bearer("county")).status_code == 422
    with database.read() as session:
        entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "household.unmask")).one()
    assert entry.details["fields"] == ["identity", "phone"]
    assert entry.details["reason"] == "核对身份证原件"
    assert identity(1) not in str(entry.details)


@pytest.mark.usefixtures("household_id")
@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
def test_a_full_export_is_read_back_without_any_change(client, bearer, database, take_in, file_format):
    wanted = {"format": file_format, "reason": "年度核对名册"}
    sent = client.post("/api/roll-exports", json=wanted, headers=bearer("county"))
    assert sent.status_code == 200, sent.text
    assert identity(2).encode() in sent.data or file_format == "xlsx"
    done = take_in(sent.data)
    assert (done.state, done.unchanged, done.changed, done.added, done.removed) == ("applied", 2, 0, 0, 0), done.message
    with database.read() as session:
        entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "roll.export_full")).one()
    assert (entry.details["reason"], entry.details["area"]) == ("年度核对名册", world.COUNTY)
    assert client.post("/api/roll-exports", json=wanted, headers=bearer("township")).status_code == 403
    outside = client.post("/api/roll-exports", json={**wanted, "area": world.OTHER_COUNTY}, headers=bearer("county"))
    assert outside.status_code == 403


def test_a_place_leaves_without_the_noise_of_arithmetic_and_comes_back_as_no_change(
    client, bearer, database, household_id, take_in
):
    with database.transaction() as session:
        noisy = sa.func.ST_GeomFromText("POINT(89.61230000000001 28.900000000000002)", 4326)
        session.execute(
            sa.update(Household).where(Household.id == household_id).values(place=noisy, roll_fingerprint=None)
        )
    shown = client.get(f"/api/households/{household_id}", headers=bearer("county")).json
    assert (shown["longitude"], shown["latitude"]) == (89.6123, 28.9)
    sent = client.post("/api/roll-exports", json={"format": "csv", "reason": "年度核对名册"}, headers=bearer("county"))
    assert "89.6123,28.9\r\n" in sent.text
    assert "89.61230000000001" not in sent.text
    done = take_in(sent.data)
    assert (done.state, done.unchanged, done.changed) == ("applied", 2, 0), done.message


def test_an_export_is_masked_defused_and_of_ones_area_only(client, bearer, household_id):
    masked = client.get("/api/roll-exports/csv", headers=bearer("county")).text
    assert "'=虚构公式" in masked
    assert f"990000**********{identity(2)[-2:]}" in masked
    assert identity(2) not in masked
    assert world.VILLAGES[2] in masked
    assert world.VILLAGES[2] not in client.get("/api/roll-exports/csv", headers=bearer("township")).text
    sheet = client.get("/api/roll-exports/xlsx", headers=bearer("county")).data
    rows = python_calamine.load_workbook(io.BytesIO(sheet)).get_sheet_by_index(0).to_python()
    assert [len(rows), rows[1][0]] == [4, CODE]
    assert client.get("/api/roll-exports/pdf", headers=bearer("county")).status_code == 404


def test_the_command_imports_and_says_what_is_wrong_with_exit_code_three(app, tmp_path, settings):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(csv_of(FAMILY))
    bad.write_bytes(csv_of([person(scheme="?")]))
    run = app.test_cli_runner().invoke
    done = run(import_roll_command, [str(good), "--county", world.COUNTY, "--dry-run"])
    assert (done.exit_code, "试导入无误: 3 人 2 户" in done.output) == (0, True), done.output
    assert run(import_roll_command, [str(good), "--county", world.COUNTY]).exit_code == 0
    refused = run(import_roll_command, [str(bad), "--county", world.COUNTY])
    assert refused.exit_code == 3
    assert "第 2 行 保障类别 '?'" in refused.output
    assert list((settings.data_dir / "roll_imports").iterdir()) == []
    rotated = run(rotate_keys_command, [])
    assert rotated.exit_code == 0, rotated.output
    assert "重新加密 5 行" in rotated.output
