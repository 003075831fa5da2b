"""Sign in with a name and a password, and slow down whoever guesses."""

import secrets
from datetime import timedelta

import sqlalchemy as sa
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

from api.database import now
from api.people.access import Viewer
from api.people.accounts import LONGEST_PASSWORD, NO_PASSWORD, hasher, viewer_of
from api.people.audit import record
from api.people.tables import Account, FailedAttempt
from api.problems import Locked

FREE_ATTEMPTS = 5  # mistakes a tired person makes
ADDRESS_FREE_ATTEMPTS = 50  # a township's people share one address
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(hours=24)


def sign_in(session: Session, *, name: str, password: str, address: str, cost_kib: int) -> Account | None:
    """Return the account if the password is right, else None; the failure is counted in this transaction.

    The caller commits also when None is returned: a forgotten failure would be a free guess.

    Raises
    ------
    Locked
        While the name or the address has to wait after failed attempts.
    """
    name = name.strip().lower()
    subjects = {f"account:{name[:64]}": FREE_ATTEMPTS, f"address:{address}": ADDRESS_FREE_ATTEMPTS}
    for subject in subjects:
        refuse_while_locked(session, subject)
    account = session.scalar(sa.select(Account).where(Account.name == name, Account.active))
    # An unknown name, or one without a password, takes as long as a wrong password: no clock tells which there are.
    known = (account.password_hash if account else NO_PASSWORD) or _nobody(cost_kib)
    if len(password) <= LONGEST_PASSWORD and _matches(known, password, cost_kib) and account is not None:
        session.execute(sa.delete(FailedAttempt).where(FailedAttempt.subject == f"account:{name[:64]}"))
        viewer = viewer_of(account)
        record(session, viewer, "account.sign_in", "account", account.id, division_code=_chain_of(viewer))
        return account
    for subject, free in subjects.items():
        count_failure(session, subject, free=free)
    return None


def refuse_while_locked(session: Session, subject: str) -> None:
    """Refuse a name or address that has to wait.

    Raises
    ------
    Locked
        With the seconds left.
    """
    attempt = session.get(FailedAttempt, subject)
    if attempt is not None and attempt.locked_until is not None and attempt.locked_until > now():
        seconds = int((attempt.locked_until - now()).total_seconds()) + 1
        raise Locked("尝试次数过多，请在 {seconds} 秒后再试", seconds=seconds)


def count_failure(session: Session, subject: str, *, free: int) -> None:
    """Count a failed attempt; beyond the free ones each doubles the wait, up to an hour."""
    attempt = session.get(FailedAttempt, subject, with_for_update=True)
    moment = now()
    if attempt is None:
        attempt = FailedAttempt(subject=subject, count=0, last_at=moment)
        session.add(attempt)
    if moment - attempt.last_at > FORGOTTEN_AFTER:
        attempt.count = 0
    attempt.count += 1
    attempt.last_at = moment
    if (over := attempt.count - free) >= 0:
        attempt.locked_until = moment + min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT)
    session.flush()


def _matches(known: str, password: str, cost_kib: int) -> bool:
    try:
        return hasher(cost_kib).verify(known, password)
    except (VerificationError, InvalidHashError):
        return False


_nobodies: dict[int, str] = {}


def _nobody(cost_kib: int) -> str:
    if cost_kib not in _nobodies:
        _nobodies[cost_kib] = hasher(cost_kib).hash(secrets.token_hex(16))
    return _nobodies[cost_kib]


def _chain_of(viewer: Viewer) -> str:
    return viewer.grants[0][1] if viewer.grants else ""
