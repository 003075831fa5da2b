"""Verification: recompute a draw from its four public files and name the first thing that differs."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sampling.certificate.canonical import canonical_file, parse_canonical
from sampling.certificate.documents import Manifest, Plan
from sampling.certificate.drawing import certificate_document, draw
from sampling.errors import SamplingError
from sampling.frame import Frame, parse_frame
from sampling.tickets import EntropyRule, normalise_entropy, seed_of

_CERTIFICATE_KEYS = (
    "spec",
    "software",
    "manifest",
    "manifest_sha256",
    "published_at",
    "entropy",
    "seed",
    "floors",
    "cells",
    "strata",
)


@dataclass(frozen=True)
class Verdict:
    """What a verification found.

    Parameters
    ----------
    same : bool
    difference : str
        The first thing that differs, where and how; empty when nothing does.
    """

    same: bool
    difference: str = ""

    def __bool__(self) -> bool:
        return self.same

    def __str__(self) -> str:
        return "same" if self.same else f"differs: {self.difference}"


def verify(frame_csv: bytes, plan_json: bytes, manifest_json: bytes, draw_json: bytes) -> Verdict:
    """Recompute a draw from its public files.

    Parameters
    ----------
    frame_csv, plan_json, manifest_json, draw_json : bytes
        Whole files.

    Returns
    -------
    Verdict
        Looks at, in this order: the files' form, hashes, strata and counts, floors, entropy and seed,
        then sample and reserve of each stratum. Never raises for bad content: that is a difference.

    Notes
    -----
    The stand-alone ``verifier.py`` does the same without this library; tests hold the two together.

    Examples
    --------
    >>> print(verify(b"", b"", b"", b""))
    differs: frame.csv: has no rows; use the file exactly as it was published
    """
    try:
        for difference in _differences(frame_csv, plan_json, manifest_json, draw_json):
            return Verdict(False, difference)
    except SamplingError as refused:
        return Verdict(False, str(refused))
    return Verdict(True)


def verify_certificate(certificate_json: bytes, frame_csv: bytes, entropy: str) -> Verdict:
    r"""Recompute a draw from its certificate, the public frame and the digits that were thrown.

    Parameters
    ----------
    certificate_json, frame_csv : bytes
        Whole files; the certificate as `certificate_document` makes it and `canonical_file` writes it.
    entropy : str
        The digits, as they were written down; normalised as the rule says.

    Returns
    -------
    Verdict
        Looks at what `verify` looks at, then at the digits, tickets, chances and cells. Never raises for bad
        content: that is a difference.

    Notes
    -----
    A certificate holds manifest, plan and draw, so that these are taken out of it and verified as files.

    Examples
    --------
    >>> print(verify_certificate(b"{}\n", b"", ""))
    differs: certificate.json: does not have the keys of a certificate
    """
    try:
        given = parse_canonical(certificate_json, "certificate.json")
        if not _is_certificate(given):
            return Verdict(False, "certificate.json: does not have the keys of a certificate")
        plan, manifest, drawn = _documents(given)
        verdict = verify(frame_csv, *map(canonical_file, (plan, manifest, drawn)))
        if not verdict:
            return verdict
        for difference in _sayings(given, frame_csv, entropy):
            return Verdict(False, difference)
    except SamplingError as refused:
        return Verdict(False, str(refused))
    return Verdict(True)


def _is_certificate(given: Any) -> bool:
    names = {*_CERTIFICATE_KEYS}
    if not (isinstance(given, dict) and set(given) == names and isinstance(given["strata"], dict)):
        return False
    return all(
        isinstance(row, dict)
        and set(row) == {"N", "n", "method", "chance", "sample", "reserve"}
        and all(
            isinstance(row[kind], list)
            and all(isinstance(entry, dict) and set(entry) == {"leaf", "ticket"} for entry in row[kind])
            for kind in ("sample", "reserve")
        )
        for row in given["strata"].values()
    )


def _documents(given: dict[str, Any]) -> tuple[dict[str, Any], Any, dict[str, Any]]:
    """Return plan, manifest and draw as a certificate holds them."""
    strata = given["strata"]
    planned = {
        name: {"N": row["N"], "n": row["n"], "reserve": len(row["reserve"]), "method": row["method"]}
        for name, row in strata.items()
    }
    lists = {
        name: {kind: [entry["leaf"] for entry in row[kind]] for kind in ("sample", "reserve")}
        for name, row in strata.items()
    }
    return (
        {"spec": given["spec"], "floors": given["floors"], "strata": planned},
        given["manifest"],
        {"manifest": given["manifest"], "entropy": given["entropy"], "seed": given["seed"], "strata": lists},
    )


def _sayings(given: dict[str, Any], frame_csv: bytes, entropy: str) -> Iterator[str]:
    """Compare all a certificate says with what is made again from its parts, which are known to be right."""
    plan, manifest, drawn = _documents(given)
    thrown = normalise_entropy(entropy).text
    if thrown != given["entropy"]:
        yield f"certificate.json: entropy is {given['entropy']}, the digits given are {thrown}"
    again = certificate_document(
        Plan.parse(canonical_file(plan)),
        draw(
            parse_frame(frame_csv),
            Plan.parse(canonical_file(plan)),
            Manifest.from_document(manifest),
            drawn["entropy"],
        ),
        published_at=given["published_at"],
        software=given["software"],
    )
    for part in _CERTIFICATE_KEYS:
        if given[part] != again[part]:
            yield f"certificate.json: {part} is not what plan, frame and digits make it"


def _differences(frame_csv: bytes, plan_json: bytes, manifest_json: bytes, draw_json: bytes) -> Iterator[str]:
    frame = parse_frame(frame_csv)
    manifest = Manifest.parse(manifest_json)
    found = hashlib.sha256(frame_csv).hexdigest()
    if manifest.frame_sha256 != found:
        yield f"frame.csv has the hash {found}, the manifest names {manifest.frame_sha256}"
    plan = Plan.parse(plan_json)
    if manifest.plan_sha256 != plan.sha256:
        yield f"plan.json has the hash {plan.sha256}, the manifest names {manifest.plan_sha256}"
    plan.check_fits(frame)
    given = parse_canonical(draw_json, "draw.json")
    if not isinstance(given, dict) or set(given) != {"manifest", "entropy", "seed", "strata"}:
        yield "draw.json: does not have the keys manifest, entropy, seed, strata"
    if given["manifest"] != manifest.document():
        yield "draw.json: holds another manifest than manifest.json"
    entropy = given["entropy"]
    if not isinstance(entropy, str):
        yield "draw.json: entropy is no text"
    accepted = EntropyRule.parse(manifest.entropy_rule).accept(entropy)
    if accepted.text != entropy:
        yield f"draw.json: entropy is not in canonical form ({', '.join(accepted.normalised)})"
    seed = seed_of(manifest.sha256, entropy).hex()
    if given["seed"] != seed:
        yield f"draw.json: seed is {given['seed']}, recomputed {seed}"
    yield from _lists(frame, plan, manifest, given)


def _lists(frame: Frame, plan: Plan, manifest: Manifest, given: dict[str, object]) -> Iterator[str]:
    again = draw(frame, plan, manifest, str(given["entropy"])).document()["strata"]
    strata = given["strata"]
    if not isinstance(strata, dict) or set(strata) != set(again):
        yield "draw.json: strata are not those of the plan"
        return
    for name in sorted(again):
        lists = strata[name]
        if not isinstance(lists, dict) or set(lists) != {"sample", "reserve"}:
            yield f"draw.json, {name}: does not have the keys sample, reserve"
            return
        for kind in ("sample", "reserve"):
            yield from _list(f"draw.json, {name}, {kind}", lists[kind], again[name][kind])


def _list(where: str, given: object, again: list[str]) -> Iterator[str]:
    if not isinstance(given, list) or len(given) != len(again):
        length = len(given) if isinstance(given, list) else "no list"
        yield f"{where}: {length}, recomputed {len(again)} leaves"
        return
    for place, (theirs, ours) in enumerate(zip(given, again, strict=True), 1):
        if theirs != ours:
            yield f"{where}: place {place} is {theirs}, recomputed {ours}"
