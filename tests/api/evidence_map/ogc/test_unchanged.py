"""A page that has not changed costs a 304, and a tag is worth nothing in anybody else's hands."""

import pytest
import sqlalchemy as sa
import world
from checks import seen

from api.collection.forms import publish_form
from api.evidence.changes import note_change
from api.evidence.review.tables import Review
from api.people.tables import Account
from api.registry.tables import Division, DivisionBoundary, Household
from survey_forms.catalogue import compiled

from .conftest import HERE, household

ITEMS = "/collections/visit/items"


@pytest.fixture
def again(app, bearer):
    """A function from an account, an address below /ogc and a tag to the answer."""
    client = app.test_client()
    return lambda name, address, tag="": client.get("/ogc" + address, headers={**bearer(name), "If-None-Match": tag})


@pytest.mark.usefixtures("visits")
@pytest.mark.parametrize(
    "address",
    ["", "/conformance", "/api", "/collections", "/collections/visit", "/collections/visit/schema", ITEMS,
     ITEMS + "?limit=2&state=accepted", "/collections/evidence/items?search=540", "/collections/homes/items",
     "/collections/divisions/items"],
)  # fmt: skip
def test_what_has_not_changed_costs_a_304_of_whoever_asked_before(again, address):
    first = again("county", address)
    tag = first.headers["ETag"]
    assert first.status_code == 200
    assert {"private", "no-cache"} == set(first.headers["Cache-Control"].split(", "))
    assert {"Authorization", "Cookie"} <= set(first.headers["Vary"].split(", "))
    same = again("county", address, tag)
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", tag)
    assert "private" in same.headers["Cache-Control"]
    if "homes" in address:
        return
    tags = {again(name, address).headers["ETag"] for name in ("county", "city", "township", "township-outside")}
    assert len(tags) == 4
    assert again("township", address, tag).status_code == 200


def test_one_feature_is_known_again_and_one_that_is_not_there_stays_404(visits, again):
    address = f"{ITEMS}/{visits['here-1']}"
    tag = again("county", address).headers["ETag"]
    assert again("county", address, tag).status_code == 304
    assert again("county", f"{ITEMS}/{visits['here-2']}", tag).status_code == 200
    for any_ in (tag, "*", "W/*"):
        assert again("township", f"{ITEMS}/{visits['next']}", any_).status_code == 404


def _review(session, visits):
    assert visits
    review = session.scalars(sa.select(Review)).one()
    review.state = "returned"
    note_change(session, [world.VILLAGE])


def _visit(session, _visits):
    seen(session, household(session, f"{HERE}8"), purpose="township_visit", by="surveyor")
    note_change(session, [world.VILLAGE])


def _form(session, _visits):
    publish_form(session, compiled("neighbour_interview"))


def _worker(session, _visits):
    session.execute(sa.update(Account).where(Account.name == "surveyor").values(display_name="改名"))


def _village(session, _visits):
    session.execute(sa.update(Division).where(Division.code == world.VILLAGE).values(name="新名", renamed=1))


@pytest.mark.parametrize("change", [_review, _visit, _form, _worker, _village], ids=lambda one: one.__name__)
def test_a_change_that_a_page_shows_gives_it_a_new_tag(visits, again, database, change):
    tag = again("county", ITEMS).headers["ETag"]
    with database.transaction() as session:
        change(session, visits)
    assert again("county", ITEMS, tag).status_code == 200


@pytest.mark.usefixtures("visits")
def test_a_change_next_door_leaves_the_tag_of_who_does_not_see_it(again, database):
    tags = {name: again(name, ITEMS).headers["ETag"] for name in ("township", "township-outside")}
    with database.transaction() as session:
        note_change(session, [world.NEXT_TOWNSHIP])
    assert again("township", ITEMS, tags["township"]).status_code == 304
    assert again("township-outside", ITEMS, tags["township-outside"]).status_code == 200


@pytest.mark.usefixtures("visits")
def test_a_check_given_to_a_reviewer_ends_what_he_had(again, assign):
    tag = again("county", ITEMS).headers["ETag"]
    assign("county", household=f"{HERE}1")
    answer = again("county", ITEMS, tag)
    assert answer.status_code == 200
    assert f"{HERE}1" not in answer.text


def test_homes_and_divisions_follow_their_own_tables(again, database):
    homes, divisions = "/collections/homes/items", "/collections/divisions/items"
    tags = {address: again("county", address).headers["ETag"] for address in (homes, divisions)}
    with database.transaction() as session:
        home = session.scalars(sa.select(Household).where(Household.code == f"{HERE}1")).one()
        home.persons += 1
    assert again("county", homes, tags[homes]).status_code == 200
    assert again("county", divisions, tags[divisions]).status_code == 304
    with database.transaction() as session:
        ground = "SRID=4326;MULTIPOLYGON(((89 28,90 28,90 29,89 29,89 28)))"
        session.add(DivisionBoundary(division_code=world.TOWNSHIP, ground=ground, synthetic=True, source="t"))
    assert again("county", divisions, tags[divisions]).status_code == 200
