"""Many submissions accepted together: only what every check has seen and passed; and taken back together."""

from uuid import UUID

import pytest
import sqlalchemy as sa
import world
from checks import Drawn, seen

from api.database import now
from api.evidence.checks.tables import FieldCheck, JudgedEvidence
from api.evidence.review.bulk import accept_clean, batches_of, undo_batch
from api.evidence.review.tables import Review, ReviewStep
from api.evidence.review.take import take_step
from api.evidence.tables import Evidence, Photo
from api.people.tables import AuditEntry, RoleGrant
from api.problems import NotFound
from api.registry.tables import Household

API = "/api/evidence/reviews"
PAGE = "/evidence/review/clean"


@pytest.fixture
def visits(database):
    """A function that keeps visits of the first households, judged and without doubt; returns their submissions."""

    def keep(number, *, judged=True, photo=False):
        with database.transaction() as session:
            households = session.scalars(
                sa.select(Household)
                .where(Household.village_code == world.VILLAGE)
                .order_by(Household.code)
                .limit(number)
            ).all()
            made = [seen(session, Drawn(one), purpose="township_visit", by="surveyor", photo=photo)
                    for one in households]  # fmt: skip
            session.execute(sa.update(Photo).values(looked_at=now()))
            if judged:
                session.add_all(
                    JudgedEvidence(county_code=one.county_code, id=one.id, thresholds="t") for one in made
                )  # fmt: skip
            return [one.submission_id for one in made]

    return keep


@pytest.fixture
def accepts(database):
    """A function that accepts submissions together as somebody."""

    def accept(ids, name="county"):
        with database.transaction() as session:
            return accept_clean(session, world.viewer(session, name), ids, note="没有疑点")

    return accept


def test_together_only_what_every_check_passed_is_accepted(database, visits, accepts):
    clean, doubted = visits(2)
    with database.transaction() as session:
        evidence = session.scalars(sa.select(Evidence.id).order_by(Evidence.id.desc())).first()
        session.add(
            FieldCheck(county_code=world.COUNTY, evidence_id=evidence, rule="no-photo", numbers={},
                       thresholds="t")
        )  # fmt: skip
    done = accepts([clean, doubted])
    assert (done.accepted, done.left) == (1, 1)
    with database.read() as session:
        assert session.scalars(sa.select(Review.id)).all() == [clean]
    again = accepts([clean, doubted])
    assert (again.accepted, again.left) == (0, 2)


def test_what_no_check_has_looked_at_has_passed_none(database, visits, accepts):
    ids = visits(2, judged=False)
    assert accepts(ids).accepted == 0
    with database.transaction() as session:
        for key in session.scalars(sa.select(Evidence.id)):
            session.add(JudgedEvidence(county_code=world.COUNTY, id=key, thresholds="t"))
    assert accepts(ids).accepted == 2


@pytest.mark.parametrize("lacks", ["sha256", "looked_at"])
def test_who_waits_for_a_photo_is_not_accepted_unseen(database, visits, accepts, lacks):
    ids = visits(1, photo=True)
    with database.transaction() as session:
        kept = session.scalars(sa.select(Photo)).one()
        before = getattr(kept, lacks)
        setattr(kept, lacks, None)
    assert accepts(ids).accepted == 0
    with database.transaction() as session:
        setattr(session.scalars(sa.select(Photo)).one(), lacks, before)
    assert accepts(ids).accepted == 1


def test_a_batch_is_taken_back_but_not_what_somebody_has_touched_since(database, visits, accepts):
    ids = visits(3)
    batch = accepts(ids).batch_id
    with database.transaction() as session:
        take_step(session, world.viewer(session, "city"), ids[0], "returned", note="请补充")
        county = world.viewer(session, "county")
        (shown,) = batches_of(session, county)
        assert (shown.id, shown.accepted, shown.untouched) == (batch, 3, 2)
        undone = undo_batch(session, county, batch, note="看错了", most=1)
        assert (undone.reopened, undone.left) == (1, 1)
        assert undo_batch(session, county, batch).reopened == 1
        assert batches_of(session, county) == []
        assert sorted(session.scalars(sa.select(Review.state))) == ["in_review", "in_review", "returned"]
        steps = session.scalars(sa.select(AuditEntry.action).where(AuditEntry.object_id == str(ids[1])))
        assert list(steps) == ["review.accepted", "review.reopened"]


