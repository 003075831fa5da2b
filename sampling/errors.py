"""Why a sampling request is refused: one base class, so that callers can answer every refusal alike."""


class SamplingError(ValueError):
    """Base of every refusal of this library.

    Subclasses live in the room that refuses and bear the name of the thing refused
    (``DuplicateUnits``, ``FloorAboveSize``, …).

    Parameters
    ----------
    where : str
        What was looked at: an argument's name, a stratum, a file, the rows.
    what : str
        What is wrong with it, with the offending values.
    remedy : str
        What the reader can do about it, in the imperative.

    Examples
    --------
    >>> raise SamplingError("n", "is 12 but N is 10", "ask for at most 10")
    Traceback (most recent call last):
    ...
    sampling.errors.SamplingError: n: is 12 but N is 10; ask for at most 10
    """

    def __init__(self, where: str, what: str, remedy: str) -> None:
        super().__init__(f"{where}: {what}; {remedy}")
        self.where = where
        self.what = what
        self.remedy = remedy
