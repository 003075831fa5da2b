"""The pages of forms say what is wrong where it was done, and keep what was entered apart from what is published."""

import pytest
import world
from forms import ROWS, sheets, uploaded, workbook


@pytest.fixture
def desk(supervisor, signed_in):
    """A supervisor's browser, with the token its forms carry."""
    client = signed_in("county")
    token = world.csrf_token(client.get("/forms").text)

    def post(address, **fields):
        return client.post(address, data={**fields, "csrf_token": token}, buffered=True)

    client.send = post
    return client


def test_a_file_that_is_no_form_is_refused_on_the_page_it_was_chosen_on(desk):
    answer = desk.send("/forms", **uploaded(b"%PDF\x00", "form.pdf", county_code=world.COUNTY))
    assert answer.status_code == 415
    assert "手机上填哪些表" in answer.text
    assert "看不出这是什么文件" in answer.text
    assert desk.send("/forms", county_code=world.COUNTY).status_code == 422
    assert "还没有发布的表格" not in desk.get("/forms").text


def test_what_is_refused_of_a_draft_is_said_above_it_and_changes_nothing(desk, supervisor):
    draft = supervisor.upload().json["id"]
    address = f"/forms/drafts/{draft}"
    early = desk.send(f"{address}/publish")
    assert early.status_code == 409
    assert "ODK Validate 还在检查" in early.text
    assert desk.send(f"{address}/media", **uploaded(b"MZ", "x.exe")).status_code == 415
    assert desk.send(f"{address}/key", account_id="nobody").status_code == 422
    assert supervisor.get(f"form-drafts/{draft}").json["state"] == "ready"


def test_a_draft_is_followed_to_its_version_and_then_only_shown(desk, supervisor):
    draft = supervisor.draft()
    address = f"/forms/drafts/{draft}"
    published = desk.send(f"{address}/publish", for_roles=["surveyor"])
    assert published.status_code == 303
    assert "本县入户表" in desk.get(published.headers["Location"]).text
    after = desk.get(address).text
    assert "这份草稿已发布" in after
    assert "重新上传" not in after
    assert desk.send(f"{address}/discard").status_code == 409


def test_a_draft_is_deleted_from_its_page(desk, supervisor):
    draft = supervisor.draft()
    assert desk.send(f"/forms/drafts/{draft}/discard").status_code == 303
    assert "测试记录和测试凭证已一并作废" in desk.get(f"/forms/drafts/{draft}").text
    assert draft not in desk.get("/forms").text


def test_the_part_that_waits_for_odk_validate_asks_for_itself_until_it_has_an_answer(desk, supervisor):
    draft = supervisor.upload().json["id"]
    part = desk.get(f"/forms/drafts/{draft}", headers={"HX-Request": "true"}).text
    assert "hx-get" in part
    assert "<html" not in part
    supervisor.passed(draft)
    assert "hx-get" not in desk.get(f"/forms/drafts/{draft}", headers={"HX-Request": "true"}).text


def test_the_list_is_filtered_by_state_and_says_what_to_do_when_there_is_nothing(desk, supervisor):
    assert "入户调查" in desk.get("/forms?state=published").text
    assert "没有这种状态的版本" in desk.get("/forms?state=closed").text
    supervisor.publish(supervisor.draft(workbook(sheets(settings={"form_id": "home_visit"}))))
    assert desk.get("/forms").text.count("下发中") >= 2


def test_closing_and_withdrawing_are_offered_only_to_whom_the_form_belongs(desk, supervisor, signed_in):
    own = supervisor.publish(supervisor.draft(workbook(sheets(settings={"form_id": "home_visit"})))).json
    house = next(form for form in supervisor.get("forms").json if form["area_code"] == "")
    mine, theirs = (desk.get(f"/forms/{form['id']}").text for form in (own, house))
    assert "撤回，改用统一版本" in mine
    assert "停止接收" in mine
    assert "确认停止接收" not in theirs
    assert "确认停止接收" in signed_in("admin").get(f"/forms/{house['id']}").text
    assert desk.send(f"/forms/{own['id']}/withdraw").status_code == 303
    assert "旧版，仍接收" in desk.get(f"/forms/{own['id']}").text


def test_a_comparison_warns_of_dangerous_changes(desk, supervisor):
    first = supervisor.publish(supervisor.draft()).json
    rows = [("text", *row[1:]) if row[1] == "wages" else row for row in ROWS]
    second = supervisor.publish(supervisor.draft(workbook(sheets(rows=rows, settings={"version": "2026080102"})))).json
    page = desk.get(f"/forms/{second['id']}?other={first['id']}").text
    assert "题型变了" in page
    assert "会影响已收集的资料" in page


def test_the_pages_can_be_read_in_english(desk, supervisor):
    draft = supervisor.upload(workbook(sheets(rows=[*ROWS, ("selekt", "x", "？", None, None)]))).json["id"]
    with desk.session_transaction() as session:
        session["language"] = "en"
    page = desk.get(f"/forms/drafts/{draft}").text
    assert "There is no question type selekt" in page
    assert "Upload again" in page
