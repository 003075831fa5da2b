"""The programming interface of assignments."""

import field
import pytest
import world


@pytest.fixture
def api(client, bearer):
    """A function that asks as the township's reviewer, or somebody else."""
    return lambda method, path, name="township", **more: client.open(
        f"/api/assignments{path}", method=method, headers=bearer(name), **more
    )


@pytest.fixture
def workers(database):
    with database.transaction() as session:
        field.campaign(session)
        return [str(field.account(session, "surveyor").id), str(field.worker(session, "surveyor-2").id)]


def test_households_are_given_moved_taken_back_and_each_act_undone(api, workers, database):
    given = api("POST", "", json={"divisions": [world.VILLAGE], "workers": workers})
    assert given.status_code == 201
    assert given.json["act"]["begun"] == dict.fromkeys(workers, 6)
    listed = api("GET", f"?area={world.VILLAGE}&worker_id={workers[0]}")
    assert [one["household_code"][-4:] for one in listed.json] == [f"{n:04d}" for n in range(1, 7)]
    assert listed.json[0]["village_code"] == world.VILLAGE
    moved = api("POST", "/move", json={"assignments": [one["id"] for one in listed.json[:2]], "workers": workers[1:]})
    assert (moved.status_code, moved.json["act"]["begun"]) == (200, {workers[1]: 2})
    left = [one["id"] for one in listed.json[2:]]
    taken = api("POST", "/withdraw", json={"assignments": left})
    assert taken.json["act"]["ended"] == {workers[0]: 4}
    acts = api("GET", "/acts").json
    assert [act["kind"] for act in acts] == ["withdraw", "move", "give"]
    undone = api("POST", f"/acts/{acts[0]['id']}/undo")
    assert undone.json == {"ended": 0, "reopened": 4, "left": {}}
    with database.read() as session:
        assert field.open_by(session)["surveyor"] == [3, 4, 5, 6]
    assert api("POST", f"/acts/{acts[0]['id']}/undo").status_code == 409


def test_places_add_up(api, workers):
    api("POST", "", json={"codes": [f"{world.VILLAGE}-0001", f"{world.VILLAGE}-0002"], "workers": workers[:1]})
    places = api("GET", f"/places?area={world.TOWNSHIP}").json
    assert [(one["code"], one["households"], one["given"], one["free"], one["workers"]) for one in places] == [
        (world.VILLAGES[0], 12, 2, 10, 1),
        (world.VILLAGES[1], 12, 0, 12, 0),
    ]
    assert api("GET", f"/places?area={world.NEXT_TOWNSHIP}").json == []
    county = api("GET", f"/places?area={world.COUNTY}", "city").json
    assert [one["free"] for one in county] == [22, 24]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"workers": []}, 422),
        ({"codes": [], "workers": ["00000000-0000-0000-0000-000000000000"]}, 422),
        ({"codes": ["x"], "divisions": ["540222"], "workers": ["00000000-0000-0000-0000-000000000000"]}, 422),
        ({"codes": ["x"], "workers": ["00000000-0000-0000-0000-000000000000"]}, 404),
        ({"divisions": ["540221"], "workers": ["00000000-0000-0000-0000-000000000000"]}, 403),
        ({"divisions": [world.VILLAGE], "workers": ["00000000-0000-0000-0000-000000000000"]}, 404),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(api, workers, body, status):
    assert api("POST", "", json=body).status_code == status


def test_without_a_campaign_nothing_can_be_given(api, client, bearer, database):
    with database.read() as session:
        surveyor = str(field.account(session, "surveyor").id)
    answer = api("POST", "", json={"divisions": [world.VILLAGE], "workers": [surveyor]})
    assert (answer.status_code, "专项工作" in answer.json["detail"]) == (404, True)
