"""Each rule finds what is planted for it, and leaves alone what lies just on the other side of its threshold."""

from datetime import UTC, datetime, timedelta

import field
import pytest
import sqlalchemy as sa
import world
from checks import Drawn, seen

from api.database import now
from api.evidence.checks.daylight import sun_of
from api.evidence.checks.judge import sweep, waiting
from api.evidence.checks.reading import checks_of
from api.evidence.checks.rules import BY_KEY, LIMITS, RULES
from api.evidence.checks.tables import AnswerLog, FieldCheck, JudgedEvidence
from api.evidence.checks.thresholds import change_thresholds, in_force
from api.evidence.checks.words import TOLD
from api.evidence.tables import Evidence, Photo, PhotoMetadata
from api.people.tables import AuditEntry
from api.problems import Conflict, Forbidden, Invalid
from api.registry.tables import DepartmentRecord, DivisionBoundary, Household, Member

NOON = datetime(2026, 6, 20, 5, 0, tzinfo=UTC)  # 13:00 in China
METRE = 1 / 111_195  # in degrees of latitude


def test_a_faultless_visit_passes_every_rule(homes, visit, rules_of):
    assert rules_of(visit(homes[0])) == []


@pytest.mark.parametrize(
    ("planted", "rule"),
    [
        ({"place": False}, "no-place"),
        ({"accuracy_m": 51}, "coarse-place"),
        ({"accuracy_m": 0}, "mock-place"),
        ({"north_m": 1010}, "far-from-home"),
        ({"minutes": 7}, "too-short"),
        ({"began": datetime(2026, 6, 20, 15, 0, tzinfo=UTC)}, "dark"),  # 23:00 in China
        ({"photo": ""}, "no-photo"),
    ],
)
def test_what_is_planted_is_found_by_its_rule_alone(planted, rule, homes, visit, rules_of):
    assert rules_of(visit(homes[0], **planted)) == [rule]


@pytest.mark.parametrize(
    "innocent",
    [
        {"accuracy_m": 50}, {"north_m": 990}, {"minutes": 8},
        {"began": datetime(2026, 6, 20, 13, 50, tzinfo=UTC)},  # 21:50, sunset at 21:05, an hour allowed
        {"minutes": 1, "outcome": "nobody_home", "photo": ""},  # nobody to ask, nothing to show
    ],
)  # fmt: skip
def test_what_lies_just_inside_a_threshold_passes(innocent, homes, visit, rules_of):
    assert rules_of(visit(homes[0], **innocent)) == []


def test_a_place_beyond_the_villages_boundary_is_told_from_some_way_on(session, homes, visit, rules_of):
    _ground(session, world.VILLAGE, -300, homes[0])  # the village ends 300 m south of the house
    inside, near, beyond = (
        visit(homes[0], north_m=north, began=NOON + timedelta(hours=at))
        for at, north in enumerate((-310, 680, 720))  # 10 m inside, 980 m and 1,020 m outside
    )
    assert rules_of(inside, near, beyond) == [[], [], ["outside-village"]]
    (check,) = checks_of(session, world.COUNTY, [beyond.id])[beyond.id]
    assert abs(check.numbers["distance_m"] - 1020) < 5
    assert check.numbers["limit_m"] == 1000


def _ground(session, code, north_m, of):
    """The ground of a division whose northern edge lies some metres north of a home."""
    west, edge = 89.5, of.home[1] + north_m * METRE
    corners = [(west, 28.0), (89.7, 28.0), (89.7, edge), (west, edge), (west, 28.0)]
    ring = ", ".join(f"{east} {north!r}" for east, north in corners)
    boundary = DivisionBoundary(
        division_code=code, ground=f"SRID=4326;MULTIPOLYGON((({ring})))", synthetic=True, source="虚构"
    )
    session.add(boundary)
    session.flush()
    return boundary


def test_a_place_beyond_the_township_is_worse_than_one_beyond_the_village_and_told_once(
    session, homes, visit, rules_of
):
    _ground(session, world.VILLAGE, -2000, homes[0])
    _ground(session, world.TOWNSHIP, -100, homes[0])
    in_township, out = (
        visit(homes[0], north_m=north, began=NOON + timedelta(hours=at)) for at, north in enumerate((0, 950))
    )
    assert rules_of(in_township, out) == [["outside-village"], ["outside-township"]]
    assert (BY_KEY["outside-village"].severity, BY_KEY["outside-township"].severity) == ("look", "doubt")


