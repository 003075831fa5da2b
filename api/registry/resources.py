"""The programming interface of the registry: divisions and households."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import current_app

from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import NotFound
from api.registry.reading import count, household_by_id, households
from api.registry.schemas import (
    DivisionSchema,
    HouseholdDetailSchema,
    HouseholdFilterSchema,
    HouseholdSchema,
    UnmaskedSchema,
    UnmaskSchema,
)
from api.registry.secrecy import Secrecy, open_secrecy
from api.registry.shown import household_shown
from api.registry.tables import Division, Household
from api.registry.unmask import unmask
from api.smorest import Blueprint

blueprint = Blueprint("registry", __name__, url_prefix="/api", description="名册 · the roll and its divisions")


def secrecy_now() -> Secrecy:
    """Return what encrypts and matches in this application's database."""
    return open_secrecy(session_now(), current_app.extensions["ruhu_settings"].encryption_keys())


@blueprint.route("/divisions/<string:code>")
@allow(Permission.DIVISIONS, area="path:code")
@blueprint.response(200, DivisionSchema)
def division_one(code: str) -> Division:
    """One division."""
    found = session_now().get(Division, code)
    if found is None:
        raise NotFound("没有编码为 {code} 的区划", where="code", code=code)
    return found


@blueprint.route("/divisions/<string:code>/children")
@allow(Permission.DIVISIONS, area="path:code")
@blueprint.response(200, DivisionSchema(many=True))
def division_children(code: str) -> list[Division]:
    """The divisions directly below one."""
    return list(session_now().scalars(sa.select(Division).where(Division.parent_code == code).order_by(Division.code)))


@blueprint.route("/households")
@allow(Permission.REGISTRY_READ, area="rows")
@blueprint.etag
@blueprint.arguments(HouseholdFilterSchema, location="query")
@blueprint.response(200, HouseholdSchema(many=True))
@blueprint.paginate()
def household_list(filters: dict[str, Any], pagination_parameters: Any) -> list[Household]:
    """Households of one's area."""
    session = session_now()
    statement = households(viewer(), text=filters.pop("q").strip(), **filters)
    pagination_parameters.item_count = count(session, statement)
    page = statement.offset(pagination_parameters.first_item).limit(pagination_parameters.page_size)
    return list(session.scalars(page))


@blueprint.route("/households/<uuid:household_id>")
@allow(Permission.REGISTRY_READ, area="rows")
@blueprint.etag
@blueprint.response(200, HouseholdDetailSchema)
def household_one(household_id: UUID) -> dict[str, Any]:
    """One household with its members; numbers masked."""
    household = household_by_id(session_now(), viewer(), household_id)
    return household_shown(session_now(), secrecy_now(), household)


@blueprint.route("/households/<uuid:household_id>/unmask", methods=["POST"])
@allow(Permission.REGISTRY_UNMASK, area="rows")
@blueprint.arguments(UnmaskSchema)
@blueprint.response(200, UnmaskedSchema)
def household_unmask(wanted: dict[str, Any], household_id: UUID) -> dict[str, Any]:
    """Full numbers of one household; who saw which and why is written to the log."""
    household = household_by_id(session_now(), viewer(), household_id)
    return unmask(
        session_now(), secrecy_now(), household, fields=wanted["fields_wanted"], reason=wanted["reason"], by=viewer()
    )
