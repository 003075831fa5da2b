"""Why a lottery is refused: one class per reason."""

from sampling.errors import SamplingError


class TicketsRefused(SamplingError):  # noqa: N818 - a refusal is named after what is refused
    """Base of the refusals of this room."""


class MalformedEntropy(TicketsRefused):
    """Entropy text that is not what the rule asks for: free text, missing sources, other characters."""


class TooFewDigits(MalformedEntropy):
    """Fewer digits of dice than the rule, or the law of ruhu-draw/1 (20), asks for."""


class MalformedEntropyRule(TicketsRefused):
    """A rule that names no dice, names them not last, or names a source of unknown kind."""


class MalformedHash(TicketsRefused):
    """A SHA-256 that is not 64 lower-case hexadecimal digits."""


class SampleAboveStratum(TicketsRefused):
    """More units asked for than the stratum holds."""


class MissingSize(TicketsRefused):
    """A design that needs a published size or order the frame does not carry."""


class UnknownDesign(TicketsRefused):
    """A design that may not be used in a statutory draw."""


class RoundOutOfRange(TicketsRefused):
    """A drand round or time before the chain began."""
