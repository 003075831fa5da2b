"""Mend damaged answers by hand: the mended ones are kept beside those of the phone, with who and why."""

from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from api.collection.blobs import Blobs
from api.collection.quarantine.decide import Kind, check_why, offered, original_xml, present_xml, read_kept, write_down
from api.collection.quarantine.reading import find_kept_aside
from api.collection.refusals import MENDED, broken
from api.collection.tables import QuarantineAct, Quarantined
from api.people.access import Viewer
from api.problems import Conflict, Invalid
from survey_forms.errors import SubmissionRefused
from survey_forms.mending import propose_mended
from survey_forms.submission import read_submission


class StillBroken(Invalid):
    """Mended answers that are no whole submission either; `where` is the place of the fault."""


def mend(
    session: Session, viewer: Viewer, quarantined_id: UUID, xml: bytes, why: str, *, blobs: Blobs
) -> QuarantineAct:
    """Keep mended answers of a refused posting; it then waits to be released.

    Raises
    ------
    StillBroken
        If they are not whole: it says where and what.
    Conflict
        If the answers of this posting are not damaged.
    """
    why = check_why(why)
    row = find_kept_aside(session, viewer, quarantined_id, hold=True)
    if Kind.REPAIR not in offered(row):
        raise Conflict("这条留存记录的答卷没有损坏，不需要修复", where="quarantined_id")
    check_whole(xml)
    blob = blobs.put(xml)
    row.stands_for = MENDED
    act = QuarantineAct(kind=Kind.REPAIR, why=why, xml_sha256=blob.sha256, xml_bytes=blob.size)
    return write_down(session, viewer, row, act)


def check_whole(xml: bytes) -> None:
    """Refuse what is not a whole submission.

    Raises
    ------
    StillBroken
        With the place of the fault.
    """
    try:
        read_submission(xml)
    except SubmissionRefused as fault:
        raise StillBroken(
            "修复后的答卷仍有问题：{problem} ({what})",
            where=fault.where,
            problem=broken(fault).message,
            what=fault.what,
        ) from fault


def proposal(row: Quarantined, blobs: Blobs) -> str:
    """Return what to begin mending with: what was mended last, or a proposal made of what came, or what came."""
    present, sent = present_xml(row), original_xml(row)
    data = read_kept(blobs, present)
    if present == sent:
        data = propose_mended(data, instance_id=f"uuid:{uuid5(row.id, row.content_sha256)}") or data
    text = data.decode("utf-8", errors="replace").replace("\0", "")
    return text.replace("><", ">\n<")  # one element a line: phones write them all into one
