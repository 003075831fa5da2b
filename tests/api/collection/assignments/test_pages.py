"""The pages of assignments, as a township reviewer and a county supervisor use them."""

import field
import pytest
import sqlalchemy as sa
import world
from collect import Phone, visit

from api.collection.assignments.tables import AssignmentAct
from api.collection.forms import publish_form
from api.collection.tables import Assignment
from survey_forms.catalogue import compiled


@pytest.fixture
def campaign(database):
    with database.transaction() as session:
        return field.campaign(session).id


@pytest.fixture
def post(signed_in):
    """A function that posts a form as somebody and follows to the page that tells what was done."""
    clients = {}

    def send(name, address, **form):
        client = clients.setdefault(name, signed_in(name))
        token = world.csrf_token(client.get("/").text)
        return client.post(address, data={"csrf_token": token, **form}, follow_redirects=True)

    return send


def identity(database, name):
    with database.read() as session:
        return str(field.account(session, name).id)


def state(database):
    with database.read() as session:
        return field.open_by(session)


def test_without_a_campaign_the_page_says_what_comes_first(signed_in):
    assert "ruhu create-campaign" in signed_in("county").get("/assignments").text


def test_a_city_inspector_chooses_a_county_and_changes_nothing(signed_in, campaign):
    client = signed_in("city")
    assert "看哪里的任务" in client.get("/assignments").text
    page = client.get("/assignments", query_string={"area": world.TOWNSHIP}).text
    assert "第1村" in page
    assert 'name="division"' not in page
    assert client.get("/assignments", query_string={"area": "540100100"}).status_code == 404


def test_a_village_is_given_from_the_page_and_the_act_undone(post, database, campaign):
    surveyor = identity(database, "surveyor")
    page = post("township", "/assignments/give", area=world.TOWNSHIP, division=world.VILLAGE, worker=surveyor)
    assert "分配给" in page.text
    assert "测试surveyor 12 户" in page.text
    assert state(database)["surveyor"] == list(range(1, 13))
    with database.read() as session:
        act = session.scalars(sa.select(AssignmentAct)).one()
    page = post("township", f"/assignments/acts/{act.id}/undo", area=world.TOWNSHIP)
    assert "撤销：收回 12 户，还回 0 户。" in page.text
    assert state(database) == {}
    assert post("township", f"/assignments/acts/{act.id}/undo", area=world.TOWNSHIP).status_code == 409


def test_ticked_households_are_moved_and_taken_back(post, database, campaign):
    with database.transaction() as session:
        field.worker(session, "surveyor-2")
    first, second = identity(database, "surveyor"), identity(database, "surveyor-2")
    codes = [f"{world.VILLAGE}-{serial:04d}" for serial in (1, 2, 3)]
    post("township", "/assignments/give", area=world.VILLAGE, household=codes, worker=first)
    page = post("township", "/assignments/move", area=world.VILLAGE, household=codes[1:], worker=second)
    assert "从 测试surveyor 2 户 转给 虚构surveyor-2 2 户" in " ".join(page.text.split())
    assert state(database) == {"surveyor": [1], "surveyor-2": [2, 3]}
    page = post("township", "/assignments/withdraw", area=world.VILLAGE, household=codes)
    assert state(database) == {}
    assert post("township", "/assignments/withdraw", area=world.VILLAGE, household=codes).status_code == 404


def test_what_was_pasted_stays_on_the_page_when_it_is_refused(post, database, campaign):
    codes = f"{world.VILLAGE}-0001 {world.VILLAGES[2]}-0001"
    surveyor = identity(database, "surveyor")
    page = post("township", "/assignments/give", area=world.TOWNSHIP, codes=codes, worker=surveyor)
    assert page.status_code == 404
    assert f"1 个户编码找不到，或不在您的管辖范围内，请核对后重试：{world.VILLAGES[2]}-0001" in page.text
    assert codes in page.text
    assert f'value="{surveyor}" checked' in page.text
    assert state(database) == {}
    page = post("township", "/assignments/give", area=world.TOWNSHIP, division=world.VILLAGE)
    assert (page.status_code, "请至少选择一人" in page.text) == (422, True)


def test_a_household_visited_by_another_is_shown_so(signed_in, database, campaign, client):
    with database.transaction() as session:
        publish_form(session, compiled("home_visit"))
    assert Phone(client).send(visit(photo=None)).status_code == 201
    page = signed_in("township").get("/assignments", query_string={"area": world.VILLAGE}).text
    assert "已由 测试surveyor 走访" in page
    assert "共 12 户，待走访 0 户，未分配 11 户" in page


def test_only_who_may_see_the_draw_sees_who_checks_what(signed_in, post, database, campaign):
    with database.transaction() as session:
        checker, one = field.account(session, "checker"), field.road(session)[0]
        session.add(
            Assignment(
                county_code=world.COUNTY, campaign_id=campaign, household_id=one.id, account_id=checker.id,
                purpose="spot_check",
            )
        )  # fmt: skip
    where = {"area": world.TOWNSHIP, "purpose": "spot_check"}
    assert one.code in signed_in("county").get("/assignments", query_string=where).text
    township = signed_in("township").get("/assignments", query_string=where).text
    assert one.code not in township
    assert "测试checker" not in township
    form = {"area": world.TOWNSHIP, "purpose": "spot_check", "household": one.code}
    assert post("township", "/assignments/withdraw", **form).status_code == 404
    assert "收回" in post("county", "/assignments/withdraw", **form).text
    assert state(database) == {}


def test_the_first_page_says_what_is_not_given_yet(signed_in, campaign):
    page = signed_in("county").get("/").text
    assert "48 户还没有分配给调查员" in page
    assert "2 名调查员手上没有待走访的家庭" in page
