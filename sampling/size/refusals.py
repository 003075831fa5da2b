"""Why a question about sample size has no answer: one class per reason."""

# ruff: noqa: N818 - a refusal bears the name of the thing refused, as `SamplingError` asks

from sampling.errors import SamplingError


class ImpossibleTarget(SamplingError):
    """A wanted half-width, rate, spread or cost is not a number the question can have."""


class SampleAbovePopulation(SamplingError):
    """More units are asked for than there are."""


class OutOfReach(SamplingError):
    """Even everybody would not reach the target; the best that can be had is named."""
