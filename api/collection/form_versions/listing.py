"""Every published form that a person may look at, with its versions and how much has come of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign, CampaignForm
from api.collection.forms import HOUSE
from api.collection.tables import FormVersion, Submission, SubmissionVersion
from api.people.access import COUNTY_LENGTH, Viewer, inside
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import Forbidden, NotFound


@dataclass(frozen=True)
class Listed:
    """One version with what is said of it.

    Attributes
    ----------
    submissions : int
        Records of this version that count, in the person's area.
    published_by : str
        Who published it; empty: from the command line.
    campaigns : tuple of str
        Names of the campaigns that it is in use in; empty where campaigns name no forms.
    """

    form: FormVersion
    submissions: int
    published_by: str
    campaigns: tuple[str, ...]


def list_forms(session: Session, viewer: Viewer) -> list[Listed]:
    """Return the versions of the house's forms and of the own ones of the person's counties, by form, newest first."""
    forms = session.scalars(
        sa.select(FormVersion)
        .where(_shown(viewer))
        .order_by(FormVersion.form_id, FormVersion.area_code, FormVersion.published_at.desc(), FormVersion.id.desc())
    ).all()
    counts = _counts(session, viewer, forms)
    names = _names(session, forms)
    campaigns = _campaigns(session, viewer)
    return [
        Listed(
            form,
            counts.get(form.id, 0),
            names.get(form.published_by, "") if form.published_by else "",
            tuple(
                name
                for campaign_id, area, name, named in campaigns
                if form.state == "published"
                and (form.campaign_id == campaign_id or form.form_id in named)
                and (form.area_code.startswith(area) or area.startswith(form.area_code))
            ),
        )
        for form in forms
    ]


def find_listed(session: Session, viewer: Viewer, form_version_id: UUID) -> Listed:
    """Return one version.

    Raises
    ------
    NotFound
        There is none, or it is another county's own.
    """
    form = find_version(session, viewer, form_version_id)
    return next(one for one in list_forms(session, viewer) if one.form.id == form.id)


def find_version(session: Session, viewer: Viewer, form_version_id: UUID) -> FormVersion:
    """Return one version without what is said of it: nothing is counted.

    Raises
    ------
    NotFound
        There is none, or it is another county's own.
    """
    found = session.scalar(sa.select(FormVersion).where(_shown(viewer), FormVersion.id == form_version_id))
    if found is None:
        raise NotFound("找不到这个表格版本", where="form_version_id")
    return found


def _shown(viewer: Viewer) -> sa.ColumnElement[bool]:
    own = viewer.within(FormVersion.area_code, Permission.FORM_MANAGE)
    return sa.or_(FormVersion.area_code == HOUSE, own)


def in_force(session: Session, form_id: str, county_code: str) -> FormVersion | None:
    """Return the version of a form that a county's phones have now: its own, else the house's; None: a new form."""
    return session.scalar(
        sa.select(FormVersion)
        .where(
            FormVersion.form_id == form_id,
            FormVersion.area_code.in_([HOUSE, county_code]),
            FormVersion.state == "published",
        )
        .order_by(FormVersion.area_code.desc())
        .limit(1)
    )


def demand_hold(viewer: Viewer, form: FormVersion) -> None:
    """Refuse unless the person may close or reopen this form.

    A county's own belongs to its county. The house's are everybody's: for those who manage more than one county.

    Raises
    ------
    Forbidden
        It is not theirs to close.
    """
    if form.area_code:
        viewer.demand(Permission.FORM_MANAGE, form.area_code)
    elif not holds_house(viewer):
        raise Forbidden("统一表格供各县使用，只有市级以上的系统管理员可以停止或重新开放")


def holds_house(viewer: Viewer) -> bool:
    """Tell whether the person manages forms of more than one county, and so the house's."""
    return any(len(area) < COUNTY_LENGTH for area in viewer.areas(Permission.FORM_MANAGE))


def _counts(session: Session, viewer: Viewer, forms: Sequence[FormVersion]) -> dict[UUID, int]:
    statement = (
        sa.select(Submission.county_code, Submission.form_id, SubmissionVersion.form_version, sa.func.count())
        .join(
            SubmissionVersion,
            sa.and_(
                SubmissionVersion.county_code == Submission.county_code,
                SubmissionVersion.instance_id == Submission.instance_id,
            ),
        )
        .where(inside(Submission.county_code, viewer.areas(Permission.FORM_MANAGE)))
        .group_by(Submission.county_code, Submission.form_id, SubmissionVersion.form_version)
    )
    # a county's records of a version are of its own, if it has one of that number
    by_key = {(form.area_code, form.form_id, form.version): form.id for form in forms}
    counts: dict[UUID, int] = {}
    for county, form_id, version, count in session.execute(statement):
        key = by_key.get((county, form_id, version)) or by_key.get((HOUSE, form_id, version))
        if key is not None:
            counts[key] = counts.get(key, 0) + count
    return counts


def _names(session: Session, forms: Iterable[FormVersion]) -> dict[UUID, str]:
    ids = {form.published_by for form in forms if form.published_by}
    rows = session.execute(sa.select(Account.id, Account.display_name).where(Account.id.in_(ids)))
    return {key: name for key, name in rows}  # noqa: C416 - a row is no pair to mypy


def _campaigns(session: Session, viewer: Viewer) -> list[tuple[UUID, str, str, frozenset[str]]]:
    """Return the campaigns in and above the person's areas, with the forms each names."""
    areas = viewer.areas(Permission.FORM_MANAGE)
    named: dict[UUID, set[str]] = {}
    for campaign_id, form_id in session.execute(sa.select(CampaignForm.campaign_id, CampaignForm.form_id)):
        named.setdefault(campaign_id, set()).add(form_id)
    rows = session.execute(sa.select(Campaign.id, Campaign.area_code, Campaign.name).order_by(Campaign.name))
    return [
        (key, code, name, frozenset(named.get(key, ())))
        for key, code, name in rows
        if any(code.startswith(area) or area.startswith(code) for area in areas)
    ]
