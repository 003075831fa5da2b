"""Every table of every feature, imported in one place: for migrations, which must see them all."""

from api.campaigns import tables as campaigns
from api.collection import tables as collection
from api.collection.assignments import tables as assignments
from api.collection.form_drafts import tables as form_drafts
from api.collection.workers import tables as workers
from api.evidence import tables as evidence
from api.evidence.cells import tables as cells
from api.evidence.checks import tables as checks
from api.evidence.export import tables as export
from api.evidence.review import tables as review
from api.jobs import tables as jobs
from api.people import tables as people
from api.registry import tables as registry
from api.registry.proposals import tables as proposals
from api.registry.roll_import import tables as roll_import
from api.spot_checks import tables as spot_checks
from api.spot_checks.comparison import tables as comparison
from api.spot_checks.lists import tables as lists
from api.spot_checks.publication import tables as publication
from api.spot_checks.risk import tables as risk

__all__ = [
    "assignments",
    "campaigns",
    "cells",
    "checks",
    "collection",
    "comparison",
    "evidence",
    "export",
    "form_drafts",
    "jobs",
    "lists",
    "people",
    "proposals",
    "publication",
    "registry",
    "review",
    "risk",
    "roll_import",
    "spot_checks",
    "workers",
]
