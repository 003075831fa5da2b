"""Small copies of photos, made once and kept in the data folder; the folder may be deleted, they are made again."""

import os
import secrets
from pathlib import Path
from typing import BinaryIO, Final

from api.collection.blobs import Blobs
from api.evidence.pictures import PictureUnreadable, make_small

SIZES: Final = (320, 1280)  # a list's, a screen's; longest side in pixels
NONE: Final = ".none"  # marks what no picture can be made of, so that nobody tries at each look


class Thumbnails:
    """A folder of small copies, named by the SHA-256 of the photo and the size.

    Parameters
    ----------
    root
        Made when first needed.
    blobs
        Where the photos are kept.
    """

    def __init__(self, root: Path, blobs: Blobs) -> None:
        self.root = root
        self._blobs = blobs

    def open(self, sha256: str, size: int) -> BinaryIO:
        """Return a small copy as a file, made now if it is not there.

        Raises
        ------
        PictureUnreadable
            If no picture can be made of the bytes.
        FileNotFoundError
            If the bytes are not kept here.
        """
        path = self.path(sha256, size)
        try:
            if path.stat().st_size:  # a power cut may leave an empty file: made again
                return path.open("rb")
        except FileNotFoundError:
            pass
        if path.with_suffix(NONE).exists():
            raise PictureUnreadable("unreadable")
        self.make(sha256, size)
        return path.open("rb")

    def make(self, sha256: str, size: int) -> None:
        """Make a small copy.

        Raises
        ------
        PictureUnreadable
            If that cannot be; it is noted, so that nobody tries again.
        FileNotFoundError
            If the bytes are not kept here.
        """
        path = self.path(sha256, size)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self._blobs.open(sha256) as file:
                small = make_small(file, size)
        except PictureUnreadable:
            path.with_suffix(NONE).touch()
            raise
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        draft.write_bytes(small)
        draft.rename(path)

    def path(self, sha256: str, size: int) -> Path:
        """Return where the copy lies, whether or not it is there."""
        return self.root / sha256[:2] / f"{sha256}-{size}.jpg"
