"""Every setting once: its name, type, default and meaning, read from the environment and checked at start."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from api.base_maps import check_base_map, check_datum, check_zoom


class SettingError(ValueError):
    """A setting that cannot be used; the message names the variable, the value and what would do."""


def _setting(default: Any, meaning: str, *, check: Callable[[Any], str | None] | None = None) -> Any:
    return field(default=default, metadata={"meaning": meaning, "check": check})


def _at_least(smallest: int) -> Callable[[int], str | None]:
    return lambda value: None if value >= smallest else f"use a whole number of at least {smallest}"


def _web_address(value: str) -> str | None:
    parts = urlsplit(value)
    if parts.scheme in {"http", "https"} and parts.netloc and not parts.query and not parts.fragment:
        return None
    return "use an address such as https://ruhu.example.org"


def _database_address(value: str) -> str | None:
    if not value or value.startswith(("sqlite:///", "postgresql+psycopg://")):
        return None
    return "use sqlite:////path/to/file or postgresql+psycopg://user@host/name"


def _blob_store(value: str) -> str | None:
    parts = urlsplit(value)
    if not value or (parts.scheme == "s3" and parts.netloc and not parts.query and not parts.fragment):
        return None
    return "use s3://bucket or s3://bucket/prefix, or leave it empty for the data folder"


def _field_keys(value: str) -> str | None:
    try:
        for key in filter(None, value.split(",")):
            Fernet(key)
    except ValueError:
        return "use one or more keys made with `ruhu make-key`, separated by commas, the newest first"
    return None


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an operator may set, each as the environment variable ``RUHU_<NAME>``.

    Examples
    --------
    >>> Settings.read({"RUHU_PUBLIC_URL": "https://dibao.example.org"}).public_url
    'https://dibao.example.org'
    >>> Settings.read({"RUHU_WORKERS": "many"})
    Traceback (most recent call last):
    ...
    api.settings.SettingError: RUHU_WORKERS is 'many': use a whole number
    """

    data_dir: Path = _setting(
        Path(".local/data"),
        "folder for everything kept outside the database: bytes from phones, keys, exports",
    )
    database_url: str = _setting(
        "",
        "database address; empty means the embedded one, ruhu.db in the data folder",
        check=_database_address,
    )
    public_url: str = _setting(
        "http://127.0.0.1:8000",
        "address under which phones and browsers reach the server",
        check=_web_address,
    )
    host: str = _setting("127.0.0.1", "network address to listen on")
    port: int = _setting(8000, "port to listen on", check=_at_least(1))
    workers: int = _setting(2, "web server processes", check=_at_least(1))
    threads: int = _setting(8, "threads in each web server process", check=_at_least(1))
    trusted_proxies: int = _setting(
        0, "how many proxies in front may be believed about the caller's address", check=_at_least(0)
    )
    secret_key: str = _setting("", "signs sessions; empty means a file made once in the data folder")
    field_keys: str = _setting(
        "",
        "keys that encrypt identity numbers, cards and phones, newest first; "
        "empty means a file made once in the data folder",
        check=_field_keys,
    )
    session_hours: int = _setting(12, "hours until a sign-in ends", check=_at_least(1))
    password_cost: int = _setting(
        65536, "memory in KiB that checking one password takes (argon2id)", check=_at_least(8)
    )
    submission_batch_bytes: int = _setting(
        5_000_000, "size of one posting that phones are asked to keep to", check=_at_least(100_000)
    )
    submission_limit_bytes: int = _setting(
        25_000_000, "size of one posting above which it is refused", check=_at_least(100_000)
    )
    submission_limit_files: int = _setting(200, "files in one posting above which it is refused", check=_at_least(1))
    quarantine_quota_bytes: int = _setting(
        200_000_000,
        "bytes kept aside for one phone before its oldest refused posting must be looked at",
        check=_at_least(0),
    )
    blob_store: str = _setting(
        "",
        "object store for the bytes of submissions, s3://bucket/prefix; empty means the data folder",
        check=_blob_store,
    )
    blob_endpoint_url: str = _setting(
        "",
        "address of the S3-compatible store; empty means Amazon's own",
        check=lambda value: _web_address(value) if value else None,
    )
    blob_region: str = _setting("", "region of the store; empty means what boto3 finds in the environment")
    blob_addressing: str = _setting(
        "path",
        "how the store is told the bucket: path (MinIO, Ceph) or virtual (Alibaba, Tencent, Amazon)",
        check=lambda value: None if value in {"path", "virtual"} else "use path or virtual",
    )
    upload_limit_bytes: int = _setting(
        64_000_000, "size of an uploaded roll above which it is refused", check=_at_least(100_000)
    )
    check_attempts: int = _setting(
        2,
        "visits to a closed door after which a drawn household counts as not reached and its reserve may step in",
        check=_at_least(1),
    )
    export_days: int = _setting(7, "days for which a finished export can be downloaded", check=_at_least(1))
    base_map: str = _setting(
        "",
        "what lies under the map: empty for nothing, pmtiles:/path/to/file.pmtiles, "
        "or https://…{z}/{x}/{y}… for tiles in web Mercator",
        check=check_base_map,
    )
    base_map_attribution: str = _setting("", "whose map it is, written in its corner, with its approval number")
    base_map_datum: str = _setting(
        "wgs84",
        "datum the base map is drawn in: wgs84 or cgcs2000; gcj02 is refused, it would show visits in wrong places",
        check=check_datum,
    )
    base_map_max_zoom: int = _setting(
        18,
        "closest zoom at which the base map has tiles",
        check=check_zoom,
    )
    demo_password: str = _setting("", "password of the demo accounts; empty means one is made up and shown")

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read and check all settings; unknown ``RUHU_`` names are refused, they are usually typing errors.

        Raises
        ------
        SettingError
            Naming the variable, its value and what would do.
        """
        environment = os.environ if environment is None else environment
        known = {f"RUHU_{item.name.upper()}": item for item in fields(cls)}
        strays = sorted(
            name for name in environment if name.startswith("RUHU_") and name not in known and name not in NOT_SETTINGS
        )
        if strays:
            raise SettingError(f"{', '.join(strays)}: no such setting; `ruhu settings` lists them")
        values: dict[str, Any] = {}
        for name, item in known.items():
            if (text := environment.get(name)) is None:
                continue
            try:
                values[item.name] = item.type(text) if callable(item.type) else text
            except ValueError:
                raise SettingError(f"{name} is {text!r}: use a whole number") from None
            problem = item.metadata["check"] and item.metadata["check"](values[item.name])
            if problem:
                raise SettingError(f"{name} is {text!r}: {problem}")
        found = cls(**values)
        if found.public_url.startswith("https:") and found.base_map.startswith("http:"):
            raise SettingError("RUHU_BASE_MAP begins with http: browsers load nothing from there into an https page")
        return found

    @property
    def database_address(self) -> str:
        """The database address with the default filled in."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'ruhu.db').absolute()}"

    def signing_key(self) -> str:
        """The key that signs sessions, made once if not set."""
        return self.secret_key or self._kept("secret_key", lambda: secrets.token_urlsafe(48))

    def encryption_keys(self) -> list[str]:
        """The keys that encrypt fields, newest first, made once if not set."""
        text = self.field_keys or self._kept("field_keys", lambda: Fernet.generate_key().decode())
        return [key for key in text.replace("\n", ",").split(",") if key]

    def _kept(self, name: str, make: Callable[[], str]) -> str:
        """Read a secret from the data folder, making it the first time, readable by nobody else."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        path = self.data_dir / name
        draft = path.with_name(f".{name}.{os.getpid()}.{secrets.token_hex(4)}")
        if not path.exists():
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(make())
                file.flush()
                os.fsync(file.fileno())
            try:
                path.hardlink_to(draft)  # the first process to link wins
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text().strip()


# Names that begin like settings but steer tests and commands, not the server.
NOT_SETTINGS = frozenset({"RUHU_ORACLES", "RUHU_SOAK", "RUHU_TEST_DATABASES", "RUHU_CHROMIUM"})
