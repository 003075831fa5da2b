"""Reviews in the demo's past: most visits of some townships accepted, a few returned, the rest waiting."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from api.collection.tables import Submission
from api.database import Database
from api.demo.chance import dice
from api.demo.county import COUNTY
from api.evidence.review.take import take_step
from api.evidence.review.words import REASONS
from api.people.access import Viewer, inside

ACCEPTED, RETURNED, OPENED = 0.70, 0.05, 0.03  # of the visits in the reviewed townships; the rest waits
AT_ONCE: Final = 100  # steps in a transaction


def review_some(database: Database, by: Viewer, townships: Sequence[str]) -> int:
    """Take steps with most visits of some townships, as the county's supervisor; return how many."""
    with database.read() as session:
        keys = session.scalars(
            sa.select(Submission.id)
            .where(
                Submission.county_code == COUNTY, Submission.form_id == "home_visit",
                Submission.purpose == "township_visit", inside(Submission.village_code, townships),
            )
            .order_by(Submission.household_code, Submission.id)
        ).all()  # fmt: skip
    chance = dice("reviews")
    steps = [(key, _decided(chance.random()), chance.choice(REASONS)) for key in keys]
    taken = [(key, step, reason) for key, step, reason in steps if step]
    for at in range(0, len(taken), AT_ONCE):
        with database.transaction() as session:
            for key, step, reason in taken[at : at + AT_ONCE]:
                take_step(session, by, key, step, note=reason if step == "returned" else "")
    return len(taken)


def _decided(chance: float) -> str:
    if chance < ACCEPTED:
        return "accepted"
    if chance < ACCEPTED + RETURNED:
        return "returned"
    return "opened" if chance < ACCEPTED + RETURNED + OPENED else ""
