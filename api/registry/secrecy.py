"""Keep identity numbers, cards and phones encrypted, and still find the same number again.

Two secrets do two things. The *field keys* (``RUHU_FIELD_KEYS``, newest first) encrypt; they may be changed as often
as one likes. The *matching key* makes the keyed hashes by which equal numbers are found; it must never change, or
nothing matches what was kept before. So it is not derived from a field key: it is made once at random and kept in
the database, itself encrypted with the field keys. After `api.registry.rotation.rotate_keys` the old field keys can
be thrown away and every match still works. A stolen database without the field keys holds neither.
"""

import base64
import hmac
import secrets
from collections.abc import Sequence

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.dialects.postgresql import insert as server_insert
from sqlalchemy.dialects.sqlite import insert as embedded_insert
from sqlalchemy.orm import Session

from api.problems import Unavailable
from api.registry.identity import normal_identity
from api.registry.tables import MatchingKey

KEY_BYTES = 32


class Secrecy:
    """Encrypts, decrypts and matches; get one from `open_secrecy`.

    Parameters
    ----------
    keys : sequence of str
        Fernet keys, the newest first: the first encrypts, all decrypt.
    matching_secret : bytes
        32 random bytes that stay for ever.

    Examples
    --------
    >>> secrecy = Secrecy([Fernet.generate_key().decode()], bytes(32))
    >>> secrecy.unseal(secrecy.seal("110105 19491231 002X"))
    '110105 19491231 002X'
    >>> secrecy.match_identity("11010519491231002x") == secrecy.match_identity("110105 19491231 002X")
    True
    """

    def __init__(self, keys: Sequence[str], matching_secret: bytes) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._identity_key = _derive(matching_secret, b"ruhu identity numbers")
        self._content_key = _derive(matching_secret, b"ruhu content of a roll")

    def seal(self, text: str) -> str:
        """Return a text encrypted with the newest key: about 120 characters for an identity number."""
        return self._fernet.encrypt(text.encode()).decode()

    def seal_if(self, text: str | None) -> str | None:
        """Encrypt a text; nothing stays nothing."""
        return self.seal(text) if text else None

    def unseal(self, sealed: str) -> str:
        """Return the text that was encrypted.

        Raises
        ------
        Unavailable
            If no key fits.
        """
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise _keys_do_not_fit() from None

    def unseal_if(self, sealed: str | None) -> str | None:
        """Decrypt; nothing stays nothing."""
        return self.unseal(sealed) if sealed else None

    def reseal(self, sealed: str) -> str:
        """Return the same text encrypted anew with the newest key.

        Raises
        ------
        Unavailable
            If no key fits.
        """
        try:
            return self._fernet.rotate(sealed).decode()
        except InvalidToken:
            raise _keys_do_not_fit() from None

    def match_identity(self, number: str) -> str:
        """Return the keyed hash (HMAC-SHA-256, 64 hex digits) by which an identity number is found again."""
        return hmac.digest(self._identity_key, normal_identity(number).encode(), "sha256").hex()

    def match_identity_if(self, number: str | None) -> str | None:
        """Return the keyed hash; nothing stays nothing."""
        return self.match_identity(number) if number else None

    def fingerprint(self, content: bytes) -> str:
        """Return the keyed hash of a household's whole content: equal exactly when nothing changed."""
        return hmac.digest(self._content_key, content, "sha256").hex()


def open_secrecy(session: Session, keys: Sequence[str]) -> Secrecy:
    """Return what encrypts and matches in this database; the matching key is made the first time.

    Parameters
    ----------
    session
        A writing one where the matching key may not be there yet, which is before the first number is kept.
    keys
        `api.settings.Settings.encryption_keys`.

    Raises
    ------
    Unavailable
        If none of the keys opens the matching key: the settings belong to another database.
    """
    fernet = MultiFernet([Fernet(key) for key in keys])
    question = sa.select(MatchingKey.sealed).where(MatchingKey.id == 1)
    sealed = session.scalar(question)
    if sealed is None:
        fresh = fernet.encrypt(base64.b64encode(secrets.token_bytes(KEY_BYTES))).decode()
        insert = embedded_insert if session.get_bind().dialect.name == "sqlite" else server_insert
        # two processes may come here at once: one row stays, and both read that one
        session.execute(insert(MatchingKey).values(id=1, sealed=fresh).on_conflict_do_nothing())
        sealed = session.scalars(question).one()
    try:
        return Secrecy(keys, base64.b64decode(fernet.decrypt(sealed)))
    except InvalidToken:
        raise _keys_do_not_fit() from None


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(secret)


def _keys_do_not_fit() -> Unavailable:
    return Unavailable("加密密钥与数据库中的数据不符，请管理员检查设置 RUHU_FIELD_KEYS 是否包含原来的密钥")
