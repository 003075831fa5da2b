"""Where a campaign stands on a day: its stage, the days left, the next report due, the standard in force."""

from datetime import date

from api.campaigns.tables import Campaign, ReportingDate, Stage, Standard


def current_stage(campaign: Campaign, day: date) -> Stage | None:
    """Return the stage that a day lies in; None before the first, after the last, and in a gap.

    Examples
    --------
    >>> stage = Stage(name="组织实施", starts_on=date(2018, 6, 16), ends_on=date(2018, 7, 31))
    >>> current_stage(Campaign(stages=[stage]), date(2018, 7, 31)).name
    '组织实施'
    """
    return next((stage for stage in campaign.stages if stage.starts_on <= day <= stage.ends_on), None)


def next_stage(campaign: Campaign, day: date) -> Stage | None:
    """Return the first stage that begins after a day, or None."""
    return min((s for s in campaign.stages if s.starts_on > day), key=lambda s: s.starts_on, default=None)


def days_left(last_day: date, day: date) -> int:
    """Return the days from a day to the last one, both counted; 0 once it has passed.

    Examples
    --------
    >>> days_left(date(2018, 7, 31), date(2018, 7, 31)), days_left(date(2018, 7, 31), date(2018, 8, 1))
    (1, 0)
    """
    return max(0, (last_day - day).days + 1)


def next_report(campaign: Campaign, day: date) -> ReportingDate | None:
    """Return the next report due on or after a day, or None."""
    return min((r for r in campaign.reporting_dates if r.due_on >= day), key=lambda r: r.due_on, default=None)


def standard_for(campaign: Campaign, area_code: str, scheme: str, year: int) -> int | None:
    """Return the income line in fen per person and year; None when the campaign names none."""
    found = standard_in_force(campaign, area_code, scheme, year)
    return found.fen_per_person_year if found else None


def standard_in_force(campaign: Campaign, area_code: str, scheme: str, year: int) -> Standard | None:
    """Return the income line that holds in an area in a year; None when the campaign names none.

    The narrowest area that holds `area_code` goes before wider ones; within it, the newest year not after `year`,
    else the oldest.
    """
    rows = [s for s in campaign.standards if s.scheme == scheme and area_code.startswith(s.area_code)]
    return max(
        rows, key=lambda s: (len(s.area_code), s.year <= year, s.year if s.year <= year else -s.year), default=None
    )
