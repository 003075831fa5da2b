import csv
import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
import world
from checked_samples import horvitz_thompson
from checks import seen
from openpyxl import load_workbook
from sqlalchemy import event

from api.campaigns.stages import standard_for
from api.campaigns.tables import Campaign
from api.evidence.tables import Evidence
from api.problems import NotFound
from api.spot_checks.comparison.verdicts import verdicts_of
from api.spot_checks.estimates.report import drawn_of, make_report
from api.spot_checks.estimates.sheets import estimates_csv, estimates_xlsx
from api.spot_checks.outcomes import outcomes_of
from api.spot_checks.tables import FrameUnit

NOTE = "村委会证实 (虚构)"


def say(message, **values):
    return message.format(**values)


def test_the_report_agrees_with_the_textbook_on_what_was_seen(session, draw, checked, wrong, refuses):
    sizes = dict(
        session.execute(
            sa.select(FrameUnit.stratum, sa.func.count())
            .where(FrameUnit.frame_id == draw.frame_id)
            .group_by(FrameUnit.stratum)
        ).all()
    )
    marks, over = {}, {}
    for one in checked:
        if one is not refuses:
            marks.setdefault(one.stratum, []).append(one in wrong)
            paid = 10_000 * int(one.household_code[-2:])
            over.setdefault(one.stratum, []).append(12 * paid * (one in wrong))
    assert all(len(found) >= min(2, sizes[name]) for name, found in marks.items()), "the textbook's formula needs two"
    assert marks.keys() == sizes.keys()
    figures = make_report(session, draw).estimates.whole.figures
    size = sum(sizes.values())
    total, error = horvitz_thompson(marks, sizes)
    rate = figures["wrongly_included"]
    assert (rate.value, rate.standard_error) == (pytest.approx(total / size), pytest.approx(error / size))
    assert rate.lower < rate.value < rate.upper
    total, error = horvitz_thompson(over, sizes)
    assert (figures["over"].value, figures["over"].standard_error) == (pytest.approx(total), pytest.approx(error))


def test_before_any_visit_the_report_says_that_there_is_too_little(session, draw, result):
    report = make_report(session, draw)
    assert not any(figure.says for figure in report.estimates.told.figures.values())
    assert report.estimates.waiting == sum(one.drawn for one in report.estimates.responses) > 0
    assert report.more == []
    assert (report.first_at, report.last_at) == (None, None)


def test_before_the_dice_there_is_nothing_to_estimate(session, draw):
    with pytest.raises(NotFound, match="还没有掷骰"):
        make_report(session, draw)
    assert drawn_of(session, world.COUNTY, draw.campaign_id) == []


def test_a_township_alone_says_what_its_row_of_the_county_says(session, draw, checked):
    county = make_report(session, draw).estimates
    alone = make_report(session, draw, world.TOWNSHIP).estimates
    row = next(one for one in county.townships if one.code == world.TOWNSHIP)
    assert alone.whole.size == row.size
    assert alone.whole.figures["wrongly_included"] == row.figures["wrongly_included"]
    with pytest.raises(NotFound, match="没有乡镇"):
        make_report(session, draw, "540222999")


def test_the_right_amount_follows_from_the_verdict_or_from_income_and_standard(session, draw, base):
    seen(session, base[0], verdict="right")
    seen(session, base[1], verdict="not_eligible", error_kinds=["favour"])
    seen(
        session, base[2], verdict="amount_high", error_kinds=["kin_favoured"], income_fen_per_person_year=100_000,
        members_count=2,
    )  # fmt: skip
    seen(session, base[3], verdict="amount_low", error_kinds=["none"])
    seen(session, base[4], outcome="moved", outcome_note=NOTE)
    seen(session, base[5], outcome="away", outcome_note=NOTE)
    seen(session, base[6])
    found = verdicts_of(session, draw)
    one = [found.get(unit.household_id) for unit in base[:7]]
    paid = {unit.household_id: unit.paid_fen_per_month for unit in outcomes_of(session, draw)}
    assert (one[0].verdict, one[0].correct_fen_per_month) == ("right", paid[base[0].household_id])
    assert (one[1].verdict, one[1].error_kinds, one[1].correct_fen_per_month) == ("not_eligible", ("favour",), 0)
    campaign = session.get_one(Campaign, draw.campaign_id)
    scheme = base[2].stratum.split("|")[1]
    standard = standard_for(campaign, base[2].village_code, scheme, draw.committed_at.year)
    assert one[2].correct_fen_per_month == round(max(0, standard - 100_000) * 2 / 12)
    assert one[2].error_kinds == ("kin_favoured",)
    assert one[3].correct_fen_per_month is None
    assert (one[4].verdict, one[4].correct_fen_per_month) == ("not_eligible", 0)
    assert one[5] is None
    assert one[6] is None


