"""What is wrong with an uploaded form is said at its row, all of it at once, in the words of who mends it."""

import io
import zipfile

import pytest
from forms import COLUMNS, ROWS, compile_here, markdown, sheets, uploaded, workbook

from api.collection.form_drafts import resources
from api.collection.form_drafts.opening import MOST_BYTES, open_upload
from api.problems import TooLarge
from survey_forms.apart import compile_apart


def findings(answer):
    assert answer.status_code == 201, answer.text
    return answer.json["findings"]


def errors(answer):
    return [found for found in findings(answer) if found["level"] == "error"]


def with_rows(*rows, **more):
    return workbook(sheets(rows=[*ROWS, *rows], **more))


def test_a_sound_form_is_ready_and_waits_for_odk_validate(supervisor):
    answer = supervisor.upload()
    assert (answer.json["state"], answer.json["check_state"]) == ("ready", "waiting")
    assert (answer.json["form_id"], answer.json["version"], answer.json["title"]) == (
        "own_visit", "2026080101", "本县入户表",
    )  # fmt: skip
    assert errors(answer) == []


def test_every_slip_is_named_at_its_sheet_row_and_question_with_what_stands_there(supervisor):
    content = with_rows(
        ("selekt", "roof", "屋顶？", None, None),
        ("text", "head name", "姓名", None, None),
        ("select_one yn", "cattle", "有牛吗？", None, None),
        ("calculate", "sum", None, None, None),
    )
    found = errors(supervisor.upload(content))
    assert [(one["sheet"], one["row"], one["question"]) for one in found] == [
        ("survey", 6, "roof"), ("survey", 7, "head name"), ("survey", 8, "cattle"), ("survey", 9, "sum"),
    ]  # fmt: skip
    assert found[0]["cells"]["label::中文 (zh)"] == "屋顶？"
    assert "没有「selekt」这种题型" in found[0]["message"]
    assert found[0]["said"] == "Unknown question type 'selekt'."
    assert "拼音" in found[1]["message"]
    assert "选项列表「yn」" in found[2]["message"]
    assert "calculation" in found[3]["message"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("text", "wages", "再问一次", None, None), "名称重复"),
        (("text", "", "没有名称", None, None), "没有 name"),
        (("begin_group", "economy", "经济", None, None), "end_group"),
        (("end_group", "", None, None, None), "begin_group"),
        (("text", "roof", None, None, None), "没有 label"),
        (("range", "share", "几成？", None, None), ""),
    ],
)
def test_usual_slips_are_explained(supervisor, row, words):
    answer = supervisor.upload(with_rows(row))
    if words:
        assert words in errors(answer)[0]["message"]
    else:
        assert errors(answer) == []


def test_a_reference_to_no_question_names_it(supervisor):
    columns = [*COLUMNS, "relevant"]
    rows = [*ROWS, ("text", "why", "为什么？", None, None, "${outcom} = 'absent'")]
    (found,) = errors(supervisor.upload(workbook(sheets(rows=rows, columns=columns))))
    assert (found["row"], found["question"]) == (6, "why")
    assert "outcom" in found["message"]


def test_a_slip_among_the_choices_is_placed_there(supervisor):
    (found,) = errors(supervisor.upload(workbook(sheets(choices=[("outcome", "a", "甲"), ("outcome", "a", "乙")]))))
    assert (found["sheet"], found["row"]) == ("choices", 3)
    assert "重复" in found["message"]


def test_a_form_without_a_version_is_told_which_it_could_have(supervisor):
    (found,) = errors(supervisor.upload(workbook(sheets(settings={"version": None}))))
    assert found["message"].endswith("01")
    assert "version" in found["message"]


def test_a_wrong_evidence_role_is_placed_at_its_question(supervisor):
    (found,) = errors(supervisor.upload(with_rows(("integer", "land", "几亩地？", None, "Visit Land"))))
    assert (found["sheet"], found["row"], found["question"]) == ("survey", 6, "land")
    assert "record.field" in found["message"]


def test_a_form_that_forgot_the_namespace_is_told_how(supervisor):
    (found,) = errors(supervisor.upload(workbook(sheets(settings={"namespaces": None}))))
    assert 'ruhu="urn:ruhu:evidence"' in found["message"]


def test_a_role_that_nearly_is_one_of_the_house_is_warned_about(supervisor):
    content = with_rows(("integer", "farm", "种地收入？", None, "visit.income_farmin_yuan_per_year"))
    warned = [found for found in findings(supervisor.upload(content)) if found["question"] == "farm"]
    assert "visit.income_farming_yuan_per_year" in warned[0]["message"]
    assert warned[0]["level"] == "warning"


@pytest.mark.parametrize(
    ("given", "level", "words"),
    [
        ({"public_key": "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"}, "error", "加密"),
        ({"submission_url": "https://elsewhere.example/submission"}, "error", "发到别处"),
        ({"auto_delete": "true"}, "warning", "自动删除"),
        ({"form_id": "own/visit"}, "error", "form_id"),
        ({"version": "1/2"}, "error", "version"),
        ({"form_title": "很长" * 61}, "error", "标题"),
    ],
)
def test_settings_that_do_not_work_here_are_refused_or_warned_about_in_clear_words(supervisor, given, level, words):
    answer = supervisor.upload(workbook(sheets(settings=given)))
    found = [one for one in findings(answer) if words in one["message"]]
    assert [one["level"] for one in found] == [level]
    assert answer.json["state"] == ("broken" if level == "error" else "ready")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("text", "note", "备注", "${last-saved#wages}"), "上一户"),
        (("background-audio", "recording", None, None), "录音"),
    ],
)
def test_what_the_phone_would_do_unseen_is_warned_about(supervisor, row, words):
    columns = ["type", "name", "label::中文 (zh)", "default", "required", "bind::ruhu:evidence"]
    rows = [(kind, name, label, None, required, role) for kind, name, label, required, role in ROWS]
    content = workbook(sheets(rows=[*rows, (*row, None, None)], columns=columns))
    assert any(words in found["message"] for found in findings(supervisor.upload(content)))


