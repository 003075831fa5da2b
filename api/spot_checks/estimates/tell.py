"""The estimates as programs are told them, and as rows of a sheet: the same numbers, every text in one language."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import Any, Final

from api.spot_checks.estimates.estimate import Part
from api.spot_checks.estimates.figures import Figure, interval_name
from api.spot_checks.estimates.measures import ATTEMPT_RATES, KINDS, MONEY, RATES, VERDICT_RATES
from api.spot_checks.estimates.notes import notes_of
from api.spot_checks.estimates.report import Report
from api.spot_checks.risk import BAND_NAMES

Say = Callable[..., str]
Cell = str | int | float | None

HEADINGS: Final = (
    "范围", "指标", "单位", "下限", "上限", "估计值", "把握度", "有结论户数 n", "代表户数 N", "发现户数", "最宽下限",
    "最宽上限", "区间方法", "估计方法", "说明",
)  # fmt: skip
SCHEMES: Final = {"urban": "城市", "rural": "农村"}
NAMES: Final = {name: words for name, (words, _) in (*RATES.items(), *VERDICT_RATES.items(), *ATTEMPT_RATES.items())}


def told(report: Report, say: Say) -> dict[str, Any]:
    """Return a report with the fields of `schemas.EstimatesSchema`."""
    estimates = report.estimates
    return {
        "draw_id": report.draw.id,
        "number": report.draw.number,
        "county_code": report.draw.county_code,
        "area": report.area,
        "frozen_at": report.frozen_at,
        "drawn_at": report.drawn_at,
        "first_at": report.first_at,
        "last_at": report.last_at,
        "paid_fen_per_month": report.paid_fen_per_month,
        "waiting": estimates.waiting,
        "in_order": estimates.in_order,
        "whole": _part(estimates.whole, say),
        "covered": _part(estimates.covered, say) if estimates.covered else None,
        "silent": estimates.silent,
        "townships": [_part(one, say) for one in estimates.townships],
        "cells": [_part(one, say) for one in estimates.cells],
        "bands": [_part(one, say) for one in estimates.bands],
        "attempts": {name: _figure(one, say) for name, one in estimates.attempts.items()},
        "responses": [asdict(one) for one in estimates.responses],
        "gains": [
            {"plain": _figure(one.plain, say), "sharper": _figure(one.sharper, say), "gain": one.gain}
            for one in report.gains
        ],
        "no_gain": say(report.no_gain, **report.no_gain_values) if report.no_gain else "",
        "more": [asdict(one) for one in report.more],
        "notes": [say(words, **values) for words, values in notes_of(report)],
    }


def measure_name(measure: str) -> str:
    """Return what people call a measure, in Chinese.

    Examples
    --------
    >>> measure_name("kind:favour"), measure_name("over")
    ('人情保', '每年多发')
    """
    if measure.startswith("kind:"):
        return KINDS[measure.removeprefix("kind:")]
    return NAMES.get(measure) or MONEY[measure]


def rows_of(report: Report, names: dict[str, str], say: Say) -> Iterator[list[Cell]]:
    """Yield the rows of a sheet, one estimate each, with the columns of `HEADINGS`.

    Parameters
    ----------
    names : dict
        Of places by code.
    """
    estimates = report.estimates
    county = names.get(report.draw.county_code, report.draw.county_code)
    area = names.get(report.area, report.area) if report.area else county
    for figure in estimates.whole.figures.values():
        yield _row(area, figure, say)
    if estimates.covered:
        place = say("已有结果的 {n} 个乡镇", n=len(estimates.townships) - len(estimates.silent))
        for figure in estimates.covered.figures.values():
            yield _row(place, figure, say)
    for part in (*estimates.townships, *estimates.cells):
        township, _, scheme = part.code.partition("|")
        place = names.get(township, township) + (f" {say(SCHEMES.get(scheme, scheme))}" if scheme else "")
        for figure in part.figures.values():
            yield _row(place, figure, say)
    for part in estimates.bands:
        place = say("风险段：{band}", band=say(BAND_NAMES.get(part.code, part.code)))
        for figure in part.figures.values():
            yield _row(place, figure, say)
    for figure in estimates.attempts.values():
        yield _row(area, figure, say)
    for gain in report.gains:
        place = say("{place} (两相估计，方差减少 {percent}%)", place=area, percent=_percent(gain.gain))
        yield _row(place, gain.sharper, say)


def _percent(gain: float | None) -> str:
    return "–" if gain is None else f"{100 * gain:.0f}"


def _row(place: str, figure: Figure, say: Say) -> list[Cell]:
    money = figure.unit == "fen"

    def amount(value: float | None) -> Cell:
        if value is None:
            return None
        return round(value / 100, 2) if money else round(value, 6)

    widest = figure.widest or (None, None)
    return [
        place,
        say(measure_name(figure.measure)),
        say("元") if money else say("比例"),
        amount(figure.lower),
        amount(figure.upper),
        amount(figure.value),
        figure.confidence if figure.says else None,
        figure.n,
        figure.size,
        figure.found,
        amount(widest[0]),
        amount(widest[1]),
        say(interval_name(figure.interval)) if figure.interval else "",
        figure.method,
        say(figure.words, **figure.values) if figure.words else "",
    ]


def _figure(figure: Figure, say: Say) -> dict[str, Any]:
    said = replace(
        figure,
        reason=say(figure.reason, **figure.values) if figure.reason else "",
        note=say(figure.note, **figure.values) if figure.note else "",
    )
    return {name: value for name, value in asdict(said).items() if name != "values"}


def _part(part: Part, say: Say) -> dict[str, Any]:
    return {
        "code": part.code,
        "size": part.size,
        "drawn": part.drawn,
        "judged": part.judged,
        "figures": {name: _figure(figure, say) for name, figure in part.figures.items()},
    }
