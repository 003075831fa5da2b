import hashlib
import subprocess
import sys

import pytest
import world

PLAN = {"plan": "shigatse_2018_95", "year": 2026, "area_code": "5402"}
DICE = "31415926535897932384"
ROOT = "/api/spot-checks"


@pytest.fixture
def committed(client, bearer, work):
    """A county's first draw, committed through the interface."""
    campaign = client.post("/api/campaigns", json=PLAN, headers=bearer("admin")).json
    wanted = {"county_code": world.COUNTY, "campaign_id": campaign["id"]}
    asked = client.post(f"{ROOT}/frames", json=wanted, headers=bearer("county"))
    assert asked.status_code == 202, asked.text
    assert work() == 1
    job = client.get(f"/api/jobs/{asked.json['id']}", headers=bearer("county")).json
    draw = client.post(f"{ROOT}/draws", json={"frame_id": job["result"]["frame_id"]}, headers=bearer("county"))
    assert draw.status_code == 201, draw.text
    return draw.json


@pytest.fixture
def drawn(client, bearer, committed):
    thrown = {"entropy": DICE, "witnesses": "虚构人大代表，虚构村民"}
    answer = client.post(f"{ROOT}/draws/{committed['id']}/result", json=thrown, headers=bearer("county"))
    assert answer.status_code == 201, answer.text
    return answer.json


def test_freeze_plan_commit_throw_list(client, bearer, committed, drawn):
    frames = client.get(f"{ROOT}/frames", headers=bearer("county")).json
    assert [frame["units"] for frame in frames] == [48]
    plan = client.get(f"{ROOT}/frames/{frames[0]['id']}/plan", headers=bearer("county")).json
    assert plan["plan_sha256"] == committed["plan_sha256"]
    assert {town["township_code"]: town["n"] for town in plan["townships"]} == {
        world.TOWNSHIP: 8, world.NEXT_TOWNSHIP: 8,
    }  # fmt: skip
    assert committed["result"] is None
    assert drawn["result"]["entropy"] == DICE
    assert drawn["manifest_sha256"] == committed["manifest_sha256"]
    assert [one["number"] for one in client.get(f"{ROOT}/draws", headers=bearer("county")).json] == [1]


def test_the_list_is_filtered_by_township_village_and_role_and_comes_in_pages(client, bearer, drawn):
    address = f"{ROOT}/draws/{drawn['id']}/selections"

    def rows(**query):
        answer = client.get(address, query_string=query, headers=bearer("county"))
        assert answer.status_code == 200, answer.text
        return answer

    assert len(rows().json) == 19  # 16 base, 3 reserves
    township = rows(area=world.TOWNSHIP, role="base").json
    assert len(township) == 8
    assert {row["village_code"][:9] for row in township} == {world.TOWNSHIP}
    assert {row["village_code"] for row in rows(area=world.VILLAGE).json} == {world.VILLAGE}
    first = rows(page=1, page_size=7)
    assert first.headers["X-Pagination"].startswith('{"total": 19')
    pages = [row["leaf"] for page in (1, 2, 3) for row in rows(page=page, page_size=7).json]
    assert len(set(pages)) == 19
    assert client.get(address, query_string={"area": "54"}, headers=bearer("county")).status_code == 422
    assert client.get(address, query_string={"role": "friend"}, headers=bearer("county")).status_code == 422


def test_a_second_draw_through_the_interface_needs_a_reason(client, bearer, drawn):
    wanted = {"frame_id": drawn["frame_id"]}
    refused = client.post(f"{ROOT}/draws", json=wanted, headers=bearer("county"))
    assert (refused.status_code, refused.json["where"]) == (409, "reason")
    again = client.post(f"{ROOT}/draws", json={**wanted, "reason": "首次见证人不合要求"}, headers=bearer("county"))
    assert (again.status_code, again.json["number"]) == (201, 2)


def test_too_few_dice_leave_nothing_behind_and_may_be_mended(client, bearer, committed):
    address = f"{ROOT}/draws/{committed['id']}/result"
    refused = client.post(address, json={"entropy": "123", "witnesses": "虚构甲；虚构乙"}, headers=bearer("county"))
    assert (refused.status_code, refused.json["where"]) == (422, "entropy")
    assert client.get(f"{ROOT}/draws/{committed['id']}/selections", headers=bearer("county")).json == []
    assert client.get(f"{ROOT}/draws/{committed['id']}/files/draw.json", headers=bearer("county")).status_code == 404
    thrown = {"entropy": "３１４１５ 92653589793 2384", "witnesses": "虚构甲；虚构乙"}
    assert client.post(address, json=thrown, headers=bearer("county")).json["result"]["entropy"] == DICE


