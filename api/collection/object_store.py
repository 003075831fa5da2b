"""Keep bytes in an S3-compatible object store instead of a folder: uploaded and confirmed before anybody is told."""

import base64
import hashlib
import io
import logging
import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, Final, Self, TypeVar
from urllib.parse import urlsplit

from api.collection.blobs import Blobs, Draft
from api.problems import Unavailable
from api.settings import Settings

log = logging.getLogger(__name__)

Result = TypeVar("Result")

AT_ONCE: Final = 8  # uploads of one posting side by side
PIECE_BYTES: Final = 1 << 16
# A phone gives up after 60 s: two tries of an upload must have come to an end by then.
CONNECT_SECONDS: Final = 5
SILENT_SECONDS: Final = 20
TRIES: Final = 2
MISSING: Final = frozenset({"404", "NoSuchKey", "NotFound"})


class StoreUnavailable(Unavailable):
    """The object store cannot be reached or does not do what it is asked; nothing was acknowledged."""


def open_blobs(settings: Settings) -> Blobs:
    """Return where bytes are kept: the data folder, or the store that the settings name."""
    folder = settings.data_dir.absolute() / "blobs"
    return ObjectStore(folder, settings) if settings.blob_store else Blobs(folder)


class ObjectStore(Blobs):
    """A bucket of kept bytes, each object ``<prefix>/ab/<sha256>``.

    Drafts lie in the local folder. What the folder still holds from before the bucket is found there, so that
    ``ruhu move-blobs`` may move it while the server runs. Who may come in is boto3's own affair: environment,
    shared files, or the role of the machine.

    Parameters
    ----------
    root
        The local folder.
    settings
        Name the bucket and where it is.
    """

    def __init__(self, root: Path, settings: Settings) -> None:
        super().__init__(root)
        parts = urlsplit(settings.blob_store)
        self.bucket = parts.netloc
        self.prefix = f"{parts.path.strip('/')}/".lstrip("/")
        self._settings = settings
        self._lock = threading.Lock()
        self._client: Any = None
        self._process: int | None = None

    def keep(self, drafts: Iterable[Draft]) -> None:
        """Upload drafts, each confirmed by its SHA-256; a damaged object is replaced.

        Raises
        ------
        StoreUnavailable
            If one of them could not be confirmed; then nothing may be acknowledged.
        """
        wanted = [draft for draft in drafts if not draft.kept]
        if len(wanted) == 1:
            self.upload(wanted[0].path, wanted[0].sha256)
        elif wanted:
            with ThreadPoolExecutor(min(AT_ONCE, len(wanted))) as pool:
                list(pool.map(lambda draft: self.upload(draft.path, draft.sha256), wanted))
        for draft in wanted:
            draft.kept = True

    def open(self, sha256: str) -> BinaryIO:
        """Return kept bytes as a file whose pieces are fetched as they are read.

        Raises
        ------
        FileNotFoundError
            If they are neither in the store nor in the folder.
        StoreUnavailable
            If nobody can say.
        """
        try:
            found = self._ask(lambda client: client.head_object(Bucket=self.bucket, Key=self.key(sha256)))
        except FileNotFoundError:
            return super().open(sha256)
        return io.BufferedReader(_Remote(self, sha256, int(found["ContentLength"])), PIECE_BYTES)

    def upload(self, path: Path, sha256: str) -> None:
        """Put a local file into the store under its name and see that it has arrived whole."""
        digest = base64.b64encode(bytes.fromhex(sha256)).decode()

        def put(client: Any) -> Any:
            with path.open("rb") as file:
                return client.put_object(Bucket=self.bucket, Key=self.key(sha256), Body=file, ChecksumSHA256=digest)

        # a store that names the checksum has computed it; one that knows of none is read back
        if self._ask(put).get("ChecksumSHA256") != digest and self.hash_stored(sha256) != sha256:
            raise _unavailable(f"{self.key(sha256)} is not what was sent")

    def holds(self, sha256: str) -> bool:
        """Tell whether the store itself, not the folder, has something under this name."""
        try:
            self._ask(lambda client: client.head_object(Bucket=self.bucket, Key=self.key(sha256)))
        except FileNotFoundError:
            return False
        return True

    def hash_stored(self, sha256: str) -> str:
        """Read an object back and return the SHA-256 of what it really holds."""
        with self.fetch(sha256, 0) as body:
            return hash_of(body)

    def fetch(self, sha256: str, start: int) -> BinaryIO:
        """Return the store's own stream of an object's bytes from a place on."""
        wanted = {"Bucket": self.bucket, "Key": self.key(sha256)} | ({"Range": f"bytes={start}-"} if start else {})
        body: BinaryIO = self._ask(lambda client: client.get_object(**wanted))["Body"]
        return body

    def key(self, sha256: str) -> str:
        """Return the object's name."""
        return self.prefix + self.path(sha256).relative_to(self.root).as_posix()

    def _ask(self, question: Callable[[Any], Result]) -> Result:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - only where a store is set

        try:
            return question(self._connected())
        except ClientError as error:
            if str(error.response.get("Error", {}).get("Code")) in MISSING and error.operation_name != "PutObject":
                raise FileNotFoundError(str(error)) from None
            raise _unavailable(str(error)) from error
        except BotoCoreError as error:
            raise _unavailable(str(error)) from error

    def _connected(self) -> Any:
        """Return this process's client: one made before a fork would share its connections."""
        with self._lock:
            if self._process != os.getpid():
                self._client, self._process = self._connect(), os.getpid()
            return self._client

    def _connect(self) -> Any:
        import boto3  # noqa: PLC0415 - heavy, and a county with a folder needs none of it
        from botocore.config import Config  # noqa: PLC0415 - the same

        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=SILENT_SECONDS,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            s3={"addressing_style": self._settings.blob_addressing},
            # other makers' stores do not know Amazon's newer checksums; the one that matters is named at each upload
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        return boto3.session.Session().client(
            "s3",
            endpoint_url=self._settings.blob_endpoint_url or None,
            region_name=self._settings.blob_region or None,
            config=config,
        )


class _Remote(io.RawIOBase):
    """An object as a file: a stream is opened at the first read, and again where reading goes on elsewhere."""

    def __init__(self, store: ObjectStore, sha256: str, size: int) -> None:
        super().__init__()
        self._store, self._sha256, self._size = store, sha256, size
        self._at = 0
        self._stream: BinaryIO | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if start + offset != self._at:
            self._hang_up()
            self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._size:
            return 0
        if self._stream is None:
            self._stream = self._store.fetch(self._sha256, self._at)
        try:
            data = self._stream.read(len(buffer))
        except Exception as error:
            # urllib3 and botocore have a class for each way in which a stream breaks
            raise _unavailable(f"reading broke off: {error}") from error
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        self._hang_up()
        super().close()

    def __enter__(self) -> Self:
        return self

    def _hang_up(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None


def hash_of(file: BinaryIO) -> str:
    """Return the SHA-256 of the rest of a file, in 64 hex digits, without holding it in memory."""
    digest = hashlib.sha256()
    while piece := file.read(PIECE_BYTES):
        digest.update(piece)
    return digest.hexdigest()


def _unavailable(why: str) -> StoreUnavailable:
    log.error("object store: %s", why)
    return StoreUnavailable("存放附件的对象存储暂时不可用，没有保存任何内容，请稍后重试")
