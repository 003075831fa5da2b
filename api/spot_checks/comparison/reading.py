"""Read both visits of every drawn household, a whole county in a few queries, and put them beside each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.tables import Submission, SubmissionVersion
from api.evidence.tables import Evidence
from api.evidence.visible import open_checks, visible_evidence
from api.people.access import Viewer
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import NotFound
from api.spot_checks.comparison.compare import Comparison, Sighting, compare
from api.spot_checks.comparison.questions import Rule
from api.spot_checks.comparison.tolerances import rules_in_force
from api.spot_checks.comparison.verdicts import Judged, verdicts_of
from api.spot_checks.outcomes import MET, Outcome, outcomes_of
from api.spot_checks.tables import Draw, FrameUnit, Selection


@dataclass(frozen=True)
class Visited:
    """One visit that is compared, and which version of it."""

    evidence_id: UUID
    submission_id: UUID
    account_id: UUID
    name: str  # who made it
    received_at: datetime
    collected_at: datetime | None
    longitude: float | None
    latitude: float | None
    accuracy_m: float | None
    versions: tuple[tuple[int, datetime, str], ...] = ()  # number, when it arrived, from whom; the first first
    others: int = 0  # further visits of the same purpose
    later: int = 0  # of the township's: how many arrived after the check, and are compared only where none did before

    @property
    def version(self) -> int:
        """The number of the version that was compared: always the newest."""
        return self.versions[-1][0] if self.versions else 1

    def edited_since(self, moment: datetime | None) -> tuple[tuple[int, datetime, str], ...]:
        """Return the edits that arrived after a moment."""
        return tuple(one for one in self.versions[1:] if moment is not None and one[1] > moment)


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One drawn household with both visits.

    Attributes
    ----------
    comparison : Comparison or None
        None while one of the visits is missing, or the check does not count (`Outcome.counts`).
    judged : Judged or None
        The verdict that counts.
    """

    outcome: Outcome
    head_name: str
    township: Visited | None
    county: Visited | None
    sightings: tuple[Sighting, Sighting]
    comparison: Comparison | None
    judged: Judged | None = None

    @property
    def edited_by_township(self) -> tuple[tuple[int, datetime, str], ...]:
        """Edits of the township's visit that came after the check arrived."""
        return self.township.edited_since(self.county.received_at) if self.township and self.county else ()

    @property
    def edited_by_checker(self) -> tuple[tuple[int, datetime, str], ...]:
        """Edits of the check that came when the checker could see the township's visit: after his own arrived."""
        if self.township is None or self.county is None:
            return ()
        return self.county.edited_since(max(self.township.received_at, self.county.received_at))

    @property
    def discrepant(self) -> bool:
        """Whether the household counts as discrepant: a question of weight differs, or the visit was edited late."""
        return self.comparison is not None and (self.comparison.discrepant or bool(self.edited_by_township))

    @property
    def weight(self) -> int:
        """Order of the list: what decides before what is only noted."""
        if self.comparison is None:
            return -1
        deciding = len(self.comparison.deciding) + len(self.edited_by_township)
        return 1_000 * deciding + self.comparison.count("differs", "finding")


@dataclass(frozen=True)
class Compares:
    """A draw's households beside each other.

    Attributes
    ----------
    rows : list of Compared
        Those of which a check has arrived or that wait for one, by code.
    hidden : int
        Households that whoever asks is still to check himself: of these he sees nothing.
    """

    number: int
    rules: Mapping[str, Rule]
    rows: list[Compared] = field(repr=False)
    hidden: int = 0

    @property
    def compared(self) -> list[Compared]:
        """The households with both visits."""
        return [row for row in self.rows if row.comparison is not None]


def compare_draw(session: Session, viewer: Viewer, draw: Draw) -> Compares:
    """Put both visits of every household of a draw's list beside each other.

    Notes
    -----
    Ten queries, whatever the size. Of several visits for the township, the last that met somebody is compared, else
    the last; one that arrived after the check is compared only where none arrived before. Of several checks, the one
    that decides (`outcomes_of`). An edit takes the place of what it edits: the newest version is compared, and an
    edit that arrived after the check is shown and counts.
    """
    outcomes = outcomes_of(session, draw)
    hidden = set(session.scalars(open_checks(viewer)))
    seen = [one for one in outcomes if one.household_id not in hidden]
    number, rules = rules_in_force(session, draw.county_code, draw.campaign_id)
    return Compares(number, rules, _compared(session, viewer, draw, seen, rules), len(outcomes) - len(seen))


def compare_household(session: Session, viewer: Viewer, draw: Draw, household_id: UUID) -> Compares:
    """Put both visits of one household beside each other: the same with one row.

    Raises
    ------
    NotFound
        It was not drawn, or whoever asks may not see it: a checker before his own check is in, a surveyor ever.
    """
    found = outcomes_of(session, draw, household_id=household_id)
    if not viewer.may(Permission.SPOT_CHECK_READ, draw.county_code):
        found = [one for one in found if one.account_id == viewer.account_id]
    if not found or household_id in set(session.scalars(open_checks(viewer))):
        raise NotFound("找不到这一户的比对，或者您自己的抽查还没有送达", where="household_id")
    number, rules = rules_in_force(session, draw.county_code, draw.campaign_id)
    return Compares(number, rules, _compared(session, viewer, draw, found, rules, only=household_id))


