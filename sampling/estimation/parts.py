"""The same estimate for many parts: townships, bands, surveyors; a part seen too little says so."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from sampling.arrays import codes
from sampling.estimation.designs import Design, StratifiedDesign
from sampling.estimation.rates import estimate_rate
from sampling.estimation.results import Estimate, TooFew
from sampling.refusals import EmptySample, LonelyStratum, UnsampledStratum, WrongLength

AT_LEAST = 5  # visits: below it even none found leaves the rate open up to about one half


class Estimator(Protocol):
    """An estimator of one variable: :func:`estimate_rate`, ``estimate_mean``, ``estimate_total``."""

    def __call__(
        self,
        design: Design,
        values: ArrayLike,
        /,
        *,
        within: ArrayLike | None = None,
        confidence: float = 0.95,
    ) -> Estimate:
        """Estimate from one value per sampled unit."""
        ...


def estimate_domains(
    estimator: Estimator,
    design: Design,
    values: ArrayLike,
    domain: Iterable[Hashable],
    *,
    at_least: int = AT_LEAST,
    confidence: float = 0.95,
) -> dict[Hashable, Estimate | TooFew]:
    """Estimate every domain, a part whose size in the population is not known (a kind of finding, a surveyor).

    Parameters
    ----------
    estimator : callable
        One of the estimators of a single variable.
    design : Design
        How the n units were drawn.
    values : array_like, shape (n,)
        What was measured.
    domain : iterable of Hashable, length n
        Each unit's domain.
    at_least : int
        Units below which no number is given.
    confidence : float
        Two-sided confidence.

    Returns
    -------
    dict
        Per domain, in order of first appearance, an :class:`Estimate` or a :class:`TooFew`.

    Raises
    ------
    WrongLength
        When ``domain`` has another length than the sample.

    Examples
    --------
    >>> from sampling.estimation import estimate_rate, stratified
    >>> design = stratified(["a"] * 8, {"a": 30})
    >>> answer = estimate_domains(estimate_rate, design, [1, 0, 0, 0, 0, 0, 0, 1], [7, 7, 7, 7, 7, 7, 8, 8])
    >>> answer[7].found, str(answer[8])
    (1, '8: too few to say (2 seen, 5 needed)')
    """
    labels, code = codes("domain", domain)
    if len(code) != len(design.weights):
        raise WrongLength("domain", f"has {len(code)} values for {len(design.weights)} units", "give one per unit")
    out: dict[Hashable, Estimate | TooFew] = {}
    for d, label in enumerate(labels):
        inside = code == d
        n = int(inside.sum())
        if n < at_least:
            out[label] = TooFew("domain", label, n, at_least, f"{n} seen, {at_least} needed")
        else:
            out[label] = estimator(design, values, within=inside, confidence=confidence)
    return out


def estimate_groups(
    estimator: Estimator,
    design: StratifiedDesign,
    values: ArrayLike,
    group_of: Callable[[Hashable], Hashable] | Mapping[Hashable, Hashable],
    *,
    at_least: int = AT_LEAST,
    confidence: float = 0.95,
) -> dict[Hashable, Estimate | TooFew]:
    """Estimate every group of whole strata, whose size is known (a township, a scheme, a band).

    Parameters
    ----------
    estimator : callable
        One of the estimators of a single variable.
    design : StratifiedDesign
        How the n units were drawn.
    values : array_like, shape (n,)
        What was measured.
    group_of : callable or mapping
        From a stratum's label to its group.
    at_least : int
        Units below which no number is given, unless the group was seen entirely.
    confidence : float
        Two-sided confidence.

    Returns
    -------
    dict
        Per group an :class:`Estimate`, or a :class:`TooFew` with its reason.

    Examples
    --------
    >>> from sampling.estimation import estimate_rate, stratified
    >>> design = stratified(["t1|a"] * 6 + ["t2|a"] * 2, {"t1|a": 20, "t2|a": 9})
    >>> answer = estimate_groups(estimate_rate, design, [1] + [0] * 7, lambda label: label.split("|")[0])
    >>> answer["t1"].N, answer["t2"].enough
    (20.0, False)
    """
    answer = group_of.__getitem__ if isinstance(group_of, Mapping) else group_of
    groups = dict.fromkeys(answer(label) for label in design.labels)
    values = np.asarray(values)
    if len(values) != len(design.code):
        raise WrongLength("values", f"has {len(values)} values for {len(design.code)} units", "give one per unit")
    out: dict[Hashable, Estimate | TooFew] = {}
    for group in groups:
        part, units = design.part(lambda label, group=group: answer(label) == group)  # type: ignore[misc]
        n = int(units.sum())
        if n < at_least and n < part.population:
            out[group] = TooFew("group", group, n, at_least, f"{n} seen, {at_least} needed")
            continue
        try:
            out[group] = estimator(part, values[units], confidence=confidence)
        except LonelyStratum as refusal:
            out[group] = TooFew("group", group, n, at_least, str(refusal))
    return out


def estimate_disagreement(
    design: Design,
    township: ArrayLike,
    county: ArrayLike,
    *,
    by: Iterable[Hashable] | None = None,
    at_least: int = AT_LEAST,
    confidence: float = 0.95,
) -> dict[Hashable, Estimate | TooFew]:
    """Estimate how often a second visit contradicts the first, overall and per surveyor or township.

    Parameters
    ----------
    design : Design
        How the n second visits were drawn.
    township, county : array_like, shape (n,)
        The two answers for the same unit, compared for equality.
    by : iterable of Hashable, length n, optional
        Each unit's surveyor (or township, village…).
    at_least, confidence : int, float
        As in :func:`estimate_domains`.

    Returns
    -------
    dict
        Under ``None`` the overall rate, then one entry per label of ``by``.

    Examples
    --------
    >>> from sampling.estimation import stratified
    >>> design = stratified(["a"] * 5, {"a": 20})
    >>> estimate_disagreement(design, [3, 1, 2, 2, 4], [3, 1, 2, 5, 4])[None].value
    0.2
    """
    first, second = np.asarray(township), np.asarray(county)
    n = len(design.weights)
    if first.shape != (n,) or second.shape != (n,):
        raise WrongLength("township, county", f"have shapes {first.shape}, {second.shape}", f"give {n} answers each")
    differ = (first != second).astype(np.float64)
    out: dict[Hashable, Estimate | TooFew] = {None: estimate_rate(design, differ, confidence=confidence)}
    if by is not None:
        out |= estimate_domains(estimate_rate, design, differ, by, at_least=at_least, confidence=confidence)
    return out


def merge_strata(
    strata: Iterable[Hashable], sizes: Mapping[Hashable, int], into: Mapping[Hashable, Hashable]
) -> tuple[list[Hashable], dict[Hashable, int]]:
    """Relabel strata and add up their sizes, the remedy where a stratum has one answer or none.

    Parameters
    ----------
    strata : iterable of Hashable, length n
        Each unit's stratum.
    sizes : mapping
        N_h per stratum.
    into : mapping
        New label per old one; labels not named stay.

    Returns
    -------
    strata, sizes
        For :func:`stratified`. The units then share one weight, so merge only strata whose units had like
        chances.

    Raises
    ------
    UnsampledStratum
        When a label to be merged is not among the sizes.

    Examples
    --------
    >>> merge_strata(["a", "b"], {"a": 3, "b": 4}, {"b": "a"})
    (['a', 'a'], {'a': 7})
    """
    unknown = [label for label in into if label not in sizes]
    if unknown:
        raise UnsampledStratum("into", f"names {unknown[0]!r}, which has no size", "name a stratum of `sizes`")
    merged: dict[Hashable, int] = {}
    for label, size in sizes.items():
        target = into.get(label, label)
        merged[target] = merged.get(target, 0) + size
    if not merged:
        raise EmptySample("sizes", "holds no stratum", "give at least one")
    return [into.get(label, label) for label in strata], merged
