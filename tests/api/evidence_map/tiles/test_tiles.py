"""A tile carries what its reader may see, each piece once, and nothing else."""

import itertools

import mapbox_vector_tile
import pytest
import sqlalchemy as sa
import world
from checks import Drawn, seen

from api.database import new_id
from api.evidence.cells.count import old_townships, sweep
from api.evidence.changes import note_change
from api.evidence.checks.judge import sweep as judge_all
from api.evidence.review.tables import Review
from api.evidence.square import Tile
from api.evidence.square import world as square
from api.evidence.tables import Evidence
from api.evidence.visible import visible_evidence
from api.evidence_map.tiles.pieces import MOST
from api.registry.tables import Household

ADDRESS = "/api/evidence/map/tiles"
NEAR = (89.6, 28.9)
CODES = [f"{village}-000{number}" for village in world.VILLAGES[:4] for number in (1, 2)]


@pytest.fixture
def places(database):
    """A function that keeps a visit of the surveyor (or whom else) to each household and place given."""

    def keep(*where, by="surveyor", purpose="township_visit", **more):
        with database.transaction() as session:
            for code, place in where:
                household = session.scalars(sa.select(Household).where(Household.code == code)).one()
                piece = seen(session, Drawn(household), purpose=purpose, by=by, **more)
                piece.place = f"SRID=4326;POINT({place[0]} {place[1]})"
                note_change(session, [piece.village_code])

    return keep


@pytest.fixture
def tile(app, bearer):
    """A function that asks for a tile and decodes it: layer → features."""
    client = app.test_client()

    def ask(name, zoom, x, y, **selection):
        answer = client.get(f"{ADDRESS}/{zoom}/{x}/{y}.mvt", headers=bearer(name), query_string=selection)
        assert answer.status_code in {200, 204}, answer.text
        assert (answer.status_code == 204) == (answer.data == b"")
        found = mapbox_vector_tile.decode(answer.data) if answer.data else {}
        return {layer: held["features"] for layer, held in found.items()}

    return ask


def over(zoom, longitude, latitude):
    """Column and row of the tile in which a place lies."""
    x, y = square([longitude], [latitude])
    return int(x[0] * (1 << zoom)), int(y[0] * (1 << zoom))


def counted(layers):
    return sum(cell["properties"]["n"] for cell in layers.get("cells", []))


def everything(tile, name, zoom, **selection):
    """The sum of all cells of all tiles of a zoom."""
    return sum(counted(tile(name, zoom, x, y, **selection)) for x, y in itertools.product(range(1 << zoom), repeat=2))


ODD = [
    (0.0, 0.0), (180.0, 0.0), (-180.0, 0.0), (90.0, 0.0), (-90.0, 66.51326044311186), (89.6, 85.0511287798066),
    (89.6, 89.9), (89.6, -90.0),
]  # fmt: skip


def test_each_piece_lies_in_exactly_one_cell_of_one_tile_also_at_the_edges_and_beyond_the_poles(places, tile, database):
    places(*zip(CODES, ODD, strict=True))
    for fresh in (False, True):
        if fresh:
            assert sweep(database) == 2
        for zoom in (0, 1, 2, 3):
            assert everything(tile, "county", zoom) == len(ODD)
            assert everything(tile, "township", zoom) == 4


def test_every_role_counts_what_it_may_see_from_kept_cells_and_from_rows_alike(places, tile, database):
    places(*((code, NEAR) for code in CODES))
    places((CODES[0], NEAR), by="checker", purpose="spot_check")
    for fresh in (False, True):
        if fresh:
            assert sweep(database)
        for name in world.ACCOUNTS:
            if name.startswith("admin"):
                continue
            with database.read() as session:
                may = session.scalar(
                    sa.select(sa.func.count())
                    .select_from(Evidence)
                    .where(visible_evidence(world.viewer(session, name)))
                )
            assert counted(tile(name, 0, 0, 0)) == may, name


@pytest.mark.parametrize("at_once", [1, 12], ids=["one-by-one", "together"])
def test_what_has_just_arrived_is_counted_before_any_sweep_and_what_was_kept_is_not_counted_twice(
    places, tile, database, monkeypatch, at_once
):
    monkeypatch.setattr("api.evidence_map.tiles.counted.AT_ONCE", at_once)
    places((CODES[0], NEAR))
    assert sweep(database) == 1
    assert sweep(database) == 0, "nothing has changed since"
    places((CODES[1], NEAR), (CODES[4], NEAR))
    assert counted(tile("county", 0, 0, 0)) == 3
    for zoom in (6, 10, 12):
        assert counted(tile("city", zoom, *over(zoom, *NEAR))) == 3
        assert counted(tile("city", zoom, *over(zoom, *NEAR), kind="asset")) == 0
    assert counted(tile("county", 6, *over(6, *NEAR), area=world.TOWNSHIP)) == 2
    assert sweep(database) == 2
    assert counted(tile("county", 0, 0, 0)) == 3


