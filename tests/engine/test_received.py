"""Every form, filled by ODK's own engine with generated answers, is received by a running server and understood."""

import hashlib
import re
from collections import Counter

import field
import pytest
import requests
import sqlalchemy as sa
import world
from engine.client import Job, fill_all
from engine.lists import LISTS
from live import Live, multipart

from api.collection.assignments.give import give_households
from api.collection.forms import publish_form
from api.collection.tables import SubmissionVersion
from api.database import Database
from api.evidence.tables import Evidence
from survey_forms.catalogue import CATALOGUE, compiled, entry, schema_of
from survey_forms.submission import read_submission

WITH_OUTCOME = [known.form_id for known in CATALOGUE if "/data/outcome" in schema_of(known.form_id).by_path]
#: Whatever opens further questions; a form takes what it has.
THE_LONG_WAY = {
    "/data/outcome": "met_householder", "/data/economy/members_count": "3",
    "/data/economy/income_sources": "wages crops herding gathering business property transfers support",
    "/data/economy/holdings": "cropland grassland yaks cattle sheep goats other_animals",
    "/data/economy/registration": "sole_trader", "/data/assets_seen": "yes", "/data/assets": "2",
    "/data/money/receives": "yes", "/data/money/withheld": "yes", "/data/household_signs": "signs",
    "/data/conclusion/verdict": "not_eligible", "/data/roll/why_not": "refused", "/data/anonymous": "no",
    "/data/vehicle": "yes", "/data/kin_in_office": "yes", "/data/roll_fair": "unfair", "/data/withheld": "yes",
    "/data/answered": "yes", "/data/objected": "yes",
}  # fmt: skip
NOT_ON_THE_LIST = {"/data/which/household": "", "/data/where/village": "", "/data/votes/vote/household": ""}
DECLINED = {"/data/outcome": "met_member", "/data/household_signs": "declines", "/data/economy/members_count": "1"}
#: Form, seed, what is not left to chance, and how often what is not demanded is answered.
WAYS = [
    *((known.form_id, 1, THE_LONG_WAY, 1) for known in CATALOGUE),
    *((known.form_id, 2, THE_LONG_WAY | NOT_ON_THE_LIST, 0.5) for known in CATALOGUE),
    *((known.form_id, 3, DECLINED, 0.5) for known in CATALOGUE),
    *((form_id, 4, {"/data/outcome": "nobody_home"}, 0.2) for form_id in WITH_OUTCOME),
]


def filled_with(lists):
    jobs = [Job(compiled(form_id).xml, lists, seed, given, often) for form_id, seed, given, often in WAYS]
    return dict(zip([(form_id, seed) for form_id, seed, *_ in WAYS], fill_all(jobs), strict=True))


@pytest.fixture(scope="module")
def filled():
    return filled_with(LISTS)


def test_the_engine_is_satisfied_with_every_filled_form(filled):
    assert {way: one.violations for way, one in filled.items() if one.violations} == {}
    assert {form_id for form_id, _ in filled} == {known.form_id for known in CATALOGUE}


def test_everything_that_is_asked_was_answered_at_least_once(filled):
    answered = {(form_id, plain(path)) for (form_id, _), one in filled.items() for path, _ in one.answers}
    asked = {(known.form_id, q.path) for known in CATALOGUE for q in schema_of(known.form_id).questions if q.asked}
    assert asked - answered == set()


def test_every_filled_form_is_received_and_becomes_the_evidence_its_answers_are(settings):
    database = Database(settings.database_url)
    with database.transaction() as session:
        for known in CATALOGUE:
            publish_form(session, compiled(known.form_id), for_roles=known.for_roles)
        households = [one for village in world.VILLAGES[:2] for one in field.road(session, village, first=4)]
        county, surveyor = world.viewer(session, "county"), field.account(session, "surveyor")
        give_households(session, county, field.campaign(session), households, [surveyor])
    with Live(settings) as server:
        # the households are those that this server gives the surveyor's phone
        phone = f"{server.address}/key/{world.PHONE_TOKENS['surveyor']}"
        given = requests.get(f"{phone}/lists/households.csv", timeout=60)
        assert given.text.count("\n") == 1 + len(households)
        filled = filled_with(LISTS | {"households.csv": given.text})
        for (form_id, _), one in filled.items():
            account = "surveyor" if "surveyor" in entry(form_id).for_roles else "checker"
            body, content_type = multipart(one.xml, one.files)
            address = f"{server.address}/key/{world.PHONE_TOKENS[account]}/submission"
            answer = requests.post(address, data=body, headers={"Content-Type": content_type}, timeout=60)
            assert answer.status_code == 201, answer.text
    with database.read() as session:
        kept = {version.instance_id: version for version in session.scalars(sa.select(SubmissionVersion))}
        for (form_id, seed), one in filled.items():
            sent = read_submission(one.xml, schema_of(form_id))
            version = kept[sent.instance_id]
            assert version.derived_at, (form_id, seed)
            assert version.flags == [], (form_id, seed)
            columns = (Evidence, sa.func.ST_X(Evidence.place), sa.func.ST_Y(Evidence.place))
            rows = session.execute(sa.select(*columns).where(Evidence.submission_id == version.submission_id))
            evidence = {row[0].question: row for row in rows}
            looked_at = Counter(agree(form_id, evidence, one, *answer) for answer in one.answers)
            assert looked_at[True] > 0.7 * len(one.answers)
    database.dispose()


def plain(path):
    return re.sub(r"\[\d+\]", "", path)


def agree(form_id, evidence, one, path, value):
    """Hold one answer against the evidence; False where it is none by design."""
    question = schema_of(form_id).by_path[plain(path)]
    if question.evidence is None:
        return False
    kind, _, field = question.evidence.partition(".")
    where = "/".join([kind, *(str(int(row) - 1) for row in re.findall(r"\[(\d+)\]", path))])
    piece, longitude, latitude = evidence[where]
    if question.type == "binary":
        photo = next(photo for photo in piece.photos if photo.question == question.path)
        assert (photo.name, photo.sha256) == (value, hashlib.sha256(one.files[value]).hexdigest())
    elif question.type == "geopoint":
        north, east, altitude, accuracy = map(float, value.split())
        assert (latitude, longitude) == pytest.approx((north, east))
        assert (piece.altitude_m, piece.accuracy_m) == (altitude, accuracy)
    elif "_yuan" in field:
        assert piece.content[field.replace("_yuan", "_fen")] == int(value) * 100
    else:
        found = piece.content[field]
        assert (" ".join(found) if isinstance(found, list) else str(found)) == value.strip()
    return True
