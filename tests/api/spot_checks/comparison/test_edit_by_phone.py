"""The fraud of issue 5, by phones as they really send: a visit is edited once the other has been there."""

import pytest
from collect import Phone, visit

from api.collection.forms import publish_form
from survey_forms.catalogue import compiled

API = "/api/spot-checks"


@pytest.fixture
def phones(app, database):
    with database.transaction() as session:
        publish_form(session, compiled("home_visit"))
    return {name: Phone(app.test_client(), name) for name in ("surveyor", "checker")}


def test_an_edited_visit_keeps_its_versions_and_cannot_buy_agreement(client, bearer, phones, drawn):
    code, address = drawn.codes[5], f"{API}/draws/{drawn.draw}/comparisons/{drawn.ids[5]}"

    def send(name, instance, members, **more):
        answer = phones[name].send(visit(instance, household=code, photo=None, members_count=members, **more))
        assert answer.status_code in {201, 202}, answer.text

    def seen(name="county"):
        return client.get(address, headers=bearer(name)).json

    send("surveyor", "uuid:first", 4)
    assert seen()["discrepant"] is None
    send("checker", "uuid:check", 2)
    before = seen()
    assert (before["discrepant"], before["deciding"]) == (True, ["visit.members_count"])
    assert (before["township"]["version"], before["edited_by_township"]) == (1, [])
    # the surveyor hears of it and "corrects" his visit; then the checker gives way as well
    send("surveyor", "uuid:second", 2, deprecated_id="uuid:first")
    after = seen()
    assert after["deciding"] == []  # the answers agree by now
    assert after["discrepant"] is True
    assert (after["township"]["version"], [edit["number"] for edit in after["edited_by_township"]]) == (2, [2])
    send("checker", "uuid:check-2", 3, deprecated_id="uuid:check")
    assert [edit["number"] for edit in seen()["edited_by_checker"]] == [2]
    submission = client.get(f"/api/submissions/{after['township']['submission_id']}", headers=bearer("county")).json
    assert [one["number"] for one in submission["versions"]] == [1, 2]  # the first is still there
