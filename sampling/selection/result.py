"""What a draw is once made: a frozen object that carries its design, so that estimates need not be told it."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sampling.selection.errors import UnknownStratum
from sampling.selection.strata import Booleans, Floats, Integers, Strata


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """A sample, its reserves, and the chances they were drawn with.

    Attributes
    ----------
    design : str
        Name of the design, with its reference.
    strata : Strata
        The partition of the frame.
    n : ndarray of int, shape (H,)
        Units drawn per stratum.
    probability : ndarray, shape (N,)
        First-order inclusion probability of every unit of the frame, drawn or not.
    exact : bool
        Whether `probability` is what the design truly gives (else its target, with a bias the method's page
        states).
    sample : ndarray of int, shape (sum of n,)
        Positions of the drawn units, stratum after stratum, in the order of the draw.
    reserve : ndarray of int, shape (sum of reserves,)
        Positions of the reserves, stratum after stratum, in the order they are to be released.
    reserves : ndarray of int, shape (H,)
        Reserves per stratum.
    uniforms : ndarray, shape (N,), or None
        The random numbers of the units, where the design keeps one per unit; needed to continue the draw and to
        coordinate it with others.

    Notes
    -----
    None of these draws is a statutory one: floating-point numbers and a generator's stream are promised by no
    library for ever. `publicly_recomputable` is therefore always False; statutory draws are made with tickets.
    """

    design: str
    strata: Strata
    n: Integers
    probability: Floats
    exact: bool
    sample: Integers
    reserve: Integers
    reserves: Integers
    uniforms: Floats | None = None

    publicly_recomputable: ClassVar[bool] = False
    label: ClassVar[str] = "not publicly recomputable"

    def __post_init__(self) -> None:
        # read-only views: a draw is never changed, and the caller's own arrays stay his
        for name in ("n", "probability", "sample", "reserve", "reserves", "uniforms"):
            array = getattr(self, name)
            if array is not None:
                view = array.view()
                view.flags.writeable = False
                object.__setattr__(self, name, view)

    def __repr__(self) -> str:
        return (
            f"Selection({self.design}: {self.sample.size} of {self.strata.units} units in {self.strata.count} "
            f"strata, {self.reserve.size} reserves, {self.label})"
        )

    @property
    def selected(self) -> Booleans:
        """Whether each unit of the frame was drawn, shape (N,)."""
        mask = np.zeros(self.strata.units, dtype=np.bool_)
        mask[self.sample] = True
        return mask

    @property
    def weight(self) -> Floats:
        """Design weight 1/π of each drawn unit, in the order of `sample`."""
        weight: Floats = 1.0 / self.probability[self.sample]
        return weight

    def sample_of(self, label: Any) -> Integers:
        """Drawn units of the stratum ``label``, in the order of the draw.

        Raises
        ------
        UnknownStratum
            If the frame has no such stratum.
        """
        return self._part(self.sample, self.n, label)

    def reserve_of(self, label: Any) -> Integers:
        """Reserves of the stratum ``label``, first to be released first.

        Raises
        ------
        UnknownStratum
            If the frame has no such stratum.
        """
        return self._part(self.reserve, self.reserves, label)

    def _part(self, units: Integers, counts: Integers, label: Any) -> Integers:
        found = np.flatnonzero(self.strata.labels == label)
        if found.size != 1:
            raise UnknownStratum("label", f"{label!s} is not a stratum", "name one of strata.labels")
        end = int(counts[: found[0] + 1].sum())
        return units[end - int(counts[found[0]]) : end]
