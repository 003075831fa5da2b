"""Publish forms, close them, and say which forms a worker's phone gets.

The house's forms (``area_code`` empty) are for everybody. A county's own version takes their place in that county only.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign, CampaignForm
from api.collection.tables import FormMedia, FormVersion
from api.database import now
from api.people.access import COUNTY_LENGTH, Viewer, inside
from api.people.audit import record
from api.people.roles import Permission, Role
from api.problems import Conflict, NotFound
from survey_forms.compiled import CompiledForm
from survey_forms.schema import FormSchema
from survey_forms.xform import read_schema

KEPT_SCHEMAS = 64  # versions in use at once; a schema of a long form is about a megabyte
_schemas: dict[str, FormSchema] = {}  # by the SHA-256 of the form's bytes


LOCAL_DAY = ZoneInfo("Asia/Shanghai")
HOUSE = ""  # area code of the house's forms


@dataclass(frozen=True, kw_only=True)
class Scope:
    """For whom a form is published.

    Attributes
    ----------
    area_code
        The county whose own version it is; empty: the house's, for everybody.
    for_roles
        Roles whose phones get it; empty: every field worker's.
    campaign_id
        The campaign it is for; None: wherever it is in use anyway.
    """

    area_code: str = HOUSE
    for_roles: tuple[str, ...] = ()
    campaign_id: UUID | None = None


def publish_form(
    session: Session,
    compiled: CompiledForm,
    *,
    for_roles: Sequence[str] = (),
    scope: Scope | None = None,
    source: tuple[str, str] | None = None,
    by: Viewer | None = None,
) -> FormVersion:
    """Freeze a form's bytes as one version; older versions stay accepted and are no longer handed out.

    Publishing the same bytes again changes nothing.

    Parameters
    ----------
    for_roles
        Short for a scope of these roles.
    source
        Name and SHA-256 of the kept file it was compiled from.

    Raises
    ------
    Conflict
        If other bytes were already published under this version: what phones hold must not change its meaning.
    """
    scope = scope or Scope(for_roles=tuple(for_roles))
    present = _published_as(session, compiled, scope.area_code)
    if present is not None:
        if present.xform_sha256 != compiled.sha256:
            raise Conflict(
                "表格 {form_id} 的版本 {version} 已发布，内容与这次不同，请提高版本号后再发布",
                form_id=compiled.form_id, version=compiled.version,
            )  # fmt: skip
        return present
    yields = read_schema(compiled.xml).yields
    session.execute(
        sa.update(FormVersion)
        .where(*_of(compiled.form_id, scope.area_code), FormVersion.state == "published")
        .values(state="superseded")
    )
    name, sha256 = source or ("", None)
    form = FormVersion(
        area_code=scope.area_code,
        form_id=compiled.form_id,
        version=compiled.version,
        title=compiled.title,
        evidence_kind=yields[0] if yields else "",
        xform_sha256=compiled.sha256,
        md5=compiled.hash.removeprefix("md5:"),
        xform=compiled.xml,
        source_name=name,
        source_sha256=sha256,
        for_roles=list(scope.for_roles),
        campaign_id=scope.campaign_id,
        published_by=by.account_id if by else None,
    )
    session.add(form)
    session.flush()
    record(
        session, by, "form.publish", "form", f"{form.form_id}/{form.version}", division_code=scope.area_code,
        sha256=form.xform_sha256, for_roles=form.for_roles,
        campaign_id=str(scope.campaign_id) if scope.campaign_id else None,
    )  # fmt: skip
    return form


def _published_as(session: Session, compiled: CompiledForm, area_code: str) -> FormVersion | None:
    return session.scalar(
        sa.select(FormVersion).where(*_of(compiled.form_id, area_code), FormVersion.version == compiled.version)
    )


def _of(form_id: str, area_code: str) -> tuple[sa.ColumnElement[bool], ...]:
    return FormVersion.form_id == form_id, FormVersion.area_code == area_code


def close_form(session: Session, form_id: str, *, area_code: str = HOUSE, by: Viewer | None = None) -> int:
    """Stop taking submissions of a form, in all its versions; return how many versions were open.

    Raises
    ------
    NotFound
        If no such form was ever published there.
    """
    opened = [form for form in _versions(session, form_id, area_code) if form.state != "closed"]
    for form in opened:
        form.state = "closed"
    session.flush()
    if opened:
        record(session, by, "form.close", "form", form_id, division_code=area_code)
    return len(opened)


def reopen_form(session: Session, form_id: str, *, area_code: str = HOUSE, by: Viewer | None = None) -> int:
    """Take submissions of a closed form again and hand out its newest version; return how many versions were closed.

    Raises
    ------
    NotFound
        If no such form was ever published there.
    """
    newest, *older = _versions(session, form_id, area_code)
    closed = [form for form in (newest, *older) if form.state == "closed"]
    for form in closed:
        form.state = "published" if form is newest else "superseded"
    session.flush()
    if closed:
        record(session, by, "form.reopen", "form", form_id, division_code=area_code)
    return len(closed)


def withdraw_form(session: Session, form_id: str, *, area_code: str, by: Viewer | None = None) -> FormVersion:
    """Hand out a county's own version no more: phones get the house's again, what they hold stays accepted.

    Raises
    ------
    NotFound
        If no such form was ever published there.
    Conflict
        If none of its versions is handed out, or the house has nothing to put in its place.
    """
    handed_out = next((form for form in _versions(session, form_id, area_code) if form.state == "published"), None)
    if handed_out is None:
        raise Conflict("表格 {form_id} 现在没有下发的版本，无需撤回", form_id=form_id)
    house = sa.select(FormVersion.id).where(*_of(form_id, HOUSE), FormVersion.state == "published")
    if session.scalar(house) is None:
        raise Conflict("没有统一版本可以代替表格 {form_id}，如不再使用请停止接收", form_id=form_id)
    handed_out.state = "superseded"
    session.flush()
    record(
        session, by, "form.withdraw", "form", f"{form_id}/{handed_out.version}", division_code=area_code
    )  # fmt: skip
    return handed_out


def _versions(session: Session, form_id: str, area_code: str) -> list[FormVersion]:
    """Return all versions of one publisher, the newest first; there is at least one."""
    newest_first = (FormVersion.published_at.desc(), FormVersion.id.desc())
    found = session.scalars(sa.select(FormVersion).where(*_of(form_id, area_code)).order_by(*newest_first)).all()
    if not found:
        raise NotFound("没有发布过表格 {form_id}", form_id=form_id)
    return list(found)


def find_form(session: Session, form_id: str, version: str, areas: Iterable[str]) -> FormVersion | None:
    """Return one version of a form, its bytes not yet read; None when it was never published for these areas.

    Where the house and a county used the same version, a county's own worker means his county's.
    """
    wide, narrow = _reached(areas)
    asked = {"form_id": form_id, "version": version, "narrow": narrow}
    return session.scalar(_one_version(tuple(wide)), asked)


@lru_cache
def _one_version(wide: tuple[str, ...]) -> sa.Select[FormVersion]:
    """Return the statement for workers with these areas wider than a county; most have none, and every posting asks."""
    in_county = FormVersion.area_code.in_(sa.bindparam("narrow", expanding=True))
    of_house = FormVersion.area_code == HOUSE
    return (
        sa.select(FormVersion)
        .where(
            FormVersion.form_id == sa.bindparam("form_id"),
            FormVersion.version == sa.bindparam("version"),
            sa.or_(of_house, in_county, inside(FormVersion.area_code, wide)),
        )
        .order_by(sa.case((in_county, 0), (of_house, 1), else_=2), FormVersion.area_code.desc())
        .limit(1)
    )


def _reached(areas: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the areas wider than a county, and the counties that the others lie in."""
    areas = set(areas)
    wide = sorted(area for area in areas if len(area) < COUNTY_LENGTH)
    return wide, sorted({area[:COUNTY_LENGTH] for area in areas} - set(wide))


