"""XLSForm to XForm through pyxform: the exact bytes phones will get, and their hash."""

import copy
import dataclasses
import difflib
import hashlib
import re
import tempfile
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from pyxform.aliases import survey_header
from pyxform.errors import PyXFormError
from pyxform.validators import odk_validate
from pyxform.xls2json_backends import get_xlsform
from pyxform.xls2xform import convert

from survey_forms.blocks import HOUSE
from survey_forms.compiled import CompiledForm
from survey_forms.errors import CompileError, SourceError, ValidationError, ValidatorMissingError
from survey_forms.hardened import EVIDENCE, ORX, XMLSyntaxError, parse
from survey_forms.source import SURVEY_COLUMNS, Source, read_source

__all__ = ["CompiledForm", "compile_form", "convert_sheets", "read_sheets", "validate_xform"]

_ROW: Final = re.compile(r"\[row : (\d+)\]\s*|\brow (\d+)\b", re.IGNORECASE)
_SHEET: Final = re.compile(r"'(survey|choices|settings|entities|external_choices)' sheet")
_WARNINGS: Final = "ODK Validate Warnings:\n"


def compile_form(source: Path | bytes | str, *, file_type: str | None = None, validate: bool = False) -> CompiledForm:
    """Compile a form.

    Parameters
    ----------
    source
        A file (``.toml`` as in ``sources``; ``.xlsx``, ``.xls``, ``.csv``, ``.md`` as pyxform reads them; or
        ``.xml``, an XForm that another tool has made, whose bytes stay as they are), or its content; a `str` is the
        content of a ``.toml``.
    file_type
        Needed with `bytes`: ``".toml"``, ``".xlsx"``, ``".xls"``, ``".csv"``, ``".md"`` or ``".xml"``.
    validate
        Also run ODK Validate, which reads the form as Collect would. Takes seconds and needs Java.

    Returns
    -------
    CompiledForm
        Frozen bytes and what identifies them.

    Raises
    ------
    SourceError
        The file cannot be read as an XLSForm.
    CompileError
        pyxform refuses it; for ``.toml`` the message names the line.
    ValidationError
        ODK Validate refuses it.
    ValidatorMissingError
        `validate` was asked for and there is no Java or no ODK Validate.

    Notes
    -----
    The XLSForm standard is at xlsform.org, the result is an ODK XForm (getodk.github.io/xforms-spec).

    Examples
    --------
    >>> form = compile_form('''
    ... [languages]
    ... zh = "中文 (zh)"
    ... [settings]
    ... form_id = "hello"
    ... version = "1"
    ... [[survey]]
    ... type = "text"
    ... name = "who"
    ... label = { zh = "姓名" }
    ... ''')
    >>> form.form_id, form.version, form.hash[:4], len(form.sha256)
    ('hello', '1', 'md5:', 64)
    """
    name, content, suffix = _content(source, file_type)
    warnings: list[str] = []
    itemsets: str | None = None
    if suffix == ".xml":
        xml = content
    else:
        own = source.parent / "blocks" if isinstance(source, Path) else HOUSE
        sheets, plain = read_sheets(content, name, suffix, blocks=own if own.is_dir() else HOUSE)
        warnings += _near_misses(sheets)
        result = convert_sheets(sheets, name, plain, warnings)
        xml, itemsets = result.xform.encode(), result.itemsets
    if validate:
        warnings += validate_xform(xml, name)
    title, form_id, version = _identity(xml, name)
    if not version:
        raise CompileError(
            f"{name}, settings", "no version", "add a version; without it an old form cannot be told apart"
        )
    return CompiledForm(
        form_id=form_id,
        version=version,
        title=title,
        xml=xml,
        hash="md5:" + hashlib.md5(xml, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(xml).hexdigest(),
        warnings=tuple(warnings),
        itemsets=None if itemsets is None else itemsets.encode(),
    )


def read_sheets(
    content: bytes, name: str, suffix: str, *, blocks: Path | Traversable = HOUSE
) -> tuple[dict[str, Any], Source | None]:
    r"""Sheets of a form as pyxform takes them.

    Parameters
    ----------
    content
        The file's bytes.
    name
        What to call it in messages.
    suffix
        ``".toml"``, ``".xlsx"``, ``".xls"``, ``".csv"`` or ``".md"``.
    blocks
        Folder of the blocks that a ``.toml`` shares with others.

    Returns
    -------
    dict
        Rows per sheet, and each sheet's columns.
    Source or None
        For ``.toml`` the same with the lines of its rows.

    Raises
    ------
    SourceError, CompileError
        It cannot be read.

    Examples
    --------
    >>> sheets, _ = read_sheets(b"| survey |\n| | type | name | label |\n| | text | who | Name |", "form.md", ".md")
    >>> sheets["survey"]
    [{'type': 'text', 'name': 'who', 'label': 'Name'}]
    """
    if suffix == ".toml":
        plain = read_source(_text(content, name), name, blocks=blocks)
        return plain.workbook, plain
    try:
        definition = get_xlsform(content, suffix)
    except PyXFormError as error:
        raise _explained(error, name, None, {}) from error
    except Exception as error:
        raise _stopped(error, name) from error
    return {part.name: getattr(definition, part.name) for part in dataclasses.fields(definition)}, None


def convert_sheets(sheets: Mapping[str, Any], name: str, plain: Source | None, warnings: list[str]) -> Any:
    r"""Let pyxform make an XForm of sheets.

    Parameters
    ----------
    sheets, plain
        As `read_sheets` returns them; left as they are.
    name
        What to call the form in messages.
    warnings
        Pyxform's are added.

    Returns
    -------
    pyxform.xls2xform.ConvertResult
        With ``xform`` and ``itemsets``.

    Raises
    ------
    CompileError
        Pyxform refuses it; says sheet and row where pyxform does.

    Examples
    --------
    >>> sheets, _ = read_sheets(b"survey,,,\n,type,name,label\n,text,who,Name", "form.csv", ".csv")
    >>> convert_sheets(sheets, "form", None, []).xform[:6]
    '<?xml '
    """
    try:
        # pyxform changes the sheets it is given, and they are still needed to explain its errors
        return convert(copy.deepcopy(dict(sheets)), warnings)
    except PyXFormError as error:
        raise _explained(error, name, plain, sheets) from error
    except Exception as error:
        raise _stopped(error, name) from error


def _stopped(error: Exception, name: str) -> CompileError:
    # a damaged workbook ends pyxform in errors of zlib, zipfile, xml or in bare ones: all mean the same here
    what = f"pyxform stopped with {type(error).__name__}: {error}"
    return CompileError(name, what, "compare the sheets with a form that compiles")


def validate_xform(xml: bytes, name: str = "form") -> list[str]:
    """Run ODK Validate on an XForm.

    Parameters
    ----------
    xml
        The XForm.
    name
        What to call it in messages.

    Returns
    -------
    list of str
        Warnings; empty when there are none.

    Raises
    ------
    ValidationError
        It is refused, or the validator did not come to an end.
    ValidatorMissingError
        No Java, or no ODK Validate beside pyxform.

    Examples
    --------
    >>> from survey_forms.catalogue import compiled
    >>> validate_xform(compiled("home_visit").xml)  # doctest: +SKIP
    []
    """
    if not odk_validate.install_exists():
        raise ValidatorMissingError(name, "pyxform came without ODK Validate", "install pyxform from its wheel again")
    with tempfile.TemporaryDirectory(prefix="ruhu-form-") as folder:
        path = Path(folder) / "form.xml"
        path.write_bytes(xml)
        try:
            said: list[str] = odk_validate.check_xform(str(path))
        except odk_validate.ODKValidateError as error:
            what = str(error).replace(folder, "").strip()
            raise ValidationError(name, what, "mend the question it names and compile again") from error
        except OSError as error:
            what = "ODK Validate needs Java, and there is none on the PATH"
            advice = "install a Java runtime (Debian: default-jre-headless), or compile without validation"
            raise ValidatorMissingError(name, what, advice) from error
    for message in said:
        # pyxform reports a validator that hung or died as a mere warning
        if not message.startswith(_WARNINGS):
            raise ValidationError(name, message, "run it again; if it repeats, the form is too large or Java too small")
    return [message.removeprefix(_WARNINGS).strip() for message in said]


def _content(source: Path | bytes | str, file_type: str | None) -> tuple[str, bytes, str]:
    if isinstance(source, str):
        return "form.toml", source.encode(), ".toml"
    if isinstance(source, Path):
        try:
            return source.name, source.read_bytes(), file_type or source.suffix.lower()
        except OSError as error:
            raise SourceError(str(source), f"cannot be read ({error.strerror})", "check the path") from error
    if file_type is None:
        raise SourceError("form", "bytes without file_type", 'say file_type=".xlsx" or whichever it is')
    return f"form{file_type}", source, file_type


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise SourceError(f"{name}, byte {error.start}", "not UTF-8", "save the file as UTF-8") from error


def _near_misses(workbook: Mapping[str, Any]) -> list[str]:
    """Columns that pyxform would drop without a word although they are plainly meant."""
    warnings = []
    for header in next(iter(workbook.get("survey_header") or ()), ()):
        column = "_".join(header.partition(":")[0].split()).lower()
        known = column in SURVEY_COLUMNS or column in survey_header
        near = difflib.get_close_matches(column, SURVEY_COLUMNS, n=1, cutoff=0.8)
        if near and not known:
            warnings.append(f"survey sheet: column {header!r} is not read; did you mean {near[0]!r}?")
    return warnings


def _explained(error: PyXFormError, name: str, plain: Source | None, sheets: Mapping[str, Any]) -> CompileError:
    """Say where pyxform stumbled: it counts rows of a sheet; a reader of the text wants the line."""
    advice = "mend it and compile again"
    message = str(error)
    found = _ROW.search(message)
    named = _SHEET.search(message)
    sheet = named[1] if named else "survey"
    rows = sheets.get(sheet) or []
    if found is None:
        # without a row the message quotes the name or type it stumbled over; of rows of one type, the first
        quoted = set(re.findall(r"'([^']+)'", message))
        places = [n for n, cells in enumerate(rows) if quoted & {cells.get("name"), cells.get("type")}]
        index = places[0] if len(places) == 1 or (places and "question type" in message) else -1
    else:
        # row 1 holds the column names
        index = int(found[1] or found[2]) - 2
    message = re.sub(r"^\[row : \d+\]\s*", "", message)
    if not 0 <= index < len(rows):
        row = 0 if found is None else index + 2
        where = f"{name}, row {row}" if row and plain is None else name
        return CompileError(where, message, advice, sheet=sheet if row else "", row=row)
    cells = rows[index]
    if plain is None:
        # an Excel form's reader sees the very row pyxform counts
        where = f"{name}, row {index + 2}"
    elif sheet == "choices":
        where = f"{plain.homes[cells['list_name']]}, [choices.{cells['list_name']}] {cells['name']}"
    elif sheet == "survey":
        where = f"{plain.places[index]} ({cells.get('name', cells.get('type', ''))})"
    else:
        where = f"{name}, [{sheet}]"
    return CompileError(where, message, advice, sheet=sheet, row=index + 2, cells=cells)


def _identity(xml: bytes, name: str) -> tuple[str, str, str]:
    try:
        root: Any = parse(xml)
    except XMLSyntaxError as error:
        advice = f'declare prefixes on the settings sheet, column namespaces: ruhu="{EVIDENCE}"'
        raise CompileError(name, f"the result is not XML: {error.msg}", advice) from error
    answers = next(root.iterfind("{*}head/{*}model/{*}instance/*"), None)
    if answers is None:
        raise CompileError(name, "no model with a first instance", "upload an XForm, or its XLSForm")
    title = root.findtext("{*}head/{*}title") or answers.get("id", "")
    return title.strip(), answers.get("id", ""), answers.get("version") or answers.get(f"{{{ORX}}}version") or ""
