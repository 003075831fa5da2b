"""A draft becomes a frozen version of its county's own; elsewhere nothing changes, older versions stay accepted."""

import shutil
from datetime import date

import pytest
import sqlalchemy as sa
import world
from collect import HOUSEHOLD, JPEG, Phone, visit
from forms import ROWS, sheets, uploaded, workbook
from lxml import etree

from api.campaigns.tables import Campaign, CampaignForm
from api.collection.derive import reprocess
from api.collection.forms import find_form, forms_for, media_of, publish_form, suggest_version
from api.collection.tables import FormVersion
from api.evidence.tables import Evidence
from api.people.tables import AuditEntry
from survey_forms.catalogue import compiled
from survey_forms.filling import fill
from survey_forms.xform import read_schema


def own(form_id="home_visit", version="2026080101", rows=ROWS, **settings):
    """The county's own version of a form of the house."""
    return workbook(sheets(rows=rows, settings={"form_id": form_id, "version": version, **settings}))


def versions(phone):
    return {
        form.findtext("{*}formID"): form.findtext("{*}version")
        for form in etree.fromstring(phone.get("formList").data)
    }  # fmt: skip


def record(phone, form_id, version, instance_id="uuid:1", **answers):
    schema = read_schema(phone.get(f"forms/{form_id}/{version}").data)
    given = {"household_code": HOUSEHOLD, "outcome": "met_householder", "wages": 1200, **answers}
    return fill(schema, given, instance_id=instance_id)


HOUSE = compiled("home_visit").version


def test_a_countys_own_version_takes_the_place_of_the_houses_there_and_nowhere_else(supervisor, client):
    form = supervisor.publish(supervisor.draft(own()))
    assert form.status_code == 201, form.text
    assert (form.json["area_code"], form.json["state"], form.json["published_by"]) == (
        world.COUNTY, "published", "测试county",
    )  # fmt: skip
    assert versions(Phone(client, "surveyor")) == {"home_visit": "2026080101"}
    assert versions(Phone(client, "checker")) == {"home_visit": "2026080101"}
    assert versions(Phone(client, "checker-outside")) == {"home_visit": HOUSE}
    outside = Phone(client, "checker-outside")
    assert outside.get("forms/home_visit/2026080101").status_code == 404


def test_old_and_new_versions_are_accepted_and_what_they_show_is_what_their_forms_declare(supervisor, client, database):
    phone = Phone(client, "surveyor")
    old = visit("uuid:old", wages=100)  # filled days ago, not yet sent
    supervisor.publish(supervisor.draft(own()))
    assert phone.send(record(phone, "home_visit", "2026080101", "uuid:new", house_photo="h.jpg"),
                      {"h.jpg": JPEG}).status_code == 201  # fmt: skip
    assert phone.send(old).status_code == 201
    with database.read() as session:
        shown = {
            evidence.content["income_wages_fen_per_year"]
            for evidence in session.scalars(sa.select(Evidence).where(Evidence.kind == "visit"))
        }
    assert shown == {10_000, 120_000}


def test_a_record_of_another_countys_own_version_is_refused_404(supervisor, client):
    supervisor.publish(supervisor.draft(own()))
    xml = record(Phone(client, "surveyor"), "home_visit", "2026080101")
    assert Phone(client, "checker-outside").send(xml).status_code == 404


def test_two_counties_may_use_the_same_version_for_different_forms(supervisor, neighbour, client, app, database):
    supervisor.publish(supervisor.draft(own()))
    rows = [*ROWS[:2], ("integer", "wages", "工资 (千元)", None, "visit.income_other_yuan_per_year")]
    assert neighbour.publish(neighbour.draft(own(rows=rows))).status_code == 201
    here, there = Phone(client, "surveyor"), Phone(client, "checker-outside")
    assert here.get("forms/home_visit/2026080101").data != there.get("forms/home_visit/2026080101").data
    household = f"{world.OTHER_COUNTY}100201-0001"
    assert there.send(record(there, "home_visit", "2026080101", household_code=household)).status_code == 201
    list(reprocess(database, app.extensions["ruhu_blobs"], app.extensions["ruhu_derivers"], everything=True))
    with database.read() as session:
        (evidence,) = session.scalars(sa.select(Evidence)).all()
    assert evidence.content["income_other_fen_per_year"] == 120_000


def test_a_version_is_frozen_and_its_number_is_used_up_and_the_next_is_suggested(supervisor, database):
    supervisor.publish(supervisor.draft(own()))
    again = supervisor.upload(own(form_title="改过的"))
    assert again.json["state"] == "broken"
    (found,) = [found for found in again.json["findings"] if found["level"] == "error"]
    assert "2026080101" in found["message"]
    with database.read() as session:
        suggested = suggest_version(session, "home_visit", world.COUNTY, day=date(2026, 8, 1))
    assert suggested == "2026080102"
    house = supervisor.upload(own(version=HOUSE))
    assert house.json["state"] == "broken"


