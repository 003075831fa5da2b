"""Keep a county's signs between two looks at its weights, as long as nothing that they are made of has changed."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign
from api.collection.tables import SubmissionVersion
from api.evidence.tables import Evidence, Photo
from api.registry.tables import Household
from api.spot_checks.frame import mark_of
from api.spot_checks.risk.assess import SignTable, read_signs
from api.spot_checks.tables import DrawResult

MOST_COUNTIES: Final = 4  # some 20 MB each at 20,000 households
LARGEST_COUNTY: Final = 100_000  # a larger one is read each time: no process should hold it


@dataclass(frozen=True, eq=False, kw_only=True)
class CountySigns:
    """The households on a county's roll with their signs, by code; nobody's weights are in it.

    Attributes
    ----------
    ids, codes, names, villages, schemes : sequence, length N
        Of the households.
    table : SignTable
        Their signs, row by row.
    row_of : mapping of str to int
        Household code → row.
    """

    ids: Sequence[UUID] = field(repr=False)
    codes: Sequence[str] = field(repr=False)
    names: Sequence[str] = field(repr=False)
    villages: Sequence[str] = field(repr=False)
    schemes: Sequence[str] = field(repr=False)
    cells: np.ndarray[Any, np.dtype[np.int64]] = field(repr=False)  # place of township|scheme in `cell_names`
    cell_names: Sequence[str] = field(repr=False)
    table: SignTable = field(repr=False)
    row_of: dict[str, int] = field(repr=False)


_kept: OrderedDict[tuple[Any, ...], tuple[tuple[Any, ...], CountySigns]] = OrderedDict()
_lock = threading.Lock()


def signs_of_county(session: Session, campaign: Campaign, county_code: str, day: date) -> CountySigns:
    """Return the signs of the households on a county's roll, read anew if anything has changed since.

    Parameters
    ----------
    day : date
        Today, as people in the county count it.

    Notes
    -----
    Kept in the memory of the process, at most four counties. What is kept is used only while `mark_of_signs` says
    the same; freezing a frame never uses it.
    """
    # which database: tests and commands may open several in one process
    key = (str(session.connection().engine.url), county_code, campaign.id, day)
    mark = mark_of_signs(session, campaign, county_code)
    with _lock:
        if (found := _kept.get(key)) is not None and found[0] == mark:
            _kept.move_to_end(key)
            return found[1]
    made = _read(session, campaign, county_code, day)
    if len(made.codes) <= LARGEST_COUNTY:
        with _lock:
            _kept[key] = (mark, made)
            _kept.move_to_end(key)
            while len(_kept) > MOST_COUNTIES:
                _kept.popitem(last=False)
    return made


def mark_of_signs(session: Session, campaign: Campaign, county_code: str) -> tuple[Any, ...]:
    """Return what tells whether anything that signs are read from has changed.

    The registry's mark of a frame; sums of the moments at which households changed and visits were derived (a
    transaction that ends late may bring an earlier moment than the latest); how many visits, photos and draws there
    are; and the campaign's standards.
    """
    parts: list[Any] = [*mark_of(session, county_code)]
    for statement in (
        sa.select(sa.func.sum(sa.extract("epoch", Household.updated_at))).where(Household.county_code == county_code),
        sa.select(
            sa.func.count(),
            sa.func.max(SubmissionVersion.derived_at),
            sa.func.sum(sa.extract("epoch", SubmissionVersion.derived_at)),
        ).where(SubmissionVersion.county_code == county_code),
        sa.select(sa.func.count(), sa.func.max(sa.cast(Evidence.id, sa.String))).where(
            Evidence.county_code == county_code
        ),
        sa.select(sa.func.count()).where(Photo.county_code == county_code, Photo.sha256.is_not(None)),
        sa.select(sa.func.count()).select_from(DrawResult).where(DrawResult.county_code == county_code),
    ):
        parts += session.execute(statement).one()
    lines = sorted((one.area_code, one.scheme, one.year, one.fen_per_person_year) for one in campaign.standards)
    return (*parts, tuple(lines))


def _read(session: Session, campaign: Campaign, county_code: str, day: date) -> CountySigns:
    rows = session.execute(
        sa.select(
            Household.id, Household.code, Household.head_name, Household.village_code, Household.township_code,
            Household.scheme,
        )
        .where(Household.county_code == county_code, Household.on_roll.is_(True))
        .order_by(Household.code)
    ).all()  # fmt: skip
    names, places = np.unique([f"{row.township_code}|{row.scheme}" for row in rows], return_inverse=True)
    return CountySigns(
        ids=[row.id for row in rows],
        codes=[row.code for row in rows],
        names=[row.head_name for row in rows],
        villages=[row.village_code for row in rows],
        schemes=[row.scheme for row in rows],
        cells=np.asarray(places, dtype=np.int64),
        cell_names=[str(name) for name in names],
        table=read_signs(session, campaign, county_code, [row.id for row in rows], day),
        row_of={row.code: number for number, row in enumerate(rows)},
    )
