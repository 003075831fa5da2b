"""The demo in both databases: loaded through the doors that everybody uses, once, into nothing."""

import csv
import json
import stat
from collections import Counter

import pytest
import sqlalchemy as sa

from api.campaigns.reach import campaign_of_county
from api.campaigns.stages import current_stage
from api.collection.assignments.progress import places_below
from api.collection.blobs import Blobs
from api.collection.tables import Assignment, Attachment, Submission, SubmissionVersion
from api.database import Database, now
from api.demo.commands import demo as demo_command
from api.demo.county import COUNTY, make_county
from api.demo.load import ACCOUNTS, load_demo
from api.demo.marks import BEGUN, mark
from api.demo.planting import KINDS
from api.evidence.review.tables import Review
from api.evidence.tables import Evidence, Photo
from api.home.coverage import coverage_below
from api.migrate import migrate
from api.pages.views import LOCAL_TIME
from api.people.accounts import hasher, viewer_of
from api.people.tables import Account, AuditEntry
from api.people.tokens import find_token
from api.problems import Conflict
from api.registry.secrecy import open_secrecy
from api.registry.tables import DepartmentRecord, Division, DivisionBoundary, Household, Member
from api.settings import Settings
from api.spot_checks.tables import Draw, DrawResult, Selection
from api.spot_checks.verify import verify_draw


@pytest.fixture
def session(demo):
    with demo.database.read() as session:
        yield session


def count(session, table, *conditions):
    return session.scalar(sa.select(sa.func.count()).select_from(table).where(*conditions))


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_what_was_reported_is_what_is_there(demo, session):
    loaded = demo.loaded
    assert loaded.households == count(session, Household, Household.on_roll) == 150
    assert count(session, Household, ~Household.on_roll) == round(150 / 12)
    assert loaded.members == count(session, Member)
    assert loaded.visits == count(session, Submission, Submission.form_id == "home_visit")
    assert loaded.checks == count(session, Submission, Submission.form_id == "spot_check_visit") > 0
    assert loaded.checks == count(session, Submission, Submission.purpose == "spot_check")
    assert loaded.inquiries == count(session, Submission) - loaded.visits - loaded.checks
    assert loaded.errors == len(rows_of(demo.file("truth.csv")))
    assert count(session, Division, Division.level == "township", Division.parent_code == COUNTY) == 19
    states = set(session.scalars(sa.select(Review.state)))
    assert {"accepted", "returned"} <= states, "some visits have been decided on"
    assert demo.steps[-1][1] == demo.steps[-1][2] == loaded.checks


def test_codes_names_amounts_and_places_in_the_database_are_those_of_the_county(demo, session, divisions, standards):
    made = make_county(divisions, standards, 150)
    columns = (
        Household.code,
        Household.head_name,
        Household.benefit_fen_per_month,
        sa.func.ST_X(Household.place),
        sa.func.ST_Y(Household.place),
    )
    kept = session.execute(sa.select(*columns).order_by(Household.code)).all()
    wanted = [(f.code, f.head.name, f.benefit_fen, *f.home.lonlat) for f in made.families]
    assert [tuple(row) for row in kept] == sorted(wanted)


def test_identity_numbers_are_sealed_matched_and_of_no_region(demo, session):
    secrecy = open_secrecy(session, demo.settings.encryption_keys())
    members = session.scalars(sa.select(Member)).all()
    for member in members:
        number = secrecy.unseal(member.identity_sealed)
        assert number.startswith("99")
        assert number not in member.identity_sealed
    deaths = sa.select(DepartmentRecord.identity_hash).where(DepartmentRecord.kind == "death")
    assert set(session.scalars(deaths)) <= {member.identity_hash for member in members}


def test_every_kind_of_error_is_in_the_truth_and_none_is_named_in_the_database(demo, session):
    truth = rows_of(demo.file("truth.csv"))
    assert {row["kind"] for row in truth} == set(KINDS)
    paid = dict(session.execute(sa.select(Household.code, Household.benefit_fen_per_month)).all())
    assert all(paid[row["household_code"]] == int(row["paid_fen_per_month"]) for row in truth)
    told = json.dumps(session.scalars(sa.select(Evidence.content)).all(), ensure_ascii=False)
    told += json.dumps(session.scalars(sa.select(AuditEntry.details)).all(), ensure_ascii=False)
    told += "".join(session.scalars(sa.select(Household.address)))
    assert not [kind for kind in KINDS if kind in told]


