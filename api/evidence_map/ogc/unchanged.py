"""Say cheaply whether a page of a layer is still the one that a program has: nothing is read twice for nothing."""

import hashlib
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.tables import FormVersion
from api.evidence_map.ogc.asked import Asked
from api.evidence_map.ogc.layers import DIVISIONS, HOMES, Layer
from api.evidence_map.selection import Selection
from api.evidence_map.tiles.make import tag_of
from api.people.access import Viewer, inside
from api.people.roles import Permission
from api.people.tables import Account
from api.registry.tables import Division, DivisionBoundary, Household

EDITION: Final = 1  # grows whenever a page of the same rows would look different


def tag_of_page(session: Session, viewer: Viewer, layer: Layer, asked: Asked, *, address: str) -> str:
    """Return what changes whenever the answer to an address might: a tag for ETag, without making the answer.

    Parameters
    ----------
    address
        In full, with its host and its query.

    Notes
    -----
    The moment that a page says it was made at is left aside, so that the tag is a weak one.
    """
    parts: list[Any] = [_one(session, sa.select(sa.func.count(), sa.func.sum(Division.renamed)).select_from(Division))]
    if layer is HOMES:
        areas = viewer.areas(Permission.REGISTRY_READ)
        # the sum too: a transaction that ends late brings an earlier moment than the latest
        newest = sa.select(
            sa.func.max(Household.updated_at), sa.func.sum(sa.extract("epoch", Household.updated_at)), sa.func.count()
        )
        parts.append(_one(session, newest.where(inside(Household.village_code, areas))))
    elif layer is DIVISIONS:
        bounds = sa.select(sa.func.max(DivisionBoundary.changed_at), sa.func.count())
        parts.append(_one(session, bounds.select_from(DivisionBoundary)))
    else:
        # as a tile: what changed where, who asks, what he has still to check; then columns, masks and names of workers
        parts.append(tag_of(session, viewer, Selection(**asked.selection), address))
        parts.append(_one(session, sa.select(sa.func.count(), sa.func.max(FormVersion.published_at))))
        names = sa.select(Account.id, Account.display_name).order_by(Account.id)
        parts.append([(str(number), name) for number, name in session.execute(names)])
    return tag_for(viewer, address, EDITION, parts)


def tag_for(viewer: Viewer, *parts: object) -> str:
    """Return a tag of what an answer was made from; no two people share one, whatever they may see."""
    whose = (str(viewer.account_id), sorted((role.value, area) for role, area in viewer.grants))
    return hashlib.sha256(repr((whose, parts)).encode()).hexdigest()[:32]


def _one(session: Session, statement: sa.Executable) -> tuple[Any, ...]:
    return tuple(session.execute(statement).one())
