"""Why an estimate is refused: one class per reason, so that a caller can answer each in its own words."""

# ruff: noqa: N818 - a refusal bears the name of the thing refused, as `SamplingError` asks

from sampling.errors import SamplingError


class EmptySample(SamplingError):
    """No unit was given, so nothing can be estimated."""


class NonFiniteValues(SamplingError):
    """A value is NaN or infinite; the positions are named."""


class NegativeValues(SamplingError):
    """A value that counts or measures is below zero; the positions are named."""


class WrongLength(SamplingError):
    """Two arrays that describe the same units differ in length, or have the wrong number of dimensions."""


class NotYesOrNo(SamplingError):
    """A flag is neither 0 nor 1."""


class SampleAboveStratum(SamplingError):
    """More units were sampled in a stratum than it holds."""


class UnknownStratum(SamplingError):
    """A sampled unit names a stratum whose size was not given."""


class UnsampledStratum(SamplingError):
    """A stratum with units has none in the sample, so its part of the population is unseen."""


class LonelyStratum(SamplingError):
    """One unit of a larger stratum was sampled, so nothing can be said about its spread."""


class ImpossibleProbability(SamplingError):
    """An inclusion probability is not above 0 and at most 1."""


class ImpossibleJoint(SamplingError):
    """A joint inclusion probability is missing, zero, not symmetric, or above its single ones."""


class ImpossibleCount(SamplingError):
    """A count is not a whole number, is negative, or is above the number it was counted in."""


class ImpossibleConfidence(SamplingError):
    """A confidence level is not strictly between 0 and 1."""


class UnknownMethod(SamplingError):
    """A method was asked for by a name this library does not have."""


class DuplicateUnits(SamplingError):
    """The same unit stands twice in the sample."""


class ZeroDenominator(SamplingError):
    """A ratio's denominator is estimated as zero."""


class EmptyClass(SamplingError):
    """A class (post-stratum, response class, domain) holds people but nobody who answered."""


class CollinearAuxiliaries(SamplingError):
    """The auxiliary variables cannot be told apart in the sample, so no calibration exists."""


class ImpossibleTaint(SamplingError):
    """A taint (share of an amount that is wrong) is outside 0 to 1."""