def test_answers_that_would_belong_to_no_household_are_warned_about(supervisor):
    without = supervisor.upload(workbook(sheets(rows=ROWS[1:])))
    assert any("户编码" in found["message"] for found in findings(without))
    plain = [row[:4] for row in ROWS]
    none = supervisor.upload(workbook(sheets(rows=plain, columns=COLUMNS[:4])))
    assert any("不会成为证据" in found["message"] for found in findings(none))


def test_an_entity_list_is_taken_as_a_proposal_and_said_so(supervisor):
    entities = [["list_name", "label", "entity_id"], ["households", "concat(${household_code})", "${household_code}"]]
    answer = supervisor.upload(workbook(sheets(entities=entities)))
    assert answer.json["state"] == "ready", answer.json["findings"]
    assert any("households" in found["message"] for found in findings(answer))


def test_a_csv_that_excel_saved_in_chinese_encoding_is_read(supervisor):
    text = "survey,,,\n,type,name,label\n,text,who,姓名\nsettings,,,\n,form_id,version,\n,own_csv,1,\n"
    answer = supervisor.upload(text.encode("gb18030"), "表.csv")
    assert (answer.json["state"], answer.json["form_id"], answer.json["file_type"]) == ("ready", "own_csv", ".csv")


def test_markdown_and_toml_are_taken_too(supervisor, project):
    text = markdown("""
        | survey |
        | | type | name | label |
        | | text | who | 姓名 |
        | settings |
        | | form_id | version |
        | | own_md | 1 |
    """)
    assert supervisor.upload(text, "form.md").json["form_id"] == "own_md"
    source = (project / "survey_forms" / "sources" / "home_visit.toml").read_bytes()
    (found,) = errors(supervisor.upload(source, "home_visit.toml"))
    assert "已发布过" in found["message"]


def bomb():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
        archive.writestr("xl/sharedStrings.xml", bytes(90_000_000))
    return held.getvalue()


def macros():
    held = io.BytesIO(workbook())
    with zipfile.ZipFile(held, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    return held.getvalue()


@pytest.mark.parametrize(
    ("file", "status", "words"),
    [
        ((bomb, "bomb.xlsx"), 413, "解压后过大"),
        ((macros, "macros.xlsm"), 415, "宏"),
        ((lambda: b"\xd0\xcf\x11\xe0" + "_VBA_PROJECT_CUR".encode("utf-16-le"), "old.xls"), 415, "宏"),
        ((lambda: b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "locked.xlsx"), 415, "密码"),
        ((lambda: b"PK\x03\x04 cut off", "cut.xlsx"), 415, "损坏"),
        ((lambda: b"%PDF-\x00\xff", "form.pdf"), 415, "看不出"),
    ],
)
def test_a_file_that_is_made_to_hurt_or_is_no_form_is_refused_before_it_is_opened(
    supervisor, monkeypatch, file, status, words
):
    content, name = file
    monkeypatch.setattr(resources, "compile_apart", lambda *_: pytest.fail("it was opened"))
    answer = supervisor.upload(content(), name)
    assert answer.status_code == status, answer.text
    assert words in answer.json["detail"]
    assert supervisor.get("form-drafts").json == []


def test_a_file_larger_than_any_form_is_refused_saying_the_limit():
    with pytest.raises(TooLarge, match="5 MB"):
        open_upload("large.csv", b"x" * (MOST_BYTES + 1))


def test_a_damaged_old_workbook_becomes_a_finding_not_a_crash(supervisor):
    found = errors(supervisor.upload(b"\xd0\xcf\x11\xe0" + bytes(4000), "old.xls"))
    assert found[0]["said"]


def test_compiling_that_takes_too_long_or_too_much_memory_is_ended_and_said(supervisor, monkeypatch):
    many = [("outcome", f"n{number}", f"选项 {number}") for number in range(12_000)]
    content = workbook(sheets(choices=many))
    for limits in ({"seconds": 1}, {"memory_bytes": 120_000_000}):
        monkeypatch.setattr(resources, "compile_apart", lambda *given, limits=limits: compile_apart(*given, **limits))
        (found,) = errors(supervisor.upload(content))
        assert "时间或内存" in found["message"]


def test_another_process_compiles_to_the_very_same_bytes():
    apart = compile_apart(workbook(), ".xlsx")
    here = compile_here(workbook(), ".xlsx")
    assert (apart.form.sha256, apart.rows) == (here.form.sha256, here.rows)
    assert [row.row for row in apart.rows] == [2, 3, 4, 5]


def test_only_the_mended_upload_replaces_the_draft_and_its_version_can_be_put_right(supervisor):
    broken = supervisor.upload(with_rows(("selekt", "roof", "屋顶？", None, None))).json
    assert broken["state"] == "broken"
    mended = supervisor.post(f"form-drafts/{broken['id']}/file", data=uploaded(workbook(), "mended.xlsx"))
    assert mended.status_code == 200
    assert (mended.json["id"], mended.json["state"], mended.json["file_name"]) == (
        broken["id"], "ready", "mended.xlsx",
    )  # fmt: skip
    assert supervisor.get(f"form-drafts/{broken['id']}/source").data == workbook_bytes(supervisor, broken["id"])


def workbook_bytes(supervisor, draft_id):
    answer = supervisor.get(f"form-drafts/{draft_id}/source")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return answer.data
