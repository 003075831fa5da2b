"""Why an allocation is refused: one class per reason, naming the smallest feasible answer."""

from sampling.errors import SamplingError


class AllocationRefused(SamplingError):  # noqa: N818 - a refusal is named after what is refused
    """Base of the refusals of this room.

    Parameters
    ----------
    where, what, remedy : str
        As in `SamplingError`.
    smallest : int or float, optional
        The smallest answer that can be kept.
    """

    def __init__(self, where: str, what: str, remedy: str, smallest: float | None = None) -> None:
        super().__init__(where, what, remedy)
        self.smallest = smallest


class MalformedStrata(AllocationRefused):
    """Strata that are empty, of different lengths, negative, fractional or not finite."""


class FloorAboveSize(AllocationRefused):
    """A floor that asks for more than there is."""


class FloorBelowLaw(AllocationRefused):
    """A floor in percent below the statutory minimum of 30, or above 100."""


class GroupsNotNested(AllocationRefused):
    """Two groups that overlap without one holding the other."""


class TotalBelowFloors(AllocationRefused):
    """A total that cannot keep the floors; ``smallest`` can."""


class TotalAboveSize(AllocationRefused):
    """A total above what the upper bounds allow."""


class PrecisionOutOfReach(AllocationRefused):
    """A wanted precision that even the upper bounds do not give; ``smallest`` is the best they give."""


class BudgetBelowFloors(AllocationRefused):
    """A budget that cannot pay for the floors; ``smallest`` can."""
