"""Submission XML to answers, identity, file names and entities; or a refusal that says why."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from survey_forms.errors import ContradictoryInstanceId, Encrypted, NoInstanceId, NoRootId
from survey_forms.hardened import JAVAROSA, Element, local, namespace
from survey_forms.reception import open_xml
from survey_forms.schema import FormSchema, Question
from survey_forms.values import Unreadable, Value, read_value, safe_file_name

#: A form's answers take kilobytes, a thousand-row roster in Chinese one megabyte; two of junk cost two seconds.
MAX_BYTES: Final = 2_000_000
#: Finds the schema of a form by its id and version; what it raises goes through.
FindSchema = Callable[[str, str], FormSchema]
_LONGEST_ID: Final = 255
_LOOKS_LIKE_A_FILE: Final = re.compile(
    r"[^/\\]+\.(?:jpe?g|png|gif|webp|hei[cf]|bmp|tiff?|3gpp?|mp4|mov|webm|amr|aac|m4a|mp3|ogg|wav|pdf|csv|xlsx?|docx?|zip)",
    re.IGNORECASE,
)
_ENCRYPTED: Final = "http://www.opendatakit.org/xforms/encrypted"


@dataclass(frozen=True)
class Answer:
    """One answer that was given.

    Attributes
    ----------
    path : str
        Where it stands, such as ``/data/assets/asset_kind``.
    position : tuple of int
        Which row of each repeat around it, outermost first, from 0; empty outside of repeats.
    text : str
        Exactly what was sent.
    value : Value or None
        Typed, if a schema was given; None where the schema cannot read it; `text` without a schema.
    question : Question or None
        The question answered; None without a schema or where the schema has none.
    """

    path: str
    position: tuple[int, ...]
    text: str
    value: Value | None
    question: Question | None = None

    @property
    def name(self) -> str:
        """Last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Problem:
    """Something in an accepted submission that could not be understood.

    Attributes
    ----------
    path : str
        Where.
    position : tuple of int
        Which row of each repeat around it.
    text : str
        What was sent there.
    why : str
        For a person.
    """

    path: str
    position: tuple[int, ...]
    text: str
    why: str


@dataclass(frozen=True)
class EntityChange:
    """What a submission wants done to an entity (ODK XForms specification, "Entities").

    Attributes
    ----------
    dataset, id, label : str
        The list, the entity's UUID, its new label (empty when it stays).
    create, update : bool
        Both may be set: update, or create if there is none.
    base_version, trunk_version : int or None
        The version the phone had, and the last one it had from a server.
    branch_id : str
        Chain of offline changes on one phone; empty without.
    position : tuple of int
        Row of the repeats around it.
    path : str
        The part of the form it speaks of: the form itself, or the group or repeat its block stands in.
    properties : mapping of str to Answer
        What it is to become, by property: the readable answers of that part which the form saves to it
        (``entities:saveto``). What was left empty is not among them. Needs a schema.
    """

    dataset: str
    id: str
    label: str
    create: bool
    update: bool
    base_version: int | None
    trunk_version: int | None
    branch_id: str
    position: tuple[int, ...] = ()
    path: str = ""
    properties: Mapping[str, Answer] = field(default_factory=dict)