def test_the_townships_visits_sharpen_only_when_they_came_before_the_dice(session, draw, result, checked, wrong):
    units = session.scalars(sa.select(FrameUnit).where(FrameUnit.frame_id == draw.frame_id)).all()
    drawn, known = {one.household_id for one in checked}, {one.household_id for one in wrong}
    for at, unit in enumerate(sorted(units, key=lambda one: one.household_code)):
        # the township says the same as the county but of every third household
        same = at % 3 or unit.household_id not in drawn
        gap = 0 if (unit.household_id in known) is bool(same) else unit.benefit_fen_per_month
        visit = seen(
            session, row_of(unit, draw), purpose="township_visit", by="surveyor", provisional_fen_per_month=gap
        )
        visit.received_at = result.drawn_at - timedelta(hours=1)
    session.flush()
    report = make_report(session, draw)
    gains = {one.plain.measure: one for one in report.gains}
    assert gains.keys() == {"wrongly_included", "any_error", "over"}
    assert gains["wrongly_included"].sharper.n == gains["wrongly_included"].plain.n
    assert gains["wrongly_included"].gain < 1
    assert "区间可能偏窄" in gains["wrongly_included"].sharper.note
    assert gains["over"].sharper.lower <= gains["over"].sharper.value <= gains["over"].sharper.upper
    for visit in session.scalars(sa.select(Evidence).where(Evidence.purpose == "township_visit")):
        visit.received_at = result.drawn_at + timedelta(hours=1)
    session.flush()
    report = make_report(session, draw)
    assert report.gains == []
    assert "只入户了 {percent}%" in report.no_gain
    assert report.no_gain_values["percent"] == "0"


def row_of(unit, draw):
    return SimpleNamespace(
        county_code=draw.county_code, household_id=unit.household_id, household_code=unit.household_code,
        village_code=unit.village_code,
    )  # fmt: skip


def test_more_visits_make_the_range_narrower(session, draw, checked):
    for one in make_report(session, draw).more:
        assert list(one.visits) == sorted(one.visits)
        assert one.half_width[0] > 0
        assert one.half_width[-1] < one.half_width[0]


def test_the_sheets_hold_the_same_numbers_and_how_they_were_made(session, draw, checked):
    report = make_report(session, draw)
    names = {world.COUNTY: "江孜县", world.TOWNSHIP: "=江孜镇"}
    rows = list(csv.reader(io.StringIO(estimates_csv(report, names, say).decode("utf-8-sig"))))
    heading, first = rows[0], dict(zip(rows[0], rows[1], strict=True))
    figure = report.estimates.whole.figures["wrongly_included"]
    assert (first["范围"], first["指标"]) == ("江孜县", "错保率")
    assert float(first["下限"]) == pytest.approx(figure.lower, abs=1e-6)
    assert float(first["上限"]) == pytest.approx(figure.upper, abs=1e-6)
    assert "Korn–Graubard" in first["区间方法"]
    assert all(len(row) == len(heading) for row in rows)
    assert any(row[0] == "方法说明" and "有限总体修正" in row[-1] for row in rows)
    assert any(row[0] == "'=江孜镇" for row in rows)  # no spreadsheet takes it for a formula
    book = load_workbook(io.BytesIO(estimates_xlsx(report, names, say)))
    assert book.sheetnames == ["估计", "入户情况", "方法说明"]
    assert book["估计"]["D2"].value == pytest.approx(figure.lower, abs=1e-6)
    assert book["入户情况"]["C2"].value == report.estimates.responses[0].drawn


def test_a_report_asks_a_handful_of_questions_however_many_households(session, database, draw, checked):
    asked = []

    @event.listens_for(session.get_bind(), "before_cursor_execute")
    def count(_connection, _cursor, statement, *_):
        asked.append(statement)

    session.expire_all()
    make_report(session, draw)
    assert len(asked) <= 20