def form_version(session: Session, form_id: str, version: str, areas: Iterable[str]) -> FormVersion:
    """Return one version of a form, its bytes not yet read.

    Raises
    ------
    NotFound
        If it was never published for these areas.
    """
    form = find_form(session, form_id, version, areas)
    if form is None:
        raise NotFound("没有发布过表格 {form_id} 的版本 {version}", form_id=form_id, version=version)
    return form


def form_bytes(session: Session, form_id: str, version: str, areas: Iterable[str]) -> FormVersion:
    """Return one version of a form with its frozen bytes.

    Raises
    ------
    NotFound
        If it was never published for these areas.
    """
    form = form_version(session, form_id, version, areas)
    session.refresh(form, ["xform"])
    return form


def media_of(session: Session, form: FormVersion) -> list[FormMedia]:
    """Return the files that were frozen with a version, by name; their bytes are kept under their SHA-256."""
    return list(
        session.scalars(sa.select(FormMedia).where(FormMedia.form_version_id == form.id).order_by(FormMedia.name))
    )


def file_of(session: Session, form: FormVersion, name: str) -> FormMedia:
    """Return one file that was frozen with a version.

    Raises
    ------
    NotFound
        If the version has none of that name.
    """
    file = session.get(FormMedia, (form.id, name))
    if file is None:
        raise NotFound("表格 {form_id} 没有附件 {name}", form_id=form.form_id, name=name)
    return file


