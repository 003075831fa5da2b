"""``draw`` and ``verify``: from published files and dice to lists, and back."""

import csv
import io
from argparse import Namespace
from pathlib import Path
from typing import Any

from sampling import certificate
from sampling.certificate import (
    Draw,
    Manifest,
    Plan,
    canonical_file,
    parse_canonical,
    verify,
    verify_certificate,
)
from sampling.commands.refusals import WrongFiles
from sampling.commands.tables import progress, say, table, write_new
from sampling.frame import Key, parse_key, read_frame
from sampling.tickets import SPEC

PUBLIC = ("frame.csv", "plan.json", "manifest.json", "draw.json")


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
    if arguments.certificate:
        document = certificate.certificate_document(
            plan, drawn, published_at=arguments.published_at, software=f"python -m sampling ({SPEC})"
        )
        write_new(Path(arguments.certificate), canonical_file(document))
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
    """Recompute a draw from its public files, or its certificate; 0 when the same, 1 when not."""
    names = arguments.files
    if len(names) not in {3, 4}:
        raise WrongFiles(
            "verify", f"{len(names)} files", "give the four public files, or certificate, frame and entropy"
        )
    files = [Path(name).read_bytes() for name in names]
    if len(files) == len(PUBLIC):
        verdict = verify(*files)
    else:
        verdict = verify_certificate(files[0], files[1], files[2].decode("utf-8-sig", "replace"))
    if not verdict.same:
        say(f"不一致 {verdict}")
        return 1
    manifest = Manifest.parse(files[2]) if len(files) == len(PUBLIC) else Manifest.from_document(_promise(files[0]))
    say(f"一致 {verdict}\n承诺书指纹 manifest: {manifest.sha256}")
    return 0


def _promise(certificate_json: bytes) -> Any:
    return parse_canonical(certificate_json, "certificate.json")["manifest"]