def test_what_changes_about_a_household_has_its_evidence_judged_again(session, homes, visit, rules_of):
    account = field.account(session, "surveyor").id
    household = session.get(Household, (world.COUNTY, homes[0].household_id))

    def becomes(change):
        assert waiting(session, world.COUNTY) == []
        change()
        session.flush()
        waited = waiting(session, world.COUNTY) == [account]
        return waited and rules_of(piece)

    piece = visit(homes[0])
    assert rules_of(piece) == []
    home = household.place
    assert becomes(lambda: setattr(household, "place", "SRID=4326;POINT(89.6 28.95)")) == ["far-from-home"]
    assert becomes(lambda: setattr(household, "place", home)) == []
    assert becomes(lambda: _ground(session, world.TOWNSHIP, -1500, homes[0])) == ["outside-township"]
    ground = session.get(DivisionBoundary, world.TOWNSHIP)
    assert becomes(lambda: (session.delete(ground), _judged_days_ago(session, 8))) == []
    assert becomes(lambda: _own_a_car(session, homes[0])) == ["records-differ"]


def _judged_days_ago(session, days):
    session.execute(sa.update(JudgedEvidence).values(judged_at=now() - timedelta(days=days)))


def _own_a_car(session, home):
    session.add(Member(county_code=world.COUNTY, household_id=home.household_id, position=1, name="虚构",
                       relation="本人", identity_hash="h" * 64))  # fmt: skip
    session.add(DepartmentRecord(county_code=world.COUNTY, department="公安", kind="vehicle", name="虚构",
                                 identity_hash="h" * 64))  # fmt: skip


def test_two_visits_too_close_in_time_for_the_way_between_are_both_told_also_when_the_second_comes_later(
    homes, visit, rules_of
):
    first = visit(homes[0])
    assert rules_of(first) == []
    second = visit(homes[2], began=NOON + timedelta(minutes=31))  # 2,400 m in a minute
    third = visit(homes[4], began=NOON + timedelta(minutes=65))  # 2,400 m in four: 36 km/h
    assert rules_of(first, second, third) == [["too-fast"], ["too-fast"], []]


def test_several_households_from_one_chair_are_found_and_who_lives_there_is_not_accused(homes, visit, rules_of):
    chair = homes[3]
    pieces = []
    for at, home in enumerate(homes[3:6]):
        piece = visit(home, began=NOON + timedelta(hours=at))
        piece.place = f"SRID=4326;POINT({chair.home[0]} {chair.home[1]!r})"
        pieces.append(piece)
    got = rules_of(*pieces)
    assert got[0] == []
    assert got[1] == got[2] == ["far-from-home", "same-spot"]


def test_two_households_at_one_spot_are_not_several(homes, visit, rules_of):
    one = visit(homes[0])
    two = visit(homes[1], north_m=-1200, began=NOON + timedelta(hours=1))
    assert rules_of(one, two) == [[], ["far-from-home"]]


NUMBERS = {
    "income_wages_fen_per_year": 123_400, "spending_living_fen_per_year": 567_800, "yaks": 7, "sheep": 31,
    "spending_medical_fen_per_year": 45_600, "income_herding_fen_per_year": 98_700,
}  # fmt: skip


def test_answers_copied_from_one_household_to_the_next_are_found_on_both(homes, visit, rules_of):
    one, other = (visit(homes[at], began=NOON + timedelta(hours=at), **NUMBERS) for at in (0, 1))
    assert rules_of(one, other) == [["copied-answers"]] * 2


def test_four_equal_numbers_or_a_number_that_everybody_gives_are_no_copy(homes, visit, rules_of):
    few = dict(list(NUMBERS.items())[:4])
    one, other = (visit(homes[at], began=NOON + timedelta(hours=at), **few) for at in (0, 1))
    assert rules_of(one, other) == [[], []]


def test_one_photo_for_two_households_is_found_on_both_and_a_signature_is_no_photo(session, homes, visit, rules_of):
    one = visit(homes[0], photo="a" * 64)
    assert rules_of(one) == []
    other = visit(homes[5], by="checker", purpose="spot_check", photo="a" * 64, began=NOON + timedelta(days=1))
    account = field.account(session, "surveyor").id
    assert account in waiting(session, world.COUNTY)  # the older one is judged again
    assert rules_of(one) == ["same-photo"]
    assert rules_of(other, by="checker") == ["same-photo"]
    photo = session.scalars(sa.select(Photo).where(Photo.evidence_id == other.id)).one()
    photo.question = "/home_visit/signs/surveyor_signature"
    session.flush()
    assert rules_of(other, by="checker") == ["no-photo"]


