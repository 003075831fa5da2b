import world

from api.campaigns.commands import create_campaign_command
from survey_forms.catalogue import CATALOGUE

PLAN = {"plan": "shigatse_2018_95", "year": 2026}


def made(client, bearer, account="county", **changes):
    wanted = {**PLAN, "area_code": world.COUNTY, **changes}
    return client.post("/api/campaigns", json=wanted, headers=bearer(account))


def test_a_county_makes_a_campaign_from_the_shipped_plan_and_reads_it_back(client, bearer):
    answer = made(client, bearer)
    assert answer.status_code == 201, answer.text
    found = client.get(f"/api/campaigns/{answer.json['id']}", headers=bearer("surveyor"))
    assert found.status_code == 200
    assert found.json["document_number"] == "日政办发〔2018〕95号"
    assert found.json["stages"][0] == {"name": "动员部署", "starts_on": "2026-06-01", "ends_on": "2026-06-15"}
    assert set(found.json["forms"]) == {known.form_id for known in CATALOGUE}
    assert {row["area_code"] for row in found.json["standards"]} == {world.COUNTY}


def test_the_list_holds_no_campaign_of_a_neighbour(client, bearer):
    made(client, bearer)
    assert len(client.get("/api/campaigns", headers=bearer("county")).json) == 1
    assert len(client.get("/api/campaigns", headers=bearer("city")).json) == 1
    assert client.get("/api/campaigns", headers=bearer("county-outside")).json == []


def test_a_campaign_outside_is_not_found_and_a_wider_one_cannot_be_changed(client, bearer):
    own = made(client, bearer).json["id"]
    assert client.get(f"/api/campaigns/{own}", headers=bearer("county-outside")).status_code == 404
    wide = made(client, bearer, "admin", area_code="5402").json["id"]
    assert client.get(f"/api/campaigns/{wide}", headers=bearer("county")).status_code == 200
    changed = client.patch(f"/api/campaigns/{wide}", json={"name": "改"}, headers=bearer("county"))
    assert changed.status_code == 403
    assert made(client, bearer, area_code="5402").status_code == 403
    assert made(client, bearer, "surveyor").status_code == 403


def test_a_floor_below_the_law_is_refused_with_the_number_that_would_do(client, bearer):
    answer = made(client, bearer, spot_check_floor_percent=29)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.json["where"] == "spot_check_floor_percent"
    assert "不得低于 30%" in answer.json["detail"]
    own = made(client, bearer).json["id"]
    changed = client.patch(f"/api/campaigns/{own}", json={"spot_check_floor_percent": 0}, headers=bearer("county"))
    assert changed.status_code == 422
    better = client.patch(f"/api/campaigns/{own}", json={"spot_check_floor_percent": 40}, headers=bearer("county"))
    assert better.json["spot_check_floor_percent"] == 40


def test_a_campaign_without_parts_or_plan_is_told_what_is_missing(client, bearer):
    answer = client.post("/api/campaigns", json={"area_code": world.COUNTY}, headers=bearer("county"))
    assert answer.status_code == 422
    assert "name, document_number, stages" in answer.json["detail"]
    assert made(client, bearer, name=" ").status_code == 422
    assert made(client, bearer, unknown=1).status_code == 422


def test_the_command_makes_a_campaign_of_the_running_year(app):
    runner = app.test_cli_runner()
    done = runner.invoke(create_campaign_command, ["shigatse_2018_95", "--area", world.COUNTY, "--year", "2026"])
    assert done.exit_code == 0, done.output
    assert "2026-06-16 – 2026-07-31 组织实施" in done.output
