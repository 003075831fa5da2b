"""Decide about a refused posting: try it again as its sender would, take it in another shape, put it aside."""

from dataclasses import replace
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any, Final
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.arrival import Arrival, ArrivedFile, understand
from api.collection.blobs import Blob, Blobs
from api.collection.derive import Workshop, files_of
from api.collection.posting import XML_PART
from api.collection.quarantine.reading import find_kept_aside
from api.collection.receive import find_version, hold, receive
from api.collection.refusals import MENDED, KeptAside, NoXml
from api.collection.tables import QuarantineAct, Quarantined, Submission
from api.people.access import Viewer
from api.people.accounts import viewer_of
from api.people.audit import record
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import Conflict, Invalid, NotFound
from survey_forms.identity import with_identity

SHORTEST_WHY: Final = 4  # characters: 已核对 is too little to be read in a year's time
LONGEST_WHY: Final = 200


class Kind(StrEnum):
    """What an operator may do; each a row of `QuarantineAct` with its reason."""

    RELEASE = "release"
    AS_EDIT = "as_edit"
    AS_SEPARATE = "as_separate"
    BESIDE = "beside"
    REPAIR = "repair"
    DISCARD = "discard"
    REOPEN = "reopen"


# What makes sense for each reason, beside discarding it; what is not named here has damaged answers.
_SHAPES: Final = {
    "unknown-form": (Kind.RELEASE,),
    "form-closed": (Kind.RELEASE,),
    MENDED: (Kind.RELEASE, Kind.REPAIR),
    "other-xml": (Kind.AS_EDIT, Kind.AS_SEPARATE),
    "old-edit": (Kind.AS_EDIT, Kind.AS_SEPARATE),
    "foreign-edit": (Kind.AS_SEPARATE,),
    "other-file": (Kind.BESIDE,),
    "no-xml": (),
    "quota": (),
    "encrypted": (),
    "too-large": (),
}


def offered(row: Quarantined) -> tuple[Kind, ...]:
    """Return what an operator may do with a posting as it stands."""
    if row.state == "released":
        return ()
    if row.state == "discarded":
        return (Kind.REOPEN,)
    return (*_SHAPES.get(row.stands_for, (Kind.REPAIR,)), Kind.DISCARD)


def decide(
    session: Session, viewer: Viewer, quarantined_id: UUID, kind: Kind, why: str, *, workshop: Workshop
) -> QuarantineAct:
    """Do one thing to a refused posting and write down who did it and why.

    A posting goes in by the very way of a phone, as its first sender; what refuses it again is written down too, and
    it stays. Once it is in, or put aside, the same again changes nothing. Two who bring the same submission at once:
    the later flush raises ``IntegrityError``; roll back and call again.

    Parameters
    ----------
    why
        The operator's own words, for the log.

    Returns
    -------
    QuarantineAct
        What was done, with its outcome; the earlier act if it was done already.

    Raises
    ------
    Conflict
        If this kind of decision does not fit the posting.
    """
    why = check_why(why)
    row = find_kept_aside(session, viewer, quarantined_id, hold=True)
    if (done := _done_already(row, kind)) is not None:
        return done
    if kind not in offered(row) or kind is Kind.REPAIR:
        raise Conflict("这条留存记录现在不能这样处理，请刷新页面后按页面提示操作", where="kind")
    if kind is Kind.DISCARD:
        row.state = "discarded"
        act = QuarantineAct(kind=kind, why=why)
    elif kind is Kind.REOPEN:
        row.state = "open"
        act = QuarantineAct(kind=kind, why=why)
    else:
        act = _try_in(session, row, kind, workshop)
        act.why = why
    return write_down(session, viewer, row, act)


def write_down(session: Session, viewer: Viewer, row: Quarantined, act: QuarantineAct) -> QuarantineAct:
    """Add an act to its posting and to the audit log."""
    act.county_code, act.quarantined_id, act.by_id = row.county_code, row.id, viewer.account_id
    row.acts.append(act)
    session.flush()
    record(
        session, viewer, f"quarantine.{act.kind}", "quarantined", row.id, division_code=row.county_code,
        why=act.why, reason=row.reason, outcome=act.outcome, content_sha256=row.content_sha256,
        **({"refused_for": act.refused_for} if act.refused_for else {}),
        **({"xml_sha256": act.xml_sha256} if act.xml_sha256 else {}),
        **({"submission_id": str(row.submission_id)} if row.submission_id else {}),
    )  # fmt: skip
    return act


def check_why(why: str) -> str:
    """Return the operator's reason without spaces at its ends.

    Raises
    ------
    Invalid
        If it says nothing, or too much.
    """
    why = why.strip()
    if not SHORTEST_WHY <= len(why) <= LONGEST_WHY:
        raise Invalid(
            "请用 {least} 到 {most} 个字说明处理理由，理由会写入日志", where="why", least=SHORTEST_WHY, most=LONGEST_WHY
        )
    return why


def present_xml(row: Quarantined) -> Blob:
    """Return the answers as they stand: mended last, or as the phone sent them.

    Raises
    ------
    NoXml
        If none came.
    """
    mended = [act for act in row.acts if act.kind == Kind.REPAIR and act.xml_sha256]
    if mended:
        return Blob(str(mended[-1].xml_sha256), mended[-1].xml_bytes or 0)
    return original_xml(row)


def original_xml(row: Quarantined) -> Blob:
    """Return the answers as the phone sent them.

    Raises
    ------
    NoXml
        If none came.
    """
    found = next((file for file in row.files if file["name"] == XML_PART), None)
    if found is None:
        raise NoXml("没有收到答卷 (xml_submission_file), 请重新发送整份记录")
    return Blob(found["sha256"], found["bytes"])