def test_the_township_counted_longest_ago_is_counted_first_so_that_a_busy_one_does_not_keep_it_waiting(
    places, database
):
    places((CODES[0], NEAR), (CODES[4], NEAR))
    assert sweep(database) == 2
    places((CODES[0], NEAR), (CODES[4], NEAR))
    with database.read() as session:
        first, second = old_townships(session, ("",))
    assert sweep(database, seconds=0) == 1
    places((CODES[0], NEAR), (CODES[4], NEAR))
    with database.read() as session:
        assert old_townships(session, ("",)) == [second, first]


def test_cells_tell_doubt_and_where_review_stands(places, tile, database):
    places((CODES[0], NEAR), photo=True)
    places((CODES[1], NEAR), photo=True)
    with database.transaction() as session:
        one, two = session.scalars(sa.select(Evidence).order_by(Evidence.household_code))
        one.accuracy_m = 0  # a mock location
        session.add(Review(county_code=two.county_code, id=two.submission_id, state="returned"))
        note_change(session, [two.village_code])
    assert judge_all(database)
    for fresh in (False, True):
        if fresh:
            assert sweep(database)
        (cell,) = tile("county", 0, 0, 0)["cells"]
        told = cell["properties"]
        assert (told["n"], told["doubt"], told["waiting"], told["returned"]) == (2, 1, 1, 1)
        assert counted(tile("county", 0, 0, 0, state="returned")) == 1
        assert counted(tile("county", 0, 0, 0, doubt="doubt")) == 1
        assert counted(tile("county", 0, 0, 0, area=world.NEXT_TOWNSHIP)) == 0
        assert counted(tile("county", 0, 0, 0, kind="asset")) == 0
        assert counted(tile("county", 0, 0, 0, kind="visit", purpose="township_visit", area=world.TOWNSHIP)) == 2
        assert counted(tile("county", 0, 0, 0, rule="mock-place")) == 1, "from rows"
        assert counted(tile("county", 0, 0, 0, search=CODES[1])) == 1, "from rows"


def test_near_by_single_pieces_show_with_home_and_the_way_there(places, tile, database):
    places((CODES[0], NEAR))
    with database.transaction() as session:
        household = session.scalars(sa.select(Household).where(Household.code == CODES[0])).one()
        household.place = f"SRID=4326;POINT({NEAR[0] + 0.001} {NEAR[1]})"
    layers = tile("county", 14, *over(14, *NEAR))
    (point,) = layers["points"]
    assert point["properties"]["household"] == CODES[0]
    assert (point["properties"]["kind"], point["properties"]["state"]) == ("visit", "received")
    (tie,) = layers["ties"]
    assert 90 < tie["properties"]["metres"] < 105  # a thousandth of a degree, at this latitude
    assert [home["properties"] for home in layers["homes"]] == [{"household": CODES[0]}]
    assert set(tile("county", 13, *over(13, *NEAR))) == {"points"}
    assert tile("county", 13, *over(13, 100.0, 10.0)) == {}


def test_too_many_at_one_spot_are_counted_and_no_tile_grows_too_large(database, app, bearer, tile):
    with database.transaction() as session:
        household = session.scalars(sa.select(Household).where(Household.code == CODES[0])).one()
        first = seen(session, Drawn(household), purpose="township_visit", by="surveyor")
        names = {column.key for column in first.__table__.columns} - {"id", "place", "question"}
        columns = {name: getattr(first, name) for name in names}
        session.execute(
            sa.insert(Evidence),
            [
                columns | {"id": new_id(), "question": f"visit/{number}", "place": "SRID=4326;POINT(89.6 28.9)"}
                for number in range(MOST)
            ],
        )
        note_change(session, [first.village_code])
    for zoom in (13, 18, 22):
        layers = tile("county", zoom, *over(zoom, *NEAR))
        assert set(layers) == {"cells"}
        assert counted(layers) == MOST + 1
    with database.transaction() as session:
        session.execute(sa.delete(Evidence).where(Evidence.question == "visit/1"))
        note_change(session, [world.VILLAGE])
    x, y = over(16, *NEAR)
    answer = app.test_client().get(f"{ADDRESS}/16/{x}/{y}.mvt", headers=bearer("county"))
    assert len(mapbox_vector_tile.decode(answer.data)["points"]["features"]) == MOST
    assert len(answer.data) <= 150_000


