"""What a form asks: questions, their types and words, their repeats, and what they mean as evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType


@dataclass(frozen=True)
class Choice:
    """One answer of a select question.

    Attributes
    ----------
    name : str
        What a submission carries.
    label : mapping of str to str
        Text per language code.
    """

    name: str
    label: Mapping[str, str]


@dataclass(frozen=True)
class Question:
    """One place in a form that can hold an answer, asked of a person or filled by the phone.

    Attributes
    ----------
    path : str
        Absolute path in the answers, such as ``/data/assets/asset_kind``.
    type : str
        ``string``, ``int``, ``decimal``, ``boolean``, ``date``, ``time``, ``dateTime``, ``geopoint``,
        ``geotrace``, ``geoshape``, ``barcode``, ``binary``, ``select_one``, ``select_multiple``, ``rank`` or
        ``trigger``.
        An unknown type is read as ``string``.
    asked : bool
        A person is asked; otherwise the phone fills it (start, calculations) or it is only shown (notes).
    label, hint : mapping of str to str
        Text per language code, empty when there is none. A reference reads ``${name}``.
    required : bool
        An answer is demanded, always or under a condition.
    repeats : tuple of str
        Paths of the repeats around it, outermost first.
    choices : tuple of Choice or None
        None when it is no select, or when the choices live outside the form (a file, a repeat).
    evidence : str or None
        Role ``record.field`` from ``ruhu:evidence``, see README.
    saved_to : str or None
        Property of the entity this answer updates.
    media_type : str or None
        ``image/*`` and the like, of questions that take a file.
    secret : str or None
        ``identity``, ``phone`` or ``card`` when the answer is such a number of a person, see README.
    shown_only : bool
        A note: it is read, it never holds an answer.
    """

    path: str
    type: str = "string"
    asked: bool = False
    label: Mapping[str, str] = field(default_factory=dict)
    hint: Mapping[str, str] = field(default_factory=dict)
    required: bool = False
    repeats: tuple[str, ...] = ()
    choices: tuple[Choice, ...] | None = None
    evidence: str | None = None
    saved_to: str | None = None
    media_type: str | None = None
    secret: str | None = None
    shown_only: bool = False

    @property
    def name(self) -> str:
        """Last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Repeat:
    """A part of the form that may be answered several times.

    Attributes
    ----------
    path : str
        Absolute path.
    label : mapping of str to str
        Text per language code.
    repeats : tuple of str
        Paths of the repeats around it, outermost first, without itself.
    """

    path: str
    label: Mapping[str, str]
    repeats: tuple[str, ...] = ()


@dataclass(frozen=True)
class FormSchema:
    """What a form asks.

    Attributes
    ----------
    form_id, version, title : str
        As the form says them; `version` is empty where a foreign form has none.
    languages : tuple of str
        Language codes, the default first; empty for a form in one unnamed language.
    questions : tuple of Question
        In the order of the form, without its ``meta`` block.
    repeats : tuple of Repeat
        In the order of the form.
    media : tuple of str
        Files the form itself needs on the phone (pictures, lists), by name.
    audit : bool
        It asks for ``audit.csv``.
    encrypted : bool
        Phones would encrypt the answers; such submissions are refused.
    datasets : tuple of str
        Entity lists it creates or updates.
    instance : bytes
        The empty answers as XML, for filling.
    """

    form_id: str
    version: str
    title: str
    languages: tuple[str, ...]
    questions: tuple[Question, ...]
    repeats: tuple[Repeat, ...]
    media: tuple[str, ...]
    audit: bool
    encrypted: bool
    datasets: tuple[str, ...]
    instance: bytes

    @cached_property
    def by_path(self) -> Mapping[str, Question]:
        """Questions by path."""
        return MappingProxyType({question.path: question for question in self.questions})

    @cached_property
    def repeat_paths(self) -> frozenset[str]:
        """Paths of all repeats."""
        return frozenset(repeat.path for repeat in self.repeats)

    @property
    def yields(self) -> tuple[str, ...]:
        """Kinds of evidence record the form declares, in the order of the form."""
        return tuple(dict.fromkeys(q.evidence.partition(".")[0] for q in self.questions if q.evidence))

    def with_evidence(self, role: str) -> tuple[Question, ...]:
        """Questions of one role, in the order of the form; empty when nobody has it."""
        return tuple(question for question in self.questions if question.evidence == role)
