"""Encrypt everything that is kept with the newest key, so that older keys can be thrown away."""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from api.database import Base, Database
from api.registry.proposals.tables import HouseholdProposal
from api.registry.secrecy import Secrecy, open_secrecy
from api.registry.tables import DeclaredRelative, DepartmentRecord, Household, MatchingKey, Member, Official

CHUNK = 500  # some tens of milliseconds of the embedded database's write place
SEALED: tuple[tuple[type[Any], tuple[str, ...]], ...] = (
    (Household, ("head_identity_sealed", "phone_sealed", "bank_card_sealed")),
    (Member, ("identity_sealed",)),
    (Official, ("identity_sealed",)),
    (DeclaredRelative, ("identity_sealed",)),
    (DepartmentRecord, ("identity_sealed",)),
    (HouseholdProposal, ("phone_sealed", "before_phone_sealed")),
)


def rotate_keys(
    database: Database, keys: Sequence[str], *, on_progress: Callable[[str, int, int], None] = lambda *_: None
) -> int:
    """Encrypt every field anew with the first key; return how many rows were written.

    In chunks, each in a transaction of its own; may be stopped and begun again at any time, because every key that
    is still needed is still in the settings. Hashes stay: the matching key is only encrypted anew, never changed.
    Imports should not run meanwhile: what they stage is encrypted with the newest key already, so nothing is lost,
    but the progress shown is then too low.

    Parameters
    ----------
    keys
        The newest first, all old ones that may still be in use behind it.
    on_progress
        Told the table, the rows done and the rows in all.

    Raises
    ------
    Unavailable
        If something is encrypted with none of the keys; what was done until then stays done.
    """
    with database.transaction() as session:
        secrecy = open_secrecy(session, keys)
        kept = session.get_one(MatchingKey, 1)
        kept.sealed = secrecy.reseal(kept.sealed)
    written = 0
    for table, columns in SEALED:
        written += _rotate_table(database, secrecy, table, columns, on_progress)
    return written


def _rotate_table(
    database: Database,
    secrecy: Secrecy,
    table: type[Any],
    columns: tuple[str, ...],
    on_progress: Callable[[str, int, int], None],
) -> int:
    name = table.__tablename__
    some = sa.or_(*(getattr(table, column).is_not(None) for column in columns))
    with database.read() as session:
        total = session.scalar(sa.select(sa.func.count()).select_from(table).where(some)) or 0
    done, after = 0, ("", None)
    while done < total:
        key = (table.county_code, table.id)
        statement = sa.select(*key, *(getattr(table, column) for column in columns)).where(some).order_by(*key)
        if after[1] is not None:
            beyond = sa.and_(table.county_code == after[0], table.id > after[1])
            statement = statement.where(sa.or_(table.county_code > after[0], beyond))
        with database.transaction() as session:
            rows = list(session.execute(statement.limit(CHUNK)))
            if not rows:
                break
            session.connection().execute(_update(table, columns), [_resealed(row, columns, secrecy) for row in rows])
        done += len(rows)
        after = (rows[-1].county_code, rows[-1].id)
        on_progress(name, done, total)
    return done


def _update(table: type[Base], columns: tuple[str, ...]) -> sa.Update:
    every: Any = table
    values: dict[str, Any] = {column: sa.bindparam(f"new_{column}") for column in columns}
    if hasattr(table, "updated_at"):
        values["updated_at"] = every.updated_at  # nothing that anybody can see has changed
    return (
        sa.update(table)
        .where(every.county_code == sa.bindparam("key_county"), every.id == sa.bindparam("key_id"))
        .values(**values)
    )


def _resealed(row: Any, columns: tuple[str, ...], secrecy: Secrecy) -> dict[str, Any]:
    found = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return {
        "key_county": row.county_code,
        "key_id": row.id,
        **{f"new_{column}": secrecy.reseal(found[column]) if found[column] else None for column in columns},
    }
