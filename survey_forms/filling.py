"""Answers to submission XML as a phone would write it: for the demo county and for tests."""

import copy
import datetime as dt
import difflib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from survey_forms.errors import FillError
from survey_forms.hardened import JAVAROSA, Element, local, parse, serialise
from survey_forms.identity import write_meta
from survey_forms.schema import FormSchema
from survey_forms.submission import EntityChange
from survey_forms.values import Place, Unreadable, read_value

_TEMPLATE: Final = f"{{{JAVAROSA}}}template"


def fill(
    schema: FormSchema,
    answers: Mapping[str, Any],
    *,
    instance_id: str,
    deprecated_id: str | None = None,
    instance_name: str | None = None,
    audit: str | None = None,
    entity: EntityChange | None = None,
    check: bool = True,
) -> bytes:
    """Submission XML of a filled form.

    Parameters
    ----------
    schema
        The form's.
    answers
        By question name, or by path where a name occurs twice. A repeat takes a list of such mappings.
        Values: str, int, bool, Decimal, date, time, date-time with offset, `Place`, file names, and
        sequences of choice names or places. None or a missing key leaves the question empty; groups do
        not show.
    instance_id
        ``uuid:…``.
    deprecated_id
        The submission this one replaces.
    instance_name
        What a phone would show it as.
    audit
        Name of the audit log, if one goes along.
    entity
        What is asked for of an entity list; nothing unless it is given.
    check
        Refuse what the schema could not read back; tests of bad answers turn it off.

    Returns
    -------
    bytes
        UTF-8 XML. The same answers give the same bytes.

    Raises
    ------
    FillError
        An unknown or ambiguous name, or a value the question cannot hold. Conditions, constraints and
        calculations of the form are not run: the caller answers as a phone would have.

    Examples
    --------
    >>> from survey_forms.catalogue import schema_of
    >>> from survey_forms.submission import read_submission
    >>> schema = schema_of("home_visit")
    >>> xml = fill(schema, {"outcome": "moved", "companions": ["villager"]}, instance_id="uuid:1")
    >>> read_submission(xml, schema).value("/data/companions")
    ('villager',)
    """
    root = parse(schema.instance)
    name = f"/{local(root)}"
    _Writer(schema, check=check).write(root, name, answers, "answers")
    written = {
        "instanceID": instance_id,
        "deprecatedID": deprecated_id,
        "instanceName": instance_name,
        "audit": audit,
    }
    write_meta(root, {tag: text for tag, text in written.items() if text is not None or tag == "audit"})
    for element in root.iter("{*}entity"):
        _ask(element, entity if entity and element.get("dataset") == entity.dataset else None)
    return serialise(root)


def _ask(element: Element, change: EntityChange | None) -> None:
    """Write what is asked for of an entity, as a phone's calculations would have."""
    asked: dict[str, object] = {"create": change and change.create, "update": change and change.update}
    asked = {name: int(bool(value)) for name, value in asked.items() if element.get(name) is not None}
    if change is not None:
        asked |= {"id": change.id, "baseVersion": change.base_version, "trunkVersion": change.trunk_version}
        asked["branchId"] = change.branch_id
    for name, value in asked.items():
        element.set(name, "" if value is None else str(value))


class _Writer:
    def __init__(self, schema: FormSchema, *, check: bool) -> None:
        self.schema, self.check = schema, check

    def write(self, element: Element, path: str, answers: Mapping[str, Any], where: str) -> None:
        """Fill one level: the form, or one row of a repeat."""
        places = dict(self.level(element, path))
        counts = Counter(here.rpartition("/")[2] for here in places)
        used = set()
        for here, nodes in places.items():
            name = here.rpartition("/")[2]
            key = here if here in answers else name
            if key not in answers:
                value = None
            elif key == name and counts[name] > 1:
                raise FillError(f"{where}[{key!r}]", "several questions have this name", f"use the path {here!r}")
            else:
                used.add(key)
                value = answers[key]
            if here in self.schema.repeat_paths:
                self.rows(nodes, here, value or [], f"{where}[{key!r}]")
            elif value is not None:
                self.put(nodes[0], here, value, f"{where}[{key!r}]")
        if unknown := sorted(set(answers) - used):
            near = difflib.get_close_matches(unknown[0], [*counts, *places], n=1)
            advice = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(sorted(counts))}"
            raise FillError(f"{where}[{unknown[0]!r}]", "the form has no such question here", advice)

    def level(self, element: Element, path: str) -> Iterator[tuple[str, list[Element]]]:
        """Questions and repeats of one level, groups opened, ``meta`` left out."""
        nodes: dict[str, list[Element]] = {}
        for child in element:
            nodes.setdefault(f"{path}/{local(child)}", []).append(child)
        for here, found in nodes.items():
            if here in self.schema.by_path or here in self.schema.repeat_paths:
                yield here, found
            elif local(found[0]) != "meta":
                yield from self.level(found[0], here)

    def rows(self, nodes: Sequence[Element], path: str, rows: Sequence[Mapping[str, Any]], where: str) -> None:
        prototype = copy.deepcopy(nodes[0])
        prototype.attrib.pop(_TEMPLATE, None)
        # the first row is moved on by lxml with its tail; indexes keep the order of the form
        parent, at = nodes[0].getparent(), nodes[0].getparent().index(nodes[0])
        for node in nodes:
            parent.remove(node)
        for number, row in enumerate(rows):
            filled = copy.deepcopy(prototype)
            self.write(filled, path, row, f"{where}[{number}]")
            parent.insert(at + number, filled)

    def put(self, node: Element, path: str, value: object, where: str) -> None:
        text = _written(value)
        if text is None:
            raise FillError(where, f"cannot write {value!r}", "see fill's values; a date-time needs its offset")
        if self.check and text.strip():
            try:
                read_value(self.schema.by_path[path], text)
            except Unreadable as error:
                raise FillError(where, str(error), "give what the question asks for") from error
        try:
            node.text = text
        except ValueError as error:
            raise FillError(where, "a character XML cannot carry", "leave control characters out") from error


def _written(value: object) -> str | None:
    """Text of a value as phones write it; None for what no question can hold."""
    text: str | None = None
    match value:
        case bool():
            text = "true" if value else "false"
        case str() | int() | Decimal():
            text = str(value)
        case dt.datetime():
            text = value.isoformat(timespec="milliseconds") if value.tzinfo else None
        case dt.date() | dt.time():
            text = value.isoformat()
        case Place():
            text = f"{value.latitude} {value.longitude}"
            if value.altitude_m is not None or value.accuracy_m is not None:
                text += f" {value.altitude_m or 0.0} {value.accuracy_m or 0.0}"
        case list() | tuple() if all(isinstance(part, Place) for part in value):
            text = ";".join(filter(None, map(_written, value)))
        case list() | tuple() if all(isinstance(part, str) for part in value):
            text = " ".join(map(str, value))
    return text
