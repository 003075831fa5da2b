"""Forms described in tests: XLSForms written as Markdown, and as the workbooks a county would upload."""

import io
import json
import re

import openpyxl

from survey_forms import apart

SETTINGS = {"form_id": "own_visit", "form_title": "本县入户表", "version": "2026080101"}
NAMESPACES = {"default_language": "中文 (zh)", "namespaces": 'ruhu="urn:ruhu:evidence"'}
COLUMNS = ("type", "name", "label::中文 (zh)", "required", "bind::ruhu:evidence")
ROWS = (
    ("text", "household_code", "户编码", "yes", "visit.household"),
    ("select_one outcome", "outcome", "见到户主了吗？", "yes", "visit.outcome"),
    ("integer", "wages", "一年工资多少元？", None, "visit.income_wages_yuan_per_year"),
    ("image", "house_photo", "房屋照片", None, "visit.house_photo"),
)
OUTCOMES = (("outcome", "met_householder", "见到"), ("outcome", "absent", "没人在家"))


def sheets(rows=ROWS, columns=COLUMNS, choices=OUTCOMES, settings=None, **more):
    """The sheets of a form that a county might write."""
    named = {**SETTINGS, **NAMESPACES, **(settings or {})}
    named = {column: text for column, text in named.items() if text is not None}
    return {
        "survey": [list(columns), *map(list, rows)],
        "choices": [["list_name", "name", "label::中文 (zh)"], *map(list, choices)],
        "settings": [list(named), list(named.values())],
        **more,
    }


def workbook(given=None):
    """An XLSX file."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in (given or sheets()).items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def markdown(text):
    """An XLSForm in Markdown, from text indented as a test has it."""
    return re.sub(r"(?m)^\s+", "", text.strip()).encode()


def uploaded(content, name="own.xlsx", **fields):
    """The form with which a file is uploaded."""
    return {**fields, "file": (io.BytesIO(content), name)}


def compile_here(content, file_type):
    """What `survey_forms.apart.compile_apart` answers, without the seconds that another process takes to begin."""
    return apart._compilation(json.loads(json.dumps(apart._answer(content, file_type))))
