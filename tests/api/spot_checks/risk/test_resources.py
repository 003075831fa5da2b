import pytest
import sqlalchemy as sa
import world

from api.campaigns.create import create_campaign
from api.campaigns.plans import read_plan
from api.registry.tables import Household

ROOT = "/api/spot-checks/risk"
NOTE = "县里开会定的 (虚构)"
FOURTH = f"{world.VILLAGE}-0004"
COUNTY = {"county_code": world.COUNTY}


@pytest.fixture(autouse=True)
def campaign(database):
    with database.transaction() as session:
        one = session.scalars(sa.select(Household).where(Household.code == FOURTH)).one()
        one.income_fen_per_person_year = 2_000_000
        return create_campaign(session, **read_plan("shigatse_2018_95", year=2026)).id


@pytest.fixture
def ask(client, bearer):
    def get(path, by="county", **query):
        return client.get(f"{ROOT}{path}", query_string={**COUNTY, **query}, headers=bearer(by))

    return get


@pytest.fixture
def send(client, bearer):
    def post(path, by="county", **body):
        return client.post(f"{ROOT}{path}", json={**COUNTY, **body}, headers=bearer(by))

    return post


def test_weights_are_tried_adopted_listed_and_adopted_again(ask, send):
    assert ask("/models").json == []
    assert ask("/models/in-force").json["number"] == 0
    seen = send("/preview", weights={"income_over": 1}).json
    assert (seen["up"], seen["down"]) == (0, 1)
    assert [(one["household_code"], one["band_before"], one["band"]) for one in seen["movers"]] == [
        (FOURTH, "high", "low")
    ]
    made = send("/models", weights={"income_over": 1}, note=NOTE, expected_number=0)
    assert made.status_code == 201, made.text
    assert (made.json["number"], made.json["made_by"], made.json["weights"]["income_over"]) == (1, "测试county", 1)
    assert made.json["sha256"] == seen["tried"]["sha256"]
    assert send("/models", number=0, note=NOTE).json["number"] == 2
    assert [one["number"] for one in ask("/models").json] == [2, 1]
    assert ask("/models/in-force").json["weights"]["income_over"] == 6


def test_a_program_reads_every_reason_in_its_language(ask, client, bearer):
    top = ask("/households", band="high").json
    assert [one["household_code"] for one in top] == [FOURTH]
    (reason,) = top[0]["reasons"]
    assert (reason["points"], reason["details"]) == (6, ["申报 20,000 元，标准 9,768 元"])
    with_english = bearer("county") | {"Accept-Language": "en"}
    one = client.get(f"{ROOT}/households/{FOURTH}", headers=with_english).json
    assert one["score"] == 6
    assert "20,000" in one["reasons"][0]["details"][0]


def test_households_come_in_pages(ask):
    answer = ask("/households", page=2, page_size=20)
    assert len(answer.json) == 20
    assert '"total": 48' in answer.headers["X-Pagination"]


@pytest.mark.parametrize(
    "body",
    [
        {"weights": {"vehicle": 21}}, {"weights": {"wealth": 1}}, {"weights": {"vehicle": 1.5}}, {"cuts": [5, 5]},
        {"cuts": [1]}, {"weights": {"vehicle": "4"}}, {"colour": "red"},
    ],
)  # fmt: skip
def test_what_no_weight_can_be_is_refused(send, body):
    assert send("/preview", **body).status_code == 422
    assert send("/models", note=NOTE, **body).status_code == 422


def test_only_the_county_adopts_and_others_see_no_foreign_county(ask, send):
    assert send("/models", by="city", weights={"vehicle": 1}, note=NOTE).status_code == 403
    assert send("/models", by="county-outside", weights={"vehicle": 1}, note=NOTE).status_code == 403
    assert send("/models", weights={"vehicle": 1}, note=NOTE, expected_number=7).status_code == 412
    for by, status in (("county-outside", 404), ("city-outside", 404), ("township", 403), ("checker", 403)):
        assert ask("/households", by=by).status_code == status
    assert ask("/models", by="city").status_code == 200


def test_one_household_is_asked_for_by_its_code_alone(client, bearer):
    for by, status in (("county", 200), ("city", 200), ("county-outside", 404), ("checker", 403)):
        assert client.get(f"{ROOT}/households/{FOURTH}", headers=bearer(by)).status_code == status
    assert client.get(f"{ROOT}/households/{world.VILLAGE}-9999", headers=bearer("county")).status_code == 404


def test_the_proposal_says_when_there_are_too_few_visits(ask):
    proposal = ask("/refit").json
    assert (proposal["enough"], proposal["visits"], proposal["before"]) == (False, 0, None)
    assert len(proposal["signs"]) > 20
