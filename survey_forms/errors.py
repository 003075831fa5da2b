"""Every way a form or a submission is refused: one class each, saying where, what, and what to do."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar


class Refused(ValueError):  # noqa: N818 - the word of the field: a form or submission is refused
    """Something cannot be accepted.

    Parameters
    ----------
    where
        The place: a file and line, a path inside the form, a byte position.
    what
        What is wrong there.
    advice
        What the reader can do about it.

    Attributes
    ----------
    slug : str
        A stable name of the refusal for programs and translations.

    Examples
    --------
    >>> raise NoRootId("<data>", "the root element has no id", "send a form's answers")
    Traceback (most recent call last):
    survey_forms.errors.NoRootId: <data>: the root element has no id; send a form's answers
    """

    slug: ClassVar[str] = "refused"

    def __init__(self, where: str, what: str, advice: str) -> None:
        super().__init__(where, what, advice)
        self.where = where
        self.what = what
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.advice}"


class FormError(Refused):
    """A form cannot be read, compiled, understood or filled."""

    slug = "form-error"


class SourceError(FormError):
    """The plain-text source is not what the format asks for."""

    slug = "form-source"


class CompileError(FormError):
    """Pyxform cannot make an XForm of the source.

    Parameters
    ----------
    where, what, advice
        As in `Refused`.
    sheet, row, cells
        The row of a sheet where it stumbled, counted as Excel does, and what stands there; empty, 0 and empty where
        pyxform does not say.

    Examples
    --------
    >>> CompileError("form.xlsx, row 3", "no name", "name it", sheet="survey", row=3, cells={"type": "text"}).row
    3
    """

    slug = "form-compile"

    def __init__(
        self, where: str, what: str, advice: str, *, sheet: str = "", row: int = 0,
        cells: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        super().__init__(where, what, advice)
        self.sheet = sheet
        self.row = row
        self.cells = dict(cells)


class TooHeavyError(FormError):
    """Compiling took more time or memory than a form may."""

    slug = "form-too-heavy"


class ValidationError(FormError):
    """ODK Validate, which reads a form as Collect would, refuses the XForm."""

    slug = "form-validation"


class ValidatorMissingError(FormError):
    """ODK Validate was asked for and cannot run here."""

    slug = "form-validator-missing"


class SchemaError(FormError):
    """The XForm cannot be read back, or breaks the evidence convention."""

    slug = "form-schema"


class FillError(FormError):
    """Answers do not fit the form they are to be filled into."""

    slug = "form-fill"


class SubmissionRefused(Refused):
    """What a phone sent cannot be taken as a submission."""

    slug = "submission-refused"


class TooLarge(SubmissionRefused):
    """More bytes than allowed."""

    slug = "submission-too-large"


class WrongEncoding(SubmissionRefused):
    """Not UTF-8, or declared to be something else."""

    slug = "submission-encoding"


class NotWellFormed(SubmissionRefused):
    """Not XML."""

    slug = "submission-not-well-formed"


class CutOff(NotWellFormed):
    """The beginning of XML without its end: the connection or the disk gave up."""

    slug = "submission-cut-off"


class ForbiddenMarkup(SubmissionRefused):
    """A document type declaration, the door to entity attacks; no phone sends one."""

    slug = "submission-forbidden-markup"


class TooDeep(SubmissionRefused):
    """Nested deeper than any form."""

    slug = "submission-too-deep"


class NoRootId(SubmissionRefused):
    """The root does not say of which form these are the answers."""

    slug = "submission-no-form-id"


class NoInstanceId(SubmissionRefused):
    """Without an instanceID a second sending could not be told from a second visit."""

    slug = "submission-no-instance-id"


class ContradictoryInstanceId(SubmissionRefused):
    """Two different identities in one submission."""

    slug = "submission-two-instance-ids"


class Encrypted(SubmissionRefused):
    """The manifest of an encrypted form: its answers could not be read here."""

    slug = "submission-encrypted"
