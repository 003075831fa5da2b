"""What is in the files of an export, kind by kind."""

import io
import json
import zipfile
from datetime import datetime

import pytest
import python_calamine
import sqlalchemy as sa
import world
from collect import HOUSEHOLD, JPEG, visit
from openpyxl import load_workbook

from api.collection.forms import Scope, publish_form
from api.collection.tables import Submission, SubmissionVersion
from api.evidence.export.layout import Sheet
from api.evidence.export.workbook import WorkbookFile
from survey_forms.catalogue import schema_of
from survey_forms.compile import compile_form
from survey_forms.filling import fill
from survey_forms.values import Place
from survey_forms.xform import read_schema

PRESENT = schema_of("home_visit").version
CAR = {"asset_kind": "vehicle", "asset_owner": "=cmd|' /C calc'!A0", "asset_value": 45000, "asset_photo": "car.jpg"}
HERD = {"asset_kind": "livestock", "asset_owner": "-1+2", "asset_identifier": "@SUM(A1)", "asset_value": 80000}


@pytest.fixture
def send(phone_of):
    def post(xml, files=None, name="surveyor"):
        answer = phone_of(name).send(xml, files)
        assert answer.status_code == 201, answer.text

    return post


@pytest.fixture
def two(send):
    """A visit with two assets whose owner tries formulas, and a short one without a place."""
    send(
        visit("uuid:1", assets_seen="yes", assets=[CAR, HERD], surveyor_note="+86 很远"),
        {"house.jpg": JPEG, "car.jpg": JPEG + b"car"},
    )
    send(visit("uuid:2", household=f"{world.VILLAGE}-0002", photo=None, place=None, outcome="moved"))


def asked(name, language="zh"):
    """The words of a question of the home visit."""
    return next(q.label[language] for q in schema_of("home_visit").questions if q.name == name)


def column(rows, heading):
    at = rows[0].index(heading)
    return [row[at] for row in rows[1:]]


def test_a_form_with_repeats_is_a_zip_of_tables_that_name_each_other(two, taken, opened):
    tables = opened(taken())
    assert {"home_visit.csv", "home_visit-assets.csv"} <= set(tables)
    main, assets = tables["home_visit.csv"], tables["home_visit-assets.csv"]
    assert column(main, "记录编号") == ["uuid:1", "uuid:2"]
    assert column(assets, "记录编号") == ["uuid:1/assets[1]", "uuid:1/assets[2]"]
    assert column(assets, "上级记录编号") == ["uuid:1", "uuid:1"]
    assert column(assets, asked("asset_value")) == ["45000", "80000"]


def test_the_columns_before_the_answers_say_whose_and_when_and_whether_it_is_whole(two, taken, opened):
    main = opened(taken(repeats=False))[""]
    first = dict(zip(main[0], main[1], strict=True))
    moment = datetime.fromisoformat(first.pop("收到时间"))
    assert abs((datetime.now() - moment).days) <= 1  # noqa: DTZ005 - only that it is a moment of these days
    assert {heading: first[heading] for heading in main[0][:15] if heading != "收到时间"} == {
        "记录编号": "uuid:1", "家庭编码": HOUSEHOLD, "户主": "虚构户主1", "乡镇": "江孜镇", "村": "第1村",
        "村编码": world.VILLAGE, "调查类别": "入户调查", "调查人": "测试surveyor", "手机编号": "collect:test",
        "表格版本": PRESENT, "是否修改过": "否", "已到附件": "2", "应有附件": "2", "疑点": "",
    }  # fmt: skip


def test_only_the_main_table_is_one_plain_csv_with_the_mark_or_without(two, taken):
    assert taken(repeats=False).startswith("\ufeff记录编号,".encode())
    assert taken(repeats=False, mark=False).startswith("记录编号,".encode())


