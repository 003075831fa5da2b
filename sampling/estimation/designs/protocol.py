"""What every estimator asks of a design, so that one linearisation serves them all."""

from typing import Protocol

from sampling.arrays import FloatArray


class Design(Protocol):
    """A drawn sample as the estimators see it.

    ``weights`` are the inverses of the inclusion probabilities, ``population`` the number of units the
    sample speaks for, ``name`` the words for a report.
    """

    @property
    def weights(self) -> FloatArray:
        """One weight per sampled unit, shape (n,)."""

    @property
    def population(self) -> float:
        """Units of the population: known, or the sum of the weights."""

    @property
    def degrees_of_freedom(self) -> float:
        """Degrees of freedom of the variance estimate."""

    @property
    def name(self) -> str:
        """The design and its variance in words."""

    def variance(self, values: FloatArray) -> float:
        """Variance of Σ wᵢ·valuesᵢ, for ``values`` of shape (n,)."""
