"""Which forms a phone is offered is remembered by each process, and never longer than it is true."""

import world

from api.campaigns.create import change_campaign
from api.campaigns.tables import Campaign
from api.collection.forms import Scope, close_form, forms_for, publish_form, reopen_form
from survey_forms.catalogue import compiled


def offered(session, name="surveyor"):
    return [form.form_id for form in forms_for(session, world.viewer(session, name))]


def test_what_is_published_closed_and_reopened_shows_at_once(session):
    publish_form(session, compiled("asset_evidence"), for_roles=("surveyor",))
    assert offered(session) == ["asset_evidence", "home_visit"]
    assert offered(session, "checker") == ["home_visit"]
    close_form(session, "home_visit")
    assert offered(session) == ["asset_evidence"]
    reopen_form(session, "home_visit")
    assert offered(session) == ["asset_evidence", "home_visit"]
    publish_form(session, compiled("public_posting"), scope=Scope(area_code=world.OTHER_COUNTY))
    assert offered(session) == ["asset_evidence", "home_visit"]


def test_what_a_campaign_uses_shows_at_once(session):
    publish_form(session, compiled("asset_evidence"))
    campaign = Campaign(name="虚构", document_number="1", area_code=world.COUNTY)
    session.add(campaign)
    session.flush()
    assert offered(session) == ["asset_evidence", "home_visit"]
    change_campaign(session, campaign, forms=["asset_evidence"])
    assert offered(session) == ["asset_evidence"]
    assert offered(session, "surveyor-outside") == ["asset_evidence"]  # of the same county
    assert offered(session, "checker-outside") == ["asset_evidence", "home_visit"]
    change_campaign(session, campaign, forms=[])
    assert offered(session) == ["asset_evidence", "home_visit"]


def test_a_form_that_is_closed_while_the_list_is_read_is_not_remembered_under_the_list_before(session, monkeypatch):
    publish_form(session, compiled("asset_evidence"))
    closed = []

    def close_between(self, statement, *more, **options):
        if not closed and "xform_sha256" in str(statement) and not closed.append(True):
            close_form(session, "home_visit")
        return execute(self, statement, *more, **options)

    execute = type(session).execute
    monkeypatch.setattr(type(session), "execute", close_between)
    found = offered(session)
    monkeypatch.undo()
    assert (closed, found) == ([True], ["asset_evidence"])
    reopen_form(session, "home_visit")
    assert offered(session) == ["asset_evidence", "home_visit"]


def test_the_phone_hears_of_a_change_at_its_next_question(phone, database):
    first = phone.get("formList")
    assert phone.get("formList", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    with database.transaction() as session:
        publish_form(session, compiled("asset_evidence"))
    second = phone.get("formList", headers={"If-None-Match": first.headers["ETag"]})
    assert (second.status_code, b"asset_evidence" in second.data) == (200, True)
