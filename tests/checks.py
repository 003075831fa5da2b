"""Visits as evidence has them, without a phone: for tests of what is made of them."""

import itertools
from datetime import UTC, datetime, timedelta

from field import account

from api.collection.tables import Submission
from api.database import now
from api.evidence.tables import Evidence, Photo

NOON = datetime(2026, 6, 20, 5, 0, tzinfo=UTC)  # 13:00 in China
METRE = 1 / 111_195  # in degrees of latitude
_serial = itertools.count(1)


class Drawn:
    """A household of the roll as `seen` wants it, and where it lives, if that matters."""

    def __init__(self, household, home=None):
        self.county_code, self.household_id = household.county_code, household.id
        self.household_code, self.village_code = household.code, household.village_code
        self.home = home


def seen(
    session, household, *, purpose="spot_check", by="checker", outcome="met_householder", minutes=0, place=True,
    photo=False, kind="visit", **content,
):  # fmt: skip
    """One visit of a household (anything with county_code, household_id, household_code, village_code), derived.

    It arrives some minutes after now, so that several have an order.
    """
    by, at = account(session, by), now() + timedelta(minutes=minutes)
    number = next(_serial)
    whose = {
        "county_code": household.village_code[:6], "household_id": household.household_id, "purpose": purpose,
        "household_code": household.household_code, "village_code": household.village_code,
        "account_id": by.id, "received_at": at,
    }  # fmt: skip
    form = "spot_check_visit" if purpose == "spot_check" else "home_visit"
    submission = Submission(instance_id=f"uuid:checks-{number}", form_id=form, **whose)
    session.add(submission)
    session.flush()
    evidence = Evidence(
        kind=kind, submission_id=submission.id, question=kind, collected_at=at,
        place="SRID=4326;POINT(89.6 28.9)" if place else None, accuracy_m=5 if place else None,
        content={"outcome": outcome, **content}, **whose,
    )  # fmt: skip
    session.add(evidence)
    session.flush()
    if photo:
        session.add(
            Photo(
                county_code=evidence.county_code, evidence_id=evidence.id, question="/data/house_photo",
                name=f"{number}.jpg", sha256=f"{number:064x}",
            )
        )  # fmt: skip
        session.flush()
    return evidence
