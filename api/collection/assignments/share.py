"""Split a road's households between several workers: neighbours stay together, and the parts are even."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID


def share_out(
    households: Sequence[UUID],
    workers: Sequence[UUID],
    barred: set[tuple[UUID, UUID]] = frozenset(),  # type: ignore[assignment]
) -> dict[UUID, UUID | None]:
    """Give each household a worker: an unbroken stretch of the road each, their lengths differing by at most one.

    A household that its worker may not have goes to the one with least so far who may; to nobody if none may.

    Parameters
    ----------
    households : sequence of UUID
        As one walks.
    workers : sequence of UUID
        At least one.
    barred : set of (worker, household)
        What must not be.

    Examples
    --------
    >>> from uuid import UUID
    >>> road, (a, b) = [UUID(int=n) for n in range(5)], (UUID(int=10), UUID(int=11))
    >>> [worker.int for worker in share_out(road, [a, b]).values()]
    [10, 10, 10, 11, 11]
    >>> share_out(road[:1], [a], {(a, road[0])})
    {UUID('00000000-0000-0000-0000-000000000000'): None}
    """
    whole, more = divmod(len(households), len(workers))
    planned = [worker for at, worker in enumerate(workers) for _ in range(whole + (at < more))]
    load: Counter[UUID] = Counter(dict.fromkeys(workers, 0))
    given: dict[UUID, UUID | None] = {}
    for household, worker in zip(households, planned, strict=True):
        if (worker, household) not in barred:
            given[household] = worker
            load[worker] += 1
        else:
            given[household] = None
    for household in [household for household, worker in given.items() if worker is None]:
        may = [worker for worker in workers if (worker, household) not in barred]
        if may:
            given[household] = min(may, key=lambda worker: load[worker])
            load[given[household]] += 1  # type: ignore[index] # just set
    return given
