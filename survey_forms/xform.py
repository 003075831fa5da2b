"""Reads an XForm (ODK's dialect) into a schema."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from survey_forms.errors import SchemaError
from survey_forms.hardened import (
    ENTITIES,
    EVIDENCE,
    MAX_DEPTH,
    ORX,
    XHTML,
    Element,
    XMLSyntaxError,
    depth,
    local,
    namespace,
    parse,
    serialise,
)
from survey_forms.media import media_files
from survey_forms.schema import Choice, FormSchema, Question, Repeat
from survey_forms.secrecy import SECRETS, secret_of_name
from survey_forms.wording import Wording

_CONTROLS: Final = {
    "input": None,
    "secret": None,
    "textarea": None,
    "select1": "select_one",
    "select": "select_multiple",
    "rank": "rank",
    "upload": "binary",
    "trigger": "trigger",
    "range": None,
}
_TYPES: Final = frozenset(
    {"string", "int", "decimal", "boolean", "date", "time", "dateTime"}
    | {"geopoint", "geotrace", "geoshape", "barcode", "binary"},
)
_ROLE: Final = re.compile(r"[a-z][a-z_]*\.[a-z][a-z0-9_]*")
_INSTANCE: Final = re.compile(r"instance\(\s*['\"]([^'\"]+)['\"]\s*\)")
_EVIDENCE: Final = f"{{{EVIDENCE}}}evidence"
_SECRET: Final = f"{{{EVIDENCE}}}secret"


def read_schema(xml: bytes) -> FormSchema:
    """Read an XForm.

    Parameters
    ----------
    xml
        The XForm's bytes, as compiled or as uploaded.

    Returns
    -------
    FormSchema
        Questions in the order of the answers.

    Raises
    ------
    SchemaError
        Not an XForm, no form id, or a breach of the evidence convention: a role not of the form
        ``record.field``, a role on a group or repeat, one kind of record spread over different repeats, or an
        unknown kind of secret.

    Notes
    -----
    ODK XForms specification, "Primary Instance", "Bindings", "Body elements"; OpenRosa XForms. Binds may be
    referred to by ``ref``, ``nodeset`` or ``bind``; paths that leave the primary instance are ignored.

    Examples
    --------
    >>> schema = read_schema(b'''<h:html xmlns:h="http://www.w3.org/1999/xhtml" xmlns="http://www.w3.org/2002/xforms">
    ... <h:head><h:title>Hello</h:title><model><instance><data id="hello" version="1"><age/></data></instance>
    ... <bind nodeset="/data/age" type="int" required="true()"/></model></h:head>
    ... <h:body><input ref="/data/age"><label>Age</label></input></h:body></h:html>''')
    >>> schema.form_id, [(q.path, q.type, q.required, q.label["default"]) for q in schema.questions]
    ('hello', [('/data/age', 'int', True, 'Age')])
    """
    try:
        root = parse(xml)
    except XMLSyntaxError as error:
        raise SchemaError("form", f"not XML: {error}", "compile the form again") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise SchemaError("form", "a document type declaration", "leave it out; no form needs one")
    if depth(root) > MAX_DEPTH:
        raise SchemaError("form", f"nested deeper than {MAX_DEPTH}", "flatten its groups")
    model = root.find("{*}head/{*}model")
    answers = None if model is None else next(iter(model.iterfind("{*}instance/*")), None)
    if namespace(root) != XHTML or model is None or answers is None:
        raise SchemaError("form", "no h:html with a model and a first instance", "upload an XForm, or its XLSForm")
    if not answers.get("id"):
        raise SchemaError(f"/{local(answers)}", "no form id", "set form_id on the settings sheet")
    return _Reader(root, model, answers).schema()


class _Reader:
    def __init__(self, root: Element, model: Element, answers: Element) -> None:
        self.root, self.model, self.answers = root, model, answers
        self.wording = Wording(model)
        self.binds: dict[str, Element] = {}
        self.named_binds: dict[str, str] = {}
        for bind in model.iterfind("{*}bind"):
            path = _absolute(bind.get("nodeset") or bind.get("ref") or "", f"/{local(answers)}")
            self.binds[path] = bind
            if bind.get("id"):
                self.named_binds[bind.get("id")] = path
        self.controls: dict[str, Element] = {}
        self.repeats: dict[str, Mapping[str, str]] = {}
        for body in root.iterfind("{*}body"):
            self.walk(body, f"/{local(answers)}")

    def walk(self, element: Element, context: str) -> None:
        """Note every control and repeat of the body, with the path each stands for."""
        for child in element:
            tag = local(child)
            path = self.path(child, context)
            if tag in _CONTROLS:
                self.controls[path] = child
            elif tag == "repeat":
                self.repeats[path] = self.wording.label(element)
                self.walk(child, path)
            elif tag == "group":
                self.walk(child, path)

    def path(self, element: Element, context: str) -> str:
        if element.get("bind"):
            return self.named_binds.get(element.get("bind"), context)
        return _absolute(element.get("nodeset") or element.get("ref") or "", context)

    def schema(self) -> FormSchema:
        name = f"/{local(self.answers)}"
        questions: dict[str, Question] = {}
        for path in _leaves(self.answers, name):
            if path not in questions and path not in self.repeats:
                questions[path] = self.question(path)
        repeats = tuple(Repeat(path, label, self.around(path)) for path, label in self.repeats.items())
        self.check_evidence(questions)
        meta = [element for element in self.answers if local(element) == "meta"]
        entities = [e for e in self.answers.iter("{*}entity") if namespace(e) in {ENTITIES, namespace(self.answers)}]
        return FormSchema(
            form_id=self.answers.get("id"),
            version=self.answers.get("version") or self.answers.get(f"{{{ORX}}}version") or "",
            title=(self.root.findtext("{*}head/{*}title") or "").strip(),
            languages=self.wording.languages,
            questions=tuple(questions.values()),
            repeats=repeats,
            media=media_files(self.root),
            audit=any(local(child) == "audit" for block in meta for child in block),
            encrypted=any(e.get("base64RsaPublicKey") for e in self.model.iterfind("{*}submission")),
            datasets=tuple(dict.fromkeys(e.get("dataset", "") for e in entities)),
            instance=serialise(self.answers),
        )

    def question(self, path: str) -> Question:
        bind = self.binds.get(path, {})
        control = self.controls.get(path)
        kind = (bind.get("type") or "string").rpartition(":")[2]
        if control is not None:
            kind = _CONTROLS[local(control)] or kind
        kind = kind if kind in _TYPES or kind in _CONTROLS.values() else "string"
        read_only = (bind.get("readonly") or "").strip() == "true()"
        return Question(
            path=path,
            type=kind,
            asked=control is not None and not read_only,
            label={} if control is None else self.wording.label(control),
            hint={} if control is None else self.wording.label(control, "hint"),
            required=(bind.get("required") or "false()").strip() not in {"false()", "false"},
            repeats=self.around(path),
            choices=None if control is None else self.choices(control),
            evidence=bind.get(_EVIDENCE),
            saved_to=bind.get(f"{{{ENTITIES}}}saveto"),
            media_type=None if control is None else control.get("mediatype"),
            secret=self.secret(path, bind, kind),
            shown_only=control is not None and kind == "string" and read_only and not bind.get("calculate"),
        )

    def secret(self, path: str, bind: Mapping[str, str] | Element, kind: str) -> str | None:
        """Kind of number it is: as the form says, else as its role or its name tells."""
        if (said := bind.get(_SECRET)) is not None:
            if said not in SECRETS:
                what = f"secret {said!r} is none of {', '.join(SECRETS)}"
                raise SchemaError(path, what, "see survey_forms/README.md, 'Numbers of persons'")
            return str(said)
        if kind not in {"string", "int", "decimal", "barcode"}:
            return None
        role = (bind.get(_EVIDENCE) or "").rpartition(".")[2]
        return secret_of_name(role) or secret_of_name(path.rpartition("/")[2])

    def around(self, path: str) -> tuple[str, ...]:
        return tuple(sorted((r for r in self.repeats if path.startswith(f"{r}/")), key=len))

    def choices(self, control: Element) -> tuple[Choice, ...] | None:
        if local(control) not in {"select", "select1", "rank"}:
            return None
        itemset = control.find("{*}itemset")
        if itemset is None:
            return tuple(
                Choice((item.findtext("{*}value") or "").strip(), self.wording.label(item))
                for item in control.iterfind("{*}item")
            )
        named = _INSTANCE.match((itemset.get("nodeset") or "").strip())
        found = [i for i in self.model.iterfind("{*}instance") if named and i.get("id") == named[1]]
        if not found or found[0].get("src"):
            return None
        value = itemset.find("{*}value")
        key = "name" if value is None else value.get("ref", "name")
        items = [item for item in found[0].iter("{*}item") if item.findtext(f"{{*}}{key}")]
        return tuple(Choice(item.findtext(f"{{*}}{key}").strip(), self.wording.item(item)) for item in items)

    def check_evidence(self, questions: Mapping[str, Question]) -> None:
        advice = "see survey_forms/README.md, 'The evidence convention'"
        places: dict[str, tuple[str, ...]] = {}
        for path, bind in self.binds.items():
            if bind.get(_EVIDENCE) is not None and path not in questions:
                what = f"evidence role {bind.get(_EVIDENCE)!r} stands on something that holds no answer"
                raise SchemaError(path, what, f"move it to the questions inside; {advice}")
        for path, question in questions.items():
            if question.evidence is None:
                continue
            if not _ROLE.fullmatch(question.evidence):
                what = f"evidence role {question.evidence!r} is not record.field in small Latin letters"
                raise SchemaError(path, what, advice)
            kind = question.evidence.partition(".")[0]
            if places.setdefault(kind, question.repeats) != question.repeats:
                what = f"the record {kind!r} has fields inside a repeat and outside of it"
                raise SchemaError(path, what, f"give one of them another record; {advice}")


def _absolute(reference: str, context: str) -> str:
    """Path of a reference without predicates, relative ones resolved against the context."""
    reference = re.sub(r"\[[^\]]*\]|\s", "", reference)
    if not reference:
        return context
    # a prefix in a path (orx:meta) is dropped: local names identify a node well enough here
    steps = [step.rpartition(":")[2] for step in reference.split("/")]
    if reference.startswith("/"):
        return "/".join(steps)
    path = context.split("/")
    for step in steps:
        if step == "..":
            path.pop()
        elif step not in {".", "current()", ""}:
            path.append(step)
    return "/".join(path)


def _leaves(element: Element, path: str) -> Iterator[str]:
    """Paths of elements without element children, ``meta`` blocks left out."""
    for child in element:
        if local(child) == "meta":
            continue
        here = f"{path}/{local(child)}"
        if len(child):
            yield from _leaves(child, here)
        else:
            yield here
