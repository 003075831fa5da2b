"""A draw as documents anyone can recompute: plan, manifest, draw, certificate, verification (ruhu-draw/1)."""

from sampling.certificate.canonical import canonical_file, canonical_json, parse_canonical, sha256_of
from sampling.certificate.checking import Verdict, verify, verify_certificate
from sampling.certificate.documents import Manifest, Plan, PlannedStratum, check_chain
from sampling.certificate.drawing import (
    Draw,
    DrawnStratum,
    certificate_document,
    draw,
    plan_probabilities,
)
from sampling.certificate.refusals import (
    BrokenChain,
    CertificateRefused,
    FloorNotKept,
    MalformedManifest,
    MalformedPlan,
    NotCanonical,
    NotWhatWasPublished,
    PlanDoesNotFit,
)

__all__ = [
    "BrokenChain",
    "CertificateRefused",
    "Draw",
    "DrawnStratum",
    "FloorNotKept",
    "MalformedManifest",
    "MalformedPlan",
    "Manifest",
    "NotCanonical",
    "NotWhatWasPublished",
    "Plan",
    "PlanDoesNotFit",
    "PlannedStratum",
    "Verdict",
    "canonical_file",
    "canonical_json",
    "certificate_document",
    "check_chain",
    "draw",
    "parse_canonical",
    "plan_probabilities",
    "sha256_of",
    "verify",
    "verify_certificate",
]
