"""What the estimates are worth on the demo county, whose errors are known: coverage, bias, what risk strata catch.

Run ``python benchmarks/evaluation.py [--draws 1000] [--reports 100] [--households 3000]``. The county is made in
memory; its roll is frozen, scored and planned as the server does it, and drawn many times. A checker is taken to see
the truth, and everybody to be met: what is measured is the drawing and the arithmetic, not the people.

Prints: how often the 95 % ranges of rates hold the truth (county and townships, every draw); the same for money and
for two-phase estimates; bias of rates and totals in per cent of the truth with its standard error; how many wrong
households a draw by risk strata takes compared with a simple sample of the same size; how much smaller the variance of
the two-phase estimate is.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from api.demo.chance import dice  # noqa: E402 - found through the line above
from api.demo.county import COUNTY, County, make_county  # noqa: E402 - the same
from api.demo.households import MONTHS  # noqa: E402 - the same
from api.demo.plan import demo_plan, standards_of  # noqa: E402 - the same
from api.demo.visits import NOTICED  # noqa: E402 - the same
from api.registry.divisions import shipped_divisions  # noqa: E402 - the same
from api.spot_checks.comparison.verdicts import Judged  # noqa: E402 - the same
from api.spot_checks.estimates.county import estimate_county  # noqa: E402 - the same
from api.spot_checks.estimates.sample import Drawn, Sample  # noqa: E402 - the same
from api.spot_checks.plan import plan_frame  # noqa: E402 - the same
from api.spot_checks.risk import (  # noqa: E402 - the same
    BANDS,
    CERTAIN,
    CERTAIN_SIGNS,
    CUTS,
    MODEL,
)
from api.spot_checks.risk.registry_signs import RECORD_SIGNS  # noqa: E402 - the same
from api.spot_checks.risk.roll_signs import NEAR_STANDARD_PERCENT, UNCHANGED_YEARS  # noqa: E402 - the same
from sampling.certificate import Plan  # noqa: E402 - the same
from sampling.estimation import estimate_two_phase, stratified_rate_limits  # noqa: E402 - the same
from sampling.frame import Frame  # noqa: E402 - the same
from sampling.refusals import CollinearAuxiliaries  # noqa: E402 - the same
from sampling.risk import band_by_cuts, score_risk  # noqa: E402 - the same

DAY = date(2026, 7, 1)


@dataclass(frozen=True)
class Truth:
    """The county as it is: one place per household on the roll, and the plan of its draw.

    Attributes
    ----------
    strata : list of str
        The strata, in the plan's order.
    code : ndarray of int, shape (N,)
        Each household's stratum.
    wrong, any_error : ndarray of bool, shape (N,)
    paid, correct : ndarray of int, shape (N,)
        Fen a month.
    told_wrong, told_over : ndarray of float, shape (N,)
        What the township's own visits say: it notices some of the errors.
    """

    plan: Plan
    strata: list[str]
    code: np.ndarray
    wrong: np.ndarray
    any_error: np.ndarray
    paid: np.ndarray
    correct: np.ndarray
    told_wrong: np.ndarray
    told_over: np.ndarray

    @property
    def sizes(self) -> np.ndarray:
        """N of each stratum."""
        return np.array([self.plan.strata[name].size for name in self.strata])

    @property
    def counts(self) -> np.ndarray:
        """How many are drawn in each."""
        return np.array([self.plan.strata[name].n for name in self.strata])

    @property
    def over(self) -> np.ndarray:
        """What each household is paid too much, fen a year."""
        return MONTHS * np.maximum(0, self.paid - self.correct)


def make_truth(households: int) -> Truth:
    """Make the demo county, score its roll and plan its draw."""
    names = {row["code"]: row["name"] for row in shipped_divisions()}
    standards = standards_of(demo_plan(DAY))
    county = make_county(names, standards, households)
    families = [family for family in county.families if family.on_roll]
    bands = _bands(county)
    labels = [f"{family.township}|{family.scheme}|{band}" for family, band in zip(families, bands, strict=True)]
    leaves = [sha256(family.code.encode()).hexdigest() for family in families]
    order = np.argsort(leaves)
    frame = Frame.build([leaves[at] for at in order], [labels[at] for at in order])
    plan = plan_frame(frame, percent=30)
    strata = sorted(plan.strata)
    at = {name: position for position, name in enumerate(strata)}
    paid = np.array([family.benefit_fen for family in families])
    correct = np.array([family.truth.correct_fen_per_month for family in families])
    kinds = np.array([bool(family.truth.kind) for family in families])
    rng = dice("evaluation", "township")
    noticed = kinds & np.array([rng.random() < NOTICED["township"] for _ in families])
    return Truth(
        plan=plan, strata=strata, code=np.array([at[label] for label in labels]), wrong=kinds & (correct == 0),
        any_error=kinds, paid=paid, correct=correct, told_wrong=(noticed & (correct == 0)).astype(float),
        told_over=MONTHS * np.where(noticed, np.maximum(0, paid - correct), 0).astype(float),
    )  # fmt: skip


def _bands(county: County) -> list[str]:
    """Score the roll as `api.spot_checks.risk` does, from the same signs, without a database."""
    relatives = {identity for post in county.posts for _, _, identity in post.relatives}
    officials = {post.person.identity for post in county.posts}
    records: dict[str, set[str]] = {}
    for record in county.records:
        if record.kind in RECORD_SIGNS:
            records.setdefault(record.identity, set()).add(record.kind)
    families = [family for family in county.families if family.on_roll]
    values = np.zeros((len(families), len(MODEL.names)))
    for row, family in enumerate(families):
        signs = set().union(*(records.get(person.identity, set()) for person in family.members))
        signs |= {"relative"} if any(person.identity in relatives for person in family.members) else set()
        signs |= {"official"} if any(person.identity in officials for person in family.members) else set()
        if family.since is not None and family.since <= date(DAY.year - UNCHANGED_YEARS, DAY.month, DAY.day):
            signs.add("unchanged")
        income, line = family.income_fen_per_person, family.standard_fen
        if income >= line:
            signs.add("income_over")
        elif 100 * income >= NEAR_STANDARD_PERCENT * line:
            signs.add("income_near")
        for sign in signs:
            values[row, MODEL.names.index(sign)] = 1
    bands = band_by_cuts(score_risk(MODEL, values).score, CUTS).band.tolist()
    always = values[:, [MODEL.names.index(sign) for sign in sorted(CERTAIN_SIGNS)]].any(axis=1)
    return [CERTAIN if certain else BANDS[band] for band, certain in zip(bands, always.tolist(), strict=True)]


def draw_many(truth: Truth, draws: int, seed: int = 1) -> np.ndarray:
    """Draw the plan many times: which households are taken, shape (draws, N)."""
    chance = np.random.default_rng(seed)
    taken = np.zeros((draws, len(truth.code)), dtype=np.bool_)
    for stratum, n in enumerate(truth.counts):
        here = np.flatnonzero(truth.code == stratum)
        ranks = chance.random((draws, len(here))).argsort(axis=1)[:, :n]
        np.put_along_axis(taken, here[ranks], values=True, axis=1)
    return taken


def found_by_stratum(truth: Truth, taken: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sum of values of those taken, per draw and stratum, shape (draws, H)."""
    table = np.zeros((len(values), len(truth.strata)))
    table[np.arange(len(values)), truth.code] = values
    return taken.astype(np.float64) @ table