def test_two_drafts_of_one_version_are_published_once(supervisor):
    first, second = supervisor.draft(own()), supervisor.draft(own(form_title="另一份"))
    assert supervisor.publish(first).status_code == 201
    answer = supervisor.publish(second)
    assert answer.status_code == 409
    assert "已发布过" in answer.json["detail"]
    assert supervisor.publish(first).status_code == 409


def test_of_two_that_publish_one_version_at_the_same_moment_one_is_told(supervisor, monkeypatch):
    first, second = supervisor.draft(own()), supervisor.draft(own(form_title="另一份"))
    # neither sees the other before it writes
    monkeypatch.setattr("api.collection.form_drafts.publish.version_taken", lambda *_: None)
    monkeypatch.setattr("api.collection.forms._published_as", lambda *_: None)
    assert [supervisor.publish(draft).status_code for draft in (first, second)] == [201, 409]
    assert supervisor.get(f"form-drafts/{second}").json["state"] == "ready"


def test_a_newer_own_version_supersedes_only_the_countys_older_one(supervisor, client, bearer):
    supervisor.publish(supervisor.draft(own()))
    supervisor.publish(supervisor.draft(own(version="2026080102")))
    assert versions(Phone(client, "surveyor")) == {"home_visit": "2026080102"}
    listed = client.get("/api/forms", headers=bearer("county")).json
    assert {(form["area_code"], form["version"]): form["state"] for form in listed} == {
        ("", HOUSE): "published",
        (world.COUNTY, "2026080101"): "superseded",
        (world.COUNTY, "2026080102"): "published",
    }


def test_the_house_publishing_later_does_not_take_the_countys_own_away(supervisor, client, database):
    supervisor.publish(supervisor.draft(own()))
    with database.transaction() as session:
        session.execute(sa.update(FormVersion).where(FormVersion.area_code == "").values(version="0"))
        publish_form(session, compiled("home_visit"))
    assert versions(Phone(client, "surveyor")) == {"home_visit": "2026080101"}
    assert versions(Phone(client, "checker-outside")) == {"home_visit": HOUSE}


def test_roles_are_decided_at_publishing_and_the_others_keep_the_houses(supervisor, client):
    supervisor.publish(supervisor.draft(own()), for_roles=["surveyor"])
    assert versions(Phone(client, "surveyor")) == {"home_visit": "2026080101"}
    assert versions(Phone(client, "checker")) == {"home_visit": HOUSE}
    assert supervisor.publish(supervisor.draft(own(version="2")), for_roles=["discipline_inspector"]).status_code == 422


def test_a_campaign_that_names_its_forms_gets_a_new_one_by_publishing_for_it(supervisor, client, database):
    with database.transaction() as session:
        campaign = Campaign(
            name="全市专项", document_number="1", area_code="5402", forms=[CampaignForm(form_id="home_visit")]
        )  # fmt: skip
        session.add(campaign)
        session.flush()
        campaign_id = str(campaign.id)
    supervisor.publish(supervisor.draft(own("own_extra", "1")))
    assert set(versions(Phone(client, "surveyor"))) == {"home_visit"}
    form = supervisor.publish(supervisor.draft(own("own_extra", "2")), campaign_id=campaign_id)
    assert form.json["campaigns"] == ["全市专项"]
    assert versions(Phone(client, "surveyor")) == {"home_visit": HOUSE, "own_extra": "2"}
    assert supervisor.publish(supervisor.draft(own("x", "1")), campaign_id=world_id()).status_code == 404


def world_id():
    return "00000000-0000-0000-0000-000000000000"


def test_files_are_frozen_with_the_version(supervisor, database, app):
    rows = [*ROWS, ("select_one_from_file towns.csv", "town", "哪个乡镇？", None, None)]
    draft = supervisor.draft(own(rows=rows))
    assert supervisor.get(f"form-drafts/{draft}").json["files_missing"] == ["towns.csv"]
    refused = supervisor.publish(draft)
    assert refused.status_code == 409
    assert "towns.csv" in refused.json["detail"]
    towns = b"name,label\n540222100,town\n"
    supervisor.post(f"form-drafts/{draft}/media", data=uploaded(towns, "towns.csv"))
    form = supervisor.publish(draft).json
    assert [(file["name"], file["bytes"]) for file in form["media"]] == [("towns.csv", len(towns))]
    with database.read() as session:
        found = find_form(session, "home_visit", "2026080101", [world.COUNTY])
        (media,) = media_of(session, found)
    assert app.extensions["ruhu_blobs"].read(media.sha256) == towns


def test_a_file_that_the_server_brings_itself_need_not_be_uploaded(supervisor):
    rows = [*ROWS, ("select_one_from_file households.csv", "picked", "哪一户？", None, None)]
    assert supervisor.publish(supervisor.draft(own(rows=rows)), without_files=True).status_code == 201


