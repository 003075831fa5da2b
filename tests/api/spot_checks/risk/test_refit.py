import numpy as np
import pytest
import sqlalchemy as sa
import world
from checks import seen

from api.registry.tables import DepartmentRecord, Household
from api.spot_checks.commit import commit_draw
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.frame import freeze_frame
from api.spot_checks.plan import make_plan
from api.spot_checks.risk.adopt import versions_of
from api.spot_checks.risk.model import DEFAULTS
from api.spot_checks.risk.refit import propose_model
from api.spot_checks.tables import FrameUnit, Selection
from sampling.risk import fit_logistic, rank_performance

DICE = "31415926535897932384"


@pytest.fixture
def everybody_drawn(session, campaign, viewer):
    """All households drawn; those with an even serial have a vehicle, every third household a subsidy."""
    for household in session.scalars(sa.select(Household).where(Household.county_code == world.COUNTY)):
        number = (
            1000 * int(household.code[9:12])
            + int(household.code[-4:])
            + (100 if household.township_code == world.TOWNSHIP else 0)
        )
        household.head_identity_hash = f"{number:064d}"
        for kind, every in (("vehicle", 2), ("subsidy", 3)):
            if int(household.code[-4:]) % every == 0:
                session.add(
                    DepartmentRecord(
                        county_code=world.COUNTY, department="公安", kind=kind, name="虚构",
                        identity_hash=household.head_identity_hash,
                    )
                )  # fmt: skip
    session.flush()
    by = viewer("county")
    frame = freeze_frame(session, campaign, world.COUNTY, by, day=campaign.stages[0].starts_on)
    draw = commit_draw(session, frame, make_plan(session, frame, campaign, total=48), by)
    draw_spot_check(session, draw, DICE, by, witnesses="虚构见证人，虚构代表")
    return session.scalars(sa.select(Selection).order_by(Selection.household_code)).all()


def judge(session, selections, wrong):
    for one in selections:
        found = wrong(int(one.household_code[-4:]), one)
        seen(session, one, verdict="not_eligible" if found else "right", error_kinds=["none"])


def by_name(proposal):
    return {one.name: one for one in proposal.signs}


def test_before_any_visit_and_with_too_few_the_proposal_says_so_and_keeps_the_weights(
    session, campaign, everybody_drawn
):
    empty = propose_model(session, world.COUNTY, campaign.id, DEFAULTS)
    assert (empty.visits, empty.wrong, empty.draws, empty.enough) == (0, 0, (), False)
    judge(session, everybody_drawn[:20], lambda serial, _: serial == 1)
    few = propose_model(session, world.COUNTY, campaign.id, DEFAULTS)
    assert (few.visits, few.draws, few.enough) == (20, (1,), False)
    assert few.weights == dict(DEFAULTS.weights)


def test_a_sign_that_tells_gains_points_one_that_does_not_loses_them_and_the_unseen_keep_theirs(
    session, campaign, everybody_drawn
):
    judge(session, everybody_drawn, lambda serial, _: serial % 2 == 0 or serial == 1)
    found = propose_model(session, world.COUNTY, campaign.id, DEFAULTS)
    signs = by_name(found)
    assert found.enough
    assert found.visits == 48
    assert found.wrong == 28
    assert (signs["vehicle"].visited, signs["vehicle"].wrong, signs["vehicle"].known) == (24, 24, True)
    assert signs["vehicle"].proposed > signs["subsidy"].proposed
    assert (signs["payroll"].known, signs["payroll"].proposed) == (False, DEFAULTS.weights["payroll"])
    assert found.after.auc > 0.8
    assert versions_of(session, campaign.id, world.COUNTY) == []  # nothing is learned without a person


def test_the_proposal_follows_a_regression_made_by_hand(session, campaign, everybody_drawn):
    def is_wrong(serial):
        return (serial % 2 == 0) != (serial % 5 == 0) or serial == 1

    judge(session, everybody_drawn, lambda serial, _: is_wrong(serial))
    signs = by_name(propose_model(session, world.COUNTY, campaign.id, DEFAULTS))
    known = [name for name, one in signs.items() if one.known]
    assert known == ["vehicle", "subsidy"]
    reasons = {unit.household_code: unit.reasons for unit in session.scalars(sa.select(FrameUnit))}
    x = [
        [
            *(any(reason["indicator"] == name for reason in reasons[one.household_code]) for name in known),
            sum(reason["points"] for reason in reasons[one.household_code] if reason["indicator"] not in known),
        ]
        for one in everybody_drawn
    ]
    y = [is_wrong(int(one.household_code[-4:])) for one in everybody_drawn]
    by_hand = set()
    for penalty in (0.3, 1.0, 3.0, 10.0, 30.0, 100.0):
        vehicle, subsidy, others = fit_logistic(np.array(x, dtype=float), y, penalty=penalty).coefficients.tolist()
        scale = 6 / (abs(vehicle) + abs(subsidy) + abs(others))  # 4 + 1 + 1 points before
        size = others if others * scale >= 0.1 else 1 / scale
        by_hand.add(tuple(min(20, max(0, round(value / size))) for value in (vehicle, subsidy)))
    assert (signs["vehicle"].proposed, signs["subsidy"].proposed) in by_hand


def test_the_comparison_is_of_whole_scores_not_of_the_learned_signs_alone(session, campaign, everybody_drawn):
    # what is wrong is told by signs that too few have to be learned: the present score knows them
    judge(session, everybody_drawn, lambda serial, _: serial <= 5 or serial % 7 == 0)
    found = propose_model(session, world.COUNTY, campaign.id, DEFAULTS)
    reasons = {unit.household_code: unit.reasons for unit in session.scalars(sa.select(FrameUnit))}
    scores = [sum(reason["points"] for reason in reasons[one.household_code]) for one in everybody_drawn]
    serials = [int(one.household_code[-4:]) for one in everybody_drawn]
    auc, _ = rank_performance(scores, [serial <= 5 or serial % 7 == 0 for serial in serials])
    assert found.before.auc == pytest.approx(auc, abs=0.1)  # a mean over five parts


def test_checks_without_a_conclusion_teach_nothing_and_a_household_that_is_gone_is_a_finding(
    session, campaign, everybody_drawn
):
    first, second, third = everybody_drawn[:3]
    seen(session, first, verdict="cannot_tell")
    seen(session, second, outcome="away")
    seen(session, third, outcome="moved", outcome_note="村委会证实 (虚构)")
    found = propose_model(session, world.COUNTY, campaign.id, DEFAULTS)
    assert (found.visits, found.wrong) == (1, 1)
