"""Who opens a campaign's draws to everybody, by page and by interface."""

import sqlalchemy as sa
import world

from api.campaigns.create import create_campaign
from api.campaigns.plans import read_plan
from api.people.tables import AuditEntry


def own_campaign(database):
    with database.transaction() as session:
        parts = read_plan("shigatse_2018_95", year=2026) | {"area_code": world.COUNTY, "standards": []}
        return create_campaign(session, **parts).id


def test_the_countys_supervisor_opens_and_closes_them_on_the_page(signed_in, database):
    campaign, county = own_campaign(database), signed_in("county")
    page = county.get("/spot-checks")
    assert "未公开" in page.text
    for publish, word in (("1", "已公开"), ("0", "未公开")):
        form = {"csrf_token": world.csrf_token(page.text), "campaign": campaign, "publish": publish}
        assert county.post("/spot-checks/publishing", data=form).status_code == 303
        page = county.get("/spot-checks")
        assert word in page.text
    with database.read() as session:
        changes = session.scalars(
            sa.select(AuditEntry.details).where(AuditEntry.action == "campaign.change").order_by(AuditEntry.id)
        ).all()
    assert [details["publish_draws"] for details in changes] == [True, False]


def test_programs_open_them_by_changing_the_campaign(client, bearer, database):
    campaign = own_campaign(database)
    address = f"/api/campaigns/{campaign}"
    assert client.get(address, headers=bearer("county")).json["publish_draws"] is False
    answer = client.patch(address, json={"publish_draws": True}, headers=bearer("county"))
    assert (answer.status_code, answer.json["publish_draws"]) == (200, True)
    for name, status in (("county-outside", 404), ("city", 403), ("checker", 403)):
        refused = client.patch(address, json={"publish_draws": False}, headers=bearer(name))
        assert refused.status_code == status, name


def test_a_county_does_not_open_the_citys_campaign(signed_in, made):
    county = signed_in("county")
    page = county.get("/spot-checks")
    assert "停止公开" not in page.text
    form = {"csrf_token": world.csrf_token(page.text), "campaign": made.campaign, "publish": "1"}
    assert county.post("/spot-checks/publishing", data=form).status_code == 403
    assert "由这项专项工作的管理者打开" in page.text


def test_whoever_manages_the_campaign_finds_the_switch_on_the_public_page_too(client, signed_in, made):
    draw, admin = made.commit(), signed_in("admin")
    assert "公开抽查" not in client.get("/public/draws").text.replace("“公开抽查”", "")
    page = admin.get("/public/draws")
    form = {"csrf_token": world.csrf_token(page.text), "campaign": made.campaign, "publish": "1", "back": "public"}
    answer = admin.post("/spot-checks/publishing", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/public/draws")
    assert draw.manifest_sha256[:16] in client.get("/public/draws").text
    assert "停止公开" not in signed_in("county-outside").get("/public/draws").text
