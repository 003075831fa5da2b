"""What a home visit to a demo family finds: answers as a person would give them, and now and then a plain doubt."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from api.demo.chance import dice, share_out, weighted
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
COMPANIONS = (["village_committee"], ["village_committee", "work_team"], ["work_team"], ["none"])
POSTED = {"posted": 80.0, "removed": 10.0, "never": 4.0, "unknown": 6.0}
INCOMES = ("wages", "farming", "business", "property", "transfers", "support")
INCOME_WEIGHTS = (3.0, 4.0, 0.5, 0.3, 2.0, 0.7)
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


@dataclass(frozen=True)
class Visit:
    """One home visit before it is written as XML."""

    family: Family
    sender: str  # account name
    began: datetime
    ended: datetime
    doubt: str
    photo: str  # file name; empty when none was taken
    answers: dict[str, Any] = field(repr=False)


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
            family=family, sender=sender, began=began, ended=began + timedelta(minutes=max(FAST_MINUTES, minutes)),
            doubt=doubt, photo="" if doubt == NO_PHOTO else f"{family.code}-{sender}.jpg", answers={},
        ), seen_by)  # fmt: skip


def _visit(rng: random.Random, family: Family, where: Spot, visit: Visit, seen_by: str) -> Visit:
    chances = MONEY_NOTICED if family.truth.kind in MONEY_KINDS else NOTICED
    noticed = bool(family.truth.kind) and rng.random() < chances[seen_by]
    outcome = "deceased" if noticed and not family.truth.members else weighted(rng, OUTCOMES)
    met = outcome.startswith("met_")
    answers: dict[str, Any] = {
        "start": visit.began,
        "end": visit.ended,
        "today": visit.began.date(),
        "deviceid": f"ruhu-demo:{visit.sender}",
        "username": visit.sender,
        "household_code": family.code,
        "outcome": outcome,
        "met": str(int(met)),
        "companions": rng.choice(COMPANIONS),
        "place": _place(rng, where, far=visit.doubt == FAR),
        "house_photo": visit.photo or None,
    }
    if met:
        answers |= _found(rng, family, noticed=noticed)
    else:
        answers["outcome_note"] = NOT_MET[outcome]
    visit.answers.update(answers)
    return visit


def _found(rng: random.Random, family: Family, *, noticed: bool) -> dict[str, Any]:
    """Answer for a family that was met: as it is where the visitor noticed, else as the roll says."""
    truth = family.truth
    members = max(1, truth.members if noticed else len(family.members))
    income = truth.income_yuan if noticed else int(family.income_yuan * rng.uniform(0.95, 1.05))
    parts = share_out(income, [weight * rng.uniform(0.2, 1.8) for weight in INCOME_WEIGHTS])
    assets = truth.assets if noticed else []
    answers: dict[str, Any] = {
        "members_count": members,
        "members_paid": min(members, family.persons if family.on_roll else 0),
        **dict(zip(INCOMES, parts, strict=True)),
        "income_total": income,
        "card_holder": truth.card_holder if noticed else rng.choices(("own_household", "relative"), (97, 3))[0],
        "withheld": "yes" if noticed and truth.withheld_yuan else "no",
        "list_posted": weighted(rng, POSTED),
        "assets_seen": "yes" if assets else "no",
        "assets": [
            {
                "asset_kind": asset.kind,
                "asset_owner": asset.owner,
                "asset_identifier": asset.identifier,
                "asset_value": asset.value_yuan,
            }
            for asset in assets
        ],
    }
    if answers["withheld"] == "yes":
        answers["withheld_amount"] = truth.withheld_yuan
        answers["withheld_detail"] = "户主说每次取钱后要交给村里一部分 (演示)"
    if noticed:
        answers["surveyor_note"] = "所见情况与名册不一致，请核对 (演示)"
    return answers


def _place(rng: random.Random, home: Spot, *, far: bool) -> Place:
    """Measure a place: some metres off, or several kilometres from where the house is."""
    spread = 8.0
    if far:
        home = home.moved(rng.choice((-1, 1)) * rng.uniform(2_500, 6_000), rng.uniform(-4_000, 4_000))
    longitude, latitude = home.moved(rng.gauss(0, spread), rng.gauss(0, spread)).lonlat
    return Place(latitude, longitude, float(ALTITUDE_M + rng.randint(-60, 240)), round(rng.uniform(3, 12), 1))
