import numpy as np
import pytest
import shapely
import sqlalchemy as sa
import world
from boundaries import ELSEWHERE, HOMES, feature
from checks import Drawn, seen
from geoalchemy2.shape import to_shape

from api.database import now
from api.evidence.checks.judge import sweep, waiting
from api.people.tables import AuditEntry
from api.problems import Invalid
from api.registry.boundaries.homes import find_shift
from api.registry.boundaries.take_in import read_boundaries, take_in_boundaries
from api.registry.commands import import_boundaries_command
from api.registry.tables import DivisionBoundary, Household

NEXT_VILLAGE = world.VILLAGES[1]


def kept(session):
    rows = session.scalars(sa.select(DivisionBoundary).order_by(DivisionBoundary.division_code))
    return {row.division_code: row for row in rows}


def made_up(session, *codes):
    for code in codes:
        ground = f"SRID=4326;{shapely.MultiPolygon([ELSEWHERE]).wkt}"
        session.add(DivisionBoundary(division_code=code, ground=ground, synthetic=True, source="虚构"))
    session.flush()
    session.expunge_all()


def test_ground_takes_the_place_of_what_was_made_up_and_says_where_it_comes_from(session, geojson):
    made_up(session, world.VILLAGE, world.TOWNSHIP, world.OTHER_TOWNSHIP)
    began = now()
    file = read_boundaries(geojson(feature(), feature(world.COUNTY + "000000")))
    taken = take_in_boundaries(session, file, source="县自然资源局 2026 (虚构)")
    assert (list(taken.added), list(taken.replaced), taken.synthetic_replaced) == ([world.COUNTY], [world.VILLAGE], 1)
    assert dict(taken.still_synthetic) == {"township": 1}  # of this county; the other county's is no business of ours
    found = kept(session)
    village = found[world.VILLAGE]
    assert to_shape(village.ground).equals(HOMES)
    assert (village.synthetic, village.source) == (False, "县自然资源局 2026 (虚构)")
    assert village.changed_at >= began
    assert found[world.TOWNSHIP].synthetic


def test_the_log_says_which_file_replaced_what_in_the_countys_own_chain(session, geojson):
    file = read_boundaries(geojson(feature(), feature("540221100", HOMES)))
    take_in_boundaries(session, file)
    rows = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "boundaries.import"))
    told = {row.county_code: row.details for row in rows}
    assert set(told) == {world.COUNTY, world.OTHER_COUNTY}
    assert (told[world.COUNTY]["added"], told[world.COUNTY]["sha256"]) == (1, file.sha256)


def test_the_same_file_again_changes_nothing(session, geojson):
    file = read_boundaries(geojson(feature()))
    take_in_boundaries(session, file)
    first = kept(session)[world.VILLAGE].changed_at
    again = take_in_boundaries(session, file)
    assert (list(again.added), list(again.replaced), list(again.unchanged)) == ([], [], [world.VILLAGE])
    session.expunge_all()
    assert kept(session)[world.VILLAGE].changed_at == first
    assert len(session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "boundaries.import")).all()) == 1


def test_a_preview_says_the_same_and_changes_nothing(session, geojson):
    made_up(session, world.VILLAGE)
    file = read_boundaries(geojson(feature(), feature(NEXT_VILLAGE)))
    taken = take_in_boundaries(session, file, check_only=True)
    assert (list(taken.added), list(taken.replaced)) == ([NEXT_VILLAGE], [world.VILLAGE])
    assert {code: row.synthetic for code, row in kept(session).items()} == {world.VILLAGE: True}


def test_unknown_codes_are_named_and_nothing_of_the_file_is_taken(session, geojson):
    file = read_boundaries(geojson(feature(), feature("540222100299")))
    with pytest.raises(Invalid) as refused:
        take_in_boundaries(session, file)
    assert [(one["where"], one["values"]["code"]) for one in refused.value.errors] == [("2", "540222100299")]
    assert kept(session) == {}


