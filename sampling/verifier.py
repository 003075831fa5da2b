"""Check a public draw of households without trusting anyone: Python alone, nothing to install.

Run it beside the four public files (抽签复核：把四个公开文件放在同一目录后运行):

    python -I verifier.py frame.csv plan.json manifest.json draw.json

or, where a certificate was handed out, with the frame and a text file of the digits that were thrown:

    python -I verifier.py certificate.json frame.csv entropy.txt

It prints ``一致 same`` when everything can be recomputed, or names the first thing that differs.
Compare the manifest's fingerprint it prints with the one that was published before the dice were thrown,
and the dice with those you saw: these two things no program can check for you.

The rules are those of ruhu-draw/1; each step below quotes the one it follows.
"""

import hashlib
import json
import re
import sys
import unicodedata
from functools import cmp_to_key
from pathlib import Path
from typing import Any, NoReturn

SPEC = "ruhu-draw/1"
LEAST_PERCENT = 30  # the law: not less than 30 %
LEAST_DICE = 20  # decimal digits of dice
WHOLE = 2**256  # tickets lie below this


class Different(Exception):  # noqa: N818 - it is a finding, not an error
    """The first thing that differs."""


def differ(chinese: str, english: str) -> NoReturn:
    """Stop here and say why."""
    raise Different(f"{chinese} · {english}")


def sha256(data: bytes) -> str:
    """Give the fingerprint of bytes, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def ticket(seed: bytes, key: str) -> int:
    """Give a household's lottery number: SHA-256 of seed and key, read as a whole number."""
    return int.from_bytes(hashlib.sha256(seed + key.encode()).digest(), "big")


def read_json(data: bytes, name: str) -> Any:
    """Canonical JSON: written again, it must give the same bytes."""
    try:
        value = json.loads(data)
        again = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True) + "\n"
    except (ValueError, RecursionError):
        differ("不是 JSON", f"{name} is not JSON")
    if again.encode() != data or not plain(value):
        differ("不是规范格式", f"{name} is not canonical JSON of strings and whole numbers")
    return value


def plain(value: Any) -> bool:
    """Strings and whole numbers only."""
    if isinstance(value, dict):
        return all(plain(inner) for inner in value.values())
    if isinstance(value, list):
        return all(plain(inner) for inner in value)
    return isinstance(value, str | int) and not isinstance(value, bool)


def keys(value: Any, names: str, where: str) -> None:
    """Ask for an object with exactly these keys."""
    if not isinstance(value, dict) or set(value) != set(names.split()):
        differ("项目不符", f"{where} does not have exactly the keys {names}")


def read_text(data: bytes) -> str:
    """UTF-8 in form NFC, plain line ends, no byte-order mark, no quotes, a newline at the end."""
    if data.startswith(b"\xef\xbb\xbf") or b"\r" in data or b'"' in data or not data.endswith(b"\n"):
        differ("名册文件格式不符", "frame.csv has a byte-order mark, CR, quote, or no final newline")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        differ("名册文件格式不符", "frame.csv is not UTF-8")
    if not unicodedata.is_normalized("NFC", text):
        differ("名册文件格式不符", "frame.csv is not in Unicode form NFC")
    return text


def read_frame(data: bytes) -> dict[str, list[tuple[str, int]]]:
    """Read the frame: stratum → list of (leaf, size or order), leaves ascending and never twice."""
    header, *lines = read_text(data)[:-1].split("\n")
    if header not in ("leaf,stratum", "leaf,stratum,size", "leaf,stratum,order") or not lines:
        differ("名册表头不符", f"frame.csv begins with {header!r} or has no rows")
    width, smallest = header.count(","), 1 if header.endswith("size") else 0
    strata: dict[str, list[tuple[str, int]]] = {}
    before = ""
    for number, line in enumerate(lines, 2):
        leaf, *rest = line.split(",")
        if len(rest) != width or not re.fullmatch("[0-9a-f]{64}", leaf):
            differ("名册行格式不符", f"frame.csv, line {number}")
        if leaf == before:
            differ("重复的编号", f"frame.csv, line {number}: leaf {leaf} occurs twice")
        if leaf < before:
            differ("名册未按编号排序", f"frame.csv, line {number} is out of order")
        stratum, value = (*rest, "0")[:2]
        if stratum not in strata and not stratum_is_well_formed(stratum):
            differ("层名不符", f"frame.csv, line {number}: stratum {stratum!r}")
        if not re.fullmatch("0|[1-9][0-9]{0,18}", value) or not smallest <= int(value) < 2**63:
            differ("数值不符", f"frame.csv, line {number}: {value!r}")
        strata.setdefault(stratum, []).append((leaf, int(value)))
        before = leaf
    return strata


