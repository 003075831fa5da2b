"""The draw itself: promise and dice in, lists out, and every household's chance."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sampling.certificate.canonical import canonical_file
from sampling.certificate.documents import Manifest, Plan
from sampling.certificate.refusals import NotWhatWasPublished
from sampling.frame import Frame
from sampling.tickets import Ask, EntropyRule, draw_strata, pareto_probabilities, seed_of, ticket


@dataclass(frozen=True)
class DrawnStratum:
    """The lists of one stratum.

    Parameters
    ----------
    sample, reserve : tuple of str
        Leaves, in the order of the lottery.
    """

    sample: tuple[str, ...]
    reserve: tuple[str, ...]


@dataclass(frozen=True)
class Draw:
    """A draw that anyone can recompute (``draw.json``).

    Parameters
    ----------
    manifest : Manifest
    entropy : str
        Canonical text.
    seed : bytes
    strata : mapping of str to DrawnStratum
    normalised : tuple of str
        What was changed to bring the entropy to its canonical text, to be shown; not part of the file.
    """

    manifest: Manifest
    entropy: str
    seed: bytes
    strata: Mapping[str, DrawnStratum]
    normalised: tuple[str, ...] = ()

    @property
    def sample(self) -> list[str]:
        """All leaves drawn, stratum by stratum in ascending order of name."""
        return [leaf for name in sorted(self.strata) for leaf in self.strata[name].sample]

    def document(self) -> dict[str, Any]:
        """Return the draw as ruhu-draw/1 writes it."""
        return {
            "manifest": self.manifest.document(),
            "entropy": self.entropy,
            "seed": self.seed.hex(),
            "strata": {
                name: {"sample": list(drawn.sample), "reserve": list(drawn.reserve)}
                for name, drawn in self.strata.items()
            },
        }

    def to_bytes(self) -> bytes:
        """Return ``draw.json``."""
        return canonical_file(self.document())


def draw(frame: Frame, plan: Plan, manifest: Manifest, entropy: str) -> Draw:
    """Draw a frame as its published manifest promised.

    Parameters
    ----------
    frame : Frame
    plan : Plan
    manifest : Manifest
        Whose hashes are those of `frame` and `plan`.
    entropy : str
        The digits, in the order of the manifest's rule, joined by ``|``; normalised as the rule says.

    Returns
    -------
    Draw

    Raises
    ------
    NotWhatWasPublished
        When frame or plan differ from the manifest.
    PlanDoesNotFit
        When the plan is of another frame.
    MalformedEntropy, TooFewDigits
        When the text is not what the rule names.
    MissingSize
        When a design needs sizes or orders the frame does not have.

    Notes
    -----
    ruhu-draw/1. Linear in N: one hash per household, one partial sort per stratum.

    Examples
    --------
    >>> from sampling import Frame, Manifest, Plan, draw
    >>> frame = Frame.build([f"{i:064x}" for i in range(10)], ["540222100|rural|1"] * 10)
    >>> plan = Plan.of(frame, {"540222100|rural|1": 3})
    >>> manifest = Manifest.of(frame, plan, draw_id="county-1", entropy_rule="dice:20")
    >>> drawn = draw(frame, plan, manifest, "3141592653 5897932384")
    >>> drawn.normalised
    ('white space removed: 1',)
    >>> [leaf[-1] for leaf in drawn.strata["540222100|rural|1"].sample]
    ['8', '9', '2']
    """
    for what, published, now in (
        ("frame", manifest.frame_sha256, frame.fingerprint),
        ("plan", manifest.plan_sha256, plan.sha256),
    ):
        if published != now:
            raise NotWhatWasPublished(
                what,
                f"has the fingerprint {now}, the manifest {published}",
                f"draw the {what} that was published",
            )
    plan.check_fits(frame)
    accepted = EntropyRule.parse(manifest.entropy_rule).accept(entropy)
    seed = seed_of(manifest.sha256, accepted.text)
    wanted = {name: Ask(p.n, p.reserve, p.method) for name, p in plan.strata.items()}
    strata = {
        name: DrawnStratum(_leaves(frame, drawn.sample), _leaves(frame, drawn.reserve))
        for name, drawn in draw_strata(frame, wanted, seed).items()
    }
    return Draw(manifest, accepted.text, seed, strata, accepted.normalised)


def plan_probabilities(frame: Frame, plan: Plan) -> NDArray[np.float64]:
    """Return every household's chance of being drawn.

    Parameters
    ----------
    frame : Frame
    plan : Plan
        Of this frame.

    Returns
    -------
    ndarray of float, shape (N,)
        n/N for simple random and systematic designs; the target n·size/Σsize for Pareto, whose true
        probabilities differ from it by 0.6 % at most at N = 10, less above (Rosén 1997).

    Raises
    ------
    PlanDoesNotFit
        When the plan is of another frame.

    Examples
    --------
    >>> frame = Frame.build([f"{i:064x}" for i in range(10)], ["540222100|rural|1"] * 10)
    >>> float(plan_probabilities(frame, Plan.of(frame, {"540222100|rural|1": 3}))[0])
    0.3
    """
    plan.check_fits(frame)
    pi = np.empty(len(frame))
    for name, planned in plan.strata.items():
        rows = frame.rows_of(name)
        if planned.method == "pareto" and frame.size is not None:
            pi[rows] = [float(p) for p in pareto_probabilities(frame.size[rows].tolist(), planned.n)]
        else:
            pi[rows] = planned.n / planned.size
    return pi


def certificate_document(plan: Plan, drawn: Draw, *, published_at: str, software: str) -> dict[str, Any]:
    """Return one document with everything a notice board needs: canonical JSON when written.

    Parameters
    ----------
    plan : Plan
    drawn : Draw
    published_at : str
        When the manifest's hash was published, ISO 8601 in UTC.
    software : str
        Name and version that drew.

    Returns
    -------
    dict
        Keys ``spec, software, manifest, manifest_sha256, published_at, entropy, seed, floors, cells, strata``;
        each cell with N, n and its least n; each stratum with N, n, method, chance (``n/N``; for Pareto
        ``n·size/Σsize``), and sample and reserve as ``{leaf, ticket}`` in order.

    Examples
    --------
    >>> from sampling import Manifest, Plan
    >>> frame = Frame.build([f"{i:064x}" for i in range(10)], ["540222100|rural|1"] * 10)
    >>> plan = Plan.of(frame, {"540222100|rural|1": 3})
    >>> drawn = draw(frame, plan, Manifest.of(frame, plan, draw_id="1", entropy_rule="dice:20"), "3141592653" * 2)
    >>> document = certificate_document(plan, drawn, published_at="2018-06-20T02:00:00Z", software="ruhu 1.0")
    >>> document["strata"]["540222100|rural|1"]["chance"], document["cells"][0]["least"]
    ('3/10', 3)
    """
    return {
        "spec": drawn.manifest.document()["spec"],
        "software": software,
        "manifest": drawn.manifest.document(),
        "manifest_sha256": drawn.manifest.sha256,
        "published_at": published_at,
        "entropy": drawn.entropy,
        "seed": drawn.seed.hex(),
        "floors": dict(plan.floors),
        "cells": [{"cell": c, "N": size, "n": n, "least": least} for c, size, n, least in plan.cells()],
        "strata": {
            name: {
                "N": planned.size,
                "n": planned.n,
                "method": planned.method,
                "chance": "n·size/Σsize" if planned.method == "pareto" else f"{planned.n}/{planned.size}",
                "sample": _with_tickets(drawn.seed, drawn.strata[name].sample),
                "reserve": _with_tickets(drawn.seed, drawn.strata[name].reserve),
            }
            for name, planned in plan.strata.items()
        },
    }


def _leaves(frame: Frame, rows: NDArray[np.intp]) -> tuple[str, ...]:
    return tuple(leaf.decode() for leaf in frame.leaf[rows].tolist())


def _with_tickets(seed: bytes, leaves: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"leaf": leaf, "ticket": f"{ticket(seed, leaf):064x}"} for leaf in leaves]
