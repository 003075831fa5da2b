"""What a person wants exported, and how it is to be spelt: one value, the same on a page, in the API and in a job."""

from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, Self

FORMATS = ("csv", "xlsx", "geojson", "media")
LANGUAGES = ("zh", "en")
STATES = ("edited", "doubtful")
SPELLINGS = ("label", "code")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Filters and spelling of one export; an empty filter keeps everything the person may see.

    Attributes
    ----------
    format : str
        ``csv`` (a zip of several where repeats are wanted and the form has any), ``xlsx``, ``geojson``, or ``media``:
        the CSV and the files in one zip.
    area : str
        Prefix of a division code.
    since, until : date or None
        First and last day of arrival, in the county's time.
    state : str
        ``edited``: changed after the first sending; ``doubtful``: something in it could not be understood.
    headings, answers : str
        ``label``: words for people in `language`; ``code``: names for programs.
    split : bool
        A question with several choices takes a column for each.
    repeats : bool
        The rows of repeats come along.
    mark : bool
        CSV begins with the mark by which Excel knows UTF-8.
    unmasked : bool
        Identity, telephone and card numbers are written whole.
    """

    form_id: str
    format: str = "csv"
    area: str = ""
    since: date | None = None
    until: date | None = None
    purpose: str = ""
    state: str = ""
    language: str = "zh"
    headings: str = "label"
    answers: str = "label"
    split: bool = False
    repeats: bool = True
    mark: bool = True
    unmasked: bool = False

    def kept(self) -> dict[str, Any]:
        """Return it as JSON keeps it."""
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(self).items()}

    @classmethod
    def from_kept(cls, kept: dict[str, Any]) -> Self:
        """Read what `kept` wrote; what an older release did not know takes its default.

        Examples
        --------
        >>> wanted = Wanted(form_id="home_visit", since=date(2026, 7, 1))
        >>> Wanted.from_kept(wanted.kept()) == wanted
        True
        """
        known = {item.name for item in fields(cls)}
        values = {name: value for name, value in kept.items() if name in known}
        for name in ("since", "until"):
            if values.get(name):
                values[name] = date.fromisoformat(values[name])
        return cls(**values)
