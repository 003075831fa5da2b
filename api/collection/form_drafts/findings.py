"""What is wrong or doubtful with an uploaded form, in place and in the words of whoever has to mend it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from api.collection.form_drafts.meanings import MEANINGS
from survey_forms.apart import Row
from survey_forms.errors import CompileError, FormError, SchemaError, TooHeavyError

ERROR, WARNING = "error", "warning"
MOST: Final = 100
LONGEST: Final = 600


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One finding.

    Attributes
    ----------
    level : str
        ``error`` keeps the form from being published, ``warning`` does not.
    message, names
        What is wrong and what to do, in Chinese, with ``{names}``.
    sheet, row, question, cells
        Where: the sheet and row as Excel counts, the question's name, and what stands in the row.
    said : str
        The compiler's own words.
    """

    level: str
    message: str
    names: Mapping[str, Any] = field(default_factory=dict)
    sheet: str = ""
    row: int = 0
    question: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)
    said: str = ""

    def kept(self) -> dict[str, Any]:
        """Return it as the draft's row keeps it."""
        return asdict(self)


_PATTERNS: Final = tuple((re.compile(pattern), message) for pattern, message in MEANINGS)
_ROW: Final = re.compile(r"\[row : (\d+)\]\s*")
_SHEET: Final = re.compile(r"'(survey|choices|settings|entities|external_choices)' sheet")
_QUOTED: Final = re.compile(r"['\"]([^'\"]+)['\"]")
OTHER_ERROR: Final = "编译器不能接受这里的写法，请对照原文说明修改"
OTHER_WARNING: Final = "编译器的提醒，见原文说明"


def refused(refusals: Iterable[FormError], rows: Sequence[Row], *, suggested: str) -> list[Finding]:
    """Return why a form does not compile.

    Parameters
    ----------
    rows
        Of its survey sheet.
    suggested
        The version it could have.
    """
    found = []
    for refusal in refusals:
        if isinstance(refusal, TooHeavyError):
            message = "表格太大或太复杂，编译超过了时间或内存的限度，请减少选项和计算，或分成两张表"
            found.append(Finding(level=ERROR, message=message, said=refusal.what))
        elif isinstance(refusal, CompileError) and refusal.row:
            cells = {str(key): str(value) for key, value in refusal.cells.items()}
            found.append(
                _explained(ERROR, refusal.what, suggested=suggested, sheet=refusal.sheet, row=refusal.row, cells=cells)
            )
        elif isinstance(refusal, SchemaError):
            message = "证据角色写得不对：{what}"
            name = refusal.where.rpartition("/")[2]
            found.append(placed(rows, name, level=ERROR, message=message, names={"what": refusal.what}))
        else:
            found.append(_explained(ERROR, refusal.what, suggested=suggested))
    return found[:MOST]


def warned(warnings: Iterable[str], rows: Sequence[Row]) -> list[Finding]:
    """Return what pyxform would change, in place where it says a row."""
    by_row = {row.row: row.cells for row in rows}
    found = []
    for said in warnings:
        row = _ROW.search(said)
        named = _SHEET.search(said)
        sheet = named[1] if named else "survey" if row else ""
        number = int(row[1]) if row else 0
        cells = by_row.get(number, {}) if sheet == "survey" else {}
        found.append(_explained(WARNING, said, sheet=sheet, row=number, cells=dict(cells)))
    return found[:MOST]


def placed(rows: Sequence[Row], name: str, **told: Any) -> Finding:
    """Return a finding at the row of the question of that name."""
    for row in rows:
        if row.cells.get("name") == name:
            return Finding(sheet="survey", row=row.row, question=name, cells=dict(row.cells), **told)
    return Finding(question=name, **told)


def _explained(
    level: str, said: str, *, suggested: str = "", sheet: str = "", row: int = 0,
    cells: Mapping[str, str] | None = None,
) -> Finding:  # fmt: skip
    said = _ROW.sub("", said).strip()[:LONGEST]
    message, names = OTHER_ERROR if level == ERROR else OTHER_WARNING, {}
    for pattern, meaning in _PATTERNS:
        if fits := pattern.search(said):
            names = {key: str(value)[:80] for key, value in fits.groupdict().items()}
            message = meaning
            if "{suggested}" in meaning:
                names["suggested"] = suggested
            break
    cells = cells or {}
    quoted = _QUOTED.findall(said)
    question = cells.get("name") or (quoted[0] if not row and quoted and sheet == "survey" else "")
    return Finding(
        level=level, message=message, names=names, sheet=sheet, row=row, question=question, cells=cells, said=said
    )
