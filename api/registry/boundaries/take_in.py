"""Take in boundaries: read the file, hold every row against divisions and homes, and replace ground all at once."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import shapely
import sqlalchemy as sa
from geoalchemy2.shape import to_shape
from sqlalchemy.orm import Session

from api.database import now
from api.people.access import COUNTY_LENGTH, Viewer
from api.people.audit import NO_COUNTY, record
from api.problems import Invalid
from api.registry.boundaries.codes import code_field, official_code
from api.registry.boundaries.features import Feature
from api.registry.boundaries.geojson import read_geojson
from api.registry.boundaries.geopackage import is_sqlite, read_geopackage
from api.registry.boundaries.ground import ground_of
from api.registry.boundaries.homes import Homes, Places, Shift, count_outside, find_shift, read_homes
from api.registry.divisions import LEVEL_BY_LENGTH
from api.registry.tables import Division, DivisionBoundary

LONGEST_SOURCE: Final = 200
CODES_AT_ONCE: Final = 500


@dataclass(frozen=True)
class Drawn:
    """One division's ground as the file has it."""

    where: str
    code: str
    ground: shapely.MultiPolygon
    mended: bool


@dataclass(frozen=True, kw_only=True)
class BoundaryFile:
    """What a file of boundaries says, before it is held against anything of ours.

    Attributes
    ----------
    field
        The field that holds the codes.
    left_out
        Rows of other areas than the one asked for.
    """

    name: str
    sha256: str
    field: str
    drawn: Sequence[Drawn]
    left_out: int


@dataclass(frozen=True, kw_only=True)
class BoundariesTaken:
    """What was taken in, or would be.

    Attributes
    ----------
    added, replaced, unchanged
        Codes without ground before, with other ground, and with the very same from the same source.
    synthetic_replaced
        Of those replaced, the ones whose ground was made up.
    mended
        Codes whose ground crossed itself.
    homes
        By code, how many homes there are and how many lie off the ground.
    shift
        A movement of the file that would explain homes off their ground.
    still_synthetic
        By level, how many divisions of the counties concerned keep made-up ground.
    """

    added: Sequence[str]
    replaced: Sequence[str]
    unchanged: Sequence[str]
    synthetic_replaced: int
    mended: Sequence[str]
    homes: Mapping[str, Homes]
    shift: Shift | None
    still_synthetic: Mapping[str, int]
    names: Mapping[str, str] = field(repr=False)


def read_boundaries(path: Path, *, layer: str = "", asked_field: str = "", within: str = "") -> BoundaryFile:
    """Read a GeoJSON file or a GeoPackage.

    Parameters
    ----------
    layer : str
        Of a GeoPackage that has several.
    asked_field : str
        The field that holds the codes; empty where it can be found.
    within : str
        Only divisions whose code begins so.

    Raises
    ------
    Invalid
        If it cannot be read, or naming every row that is no ground or comes twice.
    """
    features = list(read_geopackage(path, layer) if is_sqlite(path) else read_geojson(path))
    if not features:
        raise Invalid("文件 {name} 中没有边界", where="file", name=path.name)
    key = code_field(features, asked_field)
    drawn: dict[str, Drawn] = {}
    errors: list[dict[str, Any]] = []
    left_out = 0
    for feature in features:
        code = official_code(feature.properties.get(key))
        if code is not None and not code.startswith(within):
            left_out += 1
        elif found := _drawn(feature, key, code, drawn, errors):
            drawn[found.code] = found
    if errors:
        raise _refusal(errors)
    if not drawn:
        raise Invalid("文件中没有区划 {code} 之内的边界", where="within", code=within)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return BoundaryFile(name=path.name, sha256=digest, field=key, drawn=list(drawn.values()), left_out=left_out)


def _drawn(
    feature: Feature, key: str, code: str | None, before: Mapping[str, Drawn], errors: list[dict[str, Any]]
) -> Drawn | None:
    where = feature.where
    if code is None:
        written = str(feature.properties.get(key))[:30]
        errors.append(_error(where, "第 {row} 个的代码 {code} 不是 6、9 或 12 位区划代码", row=where, code=written))
        return None
    if code in before:
        errors.append(
            _error(where, "区划 {code} 出现了两次：第 {first} 个和第 {row} 个", row=where, code=code,
                   first=before[code].where)
        )  # fmt: skip
        return None
    made = ground_of(feature.geometry)
    if made.ground is None:
        errors.append(_error(where, made.problem, name=code))
        return None
    return Drawn(where, code, made.ground, made.mended)


