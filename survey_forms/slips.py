"""Every slip of a form at once: pyxform stops at the first, and who mends a form wants to see the rest."""

from typing import Any, Final

from survey_forms.compile import convert_sheets, read_sheets
from survey_forms.errors import CompileError, FormError

MOST: Final = 30
SHEETS: Final = ("survey", "choices", "external_choices", "entities", "settings")
_LISTS: Final = frozenset({"choices", "external_choices"})
_STRUCTURE: Final = ("Unmatched",)  # a group without its end: what follows would only be noise


def slips(content: bytes, file_type: str) -> tuple[FormError, ...]:
    r"""Return what keeps a form from compiling, row by row.

    After each slip its row is put aside (a question becomes a note of the same name, so that references to it
    still hold) and the rest is tried again. What has no row ends the search.

    Parameters
    ----------
    content
        The file's bytes.
    file_type
        ``".xlsx"``, ``".xls"``, ``".csv"``, ``".md"`` or ``".toml"``.

    Returns
    -------
    tuple of FormError
        By sheet and row, at most `MOST`; empty when it compiles.

    Examples
    --------
    >>> rows = ["| survey |", "| | type | name | label |", "| | selekt | a | A |", "| | text | b 1 | B |"]
    >>> form = "\n".join(rows).encode()
    >>> [(slip.row, slip.cells["name"]) for slip in slips(form, ".md")]
    [(2, 'a'), (3, 'b 1')]
    """
    name = f"form{file_type}"
    found: list[FormError] = []
    try:
        sheets, plain = read_sheets(content, name, file_type)
        while len(found) < MOST:
            try:
                convert_sheets(sheets, name, plain, [])
            except CompileError as slip:
                found.append(slip)
                if not _put_aside(sheets, slip):
                    break
            else:
                break
    except FormError as refusal:
        found.append(refusal)
    return tuple(sorted(found, key=_place))


def _place(slip: FormError) -> tuple[int, int]:
    if not isinstance(slip, CompileError) or slip.sheet not in SHEETS:
        return len(SHEETS), 0
    return SHEETS.index(slip.sheet), slip.row


def _put_aside(sheets: dict[str, Any], slip: CompileError) -> bool:
    """Make a row harmless; return whether there is anything left to look at."""
    if not slip.cells or slip.what.startswith(_STRUCTURE) or slip.sheet not in _LISTS | {"survey"}:
        return False
    rows, at = sheets[slip.sheet], slip.row - 2
    # only columns that the sheet has: pyxform refuses others
    columns = {_plain(header): header for header in next(iter(sheets[f"{slip.sheet}_header"]), ())}
    name = str(rows[at].get(columns.get("name"), ""))
    quiet = {"label": "-", "name": f"put_aside_{slip.row}"}
    if slip.sheet == "survey":
        if str(rows[at].get(columns.get("type"), "")).startswith(("begin", "end")):
            return False
        once = [row.get(columns.get("name")) for row in rows].count(name) == 1
        quiet |= {"type": "note", "name": name if name.isidentifier() and once else quiet["name"]}
    row = {columns[column]: text for column, text in quiet.items() if column in columns}
    if slip.sheet in _LISTS:
        row = {**rows[at], **row}
    if rows[at] == row:
        return False
    rows[at] = row
    return True


def _plain(header: str) -> str:
    return "_".join(header.partition(":")[0].split()).lower()
