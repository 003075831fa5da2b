"""Write submissions as places on a map: GeoJSON (RFC 7946), one feature on a line."""

import contextlib
import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from api.evidence.export.layout import Layout, Line
from survey_forms.tabulate import Cell

DECIMALS = 6  # a tenth of a metre; a phone knows its place to some metres
BEGIN, BETWEEN, END = '{"type": "FeatureCollection", "features": [\n', ",\n", "\n]}\n"


class GeoJsonFile:
    """One feature collection; a submission without a place is a feature without a geometry.

    The rows of a repeat stand among the properties as a list, under the repeat's heading.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        self._layout = layout
        self._between = BEGIN
        self._file = path.open("w", encoding="utf-8", newline="")

    def add(self, lines: Sequence[Line]) -> None:
        """Take the lines of one submission."""
        sheets = self._layout.sheets
        main = lines[0][1]
        properties: dict[str, Any] = dict(zip(sheets[0].headings, main, strict=True))
        properties |= {sheet.label: [] for sheet in sheets[1:]}
        for number, cells in lines[1:]:
            properties[sheets[number].label].append(dict(zip(sheets[number].headings, cells, strict=True)))
        feature = {"type": "Feature", "id": main[0], "geometry": self._geometry(main), "properties": properties}
        self._file.write(self._between + json.dumps(feature, ensure_ascii=False, default=_number))
        self._between = BETWEEN

    def close(self) -> None:
        """Write what is left."""
        self._file.write(END if self._between is BETWEEN else BEGIN + END)
        self._file.close()

    def abandon(self) -> None:
        """Let go of everything."""
        with contextlib.suppress(OSError):
            self._file.close()

    def _geometry(self, main: list[Cell]) -> dict[str, Any] | None:
        place = [main[at] for at in self._layout.place or ()]
        degrees = [round(part, DECIMALS) for part in place if isinstance(part, float)]
        return {"type": "Point", "coordinates": degrees} if len(degrees) == len(("longitude", "latitude")) else None


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} in a cell")