def stratum_is_well_formed(stratum: str) -> bool:
    """<township code>|<scheme>|<band>, no white space, no control characters."""
    return (
        len(stratum.split("|")) == 3  # noqa: PLR2004 - township, scheme, band
        and all(stratum.split("|"))
        and not any(c.isspace() or unicodedata.category(c).startswith("C") for c in stratum)
    )


def check_plan(plan: Any, frame: dict[str, list[tuple[str, int]]], header: str) -> None:
    """Strata and counts are those of the frame, and every floor is kept."""
    keys(plan, "spec floors strata", "plan.json")
    keys(plan["floors"], "county scheme township", "plan.json, floors")
    if plan["spec"] != SPEC:
        differ("规范版本不符", f"plan.json is of {plan['spec']!r}")
    if not isinstance(plan["strata"], dict) or set(plan["strata"]) != set(frame):
        differ("计划与名册的层不同", "plan.json and frame.csv have different strata")
    for name, row in sorted(plan["strata"].items()):
        keys(row, "N n reserve method", f"plan.json, {name}")
        if row["N"] != len(frame[name]):
            differ("户数不符", f"stratum {name}: N = {row['N']} in plan.json, {len(frame[name])} in frame.csv")
        counts = [row["n"], row["reserve"]]
        if not all(isinstance(c, int) and c >= 0 for c in counts) or sum(counts) > row["N"]:
            differ("抽取数不符", f"stratum {name}: n and reserve are {counts} of {row['N']}")
        needed = {"srs": "", "pareto": ",size", "systematic": ",order"}.get(str(row["method"]))
        if needed is None or not header.endswith(needed):
            differ("抽样方法不符", f"stratum {name}: method {row['method']!r} with the columns {header}")
    check_floors(plan)