def test_a_photo_saved_anew_for_another_household_is_found_and_one_of_another_house_is_not(
    session, homes, visit, rules_of
):
    one, copy, own = visit(homes[0]), visit(homes[1], began=NOON + timedelta(hours=3)), visit(
        homes[2], began=NOON + timedelta(days=1)
    )  # fmt: skip
    _shows(session, one, "0f" * 32)
    _shows(session, copy, "0f" * 30 + "0000")  # eight of 256 spots differ
    _shows(session, own, "0f" * 29 + "000000")  # twelve from the first, four from the second: nearer than the threshold
    assert rules_of(one, copy, own) == [["alike-photo"]] * 3
    photo = session.scalars(sa.select(PhotoMetadata).where(PhotoMetadata.likeness == "0f" * 29 + "000000")).one()
    photo.likeness = "f0" * 32
    session.flush()
    assert rules_of(one, copy, own) == [["alike-photo"], ["alike-photo"], []]


def test_whose_photo_was_taken_over_later_by_another_worker_is_told_as_well(session, homes, visit, rules_of):
    one = visit(homes[0])
    _shows(session, one, "0f" * 32)
    assert rules_of(one) == []
    other = visit(homes[5], by="checker", purpose="spot_check", began=NOON + timedelta(days=1))
    _shows(session, other, "0f" * 31 + "00")
    assert rules_of(other, by="checker") == ["alike-photo"]
    assert waiting(session, world.COUNTY) == [field.account(session, "surveyor").id]
    assert rules_of(one) == ["alike-photo"]
    assert waiting(session, world.COUNTY) == []


def _shows(session, piece, likeness):
    photo = session.scalars(sa.select(Photo).where(Photo.evidence_id == piece.id)).one()
    session.add(PhotoMetadata(county_code=piece.county_code, photo_id=photo.id, state="read", likeness=likeness))
    session.flush()


def test_a_photo_that_never_came_is_told_after_some_days(session, homes, visit, rules_of):
    piece = visit(homes[0])
    photo = session.scalars(sa.select(Photo).where(Photo.evidence_id == piece.id)).one()
    photo.sha256 = None
    session.flush()
    assert rules_of(piece) == []
    piece.received_at = now() - timedelta(days=4)
    session.flush()
    assert rules_of(piece) == ["photo-missing"]


def test_a_photos_own_time_and_place_are_compared_with_the_answers(session, homes, visit, rules_of):
    piece = visit(homes[0])
    photo = session.scalars(sa.select(Photo).where(Photo.evidence_id == piece.id)).one()
    told = PhotoMetadata(
        county_code=piece.county_code, photo_id=photo.id, state="read", taken_at=NOON + timedelta(hours=11),
        longitude=homes[0].home[0], latitude=homes[0].home[1] + 900 * METRE,
    )  # fmt: skip
    session.add(told)
    session.flush()
    assert rules_of(piece) == []
    told.taken_at, told.latitude = NOON - timedelta(hours=13), homes[0].home[1] + 1100 * METRE
    session.flush()
    assert rules_of(piece) == ["photo-place", "photo-time"]


def test_a_photo_that_is_a_pictures_of_a_screen_by_its_own_word_is_told_and_one_without_a_sign_is_not(
    session, homes, visit, rules_of
):
    piece = visit(homes[0])
    photo = session.scalars(sa.select(Photo).where(Photo.evidence_id == piece.id)).one()
    told = PhotoMetadata(county_code=piece.county_code, photo_id=photo.id, state="read")
    session.add(told)
    session.flush()
    assert rules_of(piece) == []
    told.screen_sign = "png"
    session.flush()
    assert rules_of(piece) == ["screen-photo"]


@pytest.mark.parametrize(
    ("told", "rules"),
    [
        ((30, 0, 0), []),
        ((30, 8, 14), []),  # 28 % back, 47 % in no time
        ((30, 9, 0), ["odd-order"]),  # 9 of 29 steps
        ((30, 0, 15), ["rushed"]),
        ((9, 8, 9), []),  # too few questions to say anything
        ((0, 0, 0), []),  # a log that could not be read
        (None, []),  # a log that nobody has read yet
    ],
)
def test_a_log_tells_haste_and_odd_order_from_many_questions_only(  # noqa: PLR0917 - fixtures
    told, rules, session, homes, visit, rules_of
):  # fmt: skip
    piece = visit(homes[0])
    questions, backward, quick = told or (None, None, None)
    session.add(
        AnswerLog(
            county_code=piece.county_code, submission_id=piece.submission_id, sha256="a" * 64,
            questions=questions, backward=backward, quick=quick, read_at=now() if told else None,
        )
    )  # fmt: skip
    session.flush()
    assert rules_of(piece) == rules


def test_a_neighbour_asked_at_the_households_own_spot_and_too_few_of_them(homes, visit, rules_of):
    home = visit(homes[0])
    beside = visit(homes[0], kind="interview", north_m=60, photo="", began=NOON + timedelta(minutes=40))
    assert rules_of(home, beside) == [["few-neighbours"], []]
    inside = visit(homes[0], kind="interview", north_m=10, photo="", began=NOON + timedelta(minutes=60))
    assert rules_of(home, beside, inside) == [[], [], ["neighbour-at-home"]]


