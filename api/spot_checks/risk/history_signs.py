"""Signs of the past: what spot checks of earlier draws found."""

from typing import Any, Final

import sqlalchemy as sa

from api.spot_checks.outcomes import Outcome, outcomes_of
from api.spot_checks.risk.said import Asked, Signs, day_of, said
from api.spot_checks.tables import Draw, DrawResult

WRONG: Final = {
    "amount_high": "{day} 抽查：符合条件，金额偏高",
    "amount_low": "{day} 抽查：符合条件，金额偏低",
    "not_eligible": "{day} 抽查：不符合条件，应当退出",
}
GONE: Final = "{day} 抽查：查实已不在"
OTHER: Final = "{day} 抽查：发现问题"
UNJUDGED: Final = frozenset({"", "cannot_tell"})


def history_signs(asked: Asked) -> Signs:
    """Yield households that a draw of the past found wrong or could not reach; of several draws the last one says."""
    known: set[Any] = set()
    for draw in drawn(asked):
        for one in outcomes_of(asked.session, draw):
            if one.state == "waiting" or one.household_id in known:
                continue
            known.add(one.household_id)
            day = day_of(one.received_at) if one.received_at else ""
            if one.state == "unreached":
                yield one.household_id, "check_unreached", said("{day} 抽查未见到人", day=day)
            elif is_wrong(one):
                words = WRONG.get(one.verdict, GONE if one.state == "gone" else OTHER)
                yield one.household_id, "check_error", said(words, day=day)


def drawn(asked: Asked) -> list[Draw]:
    """Return the county's draws whose dice were thrown, the newest first, of whatever campaign."""
    same = sa.and_(DrawResult.county_code == Draw.county_code, DrawResult.draw_id == Draw.id)
    statement = sa.select(Draw).join(DrawResult, same).where(Draw.county_code == asked.county_code)
    return list(asked.session.scalars(statement.order_by(DrawResult.drawn_at.desc(), Draw.id.desc())))


def is_wrong(one: Outcome) -> bool:
    """Tell whether a check that counts found anything wrong: a household that is gone is still on the roll."""
    return one.state == "gone" or one.verdict in WRONG or bool(one.error_kinds)


def is_judged(one: Outcome) -> bool:
    """Tell whether a check came to a conclusion one can learn from."""
    return one.counts and (is_wrong(one) or one.verdict not in UNJUDGED)