def test_downloaded_files_are_checked_by_the_downloaded_verifier_in_an_empty_directory(client, bearer, drawn, tmp_path):
    names = ["frame.csv", "plan.json", "manifest.json", "draw.json"]
    for name in [*names, "verifier.py"]:
        answer = client.get(f"{ROOT}/draws/{drawn['id']}/files/{name}", headers=bearer("county"))
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        (tmp_path / name).write_bytes(answer.data)
    assert hashlib.sha256((tmp_path / "frame.csv").read_bytes()).hexdigest() == drawn["frame_sha256"]
    command = [sys.executable, "-I", "verifier.py", *names]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, encoding="utf-8")
    assert (said.returncode, said.stdout.splitlines()[0]) == (0, "一致 same")
    assert drawn["manifest_sha256"] in said.stdout
    unknown = client.get(f"{ROOT}/draws/{drawn['id']}/files/key.csv", headers=bearer("county"))
    assert unknown.status_code == 404
    verified = client.get(f"{ROOT}/draws/{drawn['id']}/verification", headers=bearer("city"))
    assert verified.json == {"same": True, "difference": ""}


def test_the_list_goes_to_named_checkers(client, bearer, drawn):
    address = f"{ROOT}/draws/{drawn['id']}/assignments"
    assert client.post(address, json={"accounts": ["surveyor"]}, headers=bearer("county")).status_code == 422
    done = client.post(address, json={"accounts": ["checker"]}, headers=bearer("county"))
    assert (done.status_code, done.json) == (
        201,
        {"by_checker": {"checker": 16}, "kept": 0, "left": [], "open_yet": []},
    )
    assert client.post(address, json={}, headers=bearer("county")).json["kept"] == 16


def paths(drawn):
    draw = f"{ROOT}/draws/{drawn['id']}"
    return [
        f"{ROOT}/frames/{drawn['frame_id']}/plan", draw, f"{draw}/selections", f"{draw}/verification",
        f"{draw}/files/frame.csv", f"{draw}/files/verifier.py",
    ]  # fmt: skip


def test_outside_the_area_there_is_no_draw_and_in_the_field_no_list(client, bearer, drawn):
    for path in paths(drawn):
        for name in ("county", "city", "discipline"):
            assert client.get(path, headers=bearer(name)).status_code == 200, (path, name)
        for name in ("county-outside", "city-outside", "discipline-outside"):
            assert client.get(path, headers=bearer(name)).status_code == 404, (path, name)
        for name in ("checker", "surveyor", "township", "admin"):
            assert client.get(path, headers=bearer(name)).status_code == 403, (path, name)
        assert client.get(path).status_code == 401
    for path in (f"{ROOT}/frames", f"{ROOT}/draws"):
        assert client.get(path, headers=bearer("county-outside")).json == []
        assert len(client.get(path, headers=bearer("city")).json) == 1


def test_a_neighbour_neither_freezes_nor_commits_nor_throws_nor_assigns(client, bearer, drawn):
    frame = {"county_code": world.COUNTY, "campaign_id": drawn["campaign_id"]}
    for name, status in (("county-outside", 403), ("city", 403)):
        assert client.post(f"{ROOT}/frames", json=frame, headers=bearer(name)).status_code == status
    again = {"frame_id": drawn["frame_id"], "reason": "一个够长的理由"}
    for name, status in (("county-outside", 404), ("city", 403)):
        draw = f"{ROOT}/draws/{drawn['id']}"
        thrown = {"entropy": DICE, "witnesses": "虚构甲；虚构乙"}
        assert client.post(f"{ROOT}/draws", json=again, headers=bearer(name)).status_code == status
        assert client.post(f"{draw}/result", json=thrown, headers=bearer(name)).status_code == status
        assert client.post(f"{draw}/assignments", json={}, headers=bearer(name)).status_code == status


def test_what_cannot_be_a_draw_is_refused_where_it_stands(client, bearer, committed):
    wanted = {"frame_id": committed["frame_id"], "reason": "一个够长的理由"}
    for wrong, where in (
        ({"total": 3}, "total"),
        ({"total": 4_000}, "total"),
        ({"total": "many"}, None),
        ({"entropy_rule": "dice:3"}, "entropy_rule"),
        ({"unknown": 1}, None),
    ):
        answer = client.post(f"{ROOT}/draws", json={**wanted, **wrong}, headers=bearer("county"))
        assert answer.status_code == 422, wrong
        assert answer.json.get("where") == where