def check_floors(plan: Any) -> None:
    """At least -(-percent*N//100), in whole numbers, of county, scheme, township × scheme; 2 of a stratum."""
    cells: dict[tuple[str, str], list[int]] = {}
    for name, row in plan["strata"].items():
        township, scheme, _ = name.split("|")
        for cell in (("county", ""), ("scheme", scheme), ("township", f"{township}|{scheme}")):
            total = cells.setdefault(cell, [0, 0])
            total[0] += row["N"]
            total[1] += row["n"]
    for (level, place), (size, n) in sorted(cells.items()):
        percent = plan["floors"][level]
        if not isinstance(percent, int) or not LEAST_PERCENT <= percent <= 100:  # noqa: PLR2004 - percent
            differ("比例低于法定", f"plan.json: the floor of {level} is {percent!r} percent")
        if n < -(-percent * size // 100):
            differ("低于下限", f"{level} {place}: {n} of {size}, at least {-(-percent * size // 100)}")
    for name, row in sorted(plan["strata"].items()):
        if row["n"] < min(2, row["N"]):
            differ("低于下限", f"stratum {name}: {row['n']} of {row['N']}, at least {min(2, row['N'])}")


def check_entropy(rule: Any, entropy: Any) -> None:
    """Digits only, one part per source of the rule, dice last and at least 20 of them."""
    if not isinstance(rule, str) or not isinstance(entropy, str):
        differ("随机数不符", "entropy or its rule is no text")
    sources, parts = rule.split("|"), entropy.split("|")
    form = "(drand|lottery):[a-z0-9-]+:[1-9][0-9]{0,18}"
    dice = re.fullmatch("dice:([1-9][0-9]{0,18})", sources[-1])
    if dice is None or int(dice[1]) < LEAST_DICE or not all(re.fullmatch(form, s) for s in sources[:-1]):
        differ("随机数规则不符", f"manifest.json: the entropy rule {rule!r}")
    if len(parts) != len(sources):
        differ("随机数不符", f"draw.json: entropy has {len(parts)} parts, the rule {len(sources)}")
    for source, part in zip(sources, parts, strict=True):
        if not re.fullmatch("[0-9a-f]{64}" if source.startswith("drand") else "[0-9]+", part):
            differ("随机数不符", f"draw.json: {source} gave {part!r}")
    if len(parts[-1]) < int(dice[1]):
        differ("骰子位数不足", f"draw.json: {len(parts[-1])} digits of dice, the rule asks for {dice[1]}")


def check_manifest(manifest: Any) -> None:
    """Six keys; hashes are 64 hexadecimal digits."""
    names = "spec draw_id frame_sha256 plan_sha256 entropy_rule previous_manifest_sha256"
    keys(manifest, names, "manifest.json")
    hashes = [manifest["frame_sha256"], manifest["plan_sha256"]]
    if manifest["previous_manifest_sha256"] != "":  # empty for the first draw of a campaign
        hashes.append(manifest["previous_manifest_sha256"])
    if manifest["spec"] != SPEC or not all(re.fullmatch("[0-9a-f]{64}", str(h)) for h in hashes):
        differ("承诺书不符", "manifest.json: specification or a hash is malformed")
    if not isinstance(manifest["draw_id"], str) or not manifest["draw_id"].strip():
        differ("承诺书不符", "manifest.json: no draw_id")


def draw(name: str, units: list[tuple[str, int]], row: Any, seed: bytes) -> tuple[list[str], list[str]]:
    """Draw one stratum: sample and reserve, leaves in order."""
    n, reserve = row["n"], row["reserve"]
    by_ticket = sorted(units, key=lambda unit: (ticket(seed, unit[0]), unit[0]))
    if row["method"] == "systematic":
        return systematic(name, units, by_ticket, row, seed)
    if row["method"] == "pareto":
        by_ticket = pareto(by_ticket, n, seed)
    leaves = [leaf for leaf, _ in by_ticket]
    return leaves[:n], leaves[n : n + reserve]


def systematic(
    name: str, units: list[tuple[str, int]], by_ticket: list[tuple[str, int]], row: Any, seed: bytes
) -> tuple[list[str], list[str]]:
    """Every (N/n)-th along the published order from a start given by the stratum's own ticket."""
    n, start = row["n"], ticket(seed, name)
    along = sorted(units, key=lambda unit: (unit[1], unit[0]))
    chosen = {along[(start + k * WHOLE) * len(along) // (n * WHOLE)][0] for k in range(n)}
    sample = [leaf for leaf, _ in by_ticket if leaf in chosen]
    return sample, [leaf for leaf, _ in by_ticket if leaf not in chosen][: row["reserve"]]


def pareto(by_ticket: list[tuple[str, int]], n: int, seed: bytes) -> list[tuple[str, int]]:
    """Proportional to size: sure ones first, then ascending by u(d - p) / ((1 - u)p), exactly."""
    rest, sure = list(by_ticket), list[tuple[str, int]]()
    while True:
        d = sum(size for _, size in rest)
        taken = [unit for unit in rest if (n - len(sure)) * unit[1] >= d]
        if not taken:
            break
        rest = [unit for unit in rest if (n - len(sure)) * unit[1] < d]
        sure += taken

    def fraction(unit: tuple[str, int]) -> tuple[int, int]:
        u, p = 2 * ticket(seed, unit[0]) + 1, (n - len(sure)) * unit[1]
        return u * (d - p), (2 * WHOLE - u) * p

    def compare(one: tuple[int, int, str, int], two: tuple[int, int, str, int]) -> int:
        difference = one[0] * two[1] - two[0] * one[1]
        return difference or (one[2] > two[2]) - (one[2] < two[2])

    ranked = sorted([(*fraction(unit), *unit) for unit in rest], key=cmp_to_key(compare))
    sure.sort(key=lambda unit: (ticket(seed, unit[0]), unit[0]))
    return sure + [(leaf, size) for _, _, leaf, size in ranked]


def fingerprint(data: bytes, promised: str, chinese: str, name: str) -> None:
    """Compare a file's SHA-256 with the one in the manifest."""
    if sha256(data) != promised:
        differ(chinese, f"{name} has the SHA-256 {sha256(data)}, manifest.json names {promised}")


def compare(where: str, theirs: Any, ours: list[str]) -> None:
    """Name the first place where two lists differ."""
    if not isinstance(theirs, list) or len(theirs) != len(ours):
        differ("名单户数不符", f"draw.json, {where}: not a list of {len(ours)} leaves")
    for place, (given, again) in enumerate(zip(theirs, ours, strict=True), 1):
        if given != again:
            differ("名单不符", f"draw.json, {where}: place {place} is {given}, recomputed {again}")


def check(frame_csv: bytes, plan_json: bytes, manifest_json: bytes, draw_json: bytes) -> None:
    """Recompute everything; raise `Different` at the first thing that differs."""
    frame = read_frame(frame_csv)
    manifest = read_json(manifest_json, "manifest.json")
    check_manifest(manifest)
    fingerprint(frame_csv, manifest["frame_sha256"], "名册指纹不符", "frame.csv")
    plan = read_json(plan_json, "plan.json")
    fingerprint(plan_json[:-1], manifest["plan_sha256"], "计划指纹不符", "plan.json")
    check_plan(plan, frame, frame_csv.split(b"\n", 1)[0].decode())
    drawn = read_json(draw_json, "draw.json")
    keys(drawn, "manifest entropy seed strata", "draw.json")
    if drawn["manifest"] != manifest:
        differ("承诺书不同", "draw.json holds another manifest than manifest.json")
    check_entropy(manifest["entropy_rule"], drawn["entropy"])
    seed = hashlib.sha256(f"{SPEC}\n{sha256(manifest_json[:-1])}\n{drawn['entropy']}".encode()).digest()
    if drawn["seed"] != seed.hex():
        differ("种子不符", f"draw.json: seed is {drawn['seed']!r}, recomputed {seed.hex()}")
    if not isinstance(drawn["strata"], dict) or set(drawn["strata"]) != set(frame):
        differ("层不同", "draw.json and frame.csv have different strata")
    for name in sorted(frame):
        keys(drawn["strata"][name], "sample reserve", f"draw.json, {name}")
        sample, reserve = draw(name, frame[name], plan["strata"][name], seed)
        compare(f"{name}, sample", drawn["strata"][name]["sample"], sample)
        compare(f"{name}, reserve", drawn["strata"][name]["reserve"], reserve)


def check_certificate(certificate_json: bytes, frame_csv: bytes, entropy_txt: bytes) -> None:
    """A certificate holds plan, manifest and draw: take them out, check them, then what it says besides."""
    given = read_json(certificate_json, "certificate.json")
    names = "spec software manifest manifest_sha256 published_at entropy seed floors cells strata"
    keys(given, names, "certificate.json")
    if not isinstance(given["strata"], dict):
        differ("项目不符", "certificate.json: strata is no object")
    planned, drawn = dict[str, Any](), dict[str, Any]()
    for name, row in given["strata"].items():
        keys(row, "N n method chance sample reserve", f"certificate.json, {name}")
        for kind in ("sample", "reserve"):
            if not isinstance(row[kind], list):
                differ("项目不符", f"certificate.json, {name}: {kind} is no list")
            for entry in row[kind]:
                keys(entry, "leaf ticket", f"certificate.json, {name}, {kind}")
        planned[name] = {"N": row["N"], "n": row["n"], "reserve": len(row["reserve"]), "method": row["method"]}
        drawn[name] = {kind: [entry["leaf"] for entry in row[kind]] for kind in ("sample", "reserve")}
    if sha256(written(given["manifest"])[:-1]) != given["manifest_sha256"]:
        differ("承诺书指纹不符", "certificate.json: manifest_sha256 is not that of its manifest")
    plan = {"spec": given["spec"], "floors": given["floors"], "strata": planned}
    result = {part: given[part] for part in ("manifest", "entropy", "seed")} | {"strata": drawn}
    check(frame_csv, written(plan), written(given["manifest"]), written(result))
    thrown = canonical_digits(entropy_txt)
    if thrown != given["entropy"]:
        differ("随机数不符", f"certificate.json: entropy is {given['entropy']}, the text says {thrown}")
    check_sayings(given)


def check_sayings(given: Any) -> None:
    """Tickets, chances and cells are what plan and seed make them."""
    seed, floors = bytes.fromhex(given["seed"]), given["floors"]
    cells: dict[tuple[int, str], list[int]] = {}
    for name, row in sorted(given["strata"].items()):
        for kind in ("sample", "reserve"):
            for entry in row[kind]:
                if entry["ticket"] != f"{ticket(seed, entry['leaf']):064x}":
                    differ("号码不符", f"certificate.json, {name}, {kind}: the ticket of {entry['leaf']}")
        if row["chance"] != ("n·size/Σsize" if row["method"] == "pareto" else f"{row['n']}/{row['N']}"):
            differ("概率不符", f"certificate.json, {name}: chance is {row['chance']!r}")
        township, scheme, _ = name.split("|")
        for level, cell in enumerate(
            ("county", f"scheme {scheme}", f"township {township}|{scheme}", f"stratum {name}")
        ):
            total = cells.setdefault((level, cell), [0, 0])
            total[0] += row["N"]
            total[1] += row["n"]
    percents = [floors["county"], floors["scheme"], floors["township"]]
    expected = [
        {"cell": cell, "N": size, "n": n, "least": -(-percents[level] * size // 100) if level < 3 else min(2, size)}  # noqa: PLR2004 - strata come last
        for (level, cell), (size, n) in sorted(cells.items(), key=lambda item: item[0][0])
    ]
    if given["cells"] != expected:
        differ("下限表不符", "certificate.json: cells are not those of its strata")


def written(value: Any) -> bytes:
    """Give the canonical file of a document."""
    return (json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True) + "\n").encode()


def canonical_digits(data: bytes) -> str:
    """White space removed, full-width forms made ASCII, leading zeros kept."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        differ("随机数不符", "the entropy text is not UTF-8")
    kept = "".join(text.split())
    return "".join(unicodedata.normalize("NFKC", c) if "\uff01" <= c <= "\uff5e" else c for c in kept)


def main(arguments: list[str]) -> int:
    """Return 0 when the same, 1 when different, 2 when asked wrongly."""
    if len(arguments) not in {3, 4}:
        print("用法 usage: python -I verifier.py frame.csv plan.json manifest.json draw.json")  # noqa: T201 - a program
        print("或 or:     python -I verifier.py certificate.json frame.csv entropy.txt")  # noqa: T201 - a program
        return 2
    try:
        files = [Path(name).read_bytes() for name in arguments]
        (check if len(files) == 4 else check_certificate)(*files)  # noqa: PLR2004 - four public files
    except OSError as error:
        print(f"无法读取 cannot read: {error}")  # noqa: T201 - a program
        return 2
    except Different as difference:
        print(f"不一致 differs: {difference}")  # noqa: T201 - a program
        return 1
    manifest = files[2] if len(files) == 4 else written(json.loads(files[0])["manifest"])  # noqa: PLR2004 - the same
    print(f"一致 same\n承诺书指纹 manifest: {sha256(manifest[:-1])}")  # noqa: T201 - a program
    return 0


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr] # a real console
    sys.exit(main(sys.argv[1:]))