def test_every_household_lies_on_its_villages_made_up_ground(demo, session):
    inside = sa.func.ST_Within(Household.place, DivisionBoundary.ground)
    held = session.scalar(
        sa.select(sa.func.count())
        .select_from(Household)
        .join(DivisionBoundary, DivisionBoundary.division_code == Household.village_code)
        .where(inside)
    )
    assert held == count(session, Household)
    assert count(session, DivisionBoundary) == 155 + 19 + 1
    assert count(session, DivisionBoundary, DivisionBoundary.synthetic.is_(False)) == 0
    assert all("虚构" in source for source in session.scalars(sa.select(DivisionBoundary.source)))


def test_seven_townships_are_visited_whole_six_by_half_and_six_not_at_all(demo, session):
    rows = coverage_below(session, COUNTY, floor_percent=30, areas=[COUNTY])
    assert len(rows) == 19
    visited = Counter()
    for row in rows:
        share = "whole" if row.visited == row.households else "none" if not row.visited else "half"
        if share == "half":
            assert row.visited == -(-row.households // 2)
        visited[share] += 1
    assert visited == {"whole": 7, "half": 6, "none": 6}


def test_the_draw_keeps_every_floor_and_can_be_repeated_from_the_stored_frame(demo, session):
    rows = coverage_below(session, COUNTY, floor_percent=30, areas=[COUNTY])
    assert all(row.drawn >= row.must_check for row in rows)
    draw = session.scalars(sa.select(Draw)).one()
    assert verify_draw(session, draw).same
    result = session.scalars(sa.select(DrawResult)).one()
    assert "演示" in result.witnesses
    assert draw.committed_at < result.drawn_at


def test_a_checker_has_been_in_a_third_of_some_townships_and_those_assignments_are_done(demo, session):
    rows = coverage_below(session, COUNTY, floor_percent=30, areas=[COUNTY])
    checked = [row for row in rows if row.checked]
    assert len(checked) == 4
    assert all(row.checked == -(-row.drawn // 3) for row in checked)
    a_check = Assignment.purpose == "spot_check"
    assert count(session, Assignment, a_check, Assignment.completed_at.is_not(None)) == demo.loaded.checks
    assert count(session, Assignment, a_check) == sum(row.drawn for row in rows)


def test_a_townships_surveyor_was_given_all_its_households_and_has_done_what_he_visited(demo, session):
    campaign = campaign_of_county(session, COUNTY)
    county = viewer_of(session.scalars(sa.select(Account).where(Account.name == "county")).one())
    places = places_below(session, county, campaign, COUNTY)
    assert sum(place.visited for place in places) == demo.loaded.visits
    given = [place for place in places if place.visited]
    assert len(given) == 13
    assert all(place.free == 0 for place in given)
    assert all(place.given == place.visited == 0 for place in places if place not in given)
    done = count(session, Assignment, Assignment.purpose == "township_visit", Assignment.completed_at.is_not(None))
    assert done == demo.loaded.visits


def test_visits_came_in_as_from_phones_whole_and_understood(demo, session):
    versions = session.scalars(sa.select(SubmissionVersion)).all()
    visited = demo.loaded.visits + demo.loaded.checks
    assert len(versions) == visited + demo.loaded.inquiries
    assert all(version.derived_at and version.token_id and not version.flags for version in versions)
    blobs = Blobs(demo.settings.data_dir / "blobs")
    for version in versions:
        assert len(blobs.read(version.xml_sha256)) == version.xml_bytes
    for attachment in session.scalars(sa.select(Attachment)):
        assert attachment.media_type == "image/jpeg"
        assert len(blobs.read(attachment.sha256)) == attachment.bytes < 15_000
    assert count(session, Photo, Photo.sha256.is_(None)) == 0
    visits = session.scalars(sa.select(Evidence).where(Evidence.kind == "visit")).all()
    assert len(visits) == visited
    assert all(visit.household_id and visit.place is not None and visit.collected_at < now() for visit in visits)


def test_around_the_visits_neighbours_were_asked_property_was_seen_and_each_village_met_and_posted(demo, session):
    kinds = Counter(session.scalars(sa.select(Evidence.kind)))
    villages = session.scalar(
        sa.select(sa.func.count(sa.distinct(Evidence.village_code))).where(Evidence.kind == "visit")
    )
    assert kinds["appraisal"] == kinds["posting"] == villages
    assert kinds["interview"] % 2 == 0 < kinds["interview"]
    assert kinds["inspection"] == demo.loaded.inquiries - 2 * villages - kinds["interview"]
    assert kinds["member"] > 2 * kinds["visit"]
    of_a_village = Evidence.kind.in_(("appraisal", "posting"))
    assert count(session, Evidence, of_a_village, Evidence.household_id.is_not(None)) == 0
    assert count(session, Evidence, ~of_a_village, Evidence.household_id.is_(None)) == 0


def test_today_lies_in_stage_two_of_a_campaign_that_says_it_is_a_demo(demo, session):
    campaign = campaign_of_county(session, COUNTY)
    assert "演示" in campaign.name
    assert campaign.document_number == "日政办发〔2018〕95号"
    assert current_stage(campaign, now().astimezone(LOCAL_TIME).date()).name == "组织实施"


def test_each_role_has_an_account_in_its_area_with_the_password(demo, session):
    for name, (role, area) in ACCOUNTS.items():
        account = session.scalars(sa.select(Account).where(Account.name == name)).one()
        assert viewer_of(account).grants == ((role, area),)
        assert hasher(8).verify(account.password_hash, demo.password)
    assert {area for _, area in ACCOUNTS.values()} == {"5402", "540222", "540222100"}


def test_two_phones_can_be_tried_with_addresses_that_only_the_operator_reads(demo, session):
    path = demo.file("phones.txt")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = [line.split() for line in path.read_text().splitlines()]
    assert [name for name, _ in lines] == ["surveyor", "checker"]
    for name, address in lines:
        token = address.removeprefix("http://127.0.0.1:8000/key/")
        assert find_token(session, token, kind="phone").name == name


def test_doubtful_visits_are_listed_beside_the_database(demo, session):
    codes = set(session.scalars(sa.select(Household.code)))
    rows = rows_of(demo.file("doubts.csv"))
    assert all(row["household_code"] in codes and row["doubt"] for row in rows)


def test_a_second_load_is_refused_and_changes_nothing(demo, session):
    before = count(session, Household)
    with pytest.raises(Conflict, match="空数据库"):
        load_demo(demo.database, demo.settings, password=demo.password, households=150)
    assert count(session, Household) == before
    assert demo.file("complete").exists()


def test_an_interrupted_load_is_recognised_and_said(database, settings):
    mark(settings, BEGUN)  # and the small world's accounts are in the database, as after a power cut
    with pytest.raises(Conflict, match="中断"):
        load_demo(database, settings, password="a password for tests", households=150)


def test_the_command_refuses_a_database_in_use(app):
    answer = app.test_cli_runner().invoke(demo_command, [])
    assert isinstance(answer.exception, Conflict)


def test_the_draw_of_the_whole_county_keeps_the_floor_in_every_township_and_comes_out_the_same_again(tmp_path):
    settings = Settings(data_dir=tmp_path, secret_key="only for tests")
    database = Database(settings.database_address)
    migrate(database)
    loaded = load_demo(database, settings, password="a password for the demo")
    assert (loaded.households, loaded.visits) == (3_000, 1_560)
    with database.read() as session:
        rows = coverage_below(session, COUNTY, floor_percent=30, areas=[COUNTY])
        assert len(rows) == 19
        assert [row.name for row in rows if row.drawn < -(-30 * row.households // 100)] == []
        assert sum(row.households for row in rows) == 3_000
        chosen = count(session, Selection, Selection.role == "base")
        assert chosen == sum(row.drawn for row in rows) >= 900
        assert verify_draw(session, session.scalars(sa.select(Draw)).one()).same
    database.dispose()
