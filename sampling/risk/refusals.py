"""Why a risk score, its bands or a refit is refused: one class per reason."""

# ruff: noqa: N818 - a refusal bears the name of the thing refused, as `SamplingError` asks

from sampling.errors import SamplingError


class DuplicateIndicators(SamplingError):
    """Two indicators have the same name."""


class NoIndicators(SamplingError):
    """A risk model without indicators says nothing."""


class ImpossibleWeight(SamplingError):
    """A weight is not a finite number."""


class ImpossibleBands(SamplingError):
    """Cut points do not rise, or there are too few different scores for the bands asked for."""


class TooFewFindings(SamplingError):
    """Too few units with, or without, a finding to learn weights from."""


class NoConvergence(SamplingError):
    """The fit did not settle."""


class NobodyAdopts(SamplingError):
    """New weights are adopted by a named person or not at all."""
