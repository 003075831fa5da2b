"""Verification: recompute a draw from its four public files and name the first thing that differs."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from sampling.certificate.canonical import parse_canonical
from sampling.certificate.documents import Manifest, Plan
from sampling.certificate.drawing import draw
from sampling.errors import SamplingError
from sampling.frame import Frame, parse_frame
from sampling.tickets import EntropyRule, seed_of


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
