"""Make a campaign and change it; what the law asks at least is checked kindly before the database insists."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign, CampaignForm, ReportingDate, Stage, Standard
from api.people.access import Viewer
from api.people.audit import record
from api.problems import Conflict, Invalid

LEAST_SPOT_CHECK_PERCENT = 30  # the law: not less than 30 % (POLICY.md, the hard numbers)
HUNDRED = 100
NEIGHBOUR_INTERVIEWS = 2  # per household, unless a campaign says otherwise
MOST_NEIGHBOUR_INTERVIEWS = 10
DIVISION = sa.table("division", sa.column("code"))  # the registry is no lower room: only its codes are asked

PLAIN = (
    "name", "document_number", "visit_floor_percent", "spot_check_floor_percent", "neighbour_interviews_per_household",
    "publish_draws",
)  # fmt: skip


def create_campaign(
    session: Session,
    *,
    name: str,
    document_number: str,
    area_code: str,
    stages: Iterable[Mapping[str, Any]],
    visit_floor_percent: int = HUNDRED,
    spot_check_floor_percent: int = LEAST_SPOT_CHECK_PERCENT,
    neighbour_interviews_per_household: int = NEIGHBOUR_INTERVIEWS,
    standards: Iterable[Mapping[str, Any]] = (),
    reporting_dates: Iterable[Mapping[str, Any]] = (),
    forms: Iterable[str] = (),
    by: Viewer | None = None,
) -> Campaign:
    """Make a campaign with its stages, standards, reporting dates and forms.

    Parameters
    ----------
    area_code : str
        The division whose government issued the plan.
    stages : iterable of mapping
        ``name``, ``starts_on``, ``ends_on`` (dates), in order and apart from each other.
    visit_floor_percent, spot_check_floor_percent : int
        Whole percent; the second at least 30.
    neighbour_interviews_per_household : int
        How many neighbours are to be asked about each household, 0 to 10.
    standards : iterable of mapping
        ``area_code``, ``scheme``, ``year``, ``fen_per_person_year``.
    reporting_dates : iterable of mapping
        ``name``, ``due_on``.
    forms : iterable of str
        Ids of the forms in use.

    Raises
    ------
    Invalid
        A floor below the law, a number of interviews out of range, stages out of order, an unknown division, a
        standard given twice.
    Conflict
        When the area already has a campaign of this document.
    """
    _check_floors(visit_floor_percent, spot_check_floor_percent)
    _check_interviews(neighbour_interviews_per_household)
    if session.scalar(sa.select(DIVISION.c.code).where(DIVISION.c.code == area_code)) is None:
        raise Invalid("没有编码为 {code} 的区划，请先导入区划", where="area_code", code=area_code)
    _refuse_second(session, area_code, document_number)
    campaign = Campaign(
        name=name.strip(),
        document_number=document_number.strip(),
        area_code=area_code,
        visit_floor_percent=visit_floor_percent,
        spot_check_floor_percent=spot_check_floor_percent,
        neighbour_interviews_per_household=neighbour_interviews_per_household,
        stages=_stages(stages),
        standards=_standards(standards, area_code),
        reporting_dates=[ReportingDate(**row) for row in reporting_dates],
        forms=[CampaignForm(form_id=form) for form in dict.fromkeys(forms)],
    )
    session.add(campaign)
    session.flush()
    record(
        session, by, "campaign.create", "campaign", campaign.id, division_code=area_code,
        document_number=campaign.document_number, spot_check_floor_percent=spot_check_floor_percent,
    )  # fmt: skip
    return campaign


def change_campaign(session: Session, campaign: Campaign, *, by: Viewer | None = None, **changes: Any) -> Campaign:
    """Change what is given and leave the rest; a list that is given replaces the whole list.

    The area of a campaign never changes: its draws belong to it.

    Raises
    ------
    Invalid, Conflict
        As in `create_campaign`.
    """
    _check_floors(
        changes.get("visit_floor_percent", campaign.visit_floor_percent),
        changes.get("spot_check_floor_percent", campaign.spot_check_floor_percent),
    )
    _check_interviews(changes.get("neighbour_interviews_per_household", campaign.neighbour_interviews_per_household))
    number = changes.get("document_number", campaign.document_number).strip()
    if number != campaign.document_number:
        _refuse_second(session, campaign.area_code, number)
    replaced: dict[str, list[Any]] = {}
    if "stages" in changes:
        replaced["stages"] = _stages(changes["stages"])
    if "standards" in changes:
        replaced["standards"] = _standards(changes["standards"], campaign.area_code)
    if "reporting_dates" in changes:
        replaced["reporting_dates"] = [ReportingDate(**row) for row in changes["reporting_dates"]]
    if "forms" in changes:
        replaced["forms"] = [CampaignForm(form_id=form) for form in dict.fromkeys(changes["forms"])]
    for part, rows in replaced.items():
        getattr(campaign, part).clear()
        session.flush()  # the old rows go before the new ones come: both may hold the same position
        getattr(campaign, part).extend(rows)
    for field in PLAIN:
        if field in changes:
            value = changes[field]
            setattr(campaign, field, value.strip() if isinstance(value, str) else value)
    session.flush()
    if replaced:  # with no name the whole campaign would be read again
        session.expire(campaign, list(replaced))  # read again in their order
    said = {name: changes[name] for name in ("publish_draws",) if name in changes}
    record(
        session, by, "campaign.change", "campaign", campaign.id, division_code=campaign.area_code,
        changed=sorted(changes), **said,
    )  # fmt: skip
    return campaign


def _check_floors(visits: int, spot_checks: int) -> None:
    if not LEAST_SPOT_CHECK_PERCENT <= spot_checks <= HUNDRED:
        raise Invalid(
            "县级抽查比例不得低于 {least}% (政策规定), 也不能超过 100%; 填写的是 {given}%",
            where="spot_check_floor_percent",
            least=LEAST_SPOT_CHECK_PERCENT,
            given=spot_checks,
        )
    if not 1 <= visits <= HUNDRED:
        raise Invalid("入户调查比例须为 1% 至 100%，填写的是 {given}%", where="visit_floor_percent", given=visits)


def _check_interviews(number: int) -> None:
    if not 0 <= number <= MOST_NEIGHBOUR_INTERVIEWS:
        raise Invalid(
            "每户邻里访问份数须为 0 至 {most}，0 表示不要求；填写的是 {given}",
            where="neighbour_interviews_per_household",
            most=MOST_NEIGHBOUR_INTERVIEWS,
            given=number,
        )


def _refuse_second(session: Session, area_code: str, document_number: str) -> None:
    same = sa.and_(Campaign.area_code == area_code, Campaign.document_number == document_number.strip())
    if session.scalar(sa.select(Campaign.id).where(same)) is not None:
        raise Conflict(
            "区划 {code} 已有文号为 {number} 的专项工作，请修改原有的，不要重复建立",
            where="document_number",
            code=area_code,
            number=document_number,
        )


def _stages(rows: Iterable[Mapping[str, Any]]) -> list[Stage]:
    stages = [Stage(position=position, **row) for position, row in enumerate(rows, 1)]
    if not stages:
        raise Invalid("请至少填写一个阶段", where="stages")
    for place, stage in enumerate(stages):
        if stage.starts_on > stage.ends_on:
            raise Invalid("阶段“{name}”的开始日期晚于结束日期", where=f"stages.{place}", name=stage.name)
        if place and stage.starts_on <= stages[place - 1].ends_on:
            raise Invalid(
                "阶段“{name}”与前一阶段“{before}”重叠或次序颠倒，请调整日期",
                where=f"stages.{place}",
                name=stage.name,
                before=stages[place - 1].name,
            )
    return stages


def _standards(rows: Iterable[Mapping[str, Any]], area_code: str) -> list[Standard]:
    standards = [Standard(**row) for row in rows]
    seen = set()
    for place, row in enumerate(standards):
        key = (row.area_code, row.scheme, row.year)
        if key in seen:
            raise Invalid("同一区划、类别、年度的保障标准填写了两次", where=f"standards.{place}")
        if not row.area_code.startswith(area_code):
            raise Invalid(
                "保障标准的区划 {code} 不在本专项工作的范围内", where=f"standards.{place}", code=row.area_code
            )
        seen.add(key)
    return standards
