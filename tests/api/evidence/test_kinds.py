"""What each form's submissions become: of which household or village, for whom to see, and what they complete."""

import uuid

import pytest
import sqlalchemy as sa
import world
from collect import HOUSEHOLD, JPEG, visit

from api.campaigns.tables import Campaign
from api.collection.forms import publish_form
from api.collection.tables import Assignment, Submission, SubmissionVersion
from api.evidence.tables import Evidence
from api.people.tables import Account
from api.registry.tables import Household
from survey_forms.catalogue import CATALOGUE, compiled, schema_of
from survey_forms.filling import fill
from survey_forms.values import Place

PLACE = Place(28.95, 89.61, 4021.5, 6.5)


@pytest.fixture(autouse=True)
def every_form(database):
    with database.transaction() as session:
        for known in CATALOGUE:
            publish_form(session, compiled(known.form_id), for_roles=known.for_roles)


@pytest.fixture
def send(phone_of):
    """A function that fills a form and sends it, all files it names beside it."""

    def fill_and_send(form_id, account="surveyor", **answers):
        xml = fill(schema_of(form_id), answers, instance_id=f"uuid:{uuid.uuid4()}")
        files = {value: JPEG for value in answers.values() if str(value).endswith(".jpg")}
        answer = phone_of(account).send(xml, files)
        assert answer.status_code == 201, answer.text

    return fill_and_send


@pytest.fixture
def kept(database):
    """A function that gives every piece of evidence, in the order it was made."""

    def rows():
        with database.read() as session:
            return session.scalars(sa.select(Evidence).order_by(Evidence.id)).all()

    return rows


@pytest.fixture
def flags(database):
    def found():
        with database.read() as session:
            return [flag["kind"] for version in session.scalars(sa.select(SubmissionVersion)) for flag in version.flags]

    return found


@pytest.fixture
def visible(client, bearer):
    def kinds(name):
        return sorted(
            f["properties"]["kind"] for f in client.get("/api/evidence", headers=bearer(name)).json["features"]
        )

    return kinds


def test_what_is_asked_of_a_neighbour_is_evidence_of_the_household_with_its_place(send, kept, flags):
    send("neighbour_interview", household_code=HOUSEHOLD, informant="neighbour", anonymous="yes", place=PLACE)
    (interview,) = kept()
    assert (interview.kind, interview.household_code, interview.village_code) == ("interview", HOUSEHOLD, world.VILLAGE)
    assert interview.household_id is not None
    assert interview.accuracy_m == 6.5
    assert interview.content == {"informant": "neighbour", "anonymous": "yes"}
    assert flags() == []


def test_a_checker_hears_nothing_of_the_neighbours_before_his_own_check_is_in(send, visible, phone_of):
    send("neighbour_interview", household_code=HOUSEHOLD, informant="neighbour")
    send("unit_certificate", household_code=HOUSEHOLD, organisation="虚构信用社")
    send("asset_evidence", household_code=HOUSEHOLD, cause="虚构", assets=[{"asset_kind": "vehicle"}])
    send("democratic_appraisal", village_code=world.VILLAGE, votes=[{"household_code": HOUSEHOLD, "in_favour": 3}])
    assert visible("checker") == []
    send("spot_check_visit", "checker", household_code=HOUSEHOLD, outcome="nobody_home")
    assert visible("checker") == ["asset", "certificate", "inspection", "interview", "visit", "vote"]


def test_whoever_has_an_open_check_of_a_household_does_not_see_how_the_village_voted_on_it(send, visible, database):
    votes = [{"household_code": code, "in_favour": 3} for code in (HOUSEHOLD, f"{world.VILLAGE}-0002")]
    send("democratic_appraisal", village_code=world.VILLAGE, votes=votes)
    assert visible("county") == ["appraisal", "vote", "vote"]
    _assign(database, "county", "spot_check")
    assert visible("county") == ["appraisal", "vote"]


def test_a_village_is_what_its_meeting_and_its_posting_are_of(send, kept, visible, flags):
    send("democratic_appraisal", village_code=world.VILLAGES[1], attended=20, place=PLACE)
    send("public_posting", village_code=world.VILLAGES[1], posted_list="standing", list_photo="list.jpg")
    appraisal, posting = kept()
    for seen in (appraisal, posting):
        assert (seen.village_code, seen.household_code, seen.household_id) == (world.VILLAGES[1], None, None)
    assert flags() == []
    assert visible("township") == ["appraisal", "posting"]
    assert visible("township-outside") == []


