"""Which evidence is wanted: one selection for tiles, the panel, exports and OGC, written in the address."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from api.evidence.checks.tables import FieldCheck
from api.evidence.reading import Filters, conditions_of
from api.evidence.sorts import fails, severity_of, state_of
from api.evidence.tables import Evidence
from api.evidence.visible import visible_evidence
from api.people.access import Viewer
from api.people.roles import Permission
from api.registry.tables import Household
from api.spot_checks.risk import BANDS as RISK_BANDS
from api.spot_checks.risk import CERTAIN
from api.spot_checks.tables import Draw, Frame, FrameUnit
from api.spot_checks.tables import Selection as Drawn

BANDS: Final = (*RISK_BANDS, CERTAIN)
DOUBTS: Final = ("doubt", "look", "any", "none")


@dataclass(frozen=True, kw_only=True)
class Selection(Filters):
    """What a reader wants to see of evidence; empty means everything.

    Attributes
    ----------
    worker
        The account that made it.
    state
        Of review: a key of `api.evidence.review.tables.STATES`.
    rule
        A field check that it does not pass.
    doubt
        ``doubt``, ``look``: the worst of the rules it does not pass. ``any``: either. ``none``: passes all.
    drawn
        ``yes``, ``no``: whether its household is on the base list of any of the county's draws.
    band
        The band in which its household was frozen last. This and `drawn` need `Permission.SPOT_CHECK_READ` and are
        true of no row without it: whoever could tell who is drawn could warn him.
    search
        A household's code from its beginning, or a part of the head's name.
    """

    worker: UUID | None = None
    state: str = ""
    rule: str = ""
    doubt: str = ""
    drawn: str = ""
    band: str = ""
    search: str = ""


def selected(viewer: Viewer, selection: Selection) -> sa.ColumnElement[bool]:
    """Return the condition on `Evidence` for a selection, with that of what the viewer may see.

    It looks at `Evidence` itself, not at an alias, and needs no join.
    """
    return sa.and_(visible_evidence(viewer), *conditions(viewer, selection))


def conditions(viewer: Viewer, selection: Selection) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a selection alone; use it beside `visible_evidence` only."""
    found = conditions_of(selection)
    if selection.worker is not None:
        found.append(Evidence.account_id == selection.worker)
    if selection.state:
        found.append(state_of() == selection.state)
    if selection.rule:
        found.append(fails(FieldCheck.rule == selection.rule))
    if selection.doubt:
        found.append(_doubt(selection.doubt))
    if selection.search:
        found.append(_search(selection.search))
    if selection.drawn or selection.band:
        found.append(viewer.within(Evidence.village_code, Permission.SPOT_CHECK_READ))
    if selection.drawn:
        found.append(_drawn() if selection.drawn == "yes" else sa.not_(_drawn()))
    if selection.band:
        found.append(_band(selection.band))
    return found


def _doubt(wanted: str) -> sa.ColumnElement[bool]:
    if wanted == "none":
        return sa.not_(fails())
    return fails() if wanted == "any" else severity_of() == wanted


def _search(text: str) -> sa.ColumnElement[bool]:
    named = sa.exists().where(
        Household.county_code == Evidence.county_code,
        Household.id == Evidence.household_id,
        Household.head_name.contains(text, autoescape=True),
    )
    return sa.or_(Evidence.household_code.startswith(text, autoescape=True), named)


def _drawn() -> sa.ColumnElement[bool]:
    return sa.exists().where(
        Drawn.county_code == Evidence.county_code,
        Drawn.household_id == Evidence.household_id,
        Drawn.role == "base",
        Draw.county_code == Drawn.county_code,
        Draw.id == Drawn.draw_id,
    )


def _band(wanted: str) -> sa.ColumnElement[bool]:
    stratum = (
        sa.select(FrameUnit.stratum)
        .join(Frame, sa.and_(Frame.county_code == FrameUnit.county_code, Frame.id == FrameUnit.frame_id))
        .where(FrameUnit.county_code == Evidence.county_code, FrameUnit.household_id == Evidence.household_id)
        .order_by(Frame.frozen_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    return stratum.endswith(f"|{wanted}", autoescape=True)
