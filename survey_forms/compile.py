"""XLSForm to XForm through pyxform: the exact bytes phones will get, and their hash."""

import copy
import dataclasses
import difflib
import hashlib
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pyxform.aliases import survey_header
from pyxform.errors import PyXFormError
from pyxform.validators import odk_validate
from pyxform.xls2json_backends import get_xlsform
from pyxform.xls2xform import convert

from survey_forms.blocks import HOUSE
from survey_forms.errors import CompileError, SourceError, ValidationError, ValidatorMissingError
from survey_forms.hardened import EVIDENCE, XMLSyntaxError, parse
from survey_forms.source import SURVEY_COLUMNS, Source, read_source

_ROW: Final = re.compile(r"\[row : (\d+)\]\s*|\brow (\d+)\b", re.IGNORECASE)
_WARNINGS: Final = "ODK Validate Warnings:\n"


@dataclass(frozen=True)
class CompiledForm:
    """A form as phones get it.

    Attributes
    ----------
    form_id, version, title : str
        As the form says them. `version` is never empty.
    xml : bytes
        The XForm, UTF-8. The same source gives the same bytes in every process.
    hash : str
        ``md5:`` and 32 hex digits of `xml`: what OpenRosa's form list carries.
    sha256 : str
        64 hex digits of `xml`: what evidence refers to.
    warnings : tuple of str
        What pyxform, and ODK Validate when it ran, would change.
    itemsets : bytes or None
        The file ``itemsets.csv`` the form needs beside it, if it uses external choices.
    """

    form_id: str
    version: str
    title: str
    xml: bytes
    hash: str
    sha256: str
    warnings: tuple[str, ...]
    itemsets: bytes | None


def compile_form(source: Path | bytes | str, *, file_type: str | None = None, validate: bool = False) -> CompiledForm:
    """Compile a form.

    Parameters
    ----------
    source
        A file (``.toml`` as in ``sources``, or ``.xlsx``, ``.xls``, ``.csv``, ``.md`` as pyxform reads them),
        or its content; a `str` is the content of a ``.toml``.
    file_type
        Needed with `bytes`: ``".toml"``, ``".xlsx"``, ``".xls"``, ``".csv"`` or ``".md"``.
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
    plain: Source | None = None
    if suffix == ".toml":
        own = source.parent / "blocks" if isinstance(source, Path) else HOUSE
        plain = read_source(_text(content, name), name, blocks=own if own.is_dir() else HOUSE)
    warnings: list[str] = []
    try:
        workbook = plain.workbook if plain else _sheets(content, suffix)
        warnings += _near_misses(workbook)
        # pyxform changes the sheets it is given, and they are still needed to explain its errors
        result = convert(copy.deepcopy(workbook), warnings)
    except PyXFormError as error:
        raise _explained(str(error), name, plain) from error
    except Exception as error:
        # a damaged workbook ends pyxform in errors of zlib, zipfile, xml or in bare ones: all mean the same here
        what = f"pyxform stopped with {type(error).__name__}: {error}"
        raise CompileError(name, what, "compare the sheets with a form that compiles") from error
    xml = result.xform.encode()
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
        itemsets=None if result.itemsets is None else result.itemsets.encode(),
    )


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


def _sheets(content: bytes, suffix: str) -> dict[str, Any]:
    definition = get_xlsform(content, suffix)
    return {part.name: getattr(definition, part.name) for part in dataclasses.fields(definition)}


def _near_misses(workbook: dict[str, Any]) -> list[str]:
    """Columns that pyxform would drop without a word although they are plainly meant."""
    warnings = []
    for header in next(iter(workbook.get("survey_header") or ()), ()):
        column = "_".join(header.partition(":")[0].split()).lower()
        known = column in SURVEY_COLUMNS or column in survey_header
        near = difflib.get_close_matches(column, SURVEY_COLUMNS, n=1, cutoff=0.8)
        if near and not known:
            warnings.append(f"survey sheet: column {header!r} is not read; did you mean {near[0]!r}?")
    return warnings


def _explained(message: str, name: str, plain: Source | None) -> CompileError:
    """Pyxform counts rows of a sheet; a reader of the text wants the line."""
    advice = "mend it and compile again"
    found = _ROW.search(message)
    row = int(found[1] or found[2]) if found else None
    if plain is None:
        # an Excel form's reader sees the very row pyxform counts
        return CompileError(name if row is None else f"{name}, row {row}", message, advice)
    sheet = "choices" if "'choices' sheet" in message else "survey"
    message = re.sub(r"^\[row : \d+\]\s*", "", message)
    rows = plain.workbook.get(sheet, [])
    if row is None:
        # without a row the message quotes the name or type it stumbled over
        quoted = set(re.findall(r"'([^']+)'", message))
        places = [n for n, cells in enumerate(rows) if quoted & {cells.get("name"), cells.get("type")}]
        index = places[0] if len(places) == 1 else -1
    else:
        # row 1 holds the column names
        index = row - 2
    if not 0 <= index < len(rows):
        return CompileError(name, message, advice)
    if sheet == "choices":
        list_name = rows[index]["list_name"]
        return CompileError(f"{plain.homes[list_name]}, [choices.{list_name}] {rows[index]['name']}", message, advice)
    called = rows[index].get("name", rows[index].get("type", ""))
    return CompileError(f"{plain.places[index]} ({called})", message, advice)


def _identity(xml: bytes, name: str) -> tuple[str, str, str]:
    try:
        root: Any = parse(xml)
    except XMLSyntaxError as error:
        advice = f'declare prefixes on the settings sheet, column namespaces: ruhu="{EVIDENCE}"'
        raise CompileError(name, f"the result is not XML: {error.msg}", advice) from error
    title = root.findtext("{*}head/{*}title", default="")
    answers = root.find("{*}head/{*}model/{*}instance")[0]
    return title, answers.get("id", ""), answers.get("version", "")
