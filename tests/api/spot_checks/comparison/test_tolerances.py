import pytest
import sqlalchemy as sa
import world

from api.people.tables import AuditEntry
from api.problems import Forbidden, Invalid
from api.spot_checks.comparison.questions import Rule, default_rules
from api.spot_checks.comparison.reading import compare_draw
from api.spot_checks.comparison.tables import ToleranceVersion
from api.spot_checks.comparison.tolerances import declare_tolerances, declared, rules_in_force

WHY = "本县收入多为估计 (虚构)"
INCOME = "visit.income_yuan_per_person_year"


@pytest.fixture
def declare(session, viewer, campaign):
    def give(changes, note=WHY, by="county"):
        return declare_tolerances(session, viewer(by), campaign, world.COUNTY, changes=changes, note=note)

    return give


def test_until_something_is_declared_the_rules_of_the_house_hold(session, campaign):
    assert rules_in_force(session, world.COUNTY, campaign.id) == (0, default_rules())
    assert declared(session, world.COUNTY, campaign.id) == []


def test_versions_follow_each_other_and_all_stay(session, campaign, declare):
    declare({INCOME: Rule("relative", 20, "always")})
    declare({"visit.members_count": Rule("absolute", 1, "always")}, note="临时在家的人难算 (虚构)")
    number, rules = rules_in_force(session, world.COUNTY, campaign.id)
    assert (number, rules[INCOME].tolerance, rules["visit.members_count"].tolerance) == (2, 20, 1)
    assert rules["visit.withheld"] == default_rules()["visit.withheld"]
    history = declared(session, world.COUNTY, campaign.id)
    assert [(one.number, one.note, one.by, list(one.changed)) for one in history] == [
        (2, "临时在家的人难算 (虚构)", "测试county", ["visit.members_count"]),
        (1, WHY, "测试county", [INCOME]),
    ]
    logged = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "tolerances.declare")).all()
    assert [entry.details["number"] for entry in logged] == [1, 2]


def test_another_county_keeps_its_own_rules(session, campaign, declare):
    declare({INCOME: Rule("relative", 20, "always")})
    assert rules_in_force(session, world.OTHER_COUNTY, campaign.id)[0] == 0


@pytest.fixture
def beside(session, draw, viewer):
    return lambda: compare_draw(session, viewer("county"), draw)


def test_a_comparison_says_by_which_rules_and_follows_them_at_once(beside, base, both, declare):
    both(base[0], {"income_fen_per_person_year": 250_000}, {"income_fen_per_person_year": 300_000})
    before = beside()
    declare({INCOME: Rule("relative", 20, "always")})
    after = beside()
    assert (before.number, before.compared[0].discrepant) == (0, True)
    assert (after.number, after.compared[0].discrepant) == (1, False)


@pytest.mark.parametrize(
    "case",
    [
        ({INCOME: Rule("relative", 20, "always")}, " — ", "note"),
        ({}, WHY, "rules"),
        ({INCOME: default_rules()[INCOME]}, WHY, "rules"),
        ({"visit.weather": Rule("exact")}, WHY, "visit.weather"),
        ({INCOME: Rule("set")}, WHY, INCOME),
        ({INCOME: Rule("relative", 101)}, WHY, INCOME),
        ({INCOME: Rule("relative", 10, "sometimes")}, WHY, INCOME),
        ({"visit.withheld": Rule("exact", 3)}, WHY, "visit.withheld"),
    ],
)
def test_a_set_of_rules_that_cannot_be_is_refused(session, campaign, declare, case):
    changes, note, where = case
    with pytest.raises(Invalid) as refused:
        declare(changes, note=note)
    assert refused.value.where == where
    assert declared(session, world.COUNTY, campaign.id) == []


@pytest.mark.parametrize("name", ["city", "checker", "township", "county-outside"])
def test_only_the_countys_supervisor_declares(declare, name):
    with pytest.raises(Forbidden):
        declare({INCOME: Rule("relative", 20)}, by=name)


@pytest.mark.parametrize("change", [sa.update(ToleranceVersion).values(note="x"), sa.delete(ToleranceVersion)])
def test_the_database_changes_no_declared_rules(session, declare, change):
    declare({INCOME: Rule("relative", 20, "always")})
    with pytest.raises(sa.exc.DBAPIError, match="written once"), session.begin_nested():
        session.execute(change)
