"""``plan``: from a roll or a frame to the three files that are published before the dice are thrown."""

from argparse import Namespace
from pathlib import Path

from sampling.allocation import StatutoryAllocation, allocate_statutory
from sampling.certificate import Manifest, Plan
from sampling.commands.refusals import MalformedTable
from sampling.commands.tables import progress, read_table, say, table, write_new
from sampling.frame import Frame, Key, freeze, read_frame

SHOWN = 60  # strata printed; the rest are in plan.json
PARTS = ("township", "scheme", "band")


def plan(arguments: Namespace) -> int:
    """Freeze a roll (or take a frame), allocate, and write frame, key, plan and manifest."""
    folder = Path(arguments.out)
    frame, key = _frame(arguments)
    progress(f"名册 frame: {len(frame):,} 户，{len(frame.strata):,} 层")
    found = allocate_statutory(
        frame.counts,
        county=arguments.county,
        scheme=arguments.scheme,
        township=arguments.township,
        bands=_pairs(arguments.band),
        certain=set(arguments.certain),
        spread=_spreads(arguments.spread),
        total=arguments.total,
    )
    reserve = {name: min(frame.counts[name] - n, -(-n * arguments.reserve // 100)) for name, n in found.n.items()}
    floors = {"county": arguments.county, "scheme": arguments.scheme, "township": arguments.township}
    planned = Plan.of(frame, found.n, reserve=reserve, method=arguments.method, floors=floors)
    previous = Manifest.parse(Path(arguments.previous).read_bytes()) if arguments.previous else None
    manifest = Manifest.of(
        frame, planned, draw_id=arguments.draw_id, entropy_rule=arguments.entropy_rule, previous=previous
    )
    folder.mkdir(parents=True, exist_ok=True)
    if key is not None:
        write_new(folder / "key.csv", key.to_bytes())
    if arguments.roll:
        write_new(folder / "frame.csv", frame.to_bytes())
    write_new(folder / "plan.json", planned.to_bytes())
    write_new(folder / "manifest.json", manifest.to_bytes())
    _tell(planned, found)
    say(f"\n承诺书指纹 (掷骰前公布) manifest: {manifest.sha256}")
    if key is not None:
        say("key.csv 含户编码，不得公开 (private)")
    return 0


def _frame(arguments: Namespace) -> tuple[Frame, Key | None]:
    if arguments.frame:
        return read_frame(arguments.frame), None
    path = Path(arguments.roll)
    rows = read_table(path, ["household_code"])
    size, order = (
        [_whole(row[name], path, name) for row in rows] if name in rows[0] else None for name in ("size", "order")
    )
    if "stratum" in rows[0]:
        strata = [row["stratum"] for row in rows]
    else:
        rows = read_table(path, ["household_code", *PARTS])
        strata = ["|".join(row[part] for part in PARTS) for row in rows]
    return freeze([row["household_code"] for row in rows], strata, size=size, order=order)


def _whole(text: str, path: Path, name: str) -> int:
    try:
        return int(text)
    except (TypeError, ValueError) as error:
        raise MalformedTable(f"{path}, {name}", f"{text!r} is no whole number", "write plain digits") from error


def _pairs(texts: list[str]) -> dict[str, int]:
    pairs = {}
    for text in texts:
        name, _, percent = text.rpartition("=")
        if not name or not percent.isdecimal():
            raise MalformedTable("--band", f"{text!r}", "write it as band=percent, e.g. 高=100")
        pairs[name] = int(percent)
    return pairs


def _spreads(path: str | None) -> dict[str, float] | None:
    if path is None:
        return None
    spreads = {}
    for row in read_table(Path(path), ["stratum", "spread"]):
        try:
            spreads[row["stratum"]] = float(row["spread"])
        except ValueError as error:
            raise MalformedTable(path, f"spread {row['spread']!r} is no number", "write plain digits") from error
    return spreads


def _tell(planned: Plan, found: StatutoryAllocation) -> None:
    cells = [row for row in planned.cells() if not row[0].startswith("stratum")]
    say(table(["范围 cell", "户数 N", "抽取 n", "下限 least"], cells))
    say("")
    rows = [(name, p.size, p.n, p.reserve, f"{100 * p.n / p.size:.1f}%") for name, p in planned.strata.items()]
    say(table(["层 stratum", "户数 N", "抽取 n", "备用 reserve", "比例"], rows[:SHOWN]))
    if len(rows) > SHOWN:
        say(f"… 另 {len(rows) - SHOWN:,} 层见 plan.json")
    dear = [bound.sentence for bound in found.bounds if bound.price > 0][:10]
    if dear:
        say("\n起约束作用的下限 (代价由大到小) binding bounds, dearest first:")
        for sentence in dear:
            say(f"  {sentence}")
    say(f"\n合计 total {found.total:,} 户；满足全部下限至少 at least {found.smallest:,} 户")