def take_in_boundaries(
    session: Session,
    file: BoundaryFile,
    *,
    source: str = "",
    check_only: bool = False,
    although_far: bool = False,
    by: Viewer | None = None,
) -> BoundariesTaken:
    """Replace the ground of every division in a file; of none when one of them is wrong.

    Parameters
    ----------
    source : str
        Where the boundaries come from, kept with each; by default the file's name.
    check_only : bool
        Say what would change, and change nothing.
    although_far : bool
        Take ground also where most homes recorded in the division lie off it.

    Raises
    ------
    Invalid
        Naming every division that is unknown or whose homes lie elsewhere.
    """
    source = source.strip() or file.name[:LONGEST_SOURCE]
    if len(source) > LONGEST_SOURCE:
        raise Invalid("来源说明过长，最多 {most} 个字", where="source", most=LONGEST_SOURCE)
    names = _names(session, [one.code for one in file.drawn])
    if unknown := [one for one in file.drawn if one.code not in names]:
        raise _refusal(
            [_error(one.where, "没有编码为 {code} 的区划；请先导入区划，或用 --within 只导入本地", code=one.code)
             for one in unknown]
        )  # fmt: skip
    homes = {one.code: read_homes(session, one.code) for one in file.drawn}
    counted = {one.code: count_outside(one.ground, homes[one.code]) for one in file.drawn}
    shift = _shift(file, homes)
    far = [one for one in file.drawn if counted[one.code].far]
    if far and not although_far:
        raise _refusal(list(_far_errors(far, counted, names, shift)))
    before = _present(session, [one.code for one in file.drawn])
    same = {one.code for one in file.drawn if _same(before.get(one.code), one.ground, source)}
    changed = [one for one in file.drawn if one.code not in same]
    taken = BoundariesTaken(
        added=[one.code for one in changed if one.code not in before],
        replaced=[one.code for one in changed if one.code in before],
        unchanged=sorted(same),
        synthetic_replaced=sum(before[one.code].synthetic for one in changed if one.code in before),
        mended=[one.code for one in file.drawn if one.mended],
        homes=counted,
        shift=shift,
        still_synthetic=_still_synthetic(session, [one.code for one in file.drawn]),
        names=names,
    )
    if changed and not check_only:
        _keep(session, changed, source)
        _record(session, file, taken, source, by, although_far=bool(far))
    return taken


def _shift(file: BoundaryFile, homes: Mapping[str, Places]) -> Shift | None:
    """Look for a shift at the finest level that the file draws: there most homes lie near an edge."""
    finest = max(len(one.code) for one in file.drawn)
    return find_shift({one.code: one.ground for one in file.drawn if len(one.code) == finest}, homes)


def _keep(session: Session, changed: Sequence[Drawn], source: str) -> None:
    codes = [one.code for one in changed]
    for start in range(0, len(codes), CODES_AT_ONCE):
        some = DivisionBoundary.division_code.in_(codes[start : start + CODES_AT_ONCE])
        session.execute(sa.delete(DivisionBoundary).where(some))
    at = now()
    session.execute(
        sa.insert(DivisionBoundary),
        [
            {"division_code": one.code, "ground": f"SRID=4326;{one.ground.wkt}", "synthetic": False,
             "source": source, "changed_at": at}
            for one in changed
        ],
    )  # fmt: skip


def _record(
    session: Session, file: BoundaryFile, taken: BoundariesTaken, source: str, by: Viewer | None, *, although_far: bool
) -> None:
    """Write one entry for each county, into its own chain."""
    counties: dict[str, list[str]] = {}
    for code in (*taken.added, *taken.replaced):
        counties.setdefault(code[:COUNTY_LENGTH], []).append(code)
    for county, codes in sorted(counties.items()):
        record(
            session, by, "boundaries.import", "division_boundary", county,
            division_code=county if len(county) == COUNTY_LENGTH else NO_COUNTY, source=source, file=file.name,
            sha256=file.sha256, added=sum(code in taken.added for code in codes),
            replaced=sum(code in taken.replaced for code in codes), mended=[c for c in taken.mended if c in codes],
            although_far=although_far,
        )  # fmt: skip


def _names(session: Session, codes: Sequence[str]) -> dict[str, str]:
    return {one.code: one.name for part in _parts(codes) for one in session.scalars(
        sa.select(Division).where(Division.code.in_(part))
    )}  # fmt: skip


def _present(session: Session, codes: Sequence[str]) -> dict[str, DivisionBoundary]:
    return {one.division_code: one for part in _parts(codes) for one in session.scalars(
        sa.select(DivisionBoundary).where(DivisionBoundary.division_code.in_(part))
    )}  # fmt: skip


def _same(before: DivisionBoundary | None, ground: shapely.MultiPolygon, source: str) -> bool:
    if before is None or before.synthetic or before.source != source:
        return False
    return bool(to_shape(before.ground).normalize() == ground.normalize())


def _still_synthetic(session: Session, codes: Sequence[str]) -> dict[str, int]:
    counties = {code[:COUNTY_LENGTH] for code in codes}
    rows = session.scalars(
        sa.select(DivisionBoundary.division_code).where(
            DivisionBoundary.synthetic.is_(True),
            sa.func.substr(DivisionBoundary.division_code, 1, COUNTY_LENGTH).in_(counties),
        )
    )
    return dict(Counter(LEVEL_BY_LENGTH[len(code)] for code in rows if code not in set(codes)))


def _parts(codes: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(codes), CODES_AT_ONCE):
        yield codes[start : start + CODES_AT_ONCE]


def _far_errors(
    far: Sequence[Drawn], counted: Mapping[str, Homes], names: Mapping[str, str], shift: Shift | None
) -> Iterator[dict[str, Any]]:
    for one in far:
        yield _error(
            one.where,
            "{name} ({code})：{all} 户有位置，其中 {outside} 户在边界之外；请核对代码，确认无误可加 --although-far",
            name=names[one.code], code=one.code, all=counted[one.code].all, outside=counted[one.code].outside,
        )  # fmt: skip
    if shift is not None:
        yield _error("", SHIFTED, **vars(shift))


SHIFTED: Final = (
    "整个文件像是偏移了：向 {bearing}° 方向移动约 {metres} 米后，边界外的户数由 {outside} 降到 {outside_then}。"
    "可能是 GCJ-02 坐标，请向提供者索取 WGS 84 或 CGCS2000 的原始数据"
)


def _error(where: str, message: str, **values: Any) -> dict[str, Any]:
    return {"where": where, "message": message, "values": values}


def _refusal(errors: list[dict[str, Any]]) -> Invalid:
    return Invalid("边界文件有 {count} 处问题，没有导入任何边界", errors=errors, count=len(errors))