def test_external_choices_become_a_file_of_the_form(supervisor):
    extra = {"external_choices": [["list_name", "name", "label", "town"], ["villages", "v1", "一村", "t1"]]}
    columns = ["type", "name", "label::中文 (zh)", "choice_filter"]
    rows = [("text", "town", "乡镇", None), ("select_one_external villages", "village", "村", "town=${town}")]
    draft = supervisor.draft(workbook(sheets(rows=rows, columns=columns, **extra)))
    (file,) = supervisor.get(f"form-drafts/{draft}").json["media"]
    assert file["name"] == "itemsets.csv"
    assert b"villages" in supervisor.get(f"form-drafts/{draft}/media/itemsets.csv").data


def test_a_draft_with_errors_or_unchecked_is_not_published(supervisor):
    broken = supervisor.upload(workbook(sheets(rows=[*ROWS, ("selekt", "x", "？", None, None)]))).json["id"]
    assert supervisor.publish(broken).status_code == 409
    waiting = supervisor.upload(own()).json["id"]
    answer = supervisor.publish(waiting)
    assert answer.status_code == 409
    assert "ODK Validate" in answer.json["detail"]


@pytest.mark.skipif(shutil.which("java") is None, reason="ODK Validate needs Java")
def test_odk_validate_looks_at_it_in_the_background_and_its_word_counts(supervisor):
    good = supervisor.upload(own()).json["id"]
    columns = ["type", "name", "label::中文 (zh)", "calculation"]
    rows = [("text", "a", "甲", None), ("calculate", "b", None, "if(${a} = 1, 2")]
    bad = supervisor.upload(workbook(sheets(rows=rows, columns=columns))).json
    assert bad["state"] == "ready", "pyxform lets it pass"
    supervisor.work()
    assert supervisor.get(f"form-drafts/{good}").json["check_state"] == "passed"
    refused = supervisor.get(f"form-drafts/{bad['id']}").json
    assert refused["check_state"] == "refused"
    assert refused["check_said"]
    assert supervisor.publish(bad["id"]).status_code == 409
    assert supervisor.publish(good).status_code == 201


def test_without_java_it_says_so_and_the_form_may_be_published_as_only_compiled(supervisor, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    draft = supervisor.upload(own()).json["id"]
    supervisor.work()
    assert supervisor.get(f"form-drafts/{draft}").json["check_state"] == "missing"
    assert supervisor.post(f"form-drafts/{draft}/check").json["check_state"] == "waiting"
    supervisor.work()
    assert supervisor.publish(draft).status_code == 201


def test_a_check_of_older_content_says_nothing_of_the_newer(supervisor, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    draft = supervisor.upload(own()).json["id"]
    supervisor.post(f"form-drafts/{draft}/file", data=uploaded(own(version="2026080102")))
    supervisor.work()
    assert supervisor.get(f"form-drafts/{draft}").json["check_state"] == "missing"
    supervisor.post(f"form-drafts/{draft}/file", data=uploaded(own(version="2026080103")))
    assert supervisor.get(f"form-drafts/{draft}").json["check_state"] == "waiting"


def test_what_is_done_is_written_down(supervisor, database):
    draft = supervisor.draft(own())
    supervisor.publish(draft)
    supervisor.delete(f"form-drafts/{supervisor.draft(own(version='3'))}")
    with database.read() as session:
        acts = set(
            session.scalars(
                sa.select(AuditEntry.action).where(
                    AuditEntry.county_code == world.COUNTY, AuditEntry.action.startswith("form")
                )
            )
        )
    assert acts == {"form_draft.upload", "form.publish", "form_draft.discard"}


def test_a_worker_of_the_whole_city_gets_the_houses_and_may_send_a_countys_own(supervisor, session, viewer):
    supervisor.publish(supervisor.draft(own()))
    city = ["5402"]
    assert find_form(session, "home_visit", "2026080101", city).area_code == world.COUNTY
    assert find_form(session, "home_visit", HOUSE, city).area_code == ""
    assert find_form(session, "home_visit", "2026080101", ["5401"]) is None
    wide = viewer("admin")  # holds forms in the whole city
    assert [form.version for form in forms_for(session, wide)] == [HOUSE]


def test_a_draft_and_its_version_are_nobody_elses(supervisor, neighbour):
    draft = supervisor.draft(own())
    assert neighbour.get(f"form-drafts/{draft}").status_code == 404
    assert neighbour.publish(draft).status_code == 404
    assert neighbour.get("form-drafts").json == []
    form = supervisor.publish(draft).json
    assert neighbour.get(f"forms/{form['id']}").status_code == 404
    assert [one["area_code"] for one in neighbour.get("forms").json] == [""]
    mine = neighbour.post("form-drafts", data=uploaded(own(), county_code=world.COUNTY))
    assert mine.status_code == 403


def test_the_number_of_drafts_is_bounded(supervisor, monkeypatch):
    monkeypatch.setattr("api.collection.form_drafts.keep.MOST_OPEN", 1)
    supervisor.draft()
    answer = supervisor.upload()
    assert answer.status_code == 409
    assert "1" in answer.json["detail"]
