"""The paper of one day as a workbook, for those who print from a spreadsheet or write into it."""

import io

from openpyxl import Workbook

from api.degrees import rounded
from api.spot_checks.export import A4, FOOTER, plain
from api.spot_checks.lists.paper import Paper
from api.spot_checks.lists.places import PLACED
from api.spot_checks.lists.read import ROLES

HEADINGS = (
    "序号", "乡镇", "村", "家庭编码", "户主", "正选或备选", "经度", "纬度", "位置出自",
    "结果 (入户/不在/拒绝/其他)", "到达时间", "离开时间", "签字", "备注",
)  # fmt: skip
WIDTHS = (6, 12, 14, 22, 12, 10, 11, 11, 22, 14, 10, 10, 14, 18)


def paper_xlsx(paper: Paper) -> bytes:
    """Return the doors of one day as a workbook, with a second sheet that says whence they come."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("抽查路线")
    for column, width in enumerate(WIDTHS):
        sheet.column_dimensions[chr(ord("A") + column)].width = width
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage = 0, True
    number = f"第 {paper.draw_number} 次抽取 "
    sheet.oddFooter.left.text = number + FOOTER.format(
        seed=paper.seed_hex[:16], manifest=paper.manifest_sha256[:16]
    )  # fmt: skip
    sheet.oddFooter.right.text = "第 &P 页，共 &N 页"
    sheet.append(HEADINGS)
    for stop in paper.stops:
        sheet.append(
            [
                stop.number, plain(stop.township), plain(stop.village), plain(stop.household_code),
                plain(stop.head_name), ROLES[stop.role],
                rounded(stop.point.longitude if stop.point else None),
                rounded(stop.point.latitude if stop.point else None), PLACED[stop.placed],
            ]
        )  # fmt: skip
    about = book.create_sheet("说明")
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 22, 80
    for line in (
        ("县", plain(paper.county)),
        ("小组", plain(paper.team)),
        ("第几天", paper.day),
        ("抽查员", plain("、".join(paper.members))),
        ("第几次抽取", paper.draw_number),
        ("种子", paper.seed_hex),
        ("承诺书指纹", paper.manifest_sha256),
    ):
        about.append(line)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