def test_an_unchanged_tile_costs_a_304_until_something_changes_in_the_readers_area(places, app, bearer, database):
    places((CODES[0], NEAR))
    client = app.test_client()

    def get(name, tag=""):
        return client.get(f"{ADDRESS}/0/0/0.mvt", headers={**bearer(name), "If-None-Match": tag})

    first = get("county")
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert get("county", first.headers["ETag"]).status_code == 304
    assert get("city", first.headers["ETag"]).status_code == 200, "another reader's tag opens nothing"
    township = get("township-outside").headers["ETag"]
    places((CODES[1], NEAR))
    again = get("county", first.headers["ETag"])
    assert again.status_code == 200
    assert get("township-outside", township).status_code == 304, "nothing changed there"


@pytest.mark.parametrize("path", ["23/0/0", "0/1/0", "0/0/1", "3/8/7", "99/0/0", "4/0/99999999999999"])
def test_a_tile_that_does_not_exist_is_not_found(client, bearer, path):
    answer = client.get(f"{ADDRESS}/{path}.mvt", headers=bearer("county"))
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "query", ["bbox=nan,0,1,1", "state=lost", "rule=none-such", "area=5", "since=yesterday", "drawn=maybe"]
)
def test_a_selection_that_cannot_be_read_is_refused(client, bearer, query):
    answer = client.get(f"{ADDRESS}/0/0/0.mvt?{query}", headers=bearer("county"))
    assert answer.status_code == 422


def test_a_checker_finds_nothing_of_the_townships_visit_in_any_tile_before_his_own_is_in(places, tile, assign):
    places((CODES[0], NEAR), (CODES[1], NEAR))
    assign("county", CODES[0])
    assert counted(tile("county", 0, 0, 0)) == 1
    assert [one["properties"]["household"] for one in tile("county", 15, *over(15, *NEAR))["points"]] == [CODES[1]]
    assert counted(tile("checker", 0, 0, 0)) == 0


@pytest.mark.parametrize("fresh", [False, True])
def test_the_summary_counts_the_same_and_says_where_it_lies(places, client, bearer, database, fresh):
    places((CODES[0], NEAR), (CODES[4], (89.9, 29.1)))
    with database.transaction() as session:
        household = session.scalars(sa.select(Household).where(Household.code == CODES[1])).one()
        seen(session, Drawn(household), purpose="township_visit", by="surveyor", kind="asset", place=False)
        note_change(session, [household.village_code])
    if fresh:
        assert sweep(database) == 2
    told = client.get("/api/evidence/map/summary", headers=bearer("county")).json
    assert (told["pieces"], told["placed"], told["by_state"]) == (3, 2, {"received": 3})
    assert told["by_kind"] == {"asset": 1, "visit": 2}
    assert told["bbox"] == pytest.approx([89.6, 28.9, 89.9, 29.1], abs=0.012)
    told = client.get("/api/evidence/map/summary", headers=bearer("township")).json
    assert (told["pieces"], told["bbox"][2]) == (2, pytest.approx(89.6, abs=0.012))
    told = client.get("/api/evidence/map/summary", query_string={"kind": "asset"}, headers=bearer("county")).json
    assert (told["pieces"], told["bbox"]) == (1, None)


def test_the_spatial_index_leads_to_the_rows_and_no_table_is_read_whole(database):
    """On the embedded database only a bare `in` is led by the index: compared with anything, it reads every row."""
    from api.evidence.nearby import lies_in  # noqa: PLC0415

    statement = sa.select(Evidence.id).where(
        lies_in(Evidence, Tile(14, *over(14, *NEAR)).box()), Evidence.village_code >= world.TOWNSHIP
    )
    with database.read() as session:
        compiled = statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        if database.is_embedded:
            plan = str(session.execute(sa.text(f"explain query plan {compiled}")).all())
            assert "SEARCH evidence USING INTEGER PRIMARY KEY" in plan, plan
        else:
            session.execute(sa.text("set local enable_seqscan = off"))
            plan = str(session.execute(sa.text(f"explain {compiled}")).all())
            assert "idx_evidence_place" in plan, plan
        assert session.execute(statement).all() == []
