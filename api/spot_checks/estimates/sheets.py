"""The estimates to take along, as XLSX and CSV, with the notes on how they were made."""

import csv
import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter

from api.spot_checks.estimates.notes import notes_of
from api.spot_checks.estimates.report import Report
from api.spot_checks.estimates.tell import HEADINGS, Cell, Say, rows_of
from api.spot_checks.export import A4, plain

WIDTHS = (22, 18, 7, 12, 12, 12, 8, 12, 12, 10, 10, 10, 30, 36, 44)
RESPONSE_HEADINGS = (
    "乡镇", "户数 N", "应查", "已完成", "查实已不在", "未见到人", "拒绝入户", "尚未入户", "入户的备选", "当场不能判断",
)  # fmt: skip


def estimates_csv(report: Report, names: dict[str, str], say: Say) -> bytes:
    """Return every estimate as CSV, with the mark by which Excel knows UTF-8; the notes stand below, a line each."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([say(heading) for heading in HEADINGS])
    writer.writerows(_safe(row) for row in rows_of(report, names, say))
    empty: list[Cell] = [""] * (len(HEADINGS) - 2)
    for words, values in notes_of(report):
        writer.writerow([say("方法说明"), *empty, say(words, **values)])
    return file.getvalue().encode("utf-8-sig")


def estimates_xlsx(report: Report, names: dict[str, str], say: Say) -> bytes:
    """Return a workbook: the estimates, who answered, how it was made."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(say("估计"))
    for column, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "C2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = A4
    sheet.append([say(heading) for heading in HEADINGS])
    for row in rows_of(report, names, say):
        sheet.append(_safe(row))
    answered = book.create_sheet(say("入户情况"))
    answered.append([say(heading) for heading in RESPONSE_HEADINGS])
    for one in report.estimates.responses:
        place = plain(names.get(one.township_code, one.township_code))
        answered.append(
            [place, one.size, one.drawn, one.completed, one.gone, one.unreached, one.refused, one.waiting, one.reserves,
             one.unsure]
        )  # fmt: skip
    about = book.create_sheet(say("方法说明"))
    about.column_dimensions["A"].width = 110
    for words, values in notes_of(report):
        cell = WriteOnlyCell(about, say(words, **values))
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        about.append([cell])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _safe(row: Sequence[Cell]) -> list[Cell]:
    return [plain(cell) if isinstance(cell, str) else cell for cell in row]
