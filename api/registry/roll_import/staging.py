"""Put judged households aside in chunks: numbers encrypted, each chunk in a transaction of some milliseconds."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.database import new_id, now
from api.registry.roll_file.columns import BY_NAME
from api.registry.roll_import.content import content_of
from api.registry.roll_import.judge import Finding, Judged
from api.registry.roll_import.tables import RollImport, RollImportError, RollImportHousehold, RollImportMember
from api.registry.secrecy import Secrecy

TOWNSHIP_LENGTH = 9
CHUNK = 2000  # rows deleted at a time


def staged_rows(
    judged: Judged, secrecy: Secrecy, *, county_code: str, import_id: UUID
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a household's row and its members' rows for the staging tables.

    It encrypts, which takes some hundredths of a millisecond a number: call it outside of transactions.
    """
    key = {"county_code": county_code, "import_id": import_id}
    household = dict(judged.household)
    fingerprint = secrecy.fingerprint(content_of(household, judged.members))
    longitude, latitude = household.pop("longitude"), household.pop("latitude")
    members = [
        {
            **key,
            "new_id": new_id(),
            "household_code": judged.code,
            "position": position,
            **{name: value for name, value in member.items() if name != "identity"},
            "identity_sealed": secrecy.seal_if(member["identity"]),
            "identity_hash": secrecy.match_identity_if(member["identity"]),
        }
        for position, member in enumerate(judged.members, start=1)
    ]
    row = {
        **key,
        "new_id": new_id(),
        "row_number": judged.row_number,
        "code": judged.code,
        "township_code": household["village_code"][:TOWNSHIP_LENGTH],
        "phone_sealed": secrecy.seal_if(household.pop("phone")),
        "bank_card_sealed": secrecy.seal_if(household.pop("bank_card")),
        "head_identity_sealed": members[0]["identity_sealed"],
        "head_identity_hash": members[0]["identity_hash"],
        "place_text": f"POINT({longitude!r} {latitude!r})" if longitude is not None else None,
        "roll_fingerprint": fingerprint,
        **household,
    }
    return row, members


def stage(
    session: Session,
    wanted: RollImport,
    households: list[dict[str, Any]],
    members: list[dict[str, Any]],
    findings: Iterable[dict[str, Any]],
) -> None:
    """Add one chunk of rows and findings, and show that the import lives."""
    for table, rows in (
        (RollImportHousehold, households),
        (RollImportMember, members),
        (RollImportError, list(findings)),
    ):
        if rows:
            session.execute(sa.insert(table), rows)
    session.execute(
        sa.update(RollImport)
        .where(RollImport.county_code == wanted.county_code, RollImport.id == wanted.id)
        .values(seen_alive_at=now(), rows=wanted.rows, households=wanted.households, errors=wanted.errors)
    )


def finding_row(finding: Finding, headings: dict[str, str], wanted: RollImport) -> dict[str, Any]:
    """Return a finding as a row of the error table, under the file's own heading."""
    return {
        "county_code": wanted.county_code,
        "id": new_id(),
        "import_id": wanted.id,
        "row_number": finding.row_number,
        "heading": headings.get(finding.column, BY_NAME[finding.column].heading),
        "shown": finding.shown,
        "message": finding.message,
        "names": finding.names,
    }


def clear_chunk(session: Session, county_code: str, import_id: UUID) -> int:
    """Delete some staged rows of an import; return how many, 0 once none are left."""
    deleted = 0
    for table in (RollImportHousehold, RollImportMember):
        mine = (table.county_code == county_code, table.import_id == import_id)
        chunk = sa.select(table.row_number).where(*mine).order_by(table.row_number).limit(CHUNK)
        numbers = list(session.scalars(chunk))
        if numbers:
            session.execute(sa.delete(table).where(*mine, table.row_number <= numbers[-1]))
            deleted += len(numbers)
    return deleted
