"""What a household of the demo answers about its people, income, property and payments, as the forms ask it."""

import random
from collections.abc import Sequence
from typing import Any

from api.demo.chance import dice, share_out, weighted
from api.demo.households import FEN, GROWN_UP, MONTHS, Family, Person

ASKED_FROM = 16  # years from which work and public payroll are asked
RELATIONS = {
    "本人": "householder", "配偶": "spouse", "子": "child", "女": "child", "父亲": "parent", "母亲": "parent",
}  # fmt: skip
HEALTH = {"慢性病": "chronic", "重病": "serious"}
WORK = {
    "务农": "farming", "放牧": "farming", "灵活就业": "casual", "务工": "away", "学生": "student",
}  # fmt: skip
SOURCES = {
    "wages": 3.0, "crops": 3.0, "herding": 2.0, "gathering": 0.6, "business": 0.5, "property": 0.3,
    "transfers": 2.0, "support": 0.7,
}  # fmt: skip
ANIMALS = {"yaks": (2, 25), "cattle": (1, 6), "sheep": (5, 60), "goats": (3, 40)}
POSTED = {"posted": 80.0, "removed": 10.0, "never": 4.0, "unknown": 6.0}
PAID_EVERY = {"month": 40.0, "quarter": 60.0}
MONTHS_IN = {"month": 1, "quarter": 3}


def economy(rng: random.Random, family: Family, *, noticed: bool) -> dict[str, Any]:
    """Answer for a family that was met: as it is where the visitor noticed, else as the roll says.

    What the family has is the same whoever asks; only what it earns is told a little differently each time.
    """
    truth = family.truth
    people = family.members[: max(1, truth.members)] if noticed else family.members
    income = truth.income_yuan if noticed else int(family.income_yuan * rng.uniform(0.95, 1.05))
    answers: dict[str, Any] = {
        "members_count": len(people),
        "members": [
            _member(dice("member", family.code, at), person, payroll=noticed and truth.kind == "财政供养")
            for at, person in enumerate(people)
        ],
        "members_paid": min(len(people), family.persons if family.on_roll else 0),
        **_income(dice("income", family.code), income, len(people)),
        **_spending(dice("spending", family.code), income),
        **_housing(dice("housing", family.code), family),
    }
    assets = truth.assets if noticed else []
    shop = any(asset.kind == "business" for asset in assets)
    land = _land(dice("land", family.code), family, answers["income_sources"])
    return answers | land | {
        "registration": ["sole_trader"] if shop else ["none"],
        "registration_name": f"{family.head.name} 名下的茶馆 (演示)" if shop else None,
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
    }  # fmt: skip


def payment(rng: random.Random, family: Family, *, noticed: bool) -> dict[str, Any]:
    """Answer what is received, by which way, and whether anything is kept from the family."""
    truth = family.truth
    every = weighted(rng, PAID_EVERY)
    holder = truth.card_holder if noticed else rng.choices(("own_household", "relative"), (97, 3))[0]
    answers: dict[str, Any] = {
        "receives": "yes",
        "received_amount": family.benefit_fen * MONTHS_IN[every] // FEN,
        "received_every": every,
        "received_by": "brought" if holder == "cadre" else "card",
        "other_help": [rng.choices(("none", "medical", "goods", "poverty_programme"), (70, 10, 12, 8))[0]],
        "card_holder": holder,
        "withheld": "yes" if noticed and truth.withheld_yuan else "no",
        "list_posted": weighted(rng, POSTED),
    }
    if answers["withheld"] == "yes":
        answers["withheld_amount"] = truth.withheld_yuan
        answers["withheld_detail"] = "户主说每次取钱后要交给村里一部分 (演示)"
    return answers


def reckoning(family: Family, answers: dict[str, Any]) -> dict[str, Any]:
    """Reckon as the phone does: what is missing to the standard, for all members, a month."""
    per_person = round(answers["income_total"] / answers["members_count"], 2)
    standard = family.standard_fen / FEN
    gap = round(max(0.0, standard - per_person), 2)
    return {
        "scheme_asked": family.scheme,
        "scheme": family.scheme,
        "standard": f"{standard:.2f}",
        "gap": f"{gap:.2f}",
        "provisional": f"{gap * answers['members_count'] / MONTHS:.2f}",
    }


def _member(rng: random.Random, person: Person, *, payroll: bool) -> dict[str, Any]:
    answers = {
        "member_name": person.name,
        "relation": RELATIONS.get(person.relation, "other_relative"),
        "birth_year": person.born.year,
        "age": str(person.age),
        "health": HEALTH.get(person.health, "good"),
        "disability": rng.choice(("grade_2", "grade_3", "grade_4")) if person.health == "残疾" else "none",
        "registered_elsewhere": "yes" if rng.random() < 0.03 else "no",  # noqa: PLR2004
    }
    if person.age >= ASKED_FROM:
        answers["work"] = WORK.get(person.work, "unable")
        answers["public_payroll"] = "yes" if payroll and person.age >= GROWN_UP and person.relation != "本人" else "no"
    return answers


def _income(rng: random.Random, income: int, members: int) -> dict[str, Any]:
    chosen = sorted(rng.sample(list(SOURCES), rng.randint(2, 4)), key=list(SOURCES).index) if income else []
    parts = share_out(income, [SOURCES[source] * rng.uniform(0.4, 1.6) for source in chosen]) if chosen else []
    amounts = dict(zip(chosen, parts, strict=True))
    return {
        "income_sources": chosen or ["none"],
        **amounts,
        "farming": sum(amounts.get(source, 0) for source in ("crops", "herding", "gathering")),
        "income_total": income,
        "income_per_person": f"{income / members:.2f}",
    }


def _spending(rng: random.Random, income: int) -> dict[str, int]:
    spent = share_out(
        int(max(income, 2_000) * rng.uniform(0.7, 1.15)), [rng.uniform(2, 4), rng.uniform(0, 2), 0.5, 0.3]
    )
    names = ("spending_living", "spending_medical", "spending_education", "spending_other")
    return dict(zip(names, spent, strict=True))


def _housing(rng: random.Random, family: Family) -> dict[str, Any]:
    town = family.scheme == "urban"
    return {
        "housing": rng.choice(("public", "own", "rented") if town else ("own", "own", "resettlement")),
        "structure": "concrete" if town else rng.choice(("earth", "stone", "brick")),
        "housing_m2": rng.randint(35, 90) if town else rng.randint(50, 160),
        "condition": weighted(rng, {"sound": 70.0, "worn": 26.0, "dangerous": 4.0}),
    }


def _land(rng: random.Random, family: Family, sources: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if family.scheme == "rural":
        found["cropland_mu"] = round(rng.uniform(1, 6) * len(family.members), 1)
    if "herding" in sources:
        found["grassland_mu"] = float(rng.randint(30, 900))
        found |= {animal: rng.randint(*ANIMALS[animal]) for animal in rng.sample(list(ANIMALS), 2)}
    holdings = [name.removesuffix("_mu") for name in found]
    return {"holdings": holdings or ["none"]} | {
        name: f"{value:.1f}" if name.endswith("_mu") else value for name, value in found.items()
    }