class OfferedForm(NamedTuple):
    """What a list of forms says of one, without the rest of its row."""

    id: UUID
    form_id: str
    version: str
    title: str
    md5: str
    xform_sha256: str


_FORM = FormVersion.__table__
_HANDED_OUT = sa.and_(_FORM.c.state == "published", _FORM.c.area_code.in_(sa.bindparam("areas", expanding=True)))
# asked whenever a phone looks for forms: written once, and answered in one short row. A version's row never changes
# but for its state, so that the ids of those handed out say all that there is to know of them.
_OFFER = sa.select(
    sa.select(sa.func.aggregate_strings(sa.cast(_FORM.c.id, sa.String), "\n")).where(_HANDED_OUT).scalar_subquery(),
    sa.select(sa.func.aggregate_strings(CampaignForm.__table__.c.form_id + "\t" + Campaign.__table__.c.area_code, "\n"))
    .join_from(CampaignForm.__table__, Campaign.__table__)
    .scalar_subquery(),
)
_PUBLISHED = (
    sa.select(*(_FORM.c[name] for name in (*OfferedForm._fields, "for_roles", "campaign_id")))
    .where(_HANDED_OUT)
    .order_by(_FORM.c.form_id, _FORM.c.area_code.desc())  # a county's own before the house's
)
KEPT_OFFERS = 1024  # one for each pair of areas and roles that phones come with
_offers: dict[tuple[Hashable, ...], tuple[OfferedForm, ...]] = {}


def forms_for(session: Session, worker: Viewer) -> list[OfferedForm]:
    """Return the forms a worker's phone gets, by name.

    Forms in use of the campaigns in the worker's area; where no campaign names any, all that are published. Of
    these, the ones meant for a role the worker holds; and of each form his county's own version, if it has one.
    """
    areas, roles = worker.areas(Permission.FORM_READ), worker.roles
    _, counties = _reached(areas)
    asked = {"areas": [HOUSE, *counties]}
    ids, pairs = session.connection().execute(_OFFER, asked).one()
    handed_out = frozenset((ids or "").replace("-", "").split("\n"))
    in_use = frozenset((pairs or "").splitlines())
    found = _offers.get((handed_out, in_use, areas, roles))
    if found is None:
        rows = session.execute(_PUBLISHED, asked).all()
        found = tuple(_offered(rows, _forms_in_use(in_use, areas), roles))
        # kept under what was read just now: meanwhile somebody may have published or closed one
        read = frozenset(row.id.hex for row in rows) or frozenset([""])
        while len(_offers) >= KEPT_OFFERS:
            _offers.pop(next(iter(_offers)), None)
        _offers[read, in_use, areas, roles] = found
    return list(found)


def _offered(rows: Iterable[Any], in_use: set[str], roles: frozenset[Role]) -> Iterable[OfferedForm]:
    chosen: dict[str, OfferedForm] = {}
    for *shown, for_roles, campaign_id in rows:
        form = OfferedForm(*shown)
        used = not in_use or form.form_id in in_use or campaign_id is not None
        if used and (not for_roles or roles & set(for_roles)):
            chosen.setdefault(form.form_id, form)
    return chosen.values()


def _forms_in_use(pairs: Iterable[str], areas: tuple[str, ...]) -> set[str]:
    rows = (pair.rsplit("\t", 1) for pair in pairs)
    return {form_id for form_id, code in rows if any(code.startswith(area) or area.startswith(code) for area in areas)}


def schema_of(session: Session, form: FormVersion | OfferedForm) -> FormSchema:
    """Return what a version of a form asks; read once per process, for its bytes never change."""
    if (found := _schemas.get(form.xform_sha256)) is None:
        found = read_schema(session.scalars(sa.select(FormVersion.xform).where(FormVersion.id == form.id)).one())
        while len(_schemas) >= KEPT_SCHEMAS:
            _schemas.pop(next(iter(_schemas)), None)
        _schemas[form.xform_sha256] = found
    return found


def suggest_version(session: Session, form_id: str, county_code: str, *, day: date | None = None) -> str:
    """Return the next free version of a form in a county: year, month, day, number of the day."""
    start = f"{day or now().astimezone(LOCAL_DAY).date():%Y%m%d}"
    taken = set(
        session.scalars(
            sa.select(FormVersion.version).where(
                FormVersion.form_id == form_id,
                FormVersion.area_code.in_([HOUSE, county_code]),
                FormVersion.version.startswith(start),
            )
        )
    )
    return next(version for number in range(1, len(taken) + 2) if (version := f"{start}{number:02d}") not in taken)
