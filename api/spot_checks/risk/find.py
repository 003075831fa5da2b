"""Find households by score, band, township, code or name; a household that the reader is to check himself stays out."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from api.evidence.visible import open_checks
from api.people.access import Viewer
from api.problems import Forbidden, NotFound
from api.spot_checks.risk.assess import BAND_ORDER, PLACE
from api.spot_checks.risk.keep import CountySigns
from api.spot_checks.risk.preview import Preview


def own_checks(session: Session, viewer: Viewer) -> frozenset[UUID]:
    """Return the households that a person is to check and has not yet: a score may come from the township's visit."""
    return frozenset(row.id for row in session.execute(open_checks(viewer)))


def conceal_own(session: Session, viewer: Viewer, rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Return rows of a draw's list without reasons and band where the reader is to check the household himself.

    Parameters
    ----------
    rows
        With ``household_id``, ``stratum`` and ``reasons``; the stratum's band is left empty.
    """
    own = own_checks(session, viewer)
    return [
        {**row, "reasons": [], "stratum": row["stratum"].rpartition("|")[0] + "|"}
        if row["household_id"] in own
        else dict(row)
        for row in rows
    ]


def movers(
    county: CountySigns, preview: Preview, *, text: str = "", hidden: frozenset[UUID] = frozenset()
) -> list[int]:
    """Return the rows of households that change their band, upwards first.

    Parameters
    ----------
    text : str
        Part of the householder's name, or the beginning of a household code.
    hidden
        Households that the reader may not see.
    """
    return _kept(county, preview.movers.tolist(), text, hidden)


def ranked(
    county: CountySigns,
    preview: Preview,
    *,
    band: str = "",
    area: str = "",
    text: str = "",
    sign: str = "",
    hidden: frozenset[UUID] = frozenset(),
) -> list[int]:
    """Return rows of households by score under the weights that are tried, the highest first.

    Parameters
    ----------
    band, area, text, sign : str
        Only this band, this township or village, this code or name, this sign; empty for all.
    """
    rows = np.lexsort((np.arange(len(county.codes)), -preview.scores_after, -preview.bands_after))
    if band:
        rows = rows[preview.bands_after[rows] == BAND_ORDER.index(band)]
    if sign:
        rows = rows[county.table.values[rows, PLACE[sign]]]
    found = rows.tolist()
    if area:
        found = [row for row in found if county.villages[row].startswith(area)]
    return _kept(county, found, text, hidden)


def find_row(county: CountySigns, code: str, *, hidden: frozenset[UUID] = frozenset()) -> int:
    """Return the row of one household.

    Raises
    ------
    NotFound
        When no household on the roll has this code.
    Forbidden
        When the reader is to check it himself and has not yet.
    """
    row = county.row_of.get(code)
    if row is None:
        raise NotFound("名册上没有家庭 {code}，或不在您的管辖范围内", where="code", code=code)
    if county.ids[row] in hidden:
        raise Forbidden("您正负责抽查这一户：入户之前，评分与理由对您不显示", where="code")
    return row


def _kept(county: CountySigns, rows: Sequence[int], text: str, hidden: frozenset[UUID]) -> list[int]:
    return [
        row
        for row in rows
        if (not text or county.codes[row].startswith(text) or text in county.names[row])
        and (not hidden or county.ids[row] not in hidden)
    ]
