"""Load the demo county into an empty database: divisions, people, roll, errors, visits, a draw, checks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign
from api.collection.derive import Deriver
from api.collection.object_store import open_blobs
from api.database import Database, now
from api.demo.accounts import ACCOUNTS, make_accounts, phone_lines, write_secret
from api.demo.assignments import give_townships, surveyor_of
from api.demo.chance import dice
from api.demo.county import COUNTY, TOWN, make_county
from api.demo.doubts import write_doubts
from api.demo.fieldwork import FieldOffice
from api.demo.households import Family
from api.demo.inquiries import make_inquiries
from api.demo.keep import keep_boundaries, keep_county
from api.demo.marks import BEGUN, COMPLETE, demo_folder, mark, refuse_unless_empty
from api.demo.plan import demo_plan, make_campaign, standards_of
from api.demo.planting import write_truth
from api.demo.reviews import review_some
from api.demo.spot_check import draw_demo, to_check
from api.demo.visits import Visit, make_visits
from api.evidence.derive import derive_evidence
from api.evidence.reading import CHINA
from api.people.access import Viewer
from api.registry.divisions import import_divisions
from api.registry.secrecy import open_secrecy
from api.registry.tables import Division
from api.settings import Settings

__all__ = ["ACCOUNTS", "Loaded", "load_demo"]

HOUSEHOLDS = 3_000
# Townships by their place in the order of codes; the town is the first. The other six are still to be visited.
VISITED_WHOLE = (0, 1, 3, 6, 9, 12, 15)
VISITED_HALF = (2, 5, 8, 11, 14, 17)
REVIEWED = (0, 1, 3)  # of whose visits most have been decided on
CHECKED = (0, 1, 3, 6)  # in a third of whose drawn households a checker has been
FIELD_DAYS = 9  # before today; stage two has lasted longer (`api.demo.plan`)
CHECK_DAYS = 4

# Told of each step: what is done, how much of it, of how much.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Loaded:
    """What was loaded, in numbers."""

    households: int
    members: int
    errors: int
    visits: int
    inquiries: int  # interviews, property, meetings and postings
    checks: int


def load_demo(
    database: Database,
    settings: Settings,
    *,
    password: str,
    households: int = HOUSEHOLDS,
    on_progress: Progress = lambda _what, _done, _total: None,
    derivers: Sequence[Deriver] = (derive_evidence,),
) -> Loaded:
    """Load the demo county.

    Parameters
    ----------
    database
        Migrated, and empty of accounts and households.
    password : str
        Of all demo accounts.
    households : int
        On the roll, at least `api.demo.county.FEWEST`.
    on_progress
        Told of each step.
    derivers
        What is made of each submission, as the application wires it.

    Raises
    ------
    Conflict
        If anything is in the database, an interrupted load included.

    Notes
    -----
    Files: ``demo/truth.csv`` (what is planted; never in the database), ``demo/doubts.csv`` (which visits are
    doubtful), ``demo/phones.txt`` (two phones' addresses), all under the data folder.
    """
    with database.read() as session:
        refuse_unless_empty(session, database, settings)
    mark(settings, BEGUN)
    folder = demo_folder(settings)
    today = now().astimezone(CHINA).date()
    plan = demo_plan(today)

    on_progress("区划与名册", 0, 1)
    with database.transaction() as session:
        import_divisions(session)
        names = _names(session)
        county = make_county(names, standards_of(plan), households)
        townships = sorted(code for code in names if len(code) == len(TOWN))
        whole, half = ([townships[at] for at in places] for places in (VISITED_WHOLE, VISITED_HALF))
        surveyed = {code: names[code] for code in sorted({*whole, *half} - {TOWN})}
        viewers, tokens = make_accounts(session, settings, password=password, townships=surveyed)
        campaign = make_campaign(session, plan)
        keep_boundaries(session, [code for code in names if len(code) > len(TOWN)])
        keep_county(session, open_secrecy(session, settings.encryption_keys()), county)
    with database.transaction() as session:
        give_townships(session, campaign, viewers["county"], viewers, [*whole, *half])
    write_truth(county.families, folder / "truth.csv")
    write_secret(folder / "phones.txt", phone_lines(settings, tokens))
    on_progress("区划与名册", 1, 1)

    office = FieldOffice(database, open_blobs(settings), derivers, viewers)
    office.publish()
    visits = _township_visits(county.families, whole, half, today)
    done = office.take_in(visits, lambda done: on_progress("入户调查", done, len(visits)))
    inquiries = list(make_inquiries(visits))
    asked = office.take_in(inquiries, lambda done: on_progress("邻里访问、评议、公示", done, len(inquiries)))

    on_progress("审核", 0, 1)
    review_some(database, viewers["county"], [townships[at] for at in REVIEWED])
    on_progress("审核", 1, 1)
    on_progress("县级抽查", 0, 1)
    checks = _checks(database, campaign, viewers, families=county.families, townships=townships, today=today)
    checked = office.take_in(checks, lambda done: on_progress("县级抽查", done, len(checks)))
    write_doubts([*visits, *checks], folder / "doubts.csv")
    mark(settings, COMPLETE)
    return Loaded(
        households=sum(family.on_roll for family in county.families),
        members=sum(len(family.members) for family in county.families),
        errors=sum(bool(family.truth.kind) for family in county.families),
        visits=done,
        inquiries=asked,
        checks=checked,
    )


def _names(session: Session) -> dict[str, str]:
    rows = session.execute(
        sa.select(Division.code, Division.name).where(Division.code.startswith(COUNTY), Division.code != COUNTY)
    )
    return dict(rows.all())


def _township_visits(families: Sequence[Family], whole: Sequence[str], half: Sequence[str], today: date) -> list[Visit]:
    """Return the townships' own visits: whole townships, and every household's even chance in half-visited ones."""
    rng = dice("half")
    days = [today - timedelta(days=back) for back in range(FIELD_DAYS, 0, -1)]
    visits: list[Visit] = []
    for township in sorted([*whole, *half]):
        here = [family for family in families if family.township == township and family.on_roll]
        if township in half:
            here = rng.sample(here, -(-len(here) // 2))
        visits += make_visits(here, surveyor_of(township), seen_by="township", days=days)
    return visits


def _checks(
    database: Database,
    campaign: Campaign,
    viewers: dict[str, Viewer],
    *,
    families: Sequence[Family],
    townships: Sequence[str],
    today: date,
) -> list[Visit]:
    """Draw the county's spot check, and return the checkers' visits in a third of some townships' list."""
    draw_demo(database, campaign, viewers, townships, day=today)
    with database.read() as session:
        given = to_check(session, [townships[at] for at in CHECKED], one_in=3)
    days = [today - timedelta(days=back) for back in range(CHECK_DAYS, 0, -1)]
    visits: list[Visit] = []
    for checker in sorted(set(given.values())):
        chosen = [family for family in families if given.get(family.code) == checker]
        visits += make_visits(chosen, checker, seen_by="county", days=days, doubts=False)
    return visits
