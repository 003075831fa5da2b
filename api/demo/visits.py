"""What a home visit or a check of a demo family finds: answers as people would give them, and now and then a doubt."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from api.demo.chance import dice, weighted
from api.demo.economy import economy, payment, reckoning
from api.demo.ground import ALTITUDE_M, Spot
from api.demo.households import Family
from api.evidence.reading import CHINA
from survey_forms.values import Place

OUTCOMES = {
    "met_householder": 78.0, "met_member": 14.0, "nobody_home": 3.0, "away": 3.0, "moved": 0.7, "refused": 0.6,
}  # fmt: skip
NOT_MET = {
    "nobody_home": "敲门无人应答，邻居说外出放牧 (演示)",
    "away": "全家外出务工，已电话核实 (演示)",
    "moved": "邻居说去年已搬走 (演示)",
    "refused": "户主拒绝调查，已说明政策 (演示)",
    "deceased": "村委会证实全户已无人在世 (演示)",
}
CONCLUSIVE = frozenset({"moved", "deceased", "no_such_household"})
DECLINED = 0.06
IN_PAIRS = 0.3
COMPANIONS = (["village_committee"], ["village_committee", "work_team"], ["work_team"], ["none"])
# How often an error is noticed: by the township, which lives next door, and by somebody from the county.
NOTICED = {"township": 0.4, "county": 0.9}
MONEY_KINDS = frozenset({"截留挪用", "扣压代管"})  # not told in front of those who did it
MONEY_NOTICED = {"township": 0.15, "county": 0.8}

FAST, FAR, NO_PHOTO, SAME_SPOT = "four-minutes", "far-from-home", "no-photo", "same-spot"
DOUBT_SHARES = {"": 93.0, FAST: 3.0, FAR: 2.0, NO_PHOTO: 2.0}
FAST_MINUTES = 4
SAME_SPOT_RUN = 4  # households "visited" from one chair
SAME_SPOT_FEWEST = 12  # visits by one person before such a run is planted
FIRST_HOUR = time(9, 0)
WORKING_MINUTES = 8 * 60 + 30


# How the checker's form names the errors that are planted.
ERROR_KINDS = {
    "错保": "wrongly_included", "漏保": "wrongly_excluded", "人情保": "favour", "关系保": "connection",
    "保人不保户": "person_not_household", "轮流坐庄": "rotation", "平均发放": "equal_shares", "虚报冒领": "false_claim",
    "截留挪用": "withheld", "扣压代管": "card_kept", "优亲厚友": "kin_favoured", "死亡未退": "paid_after_death",
    "超标准财产": "assets_above_limit", "财政供养": "public_payroll",
}  # fmt: skip
FORMS = {"township": "home_visit", "county": "spot_check_visit"}


@dataclass(frozen=True, kw_only=True)
class Filled:
    """One filled form before it is written as XML."""

    form_id: str
    sender: str  # account name
    subject: str  # code of the household or village
    number: int = 0  # tells several of one sender and subject apart
    began: datetime
    ended: datetime
    answers: dict[str, Any] = field(repr=False)

    @property
    def files(self) -> tuple[str, ...]:
        """The files that its answers name."""
        rows = [row for value in self.answers.values() if isinstance(value, list) for row in value]
        told = [self.answers, *(row for row in rows if isinstance(row, dict))]
        named = (str(value) for answers in told for value in answers.values())
        return tuple(dict.fromkeys(name for name in named if name.endswith(".jpg")))


@dataclass(frozen=True, kw_only=True)
class Visit(Filled):
    """One home visit, or one check."""

    family: Family
    doubt: str
    photo: str  # file name; empty when none was taken


def make_visits(
    families: Sequence[Family], sender: str, *, seen_by: str, days: Sequence[date], doubts: bool = True
) -> Iterator[Visit]:
    """Yield one person's visits, in the order of the codes, spread over some days.

    Parameters
    ----------
    seen_by : {'township', 'county'}
        Who looks; the county notices more.
    days : sequence of date
        At least one, none of them today or later.
    doubts : bool
        Whether some visits are doubtful.
    """
    ordered = sorted(families, key=lambda family: family.code)
    rng = dice("visits", sender)
    per_day = -(-len(ordered) // len(days))
    slot = WORKING_MINUTES / max(1, per_day)
    chair = rng.randrange(len(ordered) - SAME_SPOT_RUN) if doubts and len(ordered) >= SAME_SPOT_FEWEST else None
    for at, family in enumerate(ordered):
        mine = dice("visit", sender, family.code)
        doubt = weighted(mine, DOUBT_SHARES) if doubts else ""
        where = family.home
        if chair is not None and chair <= at < chair + SAME_SPOT_RUN:
            doubt, where = SAME_SPOT, ordered[chair].home
        day, place_in_day = divmod(at, per_day)
        began = datetime.combine(days[day], FIRST_HOUR, CHINA) + timedelta(minutes=int(place_in_day * slot))
        minutes = FAST_MINUTES if doubt == FAST else mine.uniform(0.4, 0.75) * min(slot, 55)
        yield _visit(mine, family, where, Visit(
            form_id=FORMS[seen_by], subject=family.code, family=family, sender=sender,
            began=began, ended=began + timedelta(minutes=max(FAST_MINUTES, minutes)),
            doubt=doubt, photo="" if doubt == NO_PHOTO else f"{family.code}-{sender}.jpg", answers={},
        ), seen_by)  # fmt: skip


def _visit(rng: random.Random, family: Family, where: Spot, visit: Visit, seen_by: str) -> Visit:
    chances = MONEY_NOTICED if family.truth.kind in MONEY_KINDS else NOTICED
    noticed = bool(family.truth.kind) and rng.random() < chances[seen_by]
    outcome = "deceased" if noticed and not family.truth.members else weighted(rng, OUTCOMES)
    met = outcome.startswith("met_")
    answers: dict[str, Any] = {
        **noted_by_phone(visit.sender, visit.began, visit.ended),
        "household_typed": family.code,  # as on a phone that has no list yet
        "household_code": family.code,
        "outcome": outcome,
        "met": str(int(met)),
        "companions": rng.choice(COMPANIONS),
        "place": measured(rng, where, far=visit.doubt == FAR),
        "house_photo": visit.photo or None,
        "surveyor_signature": f"signature-{visit.sender}-{family.code}.jpg",
    }
    if met:
        answers |= economy(rng, family, noticed=noticed) | payment(rng, family, noticed=noticed)
        answers |= _signed(rng, family, visit.sender)
    else:
        answers["outcome_note"] = NOT_MET[outcome]
    if noticed and met:
        answers["surveyor_note"] = "所见情况与名册不一致，请核对 (演示)"
    if seen_by == "township":
        answers |= reckoning(family, answers) if met else {}
    elif met or outcome in CONCLUSIVE:
        answers |= _conclusion(family, noticed=noticed)
    visit.answers.update(answers)
    return visit


def noted_by_phone(sender: str, began: datetime, ended: datetime) -> dict[str, Any]:
    """Return what a phone writes down by itself."""
    return {
        "start": began,
        "end": ended,
        "today": began.date(),
        "deviceid": f"ruhu-demo:{sender}",
        "username": sender,
    }


def _signed(rng: random.Random, family: Family, sender: str) -> dict[str, Any]:
    if rng.random() < DECLINED:
        return {"household_signs": "declines", "household_declines_why": "不识字，也不愿画押 (演示)"}
    signed = {"household_signs": "signs", "household_signature": f"signature-{family.code}-{sender}.jpg"}
    if rng.random() < IN_PAIRS:
        signed |= {"second_surveyor": "虚构同事", "second_signature": f"signature-{sender}-second-{family.code}.jpg"}
    return signed


def _conclusion(family: Family, *, noticed: bool) -> dict[str, Any]:
    """Conclude as a checker does from what he noticed himself."""
    if not noticed:
        return {"verdict": "right", "error_kinds": ["none"]}
    truth = family.truth
    if truth.correct_fen_per_month == 0:
        verdict = "not_eligible"
    else:
        verdict = "amount_high" if family.benefit_fen > truth.correct_fen_per_month else "right"
    return {
        "verdict": verdict,
        "error_kinds": [ERROR_KINDS[truth.kind]],
        "verdict_reason": "入户所见、所问与名册不符 (演示)",
    }


def measured(rng: random.Random, home: Spot, *, far: bool = False) -> Place:
    """Measure a place: some metres off, or several kilometres from where the house is."""
    spread = 8.0
    if far:
        home = home.moved(rng.choice((-1, 1)) * rng.uniform(2_500, 6_000), rng.uniform(-4_000, 4_000))
    longitude, latitude = home.moved(rng.gauss(0, spread), rng.gauss(0, spread)).lonlat
    return Place(latitude, longitude, float(ALTITUDE_M + rng.randint(-60, 240)), round(rng.uniform(3, 12), 1))
