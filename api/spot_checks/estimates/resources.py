"""The programming interface of the estimates."""

from typing import Any
from uuid import UUID

from api.edge import text
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.smorest import Blueprint
from api.spot_checks.commit import find_draw
from api.spot_checks.estimates import schemas
from api.spot_checks.estimates.report import make_report
from api.spot_checks.estimates.tell import told

blueprint = Blueprint(
    "spot_check_estimates", __name__, url_prefix="/api/spot-checks", description="差错估计 · estimates of a spot check"
)


@blueprint.route("/draws/<uuid:draw_id>/estimates")
@allow(Permission.SPOT_CHECK_READ, area="rows")
@blueprint.arguments(schemas.EstimatesQuerySchema, location="query")
@blueprint.response(200, schemas.EstimatesSchema)
def draw_estimates(query: dict[str, str], draw_id: UUID) -> dict[str, Any]:
    """What the checks of a draw say of the whole roll: ranges, never points alone; unchanged, it costs a 304."""
    session = session_now()
    return told(
        make_report(session, find_draw(session, viewer(), draw_id, Permission.SPOT_CHECK_READ), query["area"]), text
    )
