"""What a source says of a household: a sign, with a text kept apart from its values so that any reader can read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from api.campaigns.stages import standard_for
from api.campaigns.tables import Campaign

CHINA: Final = ZoneInfo("Asia/Shanghai")
Detail = dict[str, Any]  # a text in Chinese with {names}, and its values
Sign = tuple[UUID, str, Detail]  # household, indicator, what the source says
Signs = Iterator[Sign]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a source is asked about: one county in one campaign on one day."""

    session: Session
    campaign: Campaign
    county_code: str
    day: date

    def line_of(self, scheme: str) -> int | None:
        """Return the income line of a scheme in fen per person and year; None when the campaign names none."""
        return standard_for(self.campaign, self.county_code, scheme, self.day.year)


def said(text: str, **values: str) -> Detail:
    """Keep a text apart from its values, so that it can be shown in the reader's language."""
    return {"text": text, "values": values}


def yuan(fen: int) -> str:
    """Return an amount in whole yuan, as people say it.

    Examples
    --------
    >>> yuan(976_850)
    '9,768'
    """
    return f"{fen // 100:,}"


def day_of(moment: datetime) -> str:
    """Return the day of a moment in the county.

    Examples
    --------
    >>> from datetime import UTC
    >>> day_of(datetime(2026, 6, 30, 20, tzinfo=UTC))
    '2026-07-01'
    """
    return moment.astimezone(CHINA).date().isoformat()


def years_before(day: date, years: int) -> date:
    """Return the same day some years earlier; 29 February has no namesake in most years, the 28th serves.

    Examples
    --------
    >>> years_before(date(2024, 2, 29), 3)
    datetime.date(2021, 2, 28)
    """
    return date(day.year - years, day.month, min(day.day, 28) if day.month == 2 else day.day)  # noqa: PLR2004 - February
