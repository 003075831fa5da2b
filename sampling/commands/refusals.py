"""Why a command is refused before the library is asked."""

from sampling.errors import SamplingError


class CommandRefused(SamplingError):  # noqa: N818 - a refusal is named after what is refused
    """Base of the refusals of this room."""


class MalformedTable(CommandRefused):
    """A roll or a list of visits that lacks a column, a row or a number."""


class AlreadyThere(CommandRefused):
    """A file that would be overwritten; what was published stays."""


class WrongFiles(CommandRefused):
    """A number of files that no verification takes."""
