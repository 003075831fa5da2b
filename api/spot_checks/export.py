"""The list to take along, as XLSX and CSV: only what a blind checker may know, and room to write."""

import csv
import io
from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from openpyxl import Workbook
from sqlalchemy.orm import Session

from api.degrees import rounded
from api.spot_checks.lists import ROLES, checkers_of, place_names, selected
from api.spot_checks.tables import Draw, DrawResult

HEADINGS = (
    "序号", "乡镇", "村", "家庭编码", "户主", "正选或备选", "抽签顺序", "经度", "纬度", "抽查员",
    "结果", "签字", "备注",
)  # fmt: skip
FOOTER = "种子 {seed}… 承诺书 {manifest}…"
WIDTHS = (6, 14, 14, 22, 14, 10, 9, 11, 11, 14, 12, 12, 20)
A4 = 9  # as spreadsheets count paper sizes
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | float | None


def list_rows(session: Session, draw: Draw, *, area: str = "", role: str = "") -> Iterator[list[Cell]]:
    """Yield the rows of a list, one household each, in the order a person goes.

    No reason and no band: a checker who knows what is suspected finds it.
    """
    names, checkers = place_names(session, draw.county_code), checkers_of(session, draw)
    rows: Iterable[sa.Row[*tuple[object, ...]]] = session.execute(selected(draw, area=area, role=role))
    for number, row in enumerate(rows, 1):
        one = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row by columns
        village = one["village_code"]
        yield [
            number,
            plain(names.get(village[:9], village[:9])),
            plain(names.get(village, village)),
            plain(one["household_code"]),
            plain(one["head_name"]),
            ROLES[one["role"]],
            one["position"],
            rounded(one["longitude"]),
            rounded(one["latitude"]),
            plain(checkers.get(one["household_id"], "")),
        ]


def plain(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    Examples
    --------
    >>> plain("=1+1"), plain("扎西")
    ("'=1+1", '扎西')
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def list_csv(rows: Iterable[list[Cell]]) -> bytes:
    """Return the list as CSV, with the mark by which Excel knows UTF-8."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(HEADINGS)
    writer.writerows(rows)
    return file.getvalue().encode("utf-8-sig")


def list_xlsx(rows: Iterable[list[Cell]], draw: Draw, result: DrawResult) -> bytes:
    """Return the list as a workbook, with a second sheet that says how it came about."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("抽查名单")
    for column, width in enumerate(WIDTHS):
        sheet.column_dimensions[chr(ord("A") + column)].width = width
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = A4
    sheet.oddFooter.left.text = FOOTER.format(seed=result.seed_hex[:16], manifest=draw.manifest_sha256[:16])
    sheet.oddFooter.right.text = "第 &P 页，共 &N 页"
    sheet.append(HEADINGS)
    for row in rows:
        sheet.append(row)
    about = book.create_sheet("抽取说明")
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 22, 80
    for line in (
        ("第几次抽取", draw.number),
        ("承诺书指纹", draw.manifest_sha256),
        ("公布时间 (UTC)", f"{draw.committed_at:%Y-%m-%d %H:%M:%S}"),
        ("随机数", plain(result.entropy)),
        ("见证人", plain(result.witnesses)),
        ("掷骰时间 (UTC)", f"{result.drawn_at:%Y-%m-%d %H:%M:%S}"),
        ("种子", result.seed_hex),
        ("再次抽取的理由", plain(draw.reason)),
    ):
        about.append(line)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
