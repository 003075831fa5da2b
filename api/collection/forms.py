"""Publish forms, close them, and say which forms a worker's phone gets."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from api.campaigns.tables import Campaign, CampaignForm
from api.collection.tables import FormVersion
from api.people.access import Viewer
from api.people.audit import record
from api.people.roles import Permission
from api.problems import Conflict, NotFound
from survey_forms.schema import FormSchema
from survey_forms.xform import read_schema

if TYPE_CHECKING:  # pyxform is heavy, and a server that has published its forms needs it no more
    from survey_forms.compile import CompiledForm

KEPT_SCHEMAS = 64  # versions in use at once; a schema of a long form is about a megabyte
# Made once: every posting asks.
ONE_VERSION: Final = sa.select(FormVersion).where(
    FormVersion.form_id == sa.bindparam("form_id"), FormVersion.version == sa.bindparam("version")
)
_schemas: dict[str, FormSchema] = {}  # by the SHA-256 of the form's bytes


def publish_form(
    session: Session, compiled: "CompiledForm", *, for_roles: Sequence[str] = (), by: Viewer | None = None
) -> FormVersion:
    """Freeze a form's bytes as one version; older versions stay accepted and are no longer handed out.

    Publishing the same bytes again changes nothing.

    Parameters
    ----------
    for_roles
        Roles whose phones get it; empty: every field worker's.

    Raises
    ------
    Conflict
        If other bytes were already published under this version: what phones hold must not change its meaning.
    """
    present = find_form(session, compiled.form_id, compiled.version)
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
        .where(FormVersion.form_id == compiled.form_id, FormVersion.state == "published")
        .values(state="superseded")
    )
    form = FormVersion(
        form_id=compiled.form_id,
        version=compiled.version,
        title=compiled.title,
        evidence_kind=yields[0] if yields else "",
        xform_sha256=compiled.sha256,
        md5=compiled.hash.removeprefix("md5:"),
        xform=compiled.xml,
        for_roles=list(for_roles),
    )
    session.add(form)
    session.flush()
    record(
        session, by, "form.publish", "form", f"{form.form_id}/{form.version}", sha256=form.xform_sha256
    )  # fmt: skip
    return form


def close_form(session: Session, form_id: str, *, by: Viewer | None = None) -> int:
    """Stop taking submissions of a form, in all its versions; return how many versions were open.

    Raises
    ------
    NotFound
        If no such form was ever published.
    """
    versions = session.scalars(sa.select(FormVersion).where(FormVersion.form_id == form_id)).all()
    if not versions:
        raise NotFound("没有发布过表格 {form_id}", form_id=form_id)
    opened = [form for form in versions if form.state != "closed"]
    for form in opened:
        form.state = "closed"
    session.flush()
    if opened:
        record(session, by, "form.close", "form", form_id)
    return len(opened)


def find_form(session: Session, form_id: str, version: str) -> FormVersion | None:
    """Return one version of a form, its bytes not yet read; None when it was never published."""
    return session.scalar(ONE_VERSION, {"form_id": form_id, "version": version})


def form_bytes(session: Session, form_id: str, version: str) -> FormVersion:
    """Return one version of a form with its frozen bytes.

    Raises
    ------
    NotFound
        If it was never published.
    """
    form = session.scalar(
        sa.select(FormVersion)
        .where(FormVersion.form_id == form_id, FormVersion.version == version)
        .options(undefer(FormVersion.xform))
    )
    if form is None:
        raise NotFound("没有发布过表格 {form_id} 的版本 {version}", form_id=form_id, version=version)
    return form


def forms_for(session: Session, worker: Viewer) -> list[FormVersion]:
    """Return the forms a worker's phone gets, by name.

    Forms in use of the campaigns in the worker's area; where no campaign names any, all that are published. Of
    these, the ones meant for a role the worker holds.
    """
    published = session.scalars(
        sa.select(FormVersion).where(FormVersion.state == "published").order_by(FormVersion.form_id)
    ).all()
    in_use = _forms_in_use(session, worker.areas(Permission.FORM_READ))
    return [
        form
        for form in published
        if (not in_use or form.form_id in in_use) and (not form.for_roles or worker.roles & set(form.for_roles))
    ]


def _forms_in_use(session: Session, areas: Iterable[str]) -> set[str]:
    rows = session.execute(
        sa.select(CampaignForm.form_id, Campaign.area_code).join(Campaign, Campaign.id == CampaignForm.campaign_id)
    )
    areas = tuple(areas)
    return {form_id for form_id, code in rows if any(code.startswith(area) or area.startswith(code) for area in areas)}


def schema_of(session: Session, form: FormVersion) -> FormSchema:
    """Return what a version of a form asks; read once per process, for its bytes never change."""
    if (found := _schemas.get(form.xform_sha256)) is None:
        found = read_schema(form_bytes(session, form.form_id, form.version).xform)
        while len(_schemas) >= KEPT_SCHEMAS:
            _schemas.pop(next(iter(_schemas)), None)
        _schemas[form.xform_sha256] = found
    return found