def read_kept(blobs: Blobs, blob: Blob) -> bytes:
    """Return kept bytes.

    Raises
    ------
    NotFound
        If they are gone.
    """
    try:
        return blobs.read(blob.sha256)
    except FileNotFoundError:
        raise NotFound("文件 {name} 不在这台服务器上，请联系管理员", name=XML_PART) from None


def _done_already(row: Quarantined, kind: Kind) -> QuarantineAct | None:
    """Return what put the posting where it is, when it is asked for once more."""
    if row.state == "released" and kind not in {Kind.DISCARD, Kind.REOPEN, Kind.REPAIR}:
        return next(act for act in reversed(row.acts) if act.outcome not in {"done", "refused"})
    if row.state == "discarded" and kind is Kind.DISCARD:
        return next(act for act in reversed(row.acts) if act.kind == Kind.DISCARD)
    return None


def _try_in(session: Session, row: Quarantined, kind: Kind, workshop: Workshop) -> QuarantineAct:
    details: dict[str, Any] = {}
    try:
        with session.begin_nested():  # what is refused half-way leaves nothing
            arrival = _arrival(session, row, workshop.blobs)
            if kind in {Kind.AS_EDIT, Kind.AS_SEPARATE}:
                arrival, details = _under_another_identity(session, row, kind, arrival, workshop.blobs)
            elif kind is Kind.BESIDE:
                arrival, details = _under_other_names(session, arrival)
            outcome, submission = receive(session, arrival, workshop.derivers)
    except KeptAside as refusal:
        row.stands_for = refusal.reason
        return QuarantineAct(
            kind=kind, outcome="refused", refused_for=refusal.reason, message=str(refusal), details=details
        )
    row.state, row.submission_id = "released", submission.id
    return QuarantineAct(
        kind=kind, outcome=outcome.name.lower(), details={**details, "instance_id": arrival.answers.instance_id}
    )


def _arrival(session: Session, row: Quarantined, blobs: Blobs) -> Arrival:
    """Put the posting together as it was sent, the answers mended if somebody has mended them."""
    sent, present = original_xml(row), present_xml(row)
    sender = _sender(session, row)
    form, answers = understand(session, read_kept(blobs, present), sender)
    return Arrival(
        sender=sender,
        form=form,
        answers=answers,
        xml=present,
        files=tuple(
            ArrivedFile(name=file["name"], blob=Blob(file["sha256"], file["bytes"]), media_type=file["media_type"])
            for file in row.files
            if file["name"] != XML_PART
        ),
        device_id=row.device_id,
        sent_sha256=sent.sha256 if present != sent else None,
    )


def _sender(session: Session, row: Quarantined) -> Viewer:
    account = session.get_one(Account, row.account_id)
    found = viewer_of(account, token_id=row.token_id)
    if not found.may(Permission.SUBMISSION_SEND, row.area_code):
        raise Conflict(
            "{name} 现在没有区划 {code} 的上报权限，请先恢复其角色再接收", name=account.display_name, code=row.area_code
        )
    return found


def _under_another_identity(
    session: Session, row: Quarantined, kind: Kind, arrival: Arrival, blobs: Blobs
) -> tuple[Arrival, dict[str, Any]]:
    """Give answers whose place is taken an identity of their own: as the newest edit, or as a record beside."""
    known = find_version(session, arrival.county_code, arrival.answers.instance_id)
    instance_id = arrival.answers.instance_id if known is None else f"uuid:{uuid5(row.id, row.content_sha256)}"
    replaces: str | None = None
    if kind is Kind.AS_EDIT:
        target = known
        if target is None and arrival.answers.deprecated_id is not None:
            target = find_version(session, arrival.county_code, arrival.answers.deprecated_id)
        if target is None:
            raise Conflict("找不到这一份要修改的记录，请作为另一份记录接收", where="kind")
        replaces = hold(session, target).instance_id
    made = with_identity(read_kept(blobs, arrival.xml), instance_id=instance_id, deprecated_id=replaces)
    form, answers = understand(session, made, arrival.sender)
    changed = replace(
        arrival, form=form, answers=answers, xml=blobs.put(made), sent_sha256=original_xml(row).sha256
    )  # fmt: skip
    return changed, {"sent_as": arrival.answers.instance_id, "replaces": replaces}


def _under_other_names(session: Session, arrival: Arrival) -> tuple[Arrival, dict[str, Any]]:
    """Give each file whose name is taken by other bytes a free name."""
    ids = (arrival.answers.instance_id, arrival.answers.deprecated_id)
    version = next(
        (found for name in ids if name and (found := find_version(session, arrival.county_code, name))), None
    )
    if version is None:
        return arrival, {}
    taken = files_of(session, hold(session, version))
    files, names = [], {}
    for file in arrival.files:
        if taken.get(file.name, file.blob.sha256) != file.blob.sha256:
            names[file.name] = _free_name(file.name, taken)
            renamed = replace(file, name=names[file.name], sent_name=file.name)
        else:
            renamed = file
        taken[renamed.name] = renamed.blob.sha256
        files.append(renamed)
    return replace(arrival, files=tuple(files)), {"renamed": names}


def _free_name(name: str, taken: dict[str, str]) -> str:
    path, number = PurePosixPath(name), 2
    while (found := f"{path.stem[:200]}-{number}{path.suffix[:20]}") in taken:
        number += 1
    return found


def submission_of(session: Session, row: Quarantined) -> Submission | None:
    """Return what a posting became."""
    if row.submission_id is None:
        return None
    return session.scalar(sa.select(Submission).where(Submission.id == row.submission_id))