def test_texts_that_begin_like_formulas_are_defused_and_numbers_stay_numbers(two, taken, opened):
    tables = opened(taken())
    assert column(tables["home_visit-assets.csv"], asked("asset_owner")) == ["'=cmd|' /C calc'!A0", "'-1+2"]
    assert column(tables["home_visit-assets.csv"], asked("asset_identifier")) == ["", "'@SUM(A1)"]
    assert column(tables["home_visit.csv"], asked("surveyor_note")) == ["'+86 很远", ""]
    book = load_workbook(io.BytesIO(taken(format="xlsx")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)
    owners = [cell for cell in cells if cell.value == CAR["asset_owner"]]
    assert [(cell.data_type, cell.quotePrefix) for cell in owners] == [("s", True)]
    assert {cell.value for cell in cells} >= {"-1+2", "@SUM(A1)", "+86 很远", 45000, 80000}


def test_a_workbook_has_a_sheet_for_each_table_and_other_programs_read_it(two, taken):
    data = taken(format="xlsx")
    book = load_workbook(io.BytesIO(data))
    repeats = schema_of("home_visit").repeats
    assert book.sheetnames == ["入户调查", *(repeat.label["zh"] for repeat in repeats)]
    main = book["入户调查"]
    assert isinstance(main.cell(2, 10).value, datetime)  # a moment is a moment, to filter by
    assert (main.freeze_panes, main.auto_filter.ref[:3]) == ("B2", "A1:")
    rows = python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_name(repeats[-1].label["zh"]).to_python()
    assert [row[0] for row in rows] == ["记录编号", "uuid:1/assets[1]", "uuid:1/assets[2]"]
    assert [row[rows[0].index(asked("asset_value"))] for row in rows[1:]] == [45000, 80000]


def test_codes_and_names_are_written_for_programs_and_english_for_those_who_read_it(two, taken, opened):
    plain = opened(taken(repeats=False, headings="code", answers="code"))[""]
    assert plain[0][:2] == ["_key", "_household"]
    assert column(plain, "outcome") == ["met_householder", "moved"]
    assert (column(plain, "_purpose"), column(plain, "_edited")) == (["township_visit"] * 2, ["0", "0"])
    english = opened(taken(repeats=False, language="en"))[""]
    assert (english[0][0], english[0][2]) == ("Record", "Householder")
    assert column(english, asked("outcome", "en")) == ["Householder met", "Moved away"]


def test_choices_take_a_column_each_when_asked_to(two, taken, opened):
    main = opened(taken(repeats=False, split=True, headings="code"))[""]
    assert column(main, "companions/village_committee") == ["1", "1"]
    assert column(main, "companions/discipline") == ["0", "0"]


def test_geojson_has_a_point_for_each_place_and_null_where_there_is_none(two, send, taken, opened):
    send(visit("uuid:3", household=f"{world.VILLAGE}-0003", photo=None, place=Place(28.123456789, 89.987654321)))
    first, second, third = opened(taken(format="geojson", headings="code"))["features"]
    assert first["geometry"] == {"type": "Point", "coordinates": [89.61, 28.95]}
    assert (second["id"], second["geometry"]) == ("uuid:2", None)
    assert third["geometry"]["coordinates"] == [89.987654, 28.123457]
    assert first["properties"]["economy/income/wages"] == 1200
    assert [row["assets/asset_value"] for row in first["properties"]["home_visit-assets"]] == [45000, 80000]
    assert second["properties"]["home_visit-assets"] == []


def test_an_export_of_nothing_is_a_file_with_headings_only(taken, opened):
    assert {len(rows) for rows in opened(taken()).values()} == {1}
    assert {len(rows) for rows in opened(taken(format="xlsx")).values()} == {1}
    assert json.loads(taken(format="geojson")) == {"type": "FeatureCollection", "features": []}


def test_files_come_along_as_they_were_sent_under_the_names_the_table_gives(two, taken, opened):
    data = taken(format="media")
    tables = opened(data)
    names = column(tables["home_visit.csv"], asked("house_photo")) + column(
        tables["home_visit-assets.csv"], asked("asset_photo")
    )
    named = {name for name in names if name}
    assert named == {"media/1/house.jpg", "media/1/car.jpg"}
    assert named == {name for name in tables if name.startswith("media/")}
    assert {tables[name] for name in named} == {JPEG, JPEG + b"car"}
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert {packed.getinfo(name).compress_type for name in named} == {zipfile.ZIP_STORED}
        assert packed.getinfo("home_visit.csv").compress_type == zipfile.ZIP_DEFLATED


def test_a_file_still_on_its_way_is_named_and_counted_as_missing_from_the_phone(send, taken, opened):
    send(visit("uuid:1"))
    tables = opened(taken(format="media"))
    main = tables["home_visit.csv"]
    assert (column(main, "已到附件"), column(main, "应有附件")) == (["0"], ["1"])
    assert [name for name in tables if name.startswith("media/")] == []


def test_the_present_version_of_an_edited_submission_is_exported_once(send, taken, opened):
    send(visit("uuid:1", wages=1))
    send(visit("uuid:2", deprecated_id="uuid:1", wages=7))
    main = opened(taken(repeats=False))[""]
    assert column(main, asked("wages")) == ["7"]
    assert column(main, "是否修改过") == ["是"]


NEWER = """
[languages]
zh = "中文 (zh)"
[settings]
form_id = "home_visit"
form_title = "入户调查（新）"
version = "2099010101"
[[survey]]
type = "text"
name = "household_code"
label = { zh = "户编码" }
evidence = "visit.household"
[[survey]]
type = "integer"
name = "yaks"
label = { zh = "牦牛" }
"""


def test_all_versions_of_a_form_share_one_table(send, taken, opened, database):
    send(visit("uuid:1", photo=None))
    compiled = compile_form(NEWER)
    with database.transaction() as session:
        publish_form(session, compiled)
    send(fill(read_schema(compiled.xml), {"household_code": HOUSEHOLD, "yaks": 12}, instance_id="uuid:2"))
    main = opened(taken(repeats=False))[""]
    assert column(main, "牦牛") == ["", "12"]
    assert column(main, "户编码") == [HOUSEHOLD] * 2
    assert column(main, asked("outcome")) == ["见到户主", ""]
    assert column(main, "表格版本") == [PRESENT, "2099010101"]


def test_a_countys_own_form_is_read_with_its_own_questions_and_shows_in_no_other_county(send, taken, opened, database):
    """Both use one form id and one version: whose it is tells them apart."""
    own = compile_form(NEWER.replace("2099010101", PRESENT))
    with database.transaction() as session:
        publish_form(session, own, scope=Scope(area_code=world.OTHER_COUNTY))
    send(visit("uuid:1", photo=None))
    theirs = {"household_code": "540221100201-0001", "yaks": 12}
    send(fill(read_schema(own.xml), theirs, instance_id="uuid:2"), name="checker-outside")
    here = opened(taken("county", repeats=False))[""]
    assert column(here, asked("outcome")) == ["见到户主"]
    assert "牦牛" not in here[0]
    there = opened(taken("county-outside", repeats=False))[""]
    assert (column(there, "记录编号"), column(there, "牦牛")) == (["uuid:2"], ["12"])
    both = opened(taken("city", repeats=False))[""]
    assert sorted(column(both, "牦牛")) == ["", "12"]
    assert column(opened(taken("city", repeats=False, area=world.COUNTY))[""], "记录编号") == ["uuid:1"]


def test_an_answer_that_cannot_be_read_is_exported_as_it_was_sent_and_flagged(send, taken, opened):
    send(visit("uuid:1", wages="a lot", photo=None, check=False))
    main = opened(taken(repeats=False))[""]
    assert column(main, asked("wages")) == ["a lot"]
    assert column(main, "疑点") == ["有答案无法读取"]


def test_bytes_that_are_gone_are_a_row_that_says_so_and_do_not_end_the_export(two, taken, app, opened):
    first = sa.select(SubmissionVersion.xml_sha256).where(SubmissionVersion.instance_id == "uuid:1")
    with app.extensions["ruhu_database"].read() as session:
        app.extensions["ruhu_blobs"].path(session.scalars(first).one()).unlink()
    main = opened(taken(repeats=False))[""]
    assert column(main, "记录编号") == ["uuid:1", "uuid:2"]
    assert column(main, "疑点") == ["原始文件缺失", ""]
    assert column(main, asked("outcome")) == ["", "已搬走"]


def test_a_sheet_that_is_full_goes_on_in_another_and_names_of_sheets_stay_apart(tmp_path):
    long = "甲" * 40
    sheets = [Sheet("a", long, ["k", "n"], frozenset()), Sheet("b", f"{long}[乙]", ["k", "p"], frozenset())]
    made = WorkbookFile(tmp_path / "x.xlsx", sheets, most_rows=3)
    for number in range(5):
        made.add([(0, [f"{number}", number]), (1, ["x", "\x0b=1"])])
    made.close()
    book = load_workbook(tmp_path / "x.xlsx")
    names = [
        "甲" * 31,
        "甲" * 27 + " (2)",
        "甲" * 27 + " (3)",
        "甲" * 27 + " (4)",
        "甲" * 27 + " (5)",
        "甲" * 27 + " (6)",
    ]
    assert sorted(book.sheetnames) == sorted(names)
    assert [sheet.max_row for sheet in book] == [3, 3, 3, 3, 2, 2]
    assert [cell.value for sheet in book for (cell, *_) in sheet.iter_rows(max_row=1)] == ["k"] * 6
    assert book[names[1]].cell(2, 2).value == "�=1"


def test_a_number_with_more_digits_than_a_spreadsheet_keeps_is_a_text(tmp_path):
    made = WorkbookFile(tmp_path / "x.xlsx", [Sheet("a", "a", ["k"], frozenset({1}))])
    made.add([(0, [123456789012345678, "2026-02-30"])])
    made.add([(0, ["文" * 40_000, "2026-02-28"])])
    made.close()
    (_, first, second) = load_workbook(tmp_path / "x.xlsx").active.iter_rows(values_only=True)
    assert first == ("123456789012345678", "2026-02-30")
    assert (len(second[0]), second[0][-1], second[1]) == (32_767, "…", datetime(2026, 2, 28))  # noqa: DTZ001


def test_filters_keep_what_is_asked_for(two, send, taken, opened, database):
    send(visit("uuid:3", household="540222201201-0001", photo=None), name="surveyor-outside")
    send(visit("uuid:4", household=f"{world.VILLAGE}-0004", photo=None), name="checker")
    send(visit("uuid:5", deprecated_id="uuid:2", household=f"{world.VILLAGE}-0777", photo=None))
    with database.transaction() as session:
        session.execute(
            sa.update(Submission)
            .where(Submission.instance_id == "uuid:1")
            .values(received_at=datetime.fromisoformat("2026-06-30T23:59:00+08:00"))
        )

    def keys(**wanted):
        return sorted(
            key.removeprefix("uuid:") for key in column(opened(taken(repeats=False, **wanted))[""], "记录编号")
        )

    assert keys() == ["1", "3", "4", "5"]
    assert keys(area=world.NEXT_TOWNSHIP) == ["3"]
    assert keys(area=world.VILLAGE) == ["1", "4"]  # 0777 is in no village: it stays in the surveyor's township
    assert keys(area=world.TOWNSHIP) == ["1", "4", "5"]
    assert keys(purpose="spot_check") == ["4"]
    assert keys(since="2026-06-30", until="2026-06-30") == ["1"]
    assert keys(until="2026-06-29") == []
    assert keys(state="edited") == ["5"]
    assert keys(state="doubtful") == ["5"]
