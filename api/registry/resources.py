"""The programming interface of the registry."""

import sqlalchemy as sa

from api.people.guard import allow, session_now
from api.people.roles import Permission
from api.registry.schemas import DivisionSchema
from api.registry.tables import Division
from api.smorest import Blueprint

blueprint = Blueprint("registry", __name__, url_prefix="/api", description="名册 · the roll and its divisions")


@blueprint.route("/divisions/<string:code>/children")
@allow(Permission.DIVISIONS, area="path:code")
@blueprint.response(200, DivisionSchema(many=True))
def division_children(code: str) -> list[Division]:
    """The divisions directly below one."""
    return list(session_now().scalars(sa.select(Division).where(Division.parent_code == code).order_by(Division.code)))
