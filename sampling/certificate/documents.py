"""Plan and manifest: what is published before the dice are thrown."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sampling.allocation.floors import floor_of, statutory_percent, stratum_minimum
from sampling.certificate.canonical import canonical_file, parse_canonical, sha256_of
from sampling.certificate.refusals import (
    BrokenChain,
    FloorNotKept,
    MalformedManifest,
    MalformedPlan,
    PlanDoesNotFit,
)
from sampling.frame import Frame
from sampling.frame.units import malformed_stratum
from sampling.tickets import METHODS, SPEC, EntropyRule

LEVELS = ("county", "scheme", "township")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MANIFEST_KEYS = (
    "spec",
    "draw_id",
    "frame_sha256",
    "plan_sha256",
    "entropy_rule",
    "previous_manifest_sha256",
)


@dataclass(frozen=True)
class PlannedStratum:
    """What is planned for one stratum.

    Parameters
    ----------
    size : int
        N, households in the frozen frame.
    n : int
        How many are drawn.
    reserve : int
        How many more stand in reserve; n + reserve is at most N.
    method : {'srs', 'pareto', 'systematic'}
    """

    size: int
    n: int
    reserve: int = 0
    method: str = "srs"


def _law() -> dict[str, int]:
    return dict.fromkeys(LEVELS, 30)


@dataclass(frozen=True)
class Plan:
    """How many are drawn where, and the floors in whole percent this keeps (``plan.json``).

    Parameters
    ----------
    strata : mapping of str to PlannedStratum
    floors : mapping of str to int
        Percent for ``county``, each ``scheme`` and each ``township`` × scheme; at least 30.

    Raises
    ------
    MalformedPlan
        Counts out of range, unknown methods, malformed names.
    FloorBelowLaw
        A floor under 30 or above 100.
    FloorNotKept
        Names the first cell that takes too few, and the number that would do.

    Examples
    --------
    >>> plan = Plan({"540222100|rural|1": PlannedStratum(10, 3)})
    >>> plan.document()["strata"]
    {'540222100|rural|1': {'N': 10, 'n': 3, 'reserve': 0, 'method': 'srs'}}
    """

    strata: Mapping[str, PlannedStratum]
    floors: Mapping[str, int] = field(default_factory=_law)

    def __post_init__(self) -> None:
        if set(self.floors) != set(LEVELS):
            raise MalformedPlan("plan, floors", f"names {sorted(self.floors)}", f"name {', '.join(LEVELS)}")
        for level in LEVELS:
            statutory_percent(self.floors[level], level)
        if not self.strata:
            raise MalformedPlan("plan", "has no strata", "plan every stratum of the frame")
        for name, planned in self.strata.items():
            _check_stratum(name, planned)
        for cell, size, n, least in self.cells():
            if n < least:
                raise FloorNotKept(f"plan, {cell}", f"takes {n} of {size}", f"take at least {least}")

    @classmethod
    def of(
        cls,
        frame: Frame,
        n: Mapping[str, int],
        *,
        reserve: Mapping[str, int] | None = None,
        method: str = "srs",
        floors: Mapping[str, int] | None = None,
    ) -> "Plan":
        """Make the plan of a frame from the numbers of an allocation.

        Parameters
        ----------
        frame : Frame
        n : mapping of str to int
            Per stratum, as `sampling.allocate_statutory` gives them.
        reserve : mapping of str to int, optional
            Per stratum; as many as remain, at most n, by default.
        method : str
            For every stratum.
        floors : mapping of str to int, optional
            30 everywhere by default.

        Raises
        ------
        PlanDoesNotFit
            When `n` names other strata than the frame.
        """
        if set(n) != set(frame.strata):
            odd = sorted(set(n) ^ set(frame.strata))
            raise PlanDoesNotFit("plan", f"frame and allocation differ in {odd[:5]}", "allocate this frame")
        spare = {s: min(n[s], frame.counts[s] - n[s]) for s in frame.strata} if reserve is None else reserve
        planned = {s: PlannedStratum(frame.counts[s], n[s], spare.get(s, 0), method) for s in frame.strata}
        return cls(planned, _law() if floors is None else floors)

    def cells(self) -> Iterator[tuple[str, int, int, int]]:
        """Yield (cell, N, n, least n) for county, schemes, townships × schemes and strata, in that order."""
        cells: dict[str, list[int]] = {}
        percents: dict[str, int] = {}
        for level in LEVELS:
            for name, planned in sorted(self.strata.items()):
                township, scheme, _ = name.split("|")
                place = {"county": "", "scheme": f" {scheme}", "township": f" {township}|{scheme}"}[level]
                cell = level + place
                size_n = cells.setdefault(cell, [0, 0])
                size_n[0] += planned.size
                size_n[1] += planned.n
                percents[cell] = self.floors[level]
        for cell, (size, n) in cells.items():
            yield cell, size, n, floor_of(percents[cell], size)
        for name, planned in sorted(self.strata.items()):
            yield f"stratum {name}", planned.size, planned.n, stratum_minimum(planned.size)

    def document(self) -> dict[str, Any]:
        """Return the plan as ruhu-draw/1 writes it."""
        return {
            "spec": SPEC,
            "floors": dict(self.floors),
            "strata": {
                name: {"N": p.size, "n": p.n, "reserve": p.reserve, "method": p.method}
                for name, p in self.strata.items()
            },
        }

    def to_bytes(self) -> bytes:
        """Return ``plan.json``."""
        return canonical_file(self.document())

    @property
    def sha256(self) -> str:
        """SHA-256 of the canonical bytes."""
        return sha256_of(self.document())

    @classmethod
    def parse(cls, data: bytes, name: str = "plan.json") -> "Plan":
        """Read ``data``, the bytes of ``plan.json``, called ``name`` in refusals.

        Raises
        ------
        NotCanonical, MalformedPlan, FloorBelowLaw, FloorNotKept
            As when it is made.
        """
        value = parse_canonical(data, name)
        if not isinstance(value, dict) or set(value) != {"spec", "floors", "strata"} or value["spec"] != SPEC:
            raise MalformedPlan(name, f"is no plan of {SPEC}", "give spec, floors and strata")
        strata, floors = value["strata"], value["floors"]
        if not isinstance(strata, dict) or not isinstance(floors, dict):
            raise MalformedPlan(name, "floors and strata are no objects", "write them as in ruhu-draw/1")
        for stratum, row in strata.items():
            if not isinstance(row, dict) or set(row) != {"N", "n", "reserve", "method"}:
                raise MalformedPlan(f"{name}, {stratum}", "has other keys", "give N, n, reserve and method")
        return cls(
            {s: PlannedStratum(row["N"], row["n"], row["reserve"], row["method"]) for s, row in strata.items()},
            floors,
        )

    def check_fits(self, frame: Frame) -> None:
        """Refuse a ``frame`` with other strata or sizes, or without the column a design needs.

        Raises
        ------
        PlanDoesNotFit
            Names the first stratum that differs.
        """
        for name in sorted(set(frame.strata) | set(self.strata)):
            planned = self.strata[name].size if name in self.strata else None
            if planned != frame.counts.get(name):
                raise PlanDoesNotFit(
                    f"stratum {name}", f"plan says N = {planned}, frame {frame.counts.get(name)}", "plan this frame"
                )
            method = self.strata[name].method
            for design, column, values in (("pareto", "size", frame.size), ("systematic", "order", frame.order)):
                if method == design and values is None:
                    raise PlanDoesNotFit(
                        f"stratum {name}", f"{method} needs a {column}, the frame has none", f"freeze it with {column}s"
                    )


@dataclass(frozen=True)
class Manifest:
    """The promise: frame, plan and entropy rule, published by its hash before the entropy exists.

    Parameters
    ----------
    draw_id : str
    frame_sha256, plan_sha256 : str
        64 hexadecimal digits.
    entropy_rule : str
        As `EntropyRule.parse` reads it, e.g. ``drand:quicknet:27946612|dice:20``.
    previous_manifest_sha256 : str
        Of the draw before in this county's campaign; empty for the first.

    Raises
    ------
    MalformedManifest
        Values that are no hashes, an empty draw id.
    MalformedEntropyRule
        As in `EntropyRule.parse`.
    """

    draw_id: str
    frame_sha256: str
    plan_sha256: str
    entropy_rule: str
    previous_manifest_sha256: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.draw_id, str) or not self.draw_id.strip():
            raise MalformedManifest("manifest, draw_id", f"is {self.draw_id!r}", "give every draw an id")
        for name in ("frame_sha256", "plan_sha256", "previous_manifest_sha256"):
            value = getattr(self, name)
            first = name == "previous_manifest_sha256" and value == ""
            if not first and (not isinstance(value, str) or _SHA256.fullmatch(value) is None):
                raise MalformedManifest(f"manifest, {name}", f"is {value!r}", "give 64 hexadecimal digits")
        if not isinstance(self.entropy_rule, str):
            raise MalformedManifest("manifest, entropy_rule", f"is {self.entropy_rule!r}", "give its text")
        EntropyRule.parse(self.entropy_rule)

    @classmethod
    def of(
        cls, frame: Frame, plan: Plan, *, draw_id: str, entropy_rule: str, previous: "Manifest | None" = None
    ) -> "Manifest":
        """Make the manifest of a frame and its plan.

        Parameters
        ----------
        frame, plan : Frame, Plan
            Which are to be drawn.
        draw_id : str
            Unique in the county's campaign.
        entropy_rule : str
            See `EntropyRule`.
        previous : Manifest, optional
            The county's last; None for its first.

        Raises
        ------
        PlanDoesNotFit, MalformedManifest, MalformedEntropyRule
            When they do not belong together or cannot be published.
        """
        plan.check_fits(frame)
        before = "" if previous is None else previous.sha256
        return cls(draw_id, frame.fingerprint, plan.sha256, entropy_rule, before)

    def document(self) -> dict[str, Any]:
        """Return the manifest as ruhu-draw/1 writes it."""
        return {key: SPEC if key == "spec" else getattr(self, key) for key in _MANIFEST_KEYS}

    def to_bytes(self) -> bytes:
        """Return ``manifest.json``."""
        return canonical_file(self.document())

    @property
    def sha256(self) -> str:
        """SHA-256 of the canonical bytes: this is what is published."""
        return sha256_of(self.document())

    @classmethod
    def parse(cls, data: bytes, name: str = "manifest.json") -> "Manifest":
        """Read ``data``, the bytes of ``manifest.json``, called ``name`` in refusals.

        Raises
        ------
        NotCanonical, MalformedManifest, MalformedEntropyRule
            As when it is made.
        """
        return cls.from_document(parse_canonical(data, name), name)

    @classmethod
    def from_document(cls, value: Any, name: str = "manifest") -> "Manifest":
        """Read ``value``, the object inside a ``draw.json``, called ``name`` in refusals."""
        if not isinstance(value, dict) or set(value) != set(_MANIFEST_KEYS) or value["spec"] != SPEC:
            raise MalformedManifest(name, f"is no manifest of {SPEC}", f"give {', '.join(_MANIFEST_KEYS)}")
        return cls(**{key: value[key] for key in _MANIFEST_KEYS if key != "spec"})


def check_chain(manifests: Sequence[Manifest]) -> None:
    """Refuse manifests of a county that do not each name the one before, in order.

    Parameters
    ----------
    manifests : sequence of Manifest
        Of one county's campaign, the first first.

    Raises
    ------
    BrokenChain
        Names the first that does not, or a draw id used twice.

    Examples
    --------
    >>> frame = Frame.build(["a" * 64], ["540222100|rural|1"])
    >>> plan = Plan.of(frame, {"540222100|rural|1": 1})
    >>> first = Manifest.of(frame, plan, draw_id="county-1", entropy_rule="dice:20")
    >>> check_chain([first, Manifest.of(frame, plan, draw_id="county-2", entropy_rule="dice:20", previous=first)])
    """
    before, ids = "", set()
    for number, manifest in enumerate(manifests, 1):
        if manifest.previous_manifest_sha256 != before:
            raise BrokenChain(
                f"manifest {number} ({manifest.draw_id})",
                f"follows {manifest.previous_manifest_sha256 or 'nothing'}, not {before or 'nothing'}",
                "look for the manifest that was left out, added or changed",
            )
        if manifest.draw_id in ids:
            raise BrokenChain(f"manifest {number}", f"reuses the id {manifest.draw_id}", "give each its own id")
        ids.add(manifest.draw_id)
        before = manifest.sha256


def _check_stratum(name: str, planned: PlannedStratum) -> None:
    counts = (planned.size, planned.n, planned.reserve)
    if not isinstance(name, str) or malformed_stratum(name):
        raise MalformedPlan("plan", f"stratum {name!r}", "name it <township code>|<scheme>|<band>")
    if any(isinstance(c, bool) or not isinstance(c, int) or c < 0 for c in counts) or planned.size < 1:
        raise MalformedPlan(f"plan, {name}", f"counts are {counts}", "give whole numbers, N at least 1")
    if planned.n + planned.reserve > planned.size:
        raise MalformedPlan(f"plan, {name}", f"n + reserve is above N in {counts}", "ask for at most N")
    if planned.method not in METHODS:
        raise MalformedPlan(f"plan, {name}", f"method {planned.method!r}", f"use one of {', '.join(METHODS)}")
