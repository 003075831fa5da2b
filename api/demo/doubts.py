"""Which of the demo's visits are doubtful, written beside the database so that later checks can be judged."""

import csv
from collections.abc import Iterable
from pathlib import Path

from api.demo.visits import Visit

COLUMNS = ("household_code", "sender", "began", "doubt")


def write_doubts(visits: Iterable[Visit], path: Path) -> None:
    """Write one row per doubtful visit, as CSV (UTF-8 with a mark, so that spreadsheets read it)."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(
            (visit.family.code, visit.sender, visit.began.isoformat(), visit.doubt) for visit in visits if visit.doubt
        )
