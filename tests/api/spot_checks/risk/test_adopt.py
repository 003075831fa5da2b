import pytest
import sqlalchemy as sa
import world

from api.people.tables import AuditEntry
from api.problems import ChangedMeanwhile, Conflict, Forbidden, Invalid, NotFound
from api.spot_checks.frame import freeze_frame
from api.spot_checks.risk.adopt import adopt_model, model_in_force, version_one, versions_of
from api.spot_checks.risk.model import DEFAULTS, weights_of
from api.spot_checks.risk.tables import RiskVersion
from api.spot_checks.tables import FrameUnit

NOTE = "县里开会定的 (虚构)"


@pytest.fixture
def adopt(session, campaign, viewer):
    def put(weights, by="county", note=NOTE, **more):
        return adopt_model(session, campaign, world.COUNTY, weights, viewer(by), note=note, **more)

    return put


def test_until_somebody_adopts_the_houses_own_weights_hold(session, campaign):
    present = model_in_force(session, campaign.id, world.COUNTY)
    assert (present.number, present.same_as(DEFAULTS)) == (0, True)


def test_the_newest_adopted_version_holds_for_its_county_and_campaign_alone(session, campaign, adopt, tried):
    adopt(tried(vehicle=7))
    adopt(tried(vehicle=8, cuts=(3, 9)))
    present = model_in_force(session, campaign.id, world.COUNTY)
    assert (present.number, present.weights["vehicle"], present.cuts) == (2, 8, (3, 9))
    assert model_in_force(session, campaign.id, world.OTHER_COUNTY).number == 0
    assert [one.number for one in versions_of(session, campaign.id, world.COUNTY)] == [2, 1]


def test_undoing_is_adopting_an_earlier_version_again(session, campaign, adopt, tried):
    adopt(tried(vehicle=7))
    adopt(tried(vehicle=8))
    again = adopt(version_one(session, campaign.id, world.COUNTY, 1))
    assert (again.number, again.weights["vehicle"]) == (3, 7)
    assert again.sha256 == version_one(session, campaign.id, world.COUNTY, 1).sha256
    first = adopt(version_one(session, campaign.id, world.COUNTY, 0))
    assert model_in_force(session, campaign.id, world.COUNTY).same_as(DEFAULTS)
    assert first.number == 4
    with pytest.raises(NotFound, match="版"):
        version_one(session, campaign.id, world.COUNTY, 9)


def test_adopting_is_written_down_with_what_changed(session, adopt, tried):
    version = adopt(tried(vehicle=7, cuts=(2, 6)))
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "risk_model.adopt")).one()
    assert entry.object_id == str(version.id)
    assert entry.county_code == world.COUNTY
    told = {name: entry.details[name] for name in ("number", "changed", "cuts", "cuts_before", "note", "sha256")}
    assert told == {
        "number": 1, "changed": {"vehicle": [4, 7]}, "cuts": [2, 6], "cuts_before": [2, 5], "note": NOTE,
        "sha256": version.sha256,
    }  # fmt: skip


def test_without_a_note_a_change_or_the_permission_nothing_is_adopted(session, adopt, tried):
    for by in ("city", "township", "checker", "county-outside"):
        with pytest.raises(Forbidden):
            adopt(tried(vehicle=7), by=by)
    with pytest.raises(Invalid, match="为什么"):
        adopt(tried(vehicle=7), note=" 试试 ")
    with pytest.raises(Conflict, match="现行"):
        adopt(tried())
    with pytest.raises(ChangedMeanwhile, match="刚才"):
        adopt(tried(vehicle=7), expected=3)
    assert session.scalars(sa.select(RiskVersion)).all() == []


@pytest.mark.parametrize(
    ("weights", "cuts", "where"),
    [
        ({"vehicle": 21}, (2, 5), "weights.vehicle"),
        ({"vehicle": -1}, (2, 5), "weights.vehicle"),
        ({"wealth": 1}, (2, 5), "weights"),
        ({}, (5, 5), "cuts"),
        ({}, (0, 5), "cuts"),
        ({}, (5,), "cuts"),
        ({}, (5, 1000), "cuts"),
    ],
)
def test_impossible_weights_and_cuts_are_refused_where_they_stand(weights, cuts, where):
    with pytest.raises(Invalid) as refused:
        weights_of(weights, cuts, base=DEFAULTS)
    assert refused.value.where == where


def test_a_version_is_never_changed_or_removed(session, adopt, tried):
    version = adopt(tried(vehicle=7))
    for statement in (
        sa.update(RiskVersion).where(RiskVersion.id == version.id).values(note="x"),
        sa.delete(RiskVersion).where(RiskVersion.id == version.id),
    ):
        with pytest.raises(sa.exc.DatabaseError, match="written once"), session.begin_nested():
            session.execute(statement)


def test_a_sign_that_is_newer_than_the_version_weighs_nothing_until_a_person_says_so(session, campaign, adopt, viewer):
    version = RiskVersion(
        county_code=world.COUNTY, campaign_id=campaign.id, number=1, weights={"vehicle": 9}, cuts=[2, 5],
        sha256="0" * 64, note=NOTE, made_by=viewer("county").account_id,
    )  # fmt: skip
    session.add(version)
    session.flush()
    present = model_in_force(session, campaign.id, world.COUNTY)
    assert (present.weights["vehicle"], present.weights["company"]) == (9, 0)


def test_freezing_uses_the_weights_in_force_and_writes_down_which(session, campaign, adopt, viewer, tried):
    version = adopt(tried(subsidy=6, relative=0))
    frame = freeze_frame(session, campaign, world.COUNTY, viewer("county"), day=campaign.stages[0].starts_on)
    bands = {
        unit.household_code[-4:]: unit.stratum.rpartition("|")[2]
        for unit in session.scalars(sa.select(FrameUnit).where(FrameUnit.frame_id == frame.id))
        if unit.village_code == world.VILLAGE
    }
    assert (bands["0003"], bands["0001"]) == ("high", "certain")
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "frame.freeze")).one()
    assert (entry.details["risk_model"], entry.details["risk_model_sha256"]) == (1, version.sha256)