def _compared(
    session: Session,
    viewer: Viewer,
    draw: Draw,
    outcomes: list[Outcome],
    rules: Mapping[str, Rule],
    *,
    only: UUID | None = None,
) -> list[Compared]:
    drawn = sa.select(Selection.household_id).where(
        Selection.county_code == draw.county_code, Selection.draw_id == draw.id
    )
    if only is not None:
        drawn = drawn.where(Selection.household_id == only)
    visits, contents = _visits(session, viewer, draw, drawn)
    listed = _listed(session, viewer, draw, drawn)
    names = _head_names(session, draw, drawn)
    judged = verdicts_of(session, draw, outcomes=outcomes)
    rows = []
    for one in outcomes:
        of_household = visits.get(one.household_id, [])
        checks = [visit for purpose, visit in of_household if purpose == "spot_check"]
        home = [visit for purpose, visit in of_household if purpose == "township_visit"]
        county = next((visit for visit in checks if visit.evidence_id == one.visit_id), None)
        before = [visit for visit in home if county is None or visit.received_at <= county.received_at]
        met = [visit for visit in before or home if contents[visit.evidence_id].get("outcome") in MET]
        township = (met or before or home)[-1] if home else None
        county = replace(county, others=len(checks) - 1) if county else None
        township = replace(township, others=len(home) - 1, later=len(home) - len(before)) if township else None
        sightings = (_sighting(township, contents, listed), _sighting(county, contents, listed))
        both = township is not None and county is not None and one.counts
        rows.append(
            Compared(
                outcome=one, head_name=names.get(one.leaf, ""), township=township, county=county, sightings=sightings,
                comparison=compare(rules, *sightings) if both else None, judged=judged.get(one.household_id),
            )
        )  # fmt: skip
    return rows


Contents = dict[UUID, Mapping[str, Any]]
Listed = dict[tuple[UUID, str], list[Mapping[str, Any]]]


def _sighting(visit: Visited | None, contents: Contents, listed: Listed) -> Sighting:
    if visit is None:
        return Sighting({})
    members, assets = (listed.get((visit.submission_id, kind), []) for kind in ("member", "asset"))
    return Sighting(contents[visit.evidence_id], members, assets)


def _visits(
    session: Session, viewer: Viewer, draw: Draw, drawn: sa.Select[Any]
) -> tuple[dict[UUID, list[tuple[str, Visited]]], Contents]:
    """Return the visits of each household with their purpose, the earliest first, and what each says."""
    versions: dict[UUID, list[tuple[int, datetime, str]]] = {}
    history = (
        sa.select(
            SubmissionVersion.submission_id, SubmissionVersion.number, SubmissionVersion.received_at,
            Account.display_name,
        )
        .join(
            Submission,
            sa.and_(
                Submission.county_code == SubmissionVersion.county_code,
                Submission.id == SubmissionVersion.submission_id,
            ),
        )
        .join(Account, Account.id == SubmissionVersion.account_id)
        .where(Submission.county_code == draw.county_code, Submission.household_id.in_(drawn))
        .order_by(SubmissionVersion.submission_id, SubmissionVersion.number)
    )  # fmt: skip
    for submission_id, number, at, name in session.execute(history):
        versions.setdefault(submission_id, []).append((number, at, name))
    rows = session.execute(
        sa.select(
            Evidence.household_id, Evidence.purpose, Evidence.content, Evidence.id.label("evidence_id"),
            Evidence.submission_id, Evidence.account_id, Account.display_name.label("name"), Evidence.received_at,
            Evidence.collected_at, sa.func.ST_X(Evidence.place).label("longitude"),
            sa.func.ST_Y(Evidence.place).label("latitude"), Evidence.accuracy_m,
        )
        .join(Account, Account.id == Evidence.account_id)
        .where(
            Evidence.county_code == draw.county_code,
            Evidence.household_id.in_(drawn),
            Evidence.kind == "visit",
            visible_evidence(viewer),
        )
        .order_by(Evidence.received_at, Evidence.id)
    )  # fmt: skip
    found: dict[UUID, list[tuple[str, Visited]]] = {}
    contents: Contents = {}
    for row in rows.mappings():
        values = dict(row)
        household_id, purpose, content = (values.pop(name) for name in ("household_id", "purpose", "content"))
        visit = Visited(**values, versions=tuple(versions.get(row["submission_id"], ())))
        contents[visit.evidence_id] = content
        found.setdefault(household_id, []).append((purpose, visit))
    return found, contents


def _listed(session: Session, viewer: Viewer, draw: Draw, drawn: sa.Select[Any]) -> Listed:
    """Return the members and the property that each visit lists, in its own order."""
    rows = session.execute(
        sa.select(Evidence.submission_id, Evidence.kind, Evidence.question, Evidence.content).where(
            Evidence.county_code == draw.county_code,
            Evidence.household_id.in_(drawn),
            Evidence.kind.in_(("member", "asset")),
            visible_evidence(viewer),
        )
    )
    found: dict[tuple[UUID, str], list[tuple[list[int], Mapping[str, Any]]]] = {}
    for submission_id, kind, question, content in rows:
        place = [int(part) for part in question.split("/")[1:] if part.isdecimal()]
        found.setdefault((submission_id, kind), []).append((place, content))
    return {key: [content for _, content in sorted(some, key=itemgetter(0))] for key, some in found.items()}


def _head_names(session: Session, draw: Draw, drawn: sa.Select[UUID]) -> dict[str, str]:
    rows = session.execute(
        sa.select(FrameUnit.leaf, FrameUnit.head_name)
        .join(
            Selection,
            sa.and_(
                Selection.county_code == FrameUnit.county_code,
                Selection.draw_id == draw.id,
                Selection.leaf == FrameUnit.leaf,
            ),
        )
        .where(
            FrameUnit.county_code == draw.county_code,
            FrameUnit.frame_id == draw.frame_id,
            Selection.household_id.in_(drawn),
        )
    )
    return dict(rows.all())
