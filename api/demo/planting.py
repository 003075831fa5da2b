"""Where errors are planted: how many of each kind, in whose house, and the truth written down beside it."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from api.demo import errors
from api.demo.chance import dice
from api.demo.households import FEN, MONTHS, Family
from api.demo.numbers import Numbers
from api.demo.officials import Post, Record

# kind → share of the households on the roll, what is done, who it can be done to. Together about one in ten.
SINGLE: dict[str, tuple[float, errors.Deed, Callable[[Family], bool]]] = {
    "错保": (0.020, errors.wrongly_included, lambda _: True),
    "人情保": (0.007, errors.favour, lambda _: True),
    "关系保": (0.007, errors.connection, lambda _: True),
    "优亲厚友": (0.006, errors.kin_favoured, lambda family: family.benefit_fen > 0),
    "保人不保户": (0.008, errors.person_not_household, lambda family: len(family.members) > 2),  # noqa: PLR2004
    "虚报冒领": (0.007, errors.false_claim, lambda family: family.benefit_fen > 0),
    "截留挪用": (0.005, errors.withheld, lambda family: family.benefit_fen > 0),
    "扣压代管": (0.007, errors.card_kept, lambda _: True),
    "死亡未退": (0.008, errors.paid_after_death, lambda family: len(family.members) > 1 or family.head.age > 70),  # noqa: PLR2004
    "超标准财产": (0.009, errors.too_wealthy, lambda _: True),
    "财政供养": (0.005, errors.on_public_payroll, lambda family: len(family.members) > 1),
}
# kind → share of the households on the roll, households of one village hit together, what is done
TOGETHER: dict[str, tuple[float, int, Callable[[errors.Plot, list[Family]], str]]] = {
    "轮流坐庄": (0.004, 3, errors.rotation),
    "平均发放": (0.010, 8, errors.equal_shares),
}
MISSED = "漏保"
KINDS = (*SINGLE, *TOGETHER, MISSED)
MISSED_SHARE = 0.2  # of the registered-poor households off the roll

COLUMNS = (
    "household_code",
    "kind",
    "what",
    "on_roll",
    "paid_fen_per_month",
    "correct_fen_per_month",
    "wrongly_paid_fen_per_year",
    "underpaid_fen_per_year",
    "diverted_fen_per_year",
)


def plant_errors(families: Sequence[Family], posts: list[Post], records: list[Record]) -> None:
    """Plant every kind of error, at least once each; posts and records get what belongs to it.

    Parameters
    ----------
    families : sequence of Family
        At least about a hundred on the roll; changed in place, `Family.truth` says how.
    """
    rng = dice("errors", len(families))
    plot = errors.Plot(rng, Numbers(rng, first_serial=200), posts, records)
    on_roll = [family for family in families if family.on_roll]
    likely = {family.code: _likelihood(family) for family in on_roll}
    for kind, (share, together, deed) in TOGETHER.items():
        wanted = max(2, round(share * len(on_roll)))
        for group in _groups(plot, on_roll, wanted, together):
            what = deed(plot, group)
            for family in group:
                _mark(family, kind, what)
    for kind, (share, single, fits) in SINGLE.items():
        for _ in range(max(1, round(share * len(on_roll)))):
            free = [family for family in on_roll if not family.truth.kind and fits(family)]
            family = rng.choices(free, [likely[one.code] for one in free])[0]
            _mark(family, kind, single(plot, family))
    off_roll = [family for family in families if not family.on_roll]
    for family in rng.sample(off_roll, max(1, round(MISSED_SHARE * len(off_roll)))):
        _mark(family, MISSED, errors.wrongly_excluded(plot, family))


def _mark(family: Family, kind: str, what: str) -> None:
    family.truth.kind, family.truth.what = kind, what


def _likelihood(family: Family) -> float:
    """Say how likely an error is here: more where nobody looked for years, or where income is near the line."""
    old = family.since is not None and family.since.year < 2020  # noqa: PLR2004
    near = 100 * family.income_fen_per_person >= 90 * family.standard_fen
    return (2.0 if old else 1.0) * (3.0 if near else 1.0)


def _groups(plot: errors.Plot, families: Sequence[Family], wanted: int, together: int) -> Iterator[list[Family]]:
    """Yield groups of neighbours for an error that a whole village makes, until enough households are hit."""
    villages: dict[str, list[Family]] = {}
    for family in families:
        if family.scheme == "rural" and not family.truth.kind:
            villages.setdefault(family.village, []).append(family)
    codes = sorted(villages)
    plot.rng.shuffle(codes)
    codes.sort(key=lambda code: len(villages[code]) < together)  # large enough ones first
    for code in codes:
        if wanted <= 0:
            return
        group = plot.rng.sample(villages[code], min(len(villages[code]), together, max(2, wanted)))
        wanted -= len(group)
        yield group


def truth_rows(families: Iterable[Family]) -> list[dict[str, object]]:
    """Return what is wrong, household by household, with the columns of `COLUMNS`."""
    rows = []
    for family in families:
        truth = family.truth
        if not truth.kind:
            continue
        excess = family.benefit_fen - truth.correct_fen_per_month
        values = (
            family.code,
            truth.kind,
            truth.what,
            int(family.on_roll),
            family.benefit_fen,
            truth.correct_fen_per_month,
            max(0, excess) * MONTHS,
            max(0, -excess) * MONTHS,
            truth.withheld_yuan * FEN,
        )
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    return rows


def write_truth(families: Iterable[Family], path: Path) -> None:
    """Write the truth beside the database, as CSV (UTF-8 with a mark, so that spreadsheets read it)."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(truth_rows(families))
