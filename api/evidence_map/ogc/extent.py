"""Say where the features of a layer lie, as far as that is known without reading them all."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.degrees import rounded
from api.evidence.visible import is_blind
from api.evidence_map.ogc.layers import DIVISIONS, HOMES, Layer
from api.evidence_map.selection import Selection
from api.evidence_map.tiles.summary import summarise
from api.people.access import Viewer
from api.people.roles import Permission
from api.registry.tables import Household

Extent = list[float] | None


def extents_of(session: Session, viewer: Viewer, layers: list[Layer]) -> dict[str, Extent]:
    """Return by name of a layer the box around all that the viewer sees of it; None where nothing is said.

    Of evidence it is the box around all kinds, from the counts kept for tiles. For who is blind to some of it nothing
    is counted beforehand, and ground of divisions would have to be read whole: both go without.
    """
    found: dict[str, Extent] = {layer.name: None for layer in layers}
    evidence = [layer for layer in layers if layer not in {HOMES, DIVISIONS}]
    if evidence and not is_blind(session, viewer):
        found |= dict.fromkeys([layer.name for layer in evidence], summarise(session, viewer, Selection())["bbox"])
    if HOMES in layers:
        x, y = sa.func.ST_X(Household.place), sa.func.ST_Y(Household.place)
        box = session.execute(
            sa.select(sa.func.min(x), sa.func.min(y), sa.func.max(x), sa.func.max(y)).where(
                viewer.within(Household.village_code, Permission.REGISTRY_READ)
            )
        ).one()
        found[HOMES.name] = None if box[0] is None else [rounded(float(edge)) or 0.0 for edge in box]
    return found
