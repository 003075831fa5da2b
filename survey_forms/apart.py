"""Compile a form in a process of its own, within time and memory: a file from outside may be made to hurt."""

import base64
import contextlib
import dataclasses
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from survey_forms.compiled import CompiledForm
from survey_forms.errors import CompileError, FormError, SchemaError, SourceError, TooHeavyError

SECONDS: Final = 60  # the longest of our own forms takes two
MEMORY_BYTES: Final = 1_500_000_000
MOST_ROWS: Final = 50_000  # of all sheets; a county has some thousand villages and households of a township
MOST_XML_BYTES: Final = 8_000_000  # a phone of 2 GB opens half of that slowly
MOST_QUESTIONS: Final = 3_000
_BINDS: Final = re.compile(rb"<(?:[\w.-]+:)?bind[\s/>]")
_ROOT: Final = Path(__file__).resolve().parents[1]
_REFUSALS: Final = {kind.slug: kind for kind in (CompileError, SchemaError, SourceError, TooHeavyError)}


@dataclass(frozen=True)
class Row:
    """One row of the survey sheet, for pointing at it.

    Attributes
    ----------
    row : int
        As Excel counts.
    cells : mapping of str to str
        What stands there, by column.
    """

    row: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Compilation:
    """What came of compiling a form apart.

    Attributes
    ----------
    form : CompiledForm or None
        None when it was refused.
    refusals : tuple of FormError
        Every slip that was found; empty when it compiled.
    rows : tuple of Row
        The survey sheet; empty for an XForm, and where it could not be read.
    """

    form: CompiledForm | None
    refusals: tuple[FormError, ...]
    rows: tuple[Row, ...]


def compile_apart(
    content: bytes, file_type: str, *, seconds: int = SECONDS, memory_bytes: int = MEMORY_BYTES
) -> Compilation:
    """Compile a form in another process, which is ended when it takes too much.

    Parameters
    ----------
    content
        The file's bytes.
    file_type
        As for `survey_forms.compile.compile_form`.
    seconds
        Time it may take.
    memory_bytes
        Address space it may use; not kept where the system cannot limit it (macOS).

    Returns
    -------
    Compilation
        A form that can be read back (`survey_forms.xform.read_schema`), or what is wrong with it.

    Examples
    --------
    >>> compile_apart(b"<nothing/>", ".xml").refusals[0].slug
    'form-compile'
    """
    order = json.dumps({"file_type": file_type, "seconds": seconds, "memory_bytes": memory_bytes}).encode() + b"\n"
    heavy = TooHeavyError("form", "it takes too much time or memory", "shorten its lists and calculations")
    try:
        done = subprocess.run(
            [sys.executable, "-B", "-m", "survey_forms.apart"],
            input=order + content,
            capture_output=True,
            timeout=seconds + 5,
            check=False,
            cwd=_ROOT,
        )
    except subprocess.TimeoutExpired:
        return Compilation(None, (heavy,), ())
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        # ended by a limit before it could answer
        return Compilation(None, (heavy,), ())
    return _compilation(answer)


def _compilation(answer: dict[str, Any]) -> Compilation:
    rows = tuple(Row(row, cells) for row, cells in answer["rows"])
    if answer["form"] is None:
        return Compilation(None, tuple(_refusal(**told) for told in answer["refusals"]), rows)
    told = answer["form"]
    itemsets = told["itemsets"]
    form = CompiledForm(
        **told
        | {
            "xml": base64.b64decode(told["xml"]),
            "warnings": tuple(told["warnings"]),
            "itemsets": None if itemsets is None else base64.b64decode(itemsets),
        }
    )
    return Compilation(form, (), rows)


def _refusal(slug: str, where: str, what: str, advice: str, **more: Any) -> FormError:
    kind = _REFUSALS.get(slug, CompileError)
    return kind(where, what, advice, **more)


# What follows runs in the other process.


def _limit(seconds: int, memory_bytes: int) -> None:
    import resource  # noqa: PLC0415 - Unix has it, and nothing else here needs it

    for what, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))
    os.nice(10)  # phones come first


def _answer(content: bytes, file_type: str) -> dict[str, Any]:
    from survey_forms.compile import compile_form, read_sheets  # noqa: PLC0415 - heavy, and only for this process
    from survey_forms.slips import slips  # noqa: PLC0415 - the same
    from survey_forms.xform import read_schema  # noqa: PLC0415 - the same

    rows: list[tuple[int, dict[str, str]]] = []
    try:
        if file_type != ".xml":
            sheets, _ = read_sheets(content, f"form{file_type}", file_type)
            _refuse_many(sum(len(sheet) for sheet in sheets.values() if isinstance(sheet, list)), MOST_ROWS, "rows")
            survey = enumerate(sheets.get("survey") or (), start=2)
            rows = [(number, {key: str(text)[:200] for key, text in cells.items()}) for number, cells in survey]
        form = compile_form(content, file_type=file_type)
        _refuse_many(len(form.xml), MOST_XML_BYTES, "bytes of XForm")
        _refuse_many(len(_BINDS.findall(form.xml)), MOST_QUESTIONS, "questions")
        read_schema(form.xml)
    except FormError as refusal:
        if isinstance(refusal.__cause__, MemoryError):
            raise refusal.__cause__ from None
        found = slips(content, file_type) if rows and isinstance(refusal, CompileError) else ()
        return {"form": None, "refusals": [_told(one) for one in found or (refusal,)], "rows": rows}
    told = {field.name: getattr(form, field.name) for field in dataclasses.fields(form)}
    told["xml"] = base64.b64encode(form.xml).decode()
    told["itemsets"] = None if form.itemsets is None else base64.b64encode(form.itemsets).decode()
    return {"form": told, "refusals": [], "rows": rows}


def _refuse_many(found: int, most: int, of_what: str) -> None:
    if found > most:
        raise TooHeavyError("form", f"{found} {of_what}, the most is {most}", "split it into two forms")


def _told(refusal: FormError) -> dict[str, Any]:
    told = {"slug": refusal.slug, "where": refusal.where, "what": refusal.what, "advice": refusal.advice}
    if isinstance(refusal, CompileError):
        cells = {str(key): str(text)[:200] for key, text in refusal.cells.items()}
        return told | {"sheet": refusal.sheet, "row": refusal.row, "cells": cells}
    return told


def _main(given: BinaryIO) -> None:
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints is no answer
    order = json.loads(given.readline())
    _limit(order["seconds"], order["memory_bytes"])
    try:
        answer = _answer(given.read(), order["file_type"])
    except (MemoryError, RecursionError) as error:
        told = {"slug": TooHeavyError.slug, "where": "form", "what": type(error).__name__, "advice": "shorten it"}
        answer = {"form": None, "refusals": [told], "rows": []}
    with out:
        json.dump(answer, out)


if __name__ == "__main__":
    _main(sys.stdin.buffer)
