"""The whole demo county in memory, the same each time: nothing here knows a database."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.demo.chance import dice
from api.demo.households import Family, make_families
from api.demo.officials import Post, Record, harmless_records, make_posts
from api.demo.planting import plant_errors

COUNTY = "540222"
TOWN = "540222100"  # 江孜镇
FEWEST = 100  # households on the roll; fewer cannot hold every kind of error in a tenth of them


@dataclass(frozen=True)
class County:
    """Families, officials, records, errors planted."""

    families: list[Family]
    posts: list[Post]
    records: list[Record]


def make_county(divisions: Mapping[str, str], standards: Mapping[str, int], households: int) -> County:
    """Return the demo county.

    Parameters
    ----------
    divisions : mapping of str to str
        Names by code; townships and villages of the county are taken.
    standards : mapping of str to int
        Fen per person and year, by scheme.
    households : int
        On the roll, at least `FEWEST`.
    """
    if households < FEWEST:
        raise ValueError(f"{households} households cannot hold every kind of error; ask for at least {FEWEST}")
    below = {code: name for code, name in divisions.items() if code.startswith(COUNTY) and len(code) > len(COUNTY)}
    villages = {code: name for code, name in below.items() if len(code) == 12}  # noqa: PLR2004 - a village's code
    families = make_families(villages, standards, households)
    posts = make_posts(below, families)
    records = harmless_records(families, posts)
    plant_errors(families, posts, records)
    dice("records", "order").shuffle(records)  # departments do not list the guilty last
    return County(families, posts, records)
