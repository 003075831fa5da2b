"""Note that evidence of a township has changed: what was counted, drawn or sent of it before is old."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as insert_on_server
from sqlalchemy.dialects.sqlite import insert as insert_embedded
from sqlalchemy.orm import Session

from api.evidence.tables import EvidenceChange
from api.people.access import inside

TOWNSHIP: Final = 9  # digits
COUNTY: Final = 6


def note_change(session: Session, village_codes: Iterable[str]) -> None:
    """Note that evidence, its checks or its reviews have changed in the townships of some villages.

    Call it in the transaction that changes them. The rows are written in the order of their codes, so that two
    transactions cannot wait for each other.

    Parameters
    ----------
    village_codes
        Of twelve digits, or of nine. What came from somebody whose area is larger stands under that area's code.
    """
    townships = sorted({code[:TOWNSHIP] for code in village_codes if len(code) >= COUNTY})
    insert = insert_embedded if session.get_bind().dialect.name == "sqlite" else insert_on_server
    for code in townships:
        session.execute(
            insert(EvidenceChange)
            .values(county_code=code[:COUNTY], township_code=code, version=1)
            .on_conflict_do_update(
                index_elements=["county_code", "township_code"],
                set_={"version": EvidenceChange.__table__.c.version + 1},
            )
        )


def versions_of(session: Session, areas: Collection[str]) -> Mapping[str, int]:
    """Return township code → version, for all townships in some areas of which anything was ever noted."""
    rows = session.execute(
        sa.select(EvidenceChange.township_code, EvidenceChange.version).where(
            inside(EvidenceChange.township_code, areas)
        )
    )
    return {str(code): int(version) for code, version in rows}