def test_each_vote_is_evidence_of_its_own_household(send, kept, flags):
    rows = [
        {"household_code": f"{world.VILLAGE}-0002", "in_favour": 11, "against": 1},
        {"household_code": f"{world.VILLAGE}-7777", "in_favour": 0, "against": 12},
    ]
    send("democratic_appraisal", village_code=world.VILLAGE, votes=rows)
    appraisal, known, unknown = kept()
    assert (appraisal.kind, appraisal.household_code) == ("appraisal", None)
    assert (known.kind, known.question, known.household_code) == ("vote", "vote/0", f"{world.VILLAGE}-0002")
    assert known.household_id is not None
    assert known.content == {"in_favour": 11, "against": 1}
    assert (unknown.household_id, unknown.village_code) == (None, world.VILLAGE)
    assert flags() == ["unknown-household"]


def test_the_objection_to_a_list_is_of_the_household_it_names_or_of_none(send, kept):
    objections = [{"about_code": HOUSEHOLD, "objection": "有车"}, {"objection": "没有公示够七天"}]
    send("public_posting", village_code=world.VILLAGE, objected="yes", objections=objections)
    _, about_one, about_none = kept()
    assert (about_one.kind, about_one.household_code) == ("objection", HOUSEHOLD)
    assert (about_none.kind, about_none.household_code) == ("objection", None)


@pytest.mark.parametrize("code", ["540222100299", "540221100201", "nonsense"])
def test_an_unknown_village_or_one_of_another_county_stays_in_the_senders_area_and_is_flagged(send, kept, flags, code):
    send("public_posting", village_code=code, posted_list="standing")
    (posting,) = kept()
    assert posting.village_code == world.TOWNSHIP
    assert flags() == ["unknown-village"]


def test_a_village_outside_the_senders_area_is_kept_where_it_lies_and_flagged(send, visible, flags):
    send("public_posting", "surveyor-outside", village_code=world.VILLAGE, posted_list="standing")
    assert visible("township") == ["posting"]
    assert flags() == ["outside-area"]


def test_property_seen_apart_from_a_visit_keeps_its_own_place_and_photo(send, kept):
    there = Place(28.9, 89.7, 4000.0, 4.0)
    assets = [{"asset_kind": "vehicle", "asset_value": 60000, "asset_place": there, "asset_photo": "car.jpg"}]
    send("asset_evidence", household_code=HOUSEHOLD, cause="群众反映", place=PLACE, assets=assets)
    inspection, asset = kept()
    assert (inspection.kind, inspection.accuracy_m) == ("inspection", 6.5)
    assert (asset.kind, asset.accuracy_m, asset.household_code) == ("asset", 4.0, HOUSEHOLD)
    assert asset.content == {"kind": "vehicle", "value_fen": 6_000_000}


def test_a_missed_household_is_found_for_the_township_and_completes_its_assignment(send, kept, database):
    key = _assign(database, "surveyor", "township_visit")
    send("missed_household", household_code=HOUSEHOLD, outcome="met_member", eligible="yes")
    (missed,) = kept()
    assert (missed.kind, missed.purpose) == ("missed", "township_visit")
    with database.read() as session:
        assert session.get_one(Assignment, key).completed_at is not None


def test_looking_for_missed_households_completes_no_check(send, visible, database, phone_of):
    phone_of("surveyor").send(visit(), {"house.jpg": JPEG})
    key = _assign(database, "checker", "spot_check")
    send("missed_household", "checker", household_code=HOUSEHOLD, outcome="met_member")
    with database.read() as session:
        assert session.get_one(Assignment, key).completed_at is None
        assert session.scalars(sa.select(Submission.purpose).order_by(Submission.id.desc())).first() == "spot_check"
    assert visible("checker") == ["missed"]


def _assign(database, name, purpose, household=HOUSEHOLD):
    with database.transaction() as session:
        campaign = Campaign(name="t", document_number="1", area_code=world.COUNTY)
        session.add(campaign)
        session.flush()
        account = session.scalars(sa.select(Account).where(Account.name == name)).one()
        found = session.scalars(sa.select(Household).where(Household.code == household)).one()
        assignment = Assignment(
            county_code=found.county_code, campaign_id=campaign.id, household_id=found.id, account_id=account.id,
            purpose=purpose,
        )  # fmt: skip
        session.add(assignment)
        session.flush()
        return assignment.county_code, assignment.id
