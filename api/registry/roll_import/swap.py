"""Put a staged roll in the place of the old one: set by set, inside one short transaction of the caller."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.database import now
from api.people.access import inside
from api.registry.roll_import.tables import RollImport, RollImportHousehold, RollImportMember
from api.registry.tables import LISTED, Division, Household, Member

COPIED = (
    "township_code", "village_code", "scheme", "registered_poor", "head_name", "head_identity_sealed",
    "head_identity_hash", "phone_sealed", "bank_card_sealed", "address", "persons", "benefit_fen_per_month",
    "benefit_since", "income_fen_per_person_year", "roll_fingerprint",
)  # fmt: skip
COPIED_OF_MEMBERS = (
    "position", "name", "relation", "identity_sealed", "identity_hash", "birth_date", "sex", "health", "work",
    "receives",
)  # fmt: skip

Staged, StagedMember = RollImportHousehold, RollImportMember


def compare(session: Session, wanted: RollImport) -> dict[str, int]:
    """Mark each staged household as added, changed or unchanged, give it the id it has, and count.

    Returns
    -------
    dict
        ``added``, ``changed``, ``unchanged`` and ``removed``: households on the roll of the area, not in the file.
    """
    same = (Household.county_code == Staged.county_code, Household.code == Staged.code)
    as_it_was = (Household.on_roll.is_(True), Household.roll_fingerprint == Staged.roll_fingerprint)
    found = sa.select(Household.id).where(*same).scalar_subquery()
    session.execute(
        sa.update(Staged)
        .where(*_staged(wanted))
        .values(
            outcome=sa.case(
                (~sa.exists().where(*same), "added"),
                (sa.exists().where(*same, *as_it_was), "unchanged"),
                else_="changed",
            ),
            new_id=sa.func.coalesce(found, Staged.new_id),
        )
        .execution_options(synchronize_session=False)
    )
    counted = session.execute(
        sa.select(Staged.outcome, sa.func.count()).where(*_staged(wanted)).group_by(Staged.outcome)
    )
    removed = session.scalar(sa.select(sa.func.count()).select_from(Household).where(*_leaving(wanted)))
    counts = {"added": 0, "changed": 0, "unchanged": 0, "removed": removed or 0}
    counts.update({str(outcome): number for outcome, number in counted})
    return counts


def swap(session: Session, wanted: RollImport) -> dict[str, int]:
    """Make the roll of the area what the file says; return what `compare` counts.

    Everything happens in the caller's transaction: whoever reads meanwhile sees the old roll whole. Households that
    are not in the file stay, no longer on the roll, because visits and draws speak of them.
    """
    # on a server two imports of one county wait for each other here; the embedded database has one writer anyway
    session.execute(sa.select(Division.code).where(Division.code == wanted.county_code).with_for_update())
    counts = compare(session, wanted)
    changed = sa.select(Staged.new_id).where(*_staged(wanted), Staged.outcome == "changed")
    _run(
        session,
        sa.delete(Member).where(Member.county_code == wanted.county_code, Member.household_id.in_(changed)),
    )
    _run(
        session,
        sa.update(Household)
        .where(
            Household.county_code == wanted.county_code,
            Household.id == Staged.new_id,
            *_staged(wanted),
            Staged.outcome == "changed",
        )
        .values(_as_staged()),
    )
    moment = sa.literal(now(), Household.updated_at.type)
    _run(
        session,
        sa.insert(Household).from_select(
            ["county_code", "id", "code", "on_roll", "place", "updated_at", *COPIED],
            sa.select(
                Staged.county_code, Staged.new_id, Staged.code, sa.true(), _place(), moment,
                *(getattr(Staged, name) for name in COPIED),
            )
            .where(*_staged(wanted), Staged.outcome == "added")
            .order_by(Staged.row_number),
        ),
    )  # fmt: skip
    _run(
        session,
        sa.insert(Member).from_select(
            ["county_code", "id", "household_id", *COPIED_OF_MEMBERS],
            sa.select(
                StagedMember.county_code, StagedMember.new_id, Staged.new_id,
                *(getattr(StagedMember, name) for name in COPIED_OF_MEMBERS),
            )
            .join(
                Staged,
                sa.and_(
                    Staged.county_code == StagedMember.county_code,
                    Staged.import_id == StagedMember.import_id,
                    Staged.code == StagedMember.household_code,
                ),
            )
            .where(
                StagedMember.county_code == wanted.county_code,
                StagedMember.import_id == wanted.id,
                Staged.outcome.in_(("added", "changed")),
            )
            # in the order of the file, so that rows and their keys grow at one end: three times as fast
            .order_by(StagedMember.row_number),
        ),
    )  # fmt: skip
    _run(session, sa.update(Household).where(*_leaving(wanted)).values(on_roll=False, updated_at=now()))
    return counts


def _as_staged() -> dict[str, Any]:
    """Return what a changed household becomes; what the file leaves open does not take away what visits have found."""
    place = sa.func.coalesce(_place(), Household.place, type_=Household.place.type)
    listed_anew = sa.or_(
        *(getattr(Household, name).is_distinct_from(getattr(Staged, name)) for name in LISTED),
        *(degrees(Household.place).is_distinct_from(degrees(place)) for degrees in (sa.func.ST_X, sa.func.ST_Y)),
    )
    return {
        **{name: getattr(Staged, name) for name in COPIED},
        "on_roll": True,
        "updated_at": now(),
        "place": place,
        "phone_sealed": sa.func.coalesce(Staged.phone_sealed, Household.phone_sealed),
        "version": sa.case((listed_anew, Household.version + 1), else_=Household.version),
        "content_version": sa.case((listed_anew, Household.version + 1), else_=Household.content_version),
    }


def _run(session: Session, statement: Any) -> None:
    session.execute(statement, execution_options={"synchronize_session": False})


def _staged(wanted: RollImport) -> tuple[sa.ColumnElement[bool], ...]:
    return (Staged.county_code == wanted.county_code, Staged.import_id == wanted.id)


def _place() -> sa.ColumnElement[Any]:
    return sa.func.ST_GeomFromText(Staged.place_text, 4326, type_=Household.place.type)


def _leaving(wanted: RollImport) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Household.county_code == wanted.county_code,
        inside(Household.village_code, [wanted.area_code]),
        Household.on_roll.is_(True),
        ~sa.exists().where(*_staged(wanted), Staged.code == Household.code),
    )
