"""Whether as many neighbours were asked about a household as the campaign wants: by the interviews that arrived."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign
from api.collection.assignments.give import PURPOSE, began
from api.collection.blindness import check_is_open
from api.collection.tables import FormVersion, Submission
from api.people.access import Viewer
from api.registry.tables import Household

BY_CODE = sa.and_(
    Submission.county_code == Household.county_code, Submission.household_code == Household.code
)  # fmt: skip


def interviews_of(campaign: Campaign) -> sa.ColumnElement[bool]:
    """Return the condition on `Submission` that it is an interview with a neighbour in a campaign.

    Any form counts that declares interviews as what it yields, a county's own too.
    """
    forms = sa.select(FormVersion.form_id).where(FormVersion.evidence_kind == "interview")
    return sa.and_(
        Submission.purpose == PURPOSE,
        Submission.received_at >= began(campaign),
        Submission.form_id.in_(forms),
    )


def neighbours_were_asked(campaign: Campaign) -> sa.ColumnElement[bool]:
    """Return the condition that enough neighbours were asked about a `Household`; always, where none are wanted."""
    wanted = campaign.neighbour_interviews_per_household
    if not wanted:
        return sa.true()
    enough = (
        sa.select(Submission.county_code, Submission.household_code)
        .where(interviews_of(campaign), Submission.household_code.is_not(None))
        .group_by(Submission.county_code, Submission.household_code)
        .having(sa.func.count() >= wanted)
    )
    return sa.tuple_(Household.county_code, Household.code).in_(enough)


def interviews_by_household(
    session: Session, viewer: Viewer, campaign: Campaign, *which: sa.ColumnElement[bool]
) -> dict[UUID, int | None]:
    """Return how many neighbours were asked about each household of which any was.

    None stands for a household that the viewer is to check himself and has not yet: whether neighbours were asked
    is a thing he is not to know.

    Parameters
    ----------
    which
        Conditions on `Household`.
    """
    counts = (
        sa.select(Household.id, sa.func.count(Submission.id))
        .join(Submission, sa.and_(BY_CODE, interviews_of(campaign)))
        .where(*which)
        .group_by(Household.id)
    )
    hidden = sa.select(Household.id).where(check_is_open(viewer, Household.county_code, Household.id), *which)
    found: dict[UUID, int | None] = dict(session.execute(counts).all())
    return found | dict.fromkeys(session.scalars(hidden))
