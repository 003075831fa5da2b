"""Whatever a program reads carries an ETag, and costs a 304 when it has not changed."""

import pytest

from api.campaigns.create import create_campaign
from api.campaigns.plans import read_plan

READS = [
    "/api/me", "/api/campaigns", "/api/divisions/540222", "/api/divisions/540222/children", "/api/households",
    "/api/evidence", "/api/forms", "/api/quarantine", "/api/spot-checks/frames", "/api/spot-checks/draws",
    "/api/workers", "/api/openapi.json",
]  # fmt: skip


@pytest.mark.parametrize("path", READS)
def test_what_has_not_changed_is_not_sent_again(client, bearer, path):
    first = client.get(path, headers=bearer("county"))
    assert first.status_code == 200, first.text
    again = client.get(path, headers={**bearer("county"), "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_what_has_changed_is(client, bearer, database):
    first = client.get("/api/campaigns", headers=bearer("county"))
    with database.transaction() as session:
        create_campaign(session, **read_plan("shigatse_2018_95", year=2026))
    again = client.get("/api/campaigns", headers={**bearer("county"), "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, len(again.json)) == (200, 1)


def test_one_persons_answer_is_no_other_persons(client, bearer):
    """Neither a shared cache nor the tag of another's answer opens what one may not see."""
    mine = client.get("/api/me", headers=bearer("county"))
    assert mine.headers["Cache-Control"] == "private, no-cache"
    other = client.get("/api/me", headers={**bearer("city"), "If-None-Match": mine.headers["ETag"]})
    assert other.status_code == 200
    assert client.get("/api/me", headers={"If-None-Match": mine.headers["ETag"]}).status_code == 401


def test_the_description_of_the_interface_says_so(client):
    paths = client.get("/api/openapi.json").json["paths"]
    silent = [path for path, item in paths.items() if "get" in item and "304" not in item["get"]["responses"]]
    assert silent == []
