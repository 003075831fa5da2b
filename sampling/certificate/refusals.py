"""Why a draw is refused before it is made: one class per reason."""

from sampling.errors import SamplingError


class CertificateRefused(SamplingError):  # noqa: N818 - a refusal is named after what is refused
    """Base of the refusals of this room."""


class NotCanonical(CertificateRefused):
    """A document that is not canonical JSON of strings and whole numbers."""


class MalformedPlan(CertificateRefused):
    """A plan with missing or surplus keys, or numbers out of range."""


class PlanDoesNotFit(CertificateRefused):
    """A plan whose strata or sizes are not those of the frame."""


class FloorNotKept(CertificateRefused):
    """A plan that takes less than a floor asks for."""


class MalformedManifest(CertificateRefused):
    """A manifest with missing or surplus keys, or values that are no hashes."""


class NotWhatWasPublished(CertificateRefused):
    """Frame or plan differ from the hashes in the manifest."""


class BrokenChain(CertificateRefused):
    """A manifest that does not name the one before it."""
