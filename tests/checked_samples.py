"""Samples in memory, and the textbook's formulas in plain Python: a second way to every number of the page."""

import math
from uuid import UUID

import numpy as np

from api.spot_checks.comparison.verdicts import Judged
from api.spot_checks.estimates.sample import Drawn, Sample
from sampling.certificate.documents import PlannedStratum

TOWN, NEXT = "540222100", "540222201"
PAID = 50_000


def judged(verdict, correct=None, kinds=()):
    if correct is None:
        correct = {"right": PAID, "not_eligible": 0}.get(verdict)
    return Judged(verdict, tuple(kinds), correct, "checker")


def unit(serial, stratum, verdict="right", *, state="completed", role="base", correct=None, kinds=(), **values):
    told = state in {"completed", "gone"}
    return Drawn(
        household_id=UUID(int=serial), stratum=stratum, role=role, position=serial, state=state,
        judged=judged("not_eligible" if state == "gone" else verdict, correct, kinds) if told else None,
        **({"chance": (1, 2), "paid_fen_per_month": PAID} | values),
    )  # fmt: skip


def sample(strata, units, method="srs", paid=PAID):
    """Of strata as name → (N, n)."""
    return Sample(
        strata={name: PlannedStratum(size, n, 0, method) for name, (size, n) in strata.items()},
        units=tuple(units),
        paid={name: np.full(size, paid) for name, (size, _) in strata.items()},
    )


def horvitz_thompson(values, sizes):
    """Total and standard error of a stratified simple sample: Cochran (1977), eq. 5.1 and 5.6, number by number."""
    total, variance = 0.0, 0.0
    for stratum, seen in values.items():
        n, size = len(seen), sizes[stratum]
        mean = sum(seen) / n
        total += size * mean
        if n < size:
            spread = sum((y - mean) ** 2 for y in seen) / (n - 1)
            variance += size**2 * (1 - n / size) * spread / n
    return total, math.sqrt(variance)
