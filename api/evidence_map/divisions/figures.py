"""Count by division what a map is coloured by: households visited, evidence that is doubted, households in error."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.evidence.checks.rules import RULES
from api.evidence.checks.tables import FieldCheck, JudgedEvidence
from api.evidence.tables import Evidence
from api.evidence.visible import visible_evidence
from api.evidence_map.divisions.rates import error_rates
from api.evidence_map.divisions.scope import LENGTHS, areas_asked, divisions_in
from api.people.access import COUNTY_LENGTH, Viewer, inside
from api.people.roles import Permission
from api.registry.tables import DivisionBoundary, Household
from api.spot_checks.estimates.figures import Figure

DOUBTS: Final = tuple(rule.key for rule in RULES if rule.severity == "doubt")
ROLL: Final = Permission.REGISTRY_READ


@dataclass(frozen=True, kw_only=True)
class DivisionFigures:
    """What is known of one division, as far as its reader may see.

    Attributes
    ----------
    households, visited : int or None
        On the roll, and of these visited by the township; None to who does not keep the roll there, for what he may
        see of visits is not all of them.
    pieces, judged, doubted : int
        Evidence; of it, what the rules have looked at; of that, what at least one doubts.
    rate : Figure or None
        Households wrongly on the roll, as a range or with the reason why there is none; None to who may not read spot
        checks there, and of villages, which are too small to be estimated.
    ground : {'none', 'synthetic', 'given'}
        Whether it has a boundary, and whether that was made up.
    """

    code: str
    name: str
    households: int | None
    visited: int | None
    pieces: int
    judged: int
    doubted: int
    rate: Figure | None
    ground: str

    @property
    def coverage(self) -> float | None:
        """Visited of the households on the roll, 0 to 1."""
        return self.visited / self.households if self.households and self.visited is not None else None

    @property
    def doubt_share(self) -> float | None:
        """Doubted of the evidence that was judged, 0 to 1."""
        return self.doubted / self.judged if self.judged else None


def division_figures(session: Session, viewer: Viewer, *, level: str, within: str = "") -> list[DivisionFigures]:
    """Return the figures of every division of a level, by code.

    Parameters
    ----------
    level : {'county', 'township', 'village'}
    within : str
        A division code, usually a county's; empty for everything the reader has.

    Raises
    ------
    NotFound
        If nothing of what is asked for is the reader's.

    Notes
    -----
    Each count is one grouped query, whatever the number of divisions. Evidence is counted by the village of its
    household, behind `visible_evidence`: an open spot check hides the others' evidence of its household here as well.
    """
    areas = areas_asked(viewer, within)
    households, visited = _households(session, viewer, areas, level), _visited(session, viewer, areas, level)
    evidence = _evidence(session, viewer, areas, level)
    rates = error_rates(session, viewer, areas, level)
    grounds = _grounds(session, areas, level)
    found = []
    for division in divisions_in(session, areas, level):
        code = division.code
        keeps_roll = viewer.may(ROLL, code)
        pieces, judged, doubted = evidence.get(code, (0, 0, 0))
        found.append(
            DivisionFigures(
                code=code, name=division.name, pieces=pieces, judged=judged, doubted=doubted, rate=rates.get(code),
                households=households.get(code, 0) if keeps_roll else None,
                visited=visited.get(code, 0) if keeps_roll else None, ground=grounds.get(code, "none"),
            )
        )  # fmt: skip
    return found


def _households(session: Session, viewer: Viewer, areas: Sequence[str], level: str) -> dict[str, int]:
    code = sa.func.substr(Household.village_code, 1, LENGTHS[level])
    rows = session.execute(
        sa.select(code, sa.func.count())
        .where(Household.on_roll.is_(True), *_of_roll(viewer, areas))
        .group_by(code)
    )  # fmt: skip
    return {str(one): int(number) for one, number in rows}


def _visited(session: Session, viewer: Viewer, areas: Sequence[str], level: str) -> dict[str, int]:
    code = sa.func.substr(Household.village_code, 1, LENGTHS[level])
    rows = session.execute(
        sa.select(code, sa.func.count(Household.id.distinct()))
        .join(
            Evidence,
            sa.and_(Evidence.county_code == Household.county_code, Evidence.household_id == Household.id),
        )
        .where(
            Household.on_roll.is_(True), Evidence.purpose == "township_visit", Evidence.kind == "visit",
            visible_evidence(viewer), *_of_roll(viewer, areas),
        )
        .group_by(code)
    )  # fmt: skip
    return {str(one): int(number) for one, number in rows}


def _of_roll(viewer: Viewer, areas: Sequence[str]) -> tuple[sa.ColumnElement[bool], ...]:
    village = Household.village_code
    return _counties(Household.county_code, areas), inside(village, areas), viewer.within(village, ROLL)


def _evidence(session: Session, viewer: Viewer, areas: Sequence[str], level: str) -> dict[str, tuple[int, int, int]]:
    """Return pieces, judged and doubted by division."""
    code = sa.func.substr(Evidence.village_code, 1, LENGTHS[level])
    doubt = sa.exists().where(
        FieldCheck.county_code == Evidence.county_code, FieldCheck.evidence_id == Evidence.id,
        FieldCheck.rule.in_(DOUBTS),
    )  # fmt: skip
    judged = JudgedEvidence.id.is_not(None)
    rows = session.execute(
        sa.select(
            code, sa.func.count(), sa.func.count(JudgedEvidence.id),
            sa.func.sum(sa.case((sa.and_(judged, doubt), 1), else_=0)),
        )
        .select_from(Evidence)
        .outerjoin(
            JudgedEvidence,
            sa.and_(JudgedEvidence.county_code == Evidence.county_code, JudgedEvidence.id == Evidence.id),
        )
        .where(
            _counties(Evidence.county_code, areas), inside(Evidence.village_code, areas), visible_evidence(viewer)
        )
        .group_by(code)
    )  # fmt: skip
    return {str(one): (int(pieces), int(seen), int(doubted or 0)) for one, pieces, seen, doubted in rows}


def _counties(column: sa.SQLColumnExpression[str], areas: Sequence[str]) -> sa.ColumnElement[bool]:
    """Return the condition that names the counties, by which big tables are kept."""
    return inside(column, {area[:COUNTY_LENGTH] for area in areas})


def _grounds(session: Session, areas: Sequence[str], level: str) -> Mapping[str, str]:
    code = DivisionBoundary.division_code
    rows = session.execute(
        sa.select(code, DivisionBoundary.synthetic).where(
            inside(code, areas), sa.func.length(code) == LENGTHS[level]
        )
    )  # fmt: skip
    return {str(one): "synthetic" if synthetic else "given" for one, synthetic in rows}
