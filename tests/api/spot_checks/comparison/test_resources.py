import pytest
import world

API = "/api/spot-checks"
WHY = "两份答卷都看过 (虚构)"
INCOME = "visit.income_yuan_per_person_year"


@pytest.fixture
def ask(client, bearer):
    """A function that asks the interface as somebody and expects an answer."""

    def get(address, name="county", status=200, **query):
        answer = client.get(f"{API}/{address}", headers=bearer(name), query_string=query)
        assert answer.status_code == status, answer.text
        return answer

    return get


@pytest.fixture
def send(client, bearer):
    def post(address, body, name="county"):
        return client.post(f"{API}/{address}", json=body, headers=bearer(name))

    return post


def test_households_come_in_pages_the_heaviest_first_with_what_decides(ask, drawn):
    answer = ask(f"draws/{drawn.draw}/comparisons", page_size=2)
    assert [one["discrepant"] for one in answer.json] == [True, True]
    by_code = {one["household_code"]: one for one in answer.json}
    assert by_code[drawn.codes[1]]["deciding"] == ["visit.members_count"]
    withheld = by_code[drawn.codes[2]]
    assert withheld["deciding"] == ["visit.withheld"]
    assert withheld["counts"]["finding"] == 2
    assert withheld["judged"]["source"] == "checker"
    assert (withheld["township"]["name"], withheld["county"]["version"]) == ("测试surveyor", 1)
    assert '"total": 3' in answer.headers["X-Pagination"]
    [missing] = ask(f"draws/{drawn.draw}/comparisons", show="no_township").json
    assert (missing["household_code"], missing["discrepant"], missing["township"]) == (drawn.codes[3], None, None)


def test_one_household_question_by_question_in_words_and_as_evidence_has_it(ask, drawn):
    one = ask(f"draws/{drawn.draw}/comparisons/{drawn.ids[1]}").json
    [line] = [line for line in one["lines"] if line["key"] == "visit.members_count"]
    assert line == {
        "key": "visit.members_count", "row": "", "label": "共同生活的家庭成员有几人？", "township": 3, "county": 2,
        "township_text": "3 人", "county_text": "2 人", "difference": "-1 人", "result": "differs", "decides": True,
    }  # fmt: skip
    assert one["rules_number"] == 0
    assert ask(f"draws/{drawn.draw}/comparisons/{drawn.ids[1]}", "checker").json["household_code"] == drawn.codes[1]
    for name, at in (("checker", 4), ("surveyor", 1), ("township", 1), ("county-outside", 1)):
        ask(f"draws/{drawn.draw}/comparisons/{drawn.ids[at]}", name, 404)


def test_an_edit_is_told_with_its_number_and_time(ask, drawn, edit):
    one = ask(f"draws/{drawn.draw}/comparisons/{drawn.ids[0]}").json
    assert (one["discrepant"], one["deciding"], one["township"]["version"]) == (True, [], 2)
    [edited] = one["edited_by_township"]
    assert (edited["number"], edited["by"]) == (2, "测试surveyor")


def test_a_verdict_is_given_and_overrides(ask, send, drawn):
    address = f"draws/{drawn.draw}/comparisons/{drawn.ids[1]}"
    given = send(f"{address}/verdicts", {"verdict": "not_eligible", "error_kinds": ["favour"], "reason": WHY})
    assert given.status_code == 201, given.text
    assert given.json["basis"]["county"]["version"] == 1
    judged = ask(address).json["judged"]
    assert (judged["verdict"], judged["source"], judged["correct_fen_per_month"]) == ("not_eligible", "supervisor", 0)
    wrong = send(f"{address}/verdicts", {"verdict": "right", "reason": WHY, "correct_fen_per_month": 1.5})
    assert wrong.status_code == 422
    assert send(f"{address}/verdicts", {"verdict": "right", "reason": WHY}, "checker").status_code == 403


def test_rates_are_given_with_their_counts_and_empty_where_too_few(ask, drawn):
    rates = ask(f"draws/{drawn.draw}/discrepancy-rates").json
    assert (rates["county"]["seen"], rates["county"]["discrepant"], rates["county"]["value"]) == (3, 2, None)
    assert [town["label"] for town in rates["townships"]] == [world.TOWNSHIP, world.NEXT_TOWNSHIP]
    ask(f"draws/{drawn.draw}/discrepancy-rates", "checker", 403)
    ask(f"draws/{drawn.draw}/discrepancy-rates", "county-outside", 404)


def test_tolerances_are_read_and_declared(ask, send, drawn):
    before = ask("tolerances", county=world.COUNTY).json
    assert (before["number"], before["note"]) == (0, "")
    changed = {"key": INCOME, "kind": "relative", "tolerance": 15, "decides": "always"}
    body = {"county_code": world.COUNTY, "note": WHY, "rules": [changed]}
    assert send("tolerances", body).status_code == 201
    after = ask("tolerances", "city", county=world.COUNTY).json
    assert (after["number"], after["note"], changed in after["rules"]) == (1, WHY, True)
    assert len(after["rules"]) == len(before["rules"])
    assert send("tolerances", body).status_code == 422  # nothing has changed
    assert send("tolerances", body, "city").status_code == 403
    assert ask("tolerances", "county-outside", 403, county=world.COUNTY)