def test_ground_far_from_the_homes_recorded_there_is_refused_by_name_unless_somebody_insists(session, geojson):
    file = read_boundaries(geojson(feature(), feature(NEXT_VILLAGE, ELSEWHERE)))
    with pytest.raises(Invalid) as refused:
        take_in_boundaries(session, file)
    [error] = refused.value.errors
    assert error["values"] == {"name": "第2村", "code": NEXT_VILLAGE, "all": 12, "outside": 12}
    assert kept(session) == {}
    take_in_boundaries(session, file, although_far=True)
    assert set(kept(session)) == {world.VILLAGE, NEXT_VILLAGE}
    [entry] = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "boundaries.import"))
    assert entry.details["although_far"] is True


@pytest.mark.parametrize(("outside", "refused"), [(6, False), (7, True)])
def test_half_of_the_homes_outside_is_said_more_is_refused(session, geojson, outside, refused):
    # homes lie 0.001° apart along a diagonal, the first at 89.601: an edge between two of them, none within 200 m of it
    edge = 89.6 + 0.001 * outside + 0.0001
    for serial, household in enumerate(
        session.scalars(
            sa.select(Household).where(Household.village_code == world.VILLAGE).order_by(Household.code)
        ), start=1,
    ):  # fmt: skip
        east = 89.6 + serial / 1000 + (0.02 if serial > outside else -0.02)
        household.place = f"SRID=4326;POINT({east} 28.9)"
    session.flush()
    file = read_boundaries(geojson(feature(ground=shapely.box(edge, 28.8, 89.7, 29.0))))
    if refused:
        with pytest.raises(Invalid):
            take_in_boundaries(session, file)
    else:
        assert take_in_boundaries(session, file).homes[world.VILLAGE].outside == outside


def test_a_shift_of_the_whole_file_is_found_with_its_direction():
    random = np.random.default_rng(7)
    homes, grounds, wrong = {}, {}, {}
    for number in range(6):
        west = 89.0 + number * 0.01
        ground = shapely.box(west, 28.9, west + 0.01, 28.91)
        homes[str(number)] = np.column_stack(
            [random.uniform(west + 0.0001, west + 0.0099, 60), random.uniform(28.9001, 28.9099, 60)]
        )
        grounds[str(number)] = shapely.MultiPolygon([ground])
        # 400 m to the east, as a shifted map has it
        wrong[str(number)] = shapely.affinity.translate(grounds[str(number)], xoff=400 / 97_350)
    assert find_shift(grounds, homes) is None
    shift = find_shift(wrong, homes)
    assert (shift.metres, shift.bearing) == (400, 270)  # the file would have to go back to the west
    assert shift.outside_then <= 0.05 * shift.outside


def test_homes_scattered_without_order_are_not_taken_for_a_shift():
    random = np.random.default_rng(7)
    ground = {"a": shapely.MultiPolygon([shapely.box(89.0, 28.9, 89.01, 28.91)])}
    homes = {"a": np.column_stack([random.uniform(88.98, 89.03, 300), random.uniform(28.88, 28.93, 300)])}
    assert find_shift(ground, homes) is None


def test_evidence_is_judged_again_by_the_new_ground(database, geojson):
    with database.transaction() as session:
        household = session.scalars(sa.select(Household).where(Household.village_code == world.VILLAGE)).first()
        seen(session, Drawn(household), purpose="township_visit", by="surveyor")
    assert sweep(database)
    with database.transaction() as session:
        assert waiting(session, world.COUNTY) == []
        take_in_boundaries(session, read_boundaries(geojson(feature())))
        assert len(waiting(session, world.COUNTY)) == 1
    assert sweep(database)
    with database.read() as session:
        assert waiting(session, world.COUNTY) == []


def test_the_command_tries_then_takes(app, database, geojson):
    runner = app.test_cli_runner()
    path = str(geojson(feature(name="第1村"), feature("110101001001", ELSEWHERE)))
    tried = runner.invoke(import_boundaries_command, [path, "--within", world.COUNTY, "--check-only"])
    assert (tried.exit_code, "新增 1" in tried.output, "未导入：1" in tried.output) == (0, True, True), tried.output
    with database.read() as session:
        assert kept(session) == {}
    done = runner.invoke(import_boundaries_command, [path, "--within", world.COUNTY, "--source", "虚构局"])
    assert done.exit_code == 0, done.output
    with database.read() as session:
        assert kept(session)[world.VILLAGE].source == "虚构局"
