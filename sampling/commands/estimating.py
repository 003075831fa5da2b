"""``estimate``: what the visits to a draw say about the county and its townships."""

import json
from argparse import Namespace
from collections.abc import Hashable
from pathlib import Path

from sampling.certificate import Plan
from sampling.commands.refusals import MalformedTable
from sampling.commands.tables import read_table, say, table
from sampling.estimation import Estimate, TooFew, estimate_groups, estimate_rate, estimate_total, stratified

Row = tuple[str, str, str, str, str]


def estimate(arguments: Namespace) -> int:
    """Estimate a rate (and a total, with ``--amount``) from completed visits, for the county and its parts.

    Visits are rows ``leaf,finding[,amount]`` with finding 0 or 1; leaves of the sample without a row were not
    completed, leaves of the reserve count when they have one.
    """
    plan = Plan.parse(Path(arguments.plan).read_bytes(), Path(arguments.plan).name)
    strata_of, sampled = _strata_of(Path(arguments.draw), plan)
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
    sizes: dict[Hashable, int] = {name: planned.size for name, planned in plan.strata.items()}
    design = stratified(labels, sizes, units=[row["leaf"] for row in visits])
    say(f"抽中 drawn {sampled:,} 户，完成 completed {len(visits):,} 户")
    confidence = arguments.confidence / 100
    say(f"\n发现率 rate, {arguments.confidence} % 区间 interval")
    rows = [_row("全县 county", estimate_rate(design, findings, confidence=confidence))]
    for part in (lambda s: str(s).rsplit("|", 1)[0], lambda s: "band " + str(s).rsplit("|", 1)[1]):
        groups = estimate_groups(estimate_rate, design, findings, part, confidence=confidence)
        rows += [_row(str(name), answer) for name, answer in sorted(groups.items(), key=str)]
    say(table(["范围 part", "完成 n", "户数 N", "发现率 rate", "区间 interval"], rows))
    if arguments.amount:
        total = estimate_total(design, amounts, confidence=confidence, largest=arguments.largest)
        say(f"\n金额合计 total {total.value:,.0f} 元，区间 interval {total.lower:,.0f} - {total.upper:,.0f}")
        if total.note:
            say(f"  {total.note}")
    return 0


def _strata_of(path: Path, plan: Plan) -> tuple[dict[str, str], int]:
    """Return the stratum of every leaf drawn or in reserve, and how many were drawn."""
    drawn = json.loads(path.read_bytes())
    by_size = [name for name, planned in plan.strata.items() if planned.method == "pareto"]
    if by_size:
        raise MalformedTable(
            str(path), f"{by_size[0]} was drawn by size", "estimate it with sampling.estimation.unequal in a notebook"
        )
    strata_of: dict[str, str] = {}
    for name, lists in drawn["strata"].items():
        strata_of |= dict.fromkeys([*lists["sample"], *lists["reserve"]], name)
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
