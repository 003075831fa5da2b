"""Whether what a phone sent is accepted, goes back, or is rejected: who may say so, and what follows."""

import itertools

import pytest
import sqlalchemy as sa
import world
from checks import Drawn, seen
from collect import HOUSEHOLD, JPEG, visit

from api.evidence.review.queue import Wanted, counts_by_state, queue
from api.evidence.review.tables import STATES, Review, ReviewStep
from api.evidence.review.take import MOVES, take_step
from api.evidence.tables import Evidence
from api.problems import Conflict, Forbidden, Invalid, NotFound
from api.registry.tables import Household

API = "/api/evidence/reviews"


@pytest.fixture
def sent(phone_of, database):
    """A function that sends a visit and returns the submission's id."""

    def send(name="surveyor", household=HOUSEHOLD, **more):
        assert phone_of(name).send(visit(household=household, **more), {"house.jpg": JPEG}).status_code == 201
        with database.read() as session:
            newest = sa.select(Evidence.submission_id).order_by(Evidence.id.desc()).limit(1)
            return session.scalars(newest).one()

    return send


@pytest.fixture
def takes(database):
    """A function that takes a step as somebody, in a transaction of its own; returns the state it leads to."""

    def take(name, key, step, **more):
        with database.transaction() as session:
            return take_step(session, world.viewer(session, name), key, step, **more).state

    return take


@pytest.mark.parametrize(("state", "step"), list(itertools.product(STATES, MOVES)))
def test_each_step_is_taken_from_its_states_and_refused_from_the_others(database, takes, state, step):
    with database.transaction() as session:
        household = session.scalars(sa.select(Household).where(Household.code == HOUSEHOLD)).one()
        key = seen(session, Drawn(household), purpose="township_visit", by="surveyor").submission_id
        session.add(Review(county_code=world.COUNTY, id=key, state=state, steps=1))
    begins, ends = MOVES[step]
    if state in begins:
        assert takes("county", key, step, note="请补充") == (ends or state)
    else:
        with pytest.raises(Conflict):
            takes("county", key, step, note="请补充")


@pytest.mark.parametrize("step", ["returned", "rejected", "comment"])
def test_who_returns_rejects_or_comments_says_why(sent, takes, step):
    key = sent()
    with pytest.raises(Invalid, match="原因"):
        takes("county", key, step, note=" 一")
    assert takes("county", key, step, note="照片不清")


def test_nobody_reviews_his_own(sent, takes, database):
    key = sent()
    with database.transaction() as session:
        account = world.viewer(session, "county").account_id
        session.execute(sa.text("update submission set account_id = :who"), {"who": sa_uuid(session, account)})
    with pytest.raises(Forbidden, match="自己"):
        takes("county", key, "accepted")
    assert takes("county", key, "comment", note="我自己的说明") == "received"
    assert takes("township", key, "accepted") == "accepted"


def sa_uuid(session, key):
    return key.hex if session.get_bind().dialect.name == "sqlite" else key


def test_the_neighbouring_township_and_county_find_nothing_to_review(sent, takes, database):
    key = sent()
    for name in ("township-outside", "county-outside", "city-outside"):
        with pytest.raises(NotFound):
            takes(name, key, "accepted")
        with database.read() as session:
            assert queue(session, world.viewer(session, name), Wanted(state=""), limit=10) == ([], 0)
    for name in ("surveyor", "checker", "admin"):
        with pytest.raises((NotFound, Forbidden)):
            takes(name, key, "accepted")


def test_a_townships_reviewer_has_no_say_in_the_countys_checks(sent, takes, database):
    key = sent("checker")
    with pytest.raises(Forbidden, match="县级抽查"):
        takes("township", key, "accepted")
    with database.read() as session:
        assert queue(session, world.viewer(session, "township"), Wanted(state=""), limit=10)[1] == 0
        assert queue(session, world.viewer(session, "county"), Wanted(state=""), limit=10)[1] == 1
    assert takes("county", key, "accepted") == "accepted"


def test_who_has_still_to_check_a_household_cannot_review_its_visit(sent, takes, assign, database):
    key = sent()
    assign("county")
    with pytest.raises(NotFound):
        takes("county", key, "accepted")
    with database.read() as session:
        assert queue(session, world.viewer(session, "county"), Wanted(state=""), limit=10)[1] == 0


def test_two_who_decide_at_once_the_second_is_told_who_was_first(sent, takes):
    key = sent()
    assert takes("township", key, "returned", note="请重拍", steps_seen=0) == "returned"
    with pytest.raises(Conflict) as refusal:
        takes("county", key, "returned", note="别的", steps_seen=0)
    assert refusal.value.values["who"] == "测试township"


def test_a_step_once_taken_is_never_changed(sent, takes, database):
    key = sent()
    takes("county", key, "returned", note="请重拍")
    with pytest.raises(sa.exc.DatabaseError, match="written once"), database.transaction() as session:
        session.execute(sa.update(ReviewStep).values(note="别的"))


