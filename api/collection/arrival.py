"""A submission on its way in: its bytes are kept, its answers read; nothing is in the tables yet."""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.orm import Session

from api.collection.blobs import Blob
from api.collection.forms import find_form, schema_of
from api.collection.households import county_of, household_code, village_code
from api.collection.refusals import UnknownForm, broken
from api.collection.tables import FormVersion
from api.people.access import Viewer
from api.people.roles import Permission
from survey_forms.errors import SubmissionRefused
from survey_forms.schema import FormSchema
from survey_forms.submission import Submission as Answers
from survey_forms.submission import read_submission


@dataclass(frozen=True, kw_only=True)
class ArrivedFile:
    """One file beside the answers; its bytes are kept already."""

    name: str
    blob: Blob
    media_type: str
    sent_name: str | None = None  # the phone's, where an operator gave it another


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A whole submission whose bytes are kept, on its way into the tables."""

    sender: Viewer
    form: FormVersion
    answers: Answers
    xml: Blob
    files: tuple[ArrivedFile, ...] = ()
    device_id: str = ""
    sent_sha256: str | None = None  # of the phone's own XML, where an operator's decision made another of it

    @cached_property
    def county_code(self) -> str:
        """The county it belongs to."""
        return county_of(self.sender, household_code(self.answers) or village_code(self.answers))


def understand(session: Session, xml: bytes, sender: Viewer) -> tuple[FormVersion, Answers]:
    """Read a submission's XML with the schema of its form; needs only a reading session.

    Raises
    ------
    BrokenXml
        It is not a whole submission.
    UnknownForm
        Its form, or this version of it, was never published where the sender works.
    """
    found: list[FormVersion] = []

    def schema(form_id: str, version: str) -> FormSchema:
        form = find_form(session, form_id, version, sender.areas(Permission.SUBMISSION_SEND))
        if form is None:
            raise UnknownForm(
                "服务器没有表格 {form_id} 的版本 {version}，请更新手机上的表格；已填的内容请保留并联系乡镇管理员",
                form_id=form_id[:64], version=version[:64] or "(空)",
            )  # fmt: skip
        found.append(form)
        return schema_of(session, form)

    try:
        answers = read_submission(xml, schema)
    except SubmissionRefused as fault:
        raise broken(fault) from fault
    return found[0], answers