@dataclass(frozen=True)
class Held:
    """How often ranges held the truth: of how many, and how wide they were."""

    share: float
    ranges: int
    width: float


def coverage_of_rates(truth: Truth, taken: np.ndarray, mark: np.ndarray, groups: list[np.ndarray]) -> Held:
    """Coverage of a rate's range over all draws and some groups of whole strata."""
    found = found_by_stratum(truth, taken, mark.astype(np.float64))
    held, widths = [], []
    for group in groups:
        lower, upper = stratified_rate_limits(truth.sizes[group], truth.counts[group], found[:, group])
        inside = np.isin(truth.code, group)
        rate = float(mark[inside].mean())
        held.append((lower <= rate + 1e-12) & (rate - 1e-12 <= upper))
        widths.append(upper - lower)
    return Held(float(np.mean(held)), int(np.size(held)), float(np.mean(widths)))


def townships(truth: Truth) -> list[np.ndarray]:
    """The strata of each township."""
    codes = np.array([name.split("|")[0] for name in truth.strata])
    return [np.flatnonzero(codes == code) for code in sorted(set(codes.tolist()))]


def totals(truth: Truth, taken: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Horvitz and Thompson's total of each draw, shape (draws,)."""
    return found_by_stratum(truth, taken, values.astype(np.float64)) @ (truth.sizes / truth.counts)


def sample_of(truth: Truth, taken: np.ndarray) -> Sample:
    """The sample of one draw, as the server reads it when every check has arrived."""
    units = []
    for at in np.flatnonzero(taken):
        name = truth.strata[truth.code[at]]
        paid, correct = int(truth.paid[at]), int(truth.correct[at])
        verdict = "right" if paid == correct else "amount_high" if paid > correct else "amount_low"
        verdict = "not_eligible" if truth.wrong[at] else verdict
        units.append(
            Drawn(
                household_id=UUID(int=int(at)), stratum=name, role="base", position=1, state="completed",
                chance=(truth.plan.strata[name].n, truth.plan.strata[name].size), paid_fen_per_month=paid,
                judged=Judged(verdict, ("favour",) if truth.any_error[at] else (), correct, "checker"),
            )
        )  # fmt: skip
    paid = {name: truth.paid[truth.code == at] for at, name in enumerate(truth.strata)}
    return Sample(strata=truth.plan.strata, units=tuple(units), paid=paid)


def coverage_of_money(truth: Truth, taken: np.ndarray) -> Iterator[tuple[str, Held]]:
    """Coverage of the range of money overpaid, through the server's own estimates: the county's, the townships'."""
    county, towns = [], []
    for one in taken:
        found = estimate_county(sample_of(truth, one))
        county.append((found.whole.figures["over"], float(truth.over.sum())))
        for part in found.townships:
            here = np.array([name.startswith(part.code) for name in truth.strata])[truth.code]
            towns.append((part.figures["over"], float(truth.over[here].sum())))
    for name, figures in (("county", county), ("townships", towns)):
        said = [(figure, true) for figure, true in figures if figure.upper is not None]
        held = [figure.lower - 1e-6 <= true <= figure.upper + 1e-6 for figure, true in said]
        yield name, Held(float(np.mean(held)), len(held), float(np.mean([f.upper - f.lower for f, _ in said])) / 100)


def two_phase(truth: Truth, taken: np.ndarray, told: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, float]:
    """The two-phase totals of each draw, and how often their ranges hold the truth."""
    strata = truth.code.tolist()
    found, held = [], []
    true = float(values.sum())
    for one in taken:
        try:
            estimate = estimate_two_phase(told, one, values[one].astype(np.float64), strata=strata, slope="combined")
        except CollinearAuxiliaries:  # the township told nothing of those checked: the plain estimate stands
            found.append(float(totals(truth, one[None], values)[0]))
            continue
        found.append(estimate.value)
        held.append(estimate.lower <= true <= estimate.upper)
    return np.array(found), float(np.mean(held))


def bias(found: np.ndarray, true: float) -> str:
    """Bias in per cent of the truth, with its standard error over the draws."""
    return f"{100 * (found.mean() / true - 1):+.2f} ± {100 * found.std(ddof=1) / true / np.sqrt(len(found)):.2f} %"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--draws", type=int, default=1000)
    options.add_argument("--reports", type=int, default=100, help="draws that go through the server's own estimates")
    options.add_argument("--households", type=int, default=3000)
    given = options.parse_args()
    truth = make_truth(given.households)
    taken = draw_many(truth, given.draws)
    everything, towns = [np.arange(len(truth.strata))], townships(truth)
    n, size = int(truth.counts.sum()), len(truth.code)
    print(f"{COUNTY}: {size} households, {n} drawn in {len(truth.strata)} strata of {len(towns)} townships")
    print(f"truth: {truth.wrong.sum()} wrongly included, {truth.any_error.sum()} with any error, ", end="")
    print(f"{truth.over.sum() / 100:,.0f} yuan overpaid a year")
    print(f"\n{'95 % range of':<42}{'holds':>8}{'ranges':>9}{'mean width':>14}")
    for name, mark in (("wrongly included", truth.wrong), ("any error", truth.any_error)):
        for where, groups in (("county", everything), ("townships", towns)):
            held = coverage_of_rates(truth, taken, mark, groups)
            print(f"{name + ', ' + where:<42}{held.share:>8.1%}{held.ranges:>9}{held.width:>14.2%}")
    for where, held in coverage_of_money(truth, taken[: given.reports]):
        print(f"{'yuan overpaid, ' + where:<42}{held.share:>8.1%}{held.ranges:>9}{held.width:>14,.0f}")
    print(f"\n{'bias of':<42}{'of the truth':>20}")
    for name, values in (("wrongly included", truth.wrong), ("any error", truth.any_error), ("overpaid", truth.over)):
        print(f"{name:<42}{bias(totals(truth, taken, values), float(values.sum())):>20}")
    print(f"\n{'wrong households in the list of ' + str(n):<42}{'by risk':>9}{'simple':>9}{'times':>7}")
    for name, mark in (("wrongly included", truth.wrong), ("any error", truth.any_error)):
        caught, simple = float((taken & mark).sum(axis=1).mean()), n * float(mark.mean())
        print(f"{name:<42}{caught:>9.1f}{simple:>9.1f}{caught / simple:>7.2f}")
    print(f"\n{'two-phase beside plain (county)':<42}{'variance':>10}{'bias':>18}{'holds':>8}")
    for name, told, values in (
        ("wrongly included", truth.told_wrong, truth.wrong),
        ("overpaid", truth.told_over, truth.over),
    ):
        plain = totals(truth, taken, values)
        sharper, held = two_phase(truth, taken, told, values)
        less = sharper.var(ddof=1) / plain.var(ddof=1) - 1
        print(f"{name:<42}{less:>+10.0%}{bias(sharper, float(values.sum())):>18}{held:>8.1%}")


if __name__ == "__main__":
    main()
