"""``estimate``: what the visits to a draw say about the county and its townships."""

import json
from argparse import Namespace
from collections import Counter
from collections.abc import Hashable
from pathlib import Path

from sampling.certificate import Plan, plan_probabilities
from sampling.commands.refusals import MalformedTable
from sampling.commands.tables import read_table, say, table
from sampling.estimation import (
    Estimate,
    StratifiedDesign,
    TooFew,
    UnequalDesign,
    estimate_domains,
    estimate_groups,
    estimate_rate,
    estimate_total,
    stratified,
    unequal,
)
from sampling.frame import read_frame

Row = tuple[str, str, str, str, str]


def estimate(arguments: Namespace) -> int:
    """Estimate a rate (and a total, with ``--amount``) from completed visits, for the county and its parts.

    Visits are rows ``leaf,finding[,amount]`` with finding 0 or 1; leaves of the sample without a row were not
    completed, leaves of the reserve count when they have one.
    """
    plan = Plan.parse(Path(arguments.plan).read_bytes(), Path(arguments.plan).name)
    strata_of, sampled = _strata_of(Path(arguments.draw), plan)
    chances = _chances(arguments, plan)
    columns = ["leaf", "finding", *(["amount"] if arguments.amount else [])]
    visits = read_table(Path(arguments.visits), columns)
    labels, findings, amounts = [], [], []
    for line, row in enumerate(visits, 2):
        if row["leaf"] not in strata_of or row["finding"] not in ("0", "1"):
            what = "leaf is not in the draw" if row["leaf"] not in strata_of else f"finding {row['finding']!r}"
            raise MalformedTable(f"{arguments.visits}, line {line}", what, "give leaves of the draw, finding 0 or 1")
        labels.append(strata_of[row["leaf"]])
        findings.append(int(row["finding"]))
        amounts.append(_amount(row["amount"], line) if arguments.amount else 0.0)
    say(f"抽中 drawn {sampled:,} 户，完成 completed {len(visits):,} 户")
    leaves = [row["leaf"] for row in visits]
    design = _design(plan, labels, leaves, chances)
    confidence = arguments.confidence / 100
    say(f"\n发现率 rate, {arguments.confidence} % 区间 interval")
    rows = [_row("全县 county", estimate_rate(design, findings, confidence=confidence))]
    for part in (_cell, _band):
        if isinstance(design, StratifiedDesign):
            groups = estimate_groups(estimate_rate, design, findings, part, confidence=confidence)
        else:
            own = [part(label) for label in labels]
            groups = estimate_domains(estimate_rate, design, findings, own, confidence=confidence)
        rows += [_row(str(name), answer) for name, answer in sorted(groups.items(), key=str)]
    say(table(["范围 part", "完成 n", "户数 N", "发现率 rate", "区间 interval"], rows))
    if arguments.amount:
        total = estimate_total(design, amounts, confidence=confidence, largest=arguments.largest)
        say(f"\n金额合计 total {total.value:,.0f} 元，区间 interval {total.lower:,.0f} - {total.upper:,.0f}")
        if total.note:
            say(f"  {total.note}")
    return 0


def _cell(stratum: Hashable) -> str:
    """Return township and scheme."""
    return str(stratum).rsplit("|", 1)[0]


def _band(stratum: Hashable) -> str:
    return "band " + str(stratum).rsplit("|", 1)[1]


def _chances(arguments: Namespace, plan: Plan) -> dict[str, float]:
    """Return each leaf's chance where a stratum was drawn by size; the sizes stand in the frame."""
    by_size = [name for name, planned in plan.strata.items() if planned.method == "pareto"]
    if not by_size:
        return {}
    if not arguments.frame:
        raise MalformedTable(arguments.draw, f"{by_size[0]} was drawn by size", "give --frame frame.csv as well")
    frame = read_frame(arguments.frame)
    return dict(
        zip((leaf.decode() for leaf in frame.leaf.tolist()), plan_probabilities(frame, plan).tolist(), strict=True)
    )


def _design(
    plan: Plan, labels: list[str], leaves: list[str], chances: dict[str, float]
) -> StratifiedDesign | UnequalDesign:
    """Return how the visited were drawn; of what a stratum lacks, its visited bear the weight."""
    sizes: dict[Hashable, int] = {name: planned.size for name, planned in plan.strata.items()}
    if not chances:
        return stratified(labels, sizes, units=leaves)
    visited = Counter(labels)
    shares = {name: min(1.0, visited[name] / planned.n) for name, planned in plan.strata.items()}
    pi = [chances[leaf] * shares[label] for leaf, label in zip(leaves, labels, strict=True)]
    return unequal(pi, population=sum(sizes[name] for name in sizes))


def _strata_of(path: Path, plan: Plan) -> tuple[dict[str, str], int]:
    """Return the stratum of every leaf drawn or in reserve, and how many were drawn.

    A reserve of a stratum drawn by size has no chance of its own: its leaves are left out.
    """
    drawn = json.loads(path.read_bytes())
    strata_of: dict[str, str] = {}
    for name, lists in drawn["strata"].items():
        by_size = plan.strata[name].method == "pareto"
        strata_of |= dict.fromkeys([*lists["sample"], *([] if by_size else lists["reserve"])], name)
    return strata_of, sum(len(lists["sample"]) for lists in drawn["strata"].values())


def _amount(text: str, line: int) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise MalformedTable(f"visits, line {line}", f"amount {text!r}", "write plain digits, yuan") from error


def _row(name: str, answer: Estimate | TooFew) -> Row:
    if isinstance(answer, TooFew):
        return (name, str(answer.n), "", "", f"太少，不作估计 too few ({answer.needed} needed)")
    interval = f"{100 * answer.lower:.2f}% - {100 * answer.upper:.2f}%"
    return (name, str(answer.n), f"{answer.N:.0f}", f"{100 * answer.value:.2f}%", interval)
