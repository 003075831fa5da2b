"""How many households, which ones, and what the visits prove: survey sampling with numpy and scipy alone."""

from sampling.allocation import Allocation, Group, StatutoryAllocation, allocate, allocate_statutory, floor_of
from sampling.certificate import (
    Draw,
    DrawnStratum,
    Manifest,
    Plan,
    PlannedStratum,
    Verdict,
    certificate_document,
    check_chain,
    draw,
    inclusion_probabilities,
    verify,
)
from sampling.errors import SamplingError
from sampling.frame import Frame, Key, freeze, leaf_of, new_salt, opens, parse_frame, parse_key, read_frame
from sampling.tickets import EntropyRule, normalise_entropy, seed_of, ticket

__all__ = [
    "Allocation",
    "Draw",
    "DrawnStratum",
    "EntropyRule",
    "Frame",
    "Group",
    "Key",
    "Manifest",
    "Plan",
    "PlannedStratum",
    "SamplingError",
    "StatutoryAllocation",
    "Verdict",
    "allocate",
    "allocate_statutory",
    "certificate_document",
    "check_chain",
    "draw",
    "floor_of",
    "freeze",
    "inclusion_probabilities",
    "leaf_of",
    "new_salt",
    "normalise_entropy",
    "opens",
    "parse_frame",
    "parse_key",
    "read_frame",
    "seed_of",
    "ticket",
    "verify",
]
