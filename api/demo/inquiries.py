"""What else is done in the demo's field beside visits: neighbours asked, property seen, meetings held, lists posted."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from api.demo.chance import dice, weighted
from api.demo.ground import Spot
from api.demo.households import Family
from api.demo.visits import Filled, Visit, measured, noted_by_phone

INTERVIEWED_ONE_IN = 20  # households whose neighbours were asked
INTERVIEWS = 2  # of each, as the plan's rule has it
MINUTES = 12
MEETING_MINUTES = 90
MOST_VOTES = 12  # households spoken of in one meeting
LIVELIHOODS = ("farming", "working", "relief", "support")


def make_inquiries(visits: Sequence[Visit]) -> Iterator[Filled]:
    """Yield what surveyors did around their visits: interviews, property seen again, a meeting and a posting a village.

    Parameters
    ----------
    visits
        The township's own.
    """
    for at, visit in enumerate(visits):
        if at % INTERVIEWED_ONE_IN == 0:
            yield from (_interview(visit, number) for number in range(INTERVIEWS))
        if visit.answers.get("assets"):
            yield _asset_evidence(visit)
    villages: dict[str, list[Visit]] = {}
    for visit in visits:
        villages.setdefault(visit.family.village, []).append(visit)
    for village, here in villages.items():
        yield _appraisal(village, here)
        yield _posting(village, here)


def _interview(visit: Visit, number: int) -> Filled:
    family = visit.family
    rng = dice("interview", family.code, number)
    fair = weighted(rng, {"fair": 80.0, "no_answer": 12.0, "some_should_not": 5.0, "some_are_missing": 3.0})
    began = visit.ended + timedelta(minutes=number * (MINUTES + 3) + 1)
    anonymous = rng.random() < 0.4  # noqa: PLR2004
    knows = bool(family.truth.assets) and rng.random() < 0.7  # noqa: PLR2004
    answers = {
        "informant": rng.choice(("neighbour", "villager", "representative")),
        "anonymous": "yes" if anonymous else "no",
        "informant_name": None if anonymous else f"虚构邻居{number + 1}",
        "known_years": rng.randint(2, 40),
        "livelihood": rng.sample(LIVELIHOODS, rng.randint(1, 2)),
        "vehicle": "yes" if knows else rng.choice(("no", "unknown")),
        "shop": "no",
        "property_known": "见过家里人开车 (演示)" if knows else None,
        "kin_in_office": rng.choices(("no", "unknown"), (85, 15))[0],
        "compared": weighted(rng, {"worse": 55.0, "same": 40.0, "better": 5.0}),
        "life_style": ["ordinary"],
        "roll_fair": fair,
        "roll_fair_detail": "说村里有人家条件不差也在名单上 (演示)" if fair == "some_should_not" else None,
        "withheld": "no",
    }
    return _filled("neighbour_interview", visit.sender, family.code, began, MINUTES, number=number, answers={
        **_of_household(family), **answers, "place": measured(rng, family.home.moved(60, 40)),
    })  # fmt: skip


def _asset_evidence(visit: Visit) -> Filled:
    family = visit.family
    rng = dice("asset evidence", family.code)
    assets = [
        {
            **asset,
            "asset_photo": f"asset-{family.code}-{at}.jpg",
            "asset_place": measured(rng, family.home),
            "asset_source": "入户时看到，本人承认 (演示)",
        }
        for at, asset in enumerate(visit.answers["assets"])
    ]
    began = visit.ended + timedelta(hours=1)
    return _filled("asset_evidence", visit.sender, family.code, began, MINUTES, answers={
        **_of_household(family),
        "cause": "入户调查时发现 (演示)",
        "assets": assets,
        "place": measured(rng, family.home),
    })  # fmt: skip


def _appraisal(village: str, visits: Sequence[Visit]) -> Filled:
    rng = dice("appraisal", village)
    attended = rng.randint(24, 60)
    voters = rng.randint(15, attended)
    votes = []
    for visit in visits[:MOST_VOTES]:
        against = min(voters, rng.choice((0, 0, 0, 1, 2, voters // 3)))
        in_favour = rng.randint((voters - against) * 3 // 4, voters - against)
        votes.append({
            "household_typed": visit.family.code,
            "household_code": visit.family.code,
            "in_favour": in_favour,
            "against": against,
            "abstained": voters - in_favour - against,
        })  # fmt: skip
    began = _evening(visits)
    return _filled("democratic_appraisal", visits[0].sender, village, began, MEETING_MINUTES, answers={
        **_of_village(village),
        "venue": "村委会会议室",
        "chair": "虚构主任",
        "attendees": ["village_committee", "work_team", "representatives", "villagers"],
        "attended": attended,
        "voters": voters,
        "kin_withdrew": "yes",
        "votes": votes,
        "minutes": "逐户评议，当场唱票，与会人员签字 (演示)",
        "minutes_photo": f"minutes-{village}.jpg",
        "meeting_photo": f"meeting-{village}.jpg",
        "place": measured(rng, _middle(visits)),
    })  # fmt: skip


def _posting(village: str, visits: Sequence[Visit]) -> Filled:
    rng = dice("posting", village)
    began = _evening(visits) + timedelta(minutes=MEETING_MINUTES + 10)
    objected = rng.random() < 0.12  # noqa: PLR2004
    about = rng.choice(visits).family.code
    objection = {
        "objection": "认为这一户条件较好 (演示)",
        "about_code": about,
        "reply": "已登记，将再次入户核实 (演示)",
    }
    return _filled("public_posting", visits[0].sender, village, began, MINUTES, answers={
        **_of_village(village),
        "posted_list": "applicants",
        "households_listed": len(visits),
        "posted_from": began.date(),
        "posted_until": began.date() + timedelta(days=7),
        "spot": "村委会公示栏",
        "shown_too_much": ["none"] if rng.random() < 0.9 else ["phone"],  # noqa: PLR2004
        "list_photo": f"list-{village}.jpg",
        "spot_photo": f"notice-board-{village}.jpg",
        "place": measured(rng, _middle(visits)),
        "objected": "yes" if objected else "no",
        "objections": [objection] if objected else [],
    })  # fmt: skip


def _filled(
    form_id: str, sender: str, subject: str, began: datetime, minutes: int, *, answers: dict[str, Any], number: int = 0
) -> Filled:
    ended = began + timedelta(minutes=minutes)
    own = {
        **noted_by_phone(sender, began, ended),
        "surveyor_signature": f"signature-{sender}-{form_id}-{subject}-{number}.jpg",
    }
    return Filled(
        form_id=form_id, sender=sender, subject=subject, number=number, began=began, ended=ended, answers=own | answers
    )


def _of_household(family: Family) -> dict[str, str]:
    return {"household_typed": family.code, "household_code": family.code}


def _of_village(code: str) -> dict[str, str]:
    return {"village_typed": code, "village_code": code}


def _evening(visits: Iterable[Visit]) -> datetime:
    """After the last visit of the village: the meeting speaks of what was found."""
    return max(visit.ended for visit in visits) + timedelta(hours=1)


def _middle(visits: Sequence[Visit]) -> Spot:
    homes = [visit.family.home for visit in visits]
    return Spot(sum(home.east_m for home in homes) / len(homes), sum(home.north_m for home in homes) / len(homes))
