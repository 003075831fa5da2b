"""How likely each household is on the roll wrongly: kept here, told by whoever works it out."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.tables import Submission
from api.database import insert_at_once
from api.evidence.review.tables import HouseholdRisk
from api.people.access import Viewer
from api.people.roles import Permission

AT_ONCE: Final = 1_000  # rows a statement
#: What each band is called; the township never reads it: whoever knows who is visited for certain could warn him.
BANDS: Final = ("低", "中", "高", "必查")


def keep_bands(session: Session, county_code: str, bands: Mapping[UUID, int]) -> int:
    """Keep the bands of all households of a county; return for how many it changed. Who is left out becomes unknown.

    Parameters
    ----------
    bands
        Household → 0 (low) to 3 (visited whatever its score).
    """
    known = {
        row.id: row.band
        for row in session.execute(
            sa.select(HouseholdRisk.id, HouseholdRisk.band).where(HouseholdRisk.county_code == county_code)
        )
    }
    gone = [key for key, band in known.items() if bands.get(key) != band]
    for at in range(0, len(gone), AT_ONCE):
        session.execute(
            sa.delete(HouseholdRisk)
            .where(HouseholdRisk.county_code == county_code, HouseholdRisk.id.in_(gone[at : at + AT_ONCE]))
            .execution_options(synchronize_session=False)
        )
    new = [
        {"county_code": county_code, "id": key, "band": band} for key, band in bands.items() if known.get(key) != band
    ]
    for at in range(0, len(new), AT_ONCE):
        insert_at_once(session, HouseholdRisk, new[at : at + AT_ONCE])
    return len({*gone, *(row["id"] for row in new)})


def band_of(viewer: Viewer) -> sa.ColumnElement[int]:
    """Return the band of a submission's household as a column, beside an outer join of `its_risk`; -1 is unknown.

    It is unknown to whoever may not read spot checks in the village.
    """
    may = viewer.within(Submission.village_code, Permission.SPOT_CHECK_READ)
    return sa.case((may, sa.func.coalesce(HouseholdRisk.band, -1)), else_=-1)


def its_risk() -> sa.ColumnElement[bool]:
    """Return the condition that joins `HouseholdRisk` to `Submission`."""
    return sa.and_(
        HouseholdRisk.county_code == Submission.county_code, HouseholdRisk.id == Submission.household_id
    )  # fmt: skip
