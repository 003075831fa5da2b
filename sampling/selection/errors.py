"""Why a selection is refused: one class per kind of refusal, each saying what to do about it."""

# ruff: noqa: N818 - a refusal bears the name of the thing refused, as `SamplingError` asks

from sampling.errors import SamplingError


class NotFinite(SamplingError):
    """A number is missing or infinite."""


class NegativeValue(SamplingError):
    """A count or a size is below zero."""


class NotWhole(SamplingError):
    """A count is not a whole number."""


class EmptyInput(SamplingError):
    """There is nothing to choose from."""


class WrongLength(SamplingError):
    """Arrays that describe the same units differ in length or shape."""


class UnknownStratum(SamplingError):
    """A stratum is named that the frame does not have, or one of the frame's is left out."""


class SampleAboveStratum(SamplingError):
    """More units are asked for than a stratum has."""


class ZeroSize(SamplingError):
    """A unit of size zero could never be drawn."""


class ProbabilityOutOfRange(SamplingError):
    """An inclusion probability is not above 0 and at most 1."""


class FractionalTotal(SamplingError):
    """The inclusion probabilities of a stratum do not add up to a whole number."""


class UniformOutOfRange(SamplingError):
    """A given random number is not in [0, 1)."""


class NoSourceOfChance(SamplingError):
    """Neither a generator nor random numbers were given, or both."""


class NotNested(SamplingError):
    """A draw cannot be continued as asked."""


class DuplicateUnits(SamplingError):
    """The same unit is named twice."""


class UnknownUnit(SamplingError):
    """A unit is named that the frame does not have."""