@dataclass(frozen=True)
class Submission:
    """One submission, as sent.

    Attributes
    ----------
    xml : bytes
        The bytes as received, untouched.
    form_id, version : str
        Of the form it answers; `version` may be empty.
    instance_id : str
        Its identity.
    deprecated_id : str or None
        The identity it replaces, if it is an edit.
    instance_name : str or None
        What the phone shows it as.
    answers : tuple of Answer
        What was answered, in the order sent; empty questions are left out.
    media : tuple of str
        Files that belong to it, without the audit log. With a schema exactly its file questions'; without one
        every answer that looks like a file name.
    audit : str or None
        Name of the audit log.
    entities : tuple of EntityChange
        What it changes.
    problems : tuple of Problem
        What could not be understood.
    """

    xml: bytes
    form_id: str
    version: str
    instance_id: str
    deprecated_id: str | None
    instance_name: str | None
    answers: tuple[Answer, ...]
    media: tuple[str, ...]
    audit: str | None
    entities: tuple[EntityChange, ...]
    problems: tuple[Problem, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that should arrive with it, the audit log included."""
        return (*self.media, self.audit) if self.audit else self.media

    @cached_property
    def sha256(self) -> str:
        """64 hex digits of `xml`: tells the same again from something else under the same name."""
        return hashlib.sha256(self.xml).hexdigest()

    def value(self, path: str, position: Sequence[int] = ()) -> Value | None:
        """Answer at a place, None when there is none."""
        here = tuple(position)
        return next((a.value for a in self.answers if a.path == path and a.position == here), None)

    def rows(self, repeat: str) -> list[dict[str, Value | None]]:
        """Answered rows of a repeat by question name, without the repeats inside it.

        Parameters
        ----------
        repeat
            The repeat's path.
        """
        depth = None
        rows: dict[tuple[int, ...], dict[str, Value | None]] = {}
        for answer in self.answers:
            if answer.path.startswith(f"{repeat}/"):
                depth = len(answer.position) if depth is None else min(depth, len(answer.position))
                rows.setdefault(answer.position, {})[answer.name] = answer.value
        return [row for position, row in rows.items() if len(position) == depth]

    def understood(self, schema: FormSchema) -> "Submission":
        """Read again, typed by the schema of its form.

        Raises
        ------
        ValueError
            The schema is another form's.
        """
        if schema.form_id != self.form_id:
            raise ValueError(f"answers to {self.form_id!r} read with the schema of {schema.form_id!r}")
        return read_submission(self.xml, schema, max_bytes=len(self.xml))


def read_submission(
    data: bytes, schema: FormSchema | FindSchema | None = None, *, max_bytes: int = MAX_BYTES
) -> Submission:
    """Read a submission.

    Parameters
    ----------
    data
        The bytes of ``xml_submission_file``.
    schema
        Of the form and version it answers, or what finds it by these two once the XML has proved whole. Without
        it answers stay texts, a repeat shows only where it has more than one row, and files are recognised by
        their look.
    max_bytes
        Larger ones are refused.

    Returns
    -------
    Submission
        Whole. What a schema cannot read is in `problems`, never an exception.

    Raises
    ------
    SubmissionRefused
        Its subclasses: `TooLarge`, `WrongEncoding`, `ForbiddenMarkup`, `CutOff`, `NotWellFormed`, `TooDeep`,
        `Encrypted`, `NoRootId`, `NoInstanceId`, `ContradictoryInstanceId`.

    Notes
    -----
    OpenRosa metadata schema (``meta/instanceID``, in any namespace); ODK XForms specification, "Submission".

    Examples
    --------
    >>> sent = read_submission(
    ...     b'<data id="hello" version="1"><age>41</age><meta><instanceID>uuid:1</instanceID></meta></data>')
    >>> sent.form_id, sent.instance_id, sent.value("/data/age")
    ('hello', 'uuid:1', '41')
    """
    root = open_xml(data, max_bytes)
    name = f"/{local(root)}"
    if root.get("encrypted") == "yes" or namespace(root) == _ENCRYPTED:
        raise Encrypted(name, "its answers are encrypted", "remove the public key from the form and fill it again")
    form_id = (root.get("id") or "").strip()
    if not form_id:
        raise NoRootId(name, "the root element has no id", "send the answers of a form")
    version = (root.get("version") or root.get("{http://openrosa.org/xforms}version") or "").strip()
    meta = [block for block in root if local(block) == "meta"]
    instance_id = _instance_id(meta, name)
    reader = _Reader(schema if schema is None or isinstance(schema, FormSchema) else schema(form_id, version))
    reader.walk(root, name, ())
    audit = _meta(meta, "audit")
    if audit and not safe_file_name(audit):
        reader.problems.append(Problem(f"{name}/meta/audit", (), audit, "not a plain file name"))
        audit = None
    return Submission(
        xml=data,
        form_id=form_id,
        version=version,
        instance_id=instance_id,
        deprecated_id=_meta(meta, "deprecatedID"),
        instance_name=_meta(meta, "instanceName"),
        answers=tuple(reader.answers),
        media=tuple(dict.fromkeys(reader.media())),
        audit=audit,
        entities=tuple(reader.changes()),
        problems=tuple(reader.problems),
    )


class _Reader:
    def __init__(self, schema: FormSchema | None) -> None:
        self.schema = schema
        self.answers: list[Answer] = []
        self.entities: list[EntityChange] = []
        self.scopes: set[tuple[str, tuple[int, ...]]] = set()  # parts of the form that speak of an entity
        self.problems: list[Problem] = []

    def walk(self, element: Element, path: str, position: tuple[int, ...]) -> None:
        if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
            text = "".join([element.text or "", *(child.tail or "" for child in element)]).strip()
            self.problems.append(Problem(path, position, text, "text between questions"))
        children = [child for child in element if child.get(f"{{{JAVAROSA}}}template") is None]
        counts = Counter(map(local, children))
        rows: dict[str, int] = {}
        for child in children:
            name = local(child)
            here = f"{path}/{name}"
            row = rows[name] = rows.get(name, -1) + 1
            if name == "meta":
                for entity in child.iter("{*}entity"):
                    self.scopes.add((path, position))
                    self.entity(entity, path, position)
            elif self.repeated(here, counts[name]):
                self.enter(child, here, (*position, row))
            else:
                if row == 1:
                    self.problems.append(Problem(here, position, "", "answered more than once outside of a repeat"))
                self.enter(child, here, position)

    def repeated(self, path: str, count: int) -> bool:
        return count > 1 if self.schema is None else path in self.schema.repeat_paths

    def enter(self, element: Element, path: str, position: tuple[int, ...]) -> None:
        if len(element):
            self.walk(element, path, position)
        elif (text := element.text or "").strip():
            self.answers.append(self.answer(path, position, text))

    def answer(self, path: str, position: tuple[int, ...], text: str) -> Answer:
        if self.schema is None:
            return Answer(path, position, text, text.strip())
        question = self.schema.by_path.get(path)
        if question is None:
            self.problems.append(Problem(path, position, text, "the form has no such question"))
            return Answer(path, position, text, None)
        try:
            return Answer(path, position, text, read_value(question, text), question)
        except Unreadable as error:
            self.problems.append(Problem(path, position, text, str(error)))
            return Answer(path, position, text, None, question)

    def media(self) -> Iterator[str]:
        for answer in self.answers:
            if isinstance(answer.value, str):
                if answer.question is not None:
                    named = answer.question.type == "binary"
                else:
                    named = bool(_LOOKS_LIKE_A_FILE.fullmatch(answer.value)) and safe_file_name(answer.value)
                if named:
                    yield answer.value

    def entity(self, element: Element, path: str, position: tuple[int, ...]) -> None:
        where = f"{path}/meta/entity"
        dataset, key = element.get("dataset") or "", element.get("id") or ""
        flags = [element.get(flag) in {"1", "true"} for flag in ("create", "update")]
        if not any(flags):
            # a condition in the form was not met: the block is there, nothing is asked for
            return
        if not dataset or not key:
            self.problems.append(Problem(where, position, key, "an entity without dataset or id"))
            return
        versions = []
        for attribute in ("baseVersion", "trunkVersion"):
            text = (element.get(attribute) or "").strip()
            if text and not re.fullmatch(r"[0-9]{1,9}", text):
                self.problems.append(Problem(f"{where}/@{attribute}", position, text, "not a version number"))
                text = ""
            versions.append(int(text) if text else None)
        label = (element.findtext("{*}label") or "").strip()
        branch = element.get("branchId") or ""
        self.entities.append(
            EntityChange(dataset, key, label, flags[0], flags[1], versions[0], versions[1], branch, position, path)
        )

    def changes(self) -> Iterator[EntityChange]:
        """Changes with what they are to become; an answer belongs to the innermost part that speaks of an entity."""
        found: dict[tuple[str, tuple[int, ...]], dict[str, Answer]] = {scope: {} for scope in self.scopes}
        depths = {path: len(position) for path, position in self.scopes}
        for answer in self.answers if self.scopes else ():
            if answer.value is None or answer.question is None or answer.question.saved_to is None:
                continue
            part = answer.path
            while part and part not in depths:
                part = part.rpartition("/")[0]
            properties = found.get((part, answer.position[: depths.get(part, 0)]))
            if properties is not None:
                properties[answer.question.saved_to] = answer
        for change in self.entities:
            yield replace(change, properties=found[change.path, change.position])


def _meta(blocks: list[Element], name: str) -> str | None:
    """Text of the first child of that name, None when it is empty or missing."""
    found = (child for block in blocks for child in block if local(child) == name)
    return next((text for child in found if (text := (child.text or "").strip())), None)


def _instance_id(blocks: list[Element], name: str) -> str:
    where = f"{name}/meta/instanceID"
    children = (child for block in blocks for child in block if local(child) == "instanceID")
    found = {(child.text or "").strip() for child in children} - {""}
    if not found:
        raise NoInstanceId(where, "no instanceID", "send the answers as the form made them, with their meta block")
    if len(found) > 1:
        raise ContradictoryInstanceId(where, "more than one instanceID", "send each visit by itself")
    instance_id = found.pop()
    if len(instance_id) > _LONGEST_ID:
        raise NoInstanceId(where, f"an instanceID longer than {_LONGEST_ID} characters", "use uuid: and a UUID")
    return instance_id
