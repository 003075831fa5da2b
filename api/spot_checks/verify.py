"""Verify a stored draw: recompute everything from the stored frame and name the first thing that differs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.people.tables import AuditEntry
from api.spot_checks.chances import chances_of
from api.spot_checks.commit import draws_of, frame_of, plan_of, result_of
from api.spot_checks.draw import listed
from api.spot_checks.files import frame_csv
from api.spot_checks.frame import AMOUNTS, UNIT_FIELDS, digest_of_units
from api.spot_checks.numbers import COLUMNS
from api.spot_checks.plan import townships
from api.spot_checks.publication.approve import decision_on, standing_of
from api.spot_checks.publication.photos import photos_of
from api.spot_checks.tables import Draw, DrawResult, Frame, FrameUnit, Selection
from sampling import verifier
from sampling.certificate import Manifest, check_chain
from sampling.certificate import draw as recompute
from sampling.certificate.canonical import sha256_of
from sampling.frame import leaf_of, parse_frame


@dataclass(frozen=True)
class Verified:
    """What a verification found.

    Attributes
    ----------
    message : str
        The first thing that differs, in Chinese with ``{names}``; empty when nothing does.
    values : dict
        What to put in place of the names.
    """

    message: str = ""
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def same(self) -> bool:
        """Whether everything is as it was drawn."""
        return not self.message

    def __str__(self) -> str:
        return self.message.format(**self.values) or "一致"


def verify_draw(session: Session, draw: Draw) -> Verified:
    """Recompute a draw from the stored frame and compare it with everything that is kept of it.

    Parameters
    ----------
    draw : Draw
        Drawn, or only committed: then frame, plan, manifest and chain are looked at.

    Returns
    -------
    Verified

    Notes
    -----
    In this order: units open their leaves; the frame's fingerprints; what the audit log wrote down when frame, plan
    and dice were fixed; the public documents, by the stand-alone verifier; the stored list, row by row; the
    townships' sums; the chain of manifests. So a change that mends one is found by the next.
    """
    for message, values in _differences(session, draw):
        return Verified(message, values)
    return Verified()


Difference = tuple[str, dict[str, Any]]


def _differences(session: Session, draw: Draw) -> Iterator[Difference]:
    frame, result = frame_of(session, draw), result_of(session, draw)
    units = _units(session, frame)
    yield from _of_units(frame, units)
    yield from _of_audit(session, frame, draw, result)
    yield from _of_approval(session, draw)
    for name, text, kept in (
        ("plan.json", draw.plan_json, draw.plan_sha256),
        ("manifest.json", draw.manifest_json, draw.manifest_sha256),
    ):
        if verifier.sha256(text.encode()) != kept:
            yield "{name} 被改动：指纹不再是 {published}", {"name": name, "published": kept}
    yield from _strata(draw, units)
    public = frame_csv(session, frame)
    if frame.frame_sha256 != verifier.sha256(public):
        yield "冻结名册的层被改动：指纹不再是 {published}", {"published": frame.frame_sha256}
    yield from _of_chain(session, draw)
    if result is None:
        return
    try:
        verifier.check(
            public,
            *(f"{text}\n".encode() for text in (draw.plan_json, draw.manifest_json, result.draw_json)),
        )
    except verifier.Different as different:
        yield "公开文件不一致：{found}", {"found": str(different)}
    yield from _of_list(session, draw, units, result, public)
    if frame.units_sha256 != digest_of_units(units.values()):
        yield "冻结名册的户主、村、位置或理由被改动：内部指纹不再是 {published}", {"published": frame.units_sha256}


def _units(session: Session, frame: Frame) -> dict[str, Any]:
    columns = [getattr(FrameUnit, name) for name in (*UNIT_FIELDS, *AMOUNTS)]
    rows = session.execute(
        sa.select(*columns).where(FrameUnit.county_code == frame.county_code, FrameUnit.frame_id == frame.id)
    )
    return {row["leaf"]: row for row in rows.mappings()}


def _of_units(frame: Frame, units: dict[str, Any]) -> Iterator[Difference]:
    if len(units) != frame.units:
        yield "冻结名册应有 {units} 户，现存 {found} 户", {"units": frame.units, "found": len(units)}
    for leaf, unit in sorted(units.items()):
        try:
            opens = leaf_of(bytes.fromhex(unit["salt"]), unit["household_code"]) == leaf
        except ValueError:  # a salt that is no hexadecimal text, or a code that cannot stand in the file
            opens = False
        if not opens:
            yield (
                "冻结名册中编号 {leaf} 打不开：盐值、家庭编码 {code} 或编号被改动",
                {"leaf": leaf, "code": unit["household_code"]},
            )
        third = COLUMNS.get(frame.numbered_by, "")
        least = None if not third else 1 if third == "size" else 0
        if (unit["size_or_order"] is None) != (least is None) or (unit["size_or_order"] or 0) < (least or 0):
            yield "冻结名册中编号 {leaf} 公布的整数被改动", {"leaf": leaf}


def _strata(draw: Draw, units: dict[str, Any]) -> Iterator[Difference]:
    """Name the first stratum whose households are no longer as many as were planned."""
    found: dict[str, int] = {}
    for unit in units.values():
        found[unit["stratum"]] = found.get(unit["stratum"], 0) + 1
    planned = {name: row.size for name, row in plan_of(draw).strata.items()}
    for name in sorted(found.keys() | planned.keys()):
        if found.get(name, 0) != planned.get(name, 0):
            yield (
                "冻结名册的层 {stratum} 应有 {planned} 户，现有 {found} 户",
                {"stratum": name, "planned": planned.get(name, 0), "found": found.get(name, 0)},
            )


def _of_audit(session: Session, frame: Frame, draw: Draw, result: DrawResult | None) -> Iterator[Difference]:
    promised = {"manifest_sha256": draw.manifest_sha256, "plan_sha256": draw.plan_sha256}
    kept: list[tuple[str, object, dict[str, Any]]] = [
        ("frame.freeze", frame.id, {"frame_sha256": frame.frame_sha256, "units_sha256": frame.units_sha256}),
        ("draw.commit", draw.id, promised),
    ]
    if result is not None:
        drawn = {"entropy": result.entropy, "draw_sha256": verifier.sha256(result.draw_json.encode())}
        kept.append(("draw.result", draw.id, drawn))
    if (decision := decision_on(session, draw)) is not None:
        said = {"approved": decision.approved, "note": decision.note, "office": decision.office}
        kept.append(("draw.decide", draw.id, said))
    for action, identity, values in kept:
        details = session.scalars(
            sa.select(AuditEntry.details)
            .where(
                AuditEntry.county_code == draw.county_code,
                AuditEntry.object_id == str(identity),
                AuditEntry.action == action,
            )
            .order_by(AuditEntry.id)
            .limit(1)
        ).first()
        if details is None:
            yield "审计日志中没有 {action} 的记录", {"action": action}
            return
        for name, value in values.items():
            if details.get(name) != value:
                yield (
                    "{name} 与审计日志不符：日志记载 {logged}，现为 {found}",
                    {"name": name, "logged": details.get(name), "found": value},
                )


def _of_approval(session: Session, draw: Draw) -> Iterator[Difference]:
    """A second draw that was drawn was approved; and the photos that the log names are there."""
    standing = standing_of(session, draw)
    if standing.state == "missing" or (standing.state == "refused" and result_of(session, draw) is not None):
        yield "第 {number} 次抽取是再次抽取，却没有上级的批准", {"number": draw.number}
    logged = session.scalars(
        sa.select(AuditEntry.details).where(
            AuditEntry.county_code == draw.county_code,
            AuditEntry.object_id == str(draw.id),
            AuditEntry.action == "draw.photo",
        )
    )
    named = {details.get("photo_sha256", "") for details in logged}
    kept = {photo.sha256 for photo in photos_of(session, draw)}
    for sha256 in sorted(named ^ kept):
        yield "掷骰照片与审计日志不符：{sha256}", {"sha256": sha256}


def _of_chain(session: Session, draw: Draw) -> Iterator[Difference]:
    texts = [one.manifest_json for one in draws_of(session, draw.county_code, draw.campaign_id)]
    try:
        check_chain([Manifest.from_document(json.loads(text)) for text in texts])
    except ValueError as broken:  # a refusal of the library is one, and so is text that is no JSON
        yield "承诺书的链条断了：{found}", {"found": str(broken)}


def _of_list(
    session: Session, draw: Draw, units: dict[str, Any], result: DrawResult, public: bytes
) -> Iterator[Difference]:
    plan = plan_of(draw)
    parsed = parse_frame(public)
    chance_of = chances_of(parsed, plan)
    again = recompute(parsed, plan, Manifest.from_document(json.loads(draw.manifest_json)), result.entropy)
    if sha256_of(again.document()) != verifier.sha256(result.draw_json.encode()):
        yield "draw.json 与重算结果不一致", {}
    statement = sa.select(Selection).where(Selection.county_code == draw.county_code, Selection.draw_id == draw.id)
    stored = {row.leaf: row for row in session.scalars(statement.execution_options(populate_existing=True))}
    for leaf, stratum, role, position in listed(again):
        unit, chance, row = units[leaf], chance_of(leaf, stratum), stored.pop(leaf, None)
        code = unit["household_code"]
        if row is None:
            yield "名单缺少家庭 {code} (层 {stratum}，第 {position} 位)", {
                "code": code, "stratum": stratum, "position": position,
            }  # fmt: skip
            return
        wanted = {
            "household_code": code,
            "household_id": unit["household_id"],
            "village_code": unit["village_code"],
            "stratum": stratum,
            "role": role,
            "position": position,
            "inclusion_n": chance[0],
            "inclusion_of": chance[1],
        }
        for name, value in wanted.items():
            if getattr(row, name) != value:
                yield "名单中家庭 {code} 的 {name} 应为 {wanted}，现为 {found}", {
                    "code": code, "name": name, "wanted": str(value), "found": str(getattr(row, name)),
                }  # fmt: skip
    if stored:
        row = min(stored.values(), key=lambda one: one.household_code)
        yield "名单多出没有抽中的家庭 {code}", {"code": row.household_code}
    for township in townships(plan):
        if township.n < township.floor:
            yield "乡镇 {code} 抽取 {n} 户，低于下限 {floor} 户", {
                "code": township.township_code, "n": township.n, "floor": township.floor,
            }  # fmt: skip
