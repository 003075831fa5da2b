"""Who signs in to the demo: one account for each role, a surveyor for each visited township, two phones."""

import secrets
from pathlib import Path

from sqlalchemy.orm import Session

from api.demo.county import COUNTY, TOWN
from api.people.access import Viewer
from api.people.accounts import create_account, viewer_of
from api.people.roles import ROLE_NAMES, Role
from api.people.tokens import issue_token
from api.settings import Settings

CITY = COUNTY[:4]

# name → (role, area)
ACCOUNTS: dict[str, tuple[Role, str]] = {
    "admin": (Role.ADMINISTRATOR, CITY),
    "county": (Role.COUNTY_SUPERVISOR, COUNTY),
    "township": (Role.TOWNSHIP_REVIEWER, TOWN),
    "surveyor": (Role.SURVEYOR, TOWN),
    "checker": (Role.SPOT_CHECKER, COUNTY),
    "city": (Role.CITY_INSPECTOR, CITY),
    "discipline": (Role.DISCIPLINE_INSPECTOR, CITY),
}
# who goes in the county's other two teams, and whom the city sends after them: name → (title, area)
MORE_CHECKERS: dict[str, tuple[str, str]] = {
    "checker-2": ("县级抽查员二", COUNTY),
    "checker-3": ("县级抽查员三", COUNTY),
    "city-checker": ("市级抽查员", CITY),
}
PHONES = ("surveyor", "checker")  # whose addresses are written down, so that a real phone can be tried


def make_accounts(
    session: Session, settings: Settings, *, password: str, townships: dict[str, str]
) -> tuple[dict[str, Viewer], dict[str, str]]:
    """Make the accounts of the demo, all with one password.

    Parameters
    ----------
    townships : dict of str to str
        Names by code, of those in which somebody visits besides the town.

    Returns
    -------
    dict of str to Viewer
        By account name; those who visit act through their phone's token.
    dict of str to str
        The two phones' tokens.
    """
    wanted = {name: (ROLE_NAMES[role], role, area) for name, (role, area) in ACCOUNTS.items()}
    for code, name in townships.items():
        wanted[f"surveyor-{code}"] = (f"{name}调查员", Role.SURVEYOR, code)
    for name, (title, area) in MORE_CHECKERS.items():
        wanted[name] = (title, Role.SPOT_CHECKER, area)
    viewers: dict[str, Viewer] = {}
    tokens: dict[str, str] = {}
    for name, (title, role, area) in wanted.items():
        account = create_account(
            session,
            name=name,
            display_name=f"{title} (演示)",
            password=password,
            grants=[(role, area)],
            cost_kib=settings.password_cost,
        )
        token_id = None
        if role in {Role.SURVEYOR, Role.SPOT_CHECKER}:
            token, text = issue_token(session, account, kind="phone", label="演示手机", by=None)
            token_id = token.id
            if name in PHONES:
                tokens[name] = text
        viewers[name] = viewer_of(account, token_id=token_id)
    return viewers, tokens


def write_secret(path: Path, text: str) -> None:
    """Write a file that only the operator reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def phone_lines(settings: Settings, tokens: dict[str, str]) -> str:
    """Return the addresses to type into ODK Collect, a line each; only here do the tokens stand in clear."""
    address = settings.public_url.rstrip("/")
    return "".join(f"{name} {address}/key/{token}\n" for name, token in tokens.items())


def choose_password(settings: Settings) -> str:
    """Return the operator's password for the demo, else a new one."""
    return settings.demo_password or secrets.token_urlsafe(9)


def password_file(settings: Settings) -> Path:
    """Return where the password of the demo accounts is written down for the operator."""
    return settings.data_dir / "demo_password"
