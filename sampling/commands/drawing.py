"""``draw`` and ``verify``: from published files and dice to lists, and back."""

import csv
import io
from argparse import Namespace
from pathlib import Path

from sampling import certificate
from sampling.certificate import Draw, Manifest, Plan, verify
from sampling.commands.tables import progress, say, table, write_new
from sampling.frame import Key, parse_key, read_frame


def draw(arguments: Namespace) -> int:
    """Draw a published plan with the entropy, write ``draw.json`` and, with a key, the list to visit."""
    frame = read_frame(arguments.frame)
    progress(f"名册 frame: {len(frame):,} 户")
    plan = Plan.parse(Path(arguments.plan).read_bytes(), Path(arguments.plan).name)
    manifest = Manifest.parse(Path(arguments.manifest).read_bytes(), Path(arguments.manifest).name)
    drawn = certificate.draw(frame, plan, manifest, arguments.entropy)
    for change in drawn.normalised:
        say(f"随机数已规范 normalised: {change}")
    say(f"随机数 entropy: {drawn.entropy}\n种子 seed: {drawn.seed.hex()}")
    rows = [(name, plan.strata[name].size, len(d.sample), len(d.reserve)) for name, d in sorted(drawn.strata.items())]
    say(table(["层 stratum", "户数 N", "抽中 drawn", "备用 reserve"], rows[:60]))
    say(f"合计 total {len(drawn.sample):,} 户")
    write_new(Path(arguments.out), drawn.to_bytes())
    if arguments.key:
        with Path(arguments.key).open("rb") as file:
            write_new(Path(arguments.list), visit_list(drawn, parse_key(file)))
    return 0


def visit_list(drawn: Draw, key: Key) -> bytes:
    """Return the private list to visit: stratum, place in the lottery, sample or reserve, household code, leaf."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["stratum", "kind", "place", "household_code", "leaf"])
    for name, lists in sorted(drawn.strata.items()):
        for kind, leaves in (("sample", lists.sample), ("reserve", lists.reserve)):
            for place, leaf in enumerate(leaves, 1):
                writer.writerow([name, kind, place, key.code_of(leaf), leaf])
    return file.getvalue().encode("utf-8")


def verify_files(arguments: Namespace) -> int:
    """Recompute a draw from its four public files; 0 when the same, 1 when not."""
    names = (arguments.frame, arguments.plan, arguments.manifest, arguments.draw)
    files = [Path(name).read_bytes() for name in names]
    verdict = verify(*files)
    if not verdict.same:
        say(f"不一致 {verdict}")
        return 1
    say(f"一致 {verdict}\n承诺书指纹 manifest: {Manifest.parse(files[2]).sha256}")
    return 0
