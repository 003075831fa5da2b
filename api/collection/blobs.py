"""Keep bytes for ever: files named by their own SHA-256, on the disk before anybody is told that they are."""

import filecmp
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

SYNCERS: Final = 8  # threads of a process that wait for the disk; more of them would find nothing to share
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Blob:
    """Bytes that are kept: their name, and how many they are."""

    sha256: str
    size: int


class Draft:
    """Bytes on their way in, in a file of their own until they are kept or thrown away.

    Use it as a context: what was not kept is removed at its end, however it ends.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self.kept = False
        self._hash = hashlib.sha256()
        # unbuffered: a full disk is noticed at the write, not at some later close
        self._file: BinaryIO = path.open("xb", buffering=0)

    def write(self, data: bytes) -> None:
        """Add bytes at the end."""
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        self._hash.update(data)
        self.size += len(data)

    @property
    def sha256(self) -> str:
        """64 hex digits of what was written so far."""
        return self._hash.hexdigest()

    @property
    def blob(self) -> Blob:
        """What this will be once kept."""
        return Blob(self.sha256, self.size)

    def read(self) -> bytes:
        """Return everything written so far; ask `size` first."""
        return self.path.read_bytes()

    def sync(self) -> None:
        """Make the bytes durable under their temporary name."""
        os.fsync(self._file.fileno())

    def discard(self) -> None:
        """Throw the bytes away, unless they were kept."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.discard()


class Blobs:
    """A folder of kept bytes, each file ``ab/<sha256>``: one level, for every new folder costs a sync.

    What others use of it is `draft`, `keep`, `put`, `read` and `open`; `api.collection.object_store` offers the same.
    Several threads and processes may use one folder at once: a file appears under its name whole or not at all,
    and two who bring the same bytes keep them once.

    Parameters
    ----------
    root : Path
        The folder; made when first needed. Drafts lie in it too, because renaming is safe within one file system only.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     blobs = Blobs(Path(folder))
    ...     kept = blobs.put(b"a photo")
    ...     blobs.read(kept.sha256)
    b'a photo'
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._incoming = root / "incoming"
        self._durable: set[Path] = set()  # folders whose own names this process has synced
        self._syncers: ThreadPoolExecutor
        self._process: int | None = None

    def path(self, sha256: str) -> Path:
        """Return where the bytes of that name lie, whether or not they are there."""
        return Path(self._name(sha256))

    def _name(self, sha256: str) -> str:
        if _SHA256.fullmatch(sha256) is None:
            raise ValueError(f"{sha256!r} is not a SHA-256 in hex")
        return f"{self.root}/{sha256[:2]}/{sha256}"

    def read(self, sha256: str) -> bytes:
        """Return kept bytes.

        Raises
        ------
        FileNotFoundError
            If they are not there.
        """
        with self.open(sha256) as file:
            return file.read()

    def open(self, sha256: str) -> BinaryIO:
        """Return kept bytes as a file that can be read from anywhere in it, without reading them all.

        Raises
        ------
        FileNotFoundError
            If they are not there.
        """
        return open(self._name(sha256), "rb")  # noqa: PTH123 - an export opens tens of thousands

    def names(self) -> Iterator[str]:
        """Yield the names of what lies in the folder, in their order; drafts are left out."""
        for place in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(path.name for path in place.iterdir() if path.name.startswith(place.name))

    def draft(self) -> Draft:
        """Begin to take in bytes."""
        self._make(self._incoming)
        return Draft(self._incoming / f"{os.getpid()}-{secrets.token_hex(12)}")

    def put(self, data: bytes) -> Blob:
        """Keep bytes that are already in memory."""
        with self.draft() as draft:
            draft.write(data)
            self.keep([draft])
            return draft.blob

    def keep(self, drafts: Iterable[Draft]) -> None:
        """Make drafts durable under their names: files, then the folders that name them.

        When this returns, a power cut loses none of them. Bytes that are already there are compared, not trusted:
        a damaged file is replaced. Drafts that are kept already are passed over.

        Raises
        ------
        OSError
            If the disk is full or fails; then nothing may be acknowledged.
        """
        wanted = {draft: self.path(draft.sha256) for draft in drafts if not draft.kept}
        # synced also where the file is there: whoever renamed it may not have come to this yet
        folders = {target.parent for target in wanted.values()}
        for folder in folders:
            self._make(folder)
        new = {
            draft: target
            for draft, target in wanted.items()
            if not (target.exists() and filecmp.cmp(draft.path, target, shallow=False))
        }
        self._at_the_same_time([draft.sync for draft in new])
        for draft, target in new.items():
            draft.path.rename(target)
        self._at_the_same_time([partial(_sync_folder, folder) for folder in folders])
        for draft in wanted:
            draft.kept = True

    def _at_the_same_time(self, syncs: Sequence[Callable[[], None]]) -> None:
        """Run syncs side by side: one turn of the file system's journal then serves them all."""
        if not syncs:
            return
        if self._process != os.getpid():  # threads do not live through a fork
            self._syncers, self._process = ThreadPoolExecutor(SYNCERS, "sync"), os.getpid()
        others = [self._syncers.submit(sync) for sync in syncs[1:]]
        try:
            syncs[0]()
        finally:
            wait(others)  # no handle is closed under a sync that is still under way
        for other in others:
            other.result()

    def _make(self, folder: Path) -> None:
        """Make a folder and see that its name, and those above up to the root's, are durable."""
        if folder in self._durable:
            return
        folder.mkdir(parents=True, exist_ok=True)
        new = []
        for named in (folder, *folder.parents):
            if named in self._durable:
                break
            new.append(named)
            if named == self.root:
                break
        for named in reversed(new):  # from the top, so that nobody meets a durable folder in one that is not
            _sync_folder(named.parent)
            self._durable.add(named)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