def test_what_neighbours_and_departments_know_and_the_visit_does_not(session, homes, visit, rules_of):
    home = visit(homes[0], assets_seen="no")
    for at in (1, 2):
        visit(homes[0], kind="interview", north_m=60, photo="", began=NOON + timedelta(hours=at), vehicle="yes")
    _own_a_car(session, homes[0])
    session.flush()
    assert rules_of(home) == ["neighbours-differ", "records-differ"]
    home.content = {**home.content, "assets_seen": "yes"}
    session.flush()
    assert rules_of(home) == []


def test_a_day_outside_the_stages_is_told(session, homes, visit, rules_of):
    field.campaign(session)  # from 2020 on
    assert rules_of(visit(homes[0])) == []
    assert rules_of(visit(homes[1], began=datetime(2019, 6, 20, 5, tzinfo=UTC))) == ["outside-stage"]


def test_other_thresholds_are_a_new_decision_by_which_everything_is_judged_again(session, homes, visit, rules_of):
    campaign, county = field.campaign(session), world.viewer(session, "county")
    piece = visit(homes[0], minutes=10)
    account = field.account(session, "surveyor").id
    assert waiting(session, world.COUNTY) == [account]
    assert rules_of(piece) == []
    assert waiting(session, world.COUNTY) == []
    first = change_thresholds(session, campaign, {"short_minutes": 12}, reason="试行", by=county)
    assert (first.number, in_force(session, world.COUNTY).limits["short_minutes"]) == (1, 12)
    assert waiting(session, world.COUNTY) == [account]
    assert rules_of(piece) == ["too-short"]
    with pytest.raises(Conflict):
        change_thresholds(session, campaign, {"short_minutes": 12}, reason="再来", by=county)
    with pytest.raises(Invalid):
        change_thresholds(session, campaign, {"short_minutes": 0}, reason="再来", by=county)
    with pytest.raises(Invalid):
        change_thresholds(session, campaign, {"shorter": 5}, reason="再来", by=county)
    with pytest.raises(Forbidden):
        change_thresholds(session, campaign, {"short_minutes": 9}, reason="再来", by=world.viewer(session, "township"))
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "checks.thresholds")).one()
    assert "试行" in str(entry.details)


def test_a_decision_about_thresholds_is_never_changed(session):
    change_thresholds(
        session, field.campaign(session), {"far_m": 500}, reason="试行", by=world.viewer(session, "county")
    )
    with pytest.raises(sa.exc.DBAPIError, match="written once"), session.begin_nested():
        session.execute(sa.text("update check_thresholds set reason = 'x'"))


def test_the_sun_rises_and_sets_when_the_almanac_says():
    # Greenwich, 2018-06-21: 03:43 and 20:21 UTC
    rise, sets = sun_of(datetime(2018, 6, 21, tzinfo=UTC).date(), 0.0, 51.48)
    assert abs(rise - datetime(2018, 6, 21, 3, 43, tzinfo=UTC)) < timedelta(minutes=3)
    assert abs(sets - datetime(2018, 6, 21, 20, 21, tzinfo=UTC)) < timedelta(minutes=3)
    assert sun_of(datetime(2018, 6, 21, tzinfo=UTC).date(), 15.6, 78.2) is None  # Svalbard has no night then


def test_every_rule_says_what_else_it_can_be_and_every_limit_belongs_to_one_rule():
    assert len(BY_KEY) == len(RULES)
    assert len(LIMITS) == sum(len(rule.limits) for rule in RULES)
    assert all(rule.innocent and rule.asks and rule.says for rule in RULES)
    assert all(limit.least <= limit.default <= limit.most for limit in LIMITS.values())
    assert {"vehicle", "shop", "machinery", "company", "property", "written", "png"} == set(TOLD)


def test_the_sweep_judges_each_worker_once_and_then_rests(database, homes_committed):
    assert sweep(database) == 1
    assert sweep(database) == 0
    with database.read() as session:
        assert session.scalars(sa.select(FieldCheck.rule)).all() == ["no-photo"]


@pytest.fixture
def homes_committed(database):
    """One visit without a photo, kept."""
    with database.transaction() as session:
        household = session.scalars(sa.select(Household).where(Household.village_code == world.VILLAGE)).first()
        piece = seen(session, Drawn(household), purpose="township_visit", by="surveyor")
        piece.place, piece.collected_at = "SRID=4326;POINT(89.601 28.901)", NOON
        household.place = piece.place
        assert session.get(Evidence, (piece.county_code, piece.id)) is piece