def test_nobody_takes_back_what_another_has_accepted(database, visits, accepts):
    batch = accepts(visits(1)).batch_id
    with database.transaction() as session, pytest.raises(NotFound):
        undo_batch(session, world.viewer(session, "city"), batch)


def test_everything_is_accepted_in_the_background_and_taken_back(database, visits, client, bearer, work):
    visits(5)
    asked = client.post(
        f"{API}/accepted-all", json={"area": world.COUNTY, "note": "没有疑点"}, headers=bearer("county")
    )
    assert (asked.status_code, asked.json["state"]) == (202, "waiting")
    again = client.post(f"{API}/accepted-all", json={}, headers=bearer("county"))  # the same: his county is his area
    assert again.json["id"] == asked.json["id"]
    visits(1)  # received after it was asked for: nobody has meant it
    work()
    job = client.get(f"/api/jobs/{asked.json['id']}", headers=bearer("county")).json
    assert (job["state"], job["result"]["accepted"], job["result"]["left"]) == ("done", 5, 0)
    with database.read() as session:
        assert session.scalars(sa.select(ReviewStep.batch_id).distinct()).all() == [UUID(job["result"]["batch_id"])]
    undone = client.post(f"{API}/batches/{job['result']['batch_id']}/undo", json={}, headers=bearer("county"))
    assert (undone.status_code, undone.json) == (200, {"reopened": 5, "left": 0})


def test_whoever_is_asked_to_leave_meanwhile_accepts_nothing_more(database, visits, client, bearer, work):
    visits(2)
    client.post(f"{API}/accepted-all", json={}, headers=bearer("county"))
    with database.transaction() as session:
        county = world.viewer(session, "county").account_id
        session.execute(sa.delete(RoleGrant).where(RoleGrant.account_id == county))
    assert work() == 1
    with database.read() as session:
        assert session.scalars(sa.select(sa.func.count()).select_from(ReviewStep)).one() == 0


@pytest.mark.parametrize(("name", "area", "status"), [("city", "", 422), ("township", world.OTHER_COUNTY, 403)])
def test_all_of_several_counties_or_of_another_are_not_accepted_at_once(client, bearer, name, area, status):
    answer = client.post(f"{API}/accepted-all", json={"area": area}, headers=bearer(name))
    assert answer.status_code == status


def test_the_page_accepts_tells_and_takes_back(database, visits, signed_in):
    ids = visits(2)
    browser = signed_in("county")
    page = browser.get(PAGE).text
    assert "共 2 份" in page
    token = world.csrf_token(page)
    answer = browser.post(PAGE, data={"csrf_token": token, "id": [str(key) for key in ids]})
    page = browser.get(answer.headers["Location"]).text
    assert "已通过 2 份" in page
    assert "撤回这 2 份" in page
    (address,) = {part.split('"')[0] for part in page.split('action="')[1:] if "/undo" in part.split('"')[0]}
    answer = browser.post(address, data={"csrf_token": token})
    assert "已撤回 2 份" in browser.get(answer.headers["Location"]).text
    with database.read() as session:
        assert set(session.scalars(sa.select(Review.state))) == {"in_review"}


def test_the_page_tells_how_much_is_still_being_checked(visits, signed_in):
    visits(2, judged=False)
    visits(1)
    page = signed_in("county").get(PAGE).text
    assert "共 1 份" in page
    assert "另有 2 份还没有检查完" in page


def test_the_page_tells_how_far_it_is_while_all_are_accepted(visits, signed_in, work, monkeypatch):
    monkeypatch.setattr("api.evidence.review.pages.MOST", 1)
    visits(2)
    browser = signed_in("county")
    page = browser.get(PAGE).text
    assert "在后台全部通过 2 份" in page
    browser.post(PAGE, data={"csrf_token": world.csrf_token(page), "all": "yes"})
    assert "正在逐份通过" in browser.get(PAGE).text
    assert "正在逐份通过" in browser.get(f"{PAGE}/job").text
    work()
    assert browser.get(f"{PAGE}/job").headers["HX-Refresh"] == "true"
    page = browser.get(PAGE).text
    assert "没有可以批量通过的答卷" in page
    assert "撤回这 2 份" in page