def test_what_was_returned_shows_on_the_surveyors_phone_and_no_longer_once_it_came_again(
    phone_of, assign, takes, database
):
    assign("surveyor", purpose="township_visit")
    phone = phone_of("surveyor")

    def rows():
        return phone.get("lists/households.csv").text

    first = visit("uuid:first")
    assert phone.send(first, {"house.jpg": JPEG}).status_code == 201
    with database.read() as session:
        key = session.scalars(sa.select(Evidence.submission_id)).first()
        version = session.scalars(sa.select(Household.version).where(Household.code == HOUSEHOLD)).one()
    assert takes("township", key, "returned", note="照片不清楚，请重拍") == "returned"
    with database.read() as session:
        assert session.scalars(sa.select(Household.version).where(Household.code == HOUSEHOLD)).one() == version + 1
    assert "〔退回：照片不清楚，请重拍〕" in rows()
    assert phone.send(visit("uuid:second", deprecated_id="uuid:first"), {"house.jpg": JPEG}).status_code == 201
    assert "退回" not in rows()
    with database.read() as session:
        assert session.scalars(sa.select(Review.state)).one() == "received"
        steps = session.scalars(sa.select(ReviewStep.step).order_by(ReviewStep.number)).all()
    assert steps == ["returned", "sent_again"]


def test_an_edit_after_acceptance_is_reviewed_anew(phone_of, takes, database):
    phone = phone_of("surveyor")
    assert phone.send(visit("uuid:first"), {"house.jpg": JPEG}).status_code == 201
    with database.read() as session:
        key = session.scalars(sa.select(Evidence.submission_id)).first()
    assert takes("county", key, "accepted") == "accepted"
    assert phone.send(visit("uuid:second", deprecated_id="uuid:first"), {"house.jpg": JPEG}).status_code == 201
    with database.read() as session:
        counts = counts_by_state(session, world.viewer(session, "county"), Wanted())
    assert (counts["accepted"], counts["received"]) == (0, 1)


def test_programs_review_as_pages_do(sent, client, bearer):
    key = sent()
    (one,) = client.get(API, headers=bearer("county")).json
    assert (one["id"], one["state"], one["steps"]) == (str(key), "received", 0)
    done = client.post(f"{API}/{key}/steps", json={"step": "returned", "note": "请补充"}, headers=bearer("county"))
    assert (done.status_code, done.json["state"]) == (201, "returned")
    assert client.get(API, headers=bearer("county")).json == []
    (mine,) = client.get(f"{API}/returned", headers=bearer("surveyor")).json
    assert (mine["household_code"], mine["note"]) == (HOUSEHOLD, "请补充")
    assert client.get(f"{API}/returned", headers=bearer("surveyor-outside")).json == []


def test_the_queue_is_worked_page_by_page_and_the_next_opens(sent, signed_in):
    first, second = sent(), sent(household=f"{world.VILLAGE}-0002")
    browser = signed_in("county")
    page = browser.get("/evidence/review").text
    assert "待审核 2 份" in page
    one = browser.get(f"/evidence/review/{first}").text
    token = world.csrf_token(one)
    answer = browser.post(
        f"/evidence/review/{first}", data={"csrf_token": token, "step": "returned", "note": "", "steps_seen": "0"}
    )
    assert answer.status_code == 422
    assert "请写明原因" in answer.text
    answer = browser.post(
        f"/evidence/review/{first}", data={"csrf_token": token, "step": "accepted", "steps_seen": "0"}
    )
    assert (answer.status_code, f"/evidence/review/{second}" in answer.headers["Location"]) == (303, True)
    answer = browser.post(
        f"/evidence/review/{first}", data={"csrf_token": token, "step": "returned", "note": "再看", "steps_seen": "0"}
    )
    assert answer.status_code == 409
    assert "测试county刚刚处理过" in answer.text


def test_the_surveyor_finds_what_was_returned_on_his_first_page(sent, takes, signed_in):
    key = sent()
    takes("county", key, "returned", note="收入请补充")
    page = signed_in("surveyor").get("/").text
    assert "收入请补充" in page
    assert HOUSEHOLD in page


def test_whom_the_household_was_given_to_does_not_review_it_even_when_another_sent_it(sent, takes, assign):
    key = sent()
    assign("county", purpose="township_visit")
    with pytest.raises(Forbidden, match="分给您"):
        takes("county", key, "accepted")
    assert takes("township", key, "accepted") == "accepted"


def test_a_townships_reviewer_does_not_even_comment_on_a_countys_check(sent, takes):
    key = sent("checker")
    with pytest.raises((Forbidden, NotFound)):
        takes("township", key, "comment", note="请补充")
    assert takes("county", key, "comment", note="请补充") == "received"
