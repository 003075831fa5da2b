import os
import stat
from pathlib import Path
from threading import Barrier, Thread

import pytest

from api.collection.blobs import Blobs
from api.collection.sniff import sniff


@pytest.fixture(autouse=True)
def published():
    """Nothing: bytes need neither form nor database."""


@pytest.fixture
def blobs(tmp_path):
    return Blobs(tmp_path / "blobs")


def files(blobs):
    return sorted(path for path in blobs.root.rglob("*") if path.is_file())


def test_what_is_kept_lies_under_its_own_hash_and_nothing_else_is_left(blobs):
    kept = blobs.put(b"a photo")
    assert files(blobs) == [blobs.root / kept.sha256[:2] / kept.sha256]
    assert blobs.read(kept.sha256) == b"a photo"


def test_a_draft_that_is_not_kept_leaves_nothing(blobs):
    with blobs.draft() as draft:
        draft.write(b"half a photo")
    assert files(blobs) == []


def test_the_same_bytes_again_are_not_written_again(blobs):
    kept = blobs.put(b"a photo")
    before = blobs.path(kept.sha256).stat()
    assert blobs.put(b"a photo") == kept
    after = blobs.path(kept.sha256).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


@pytest.mark.parametrize("damage", [b"", b"a pho", b"a phOto"])
def test_a_damaged_file_is_mended_by_the_next_who_brings_the_bytes(blobs, damage):
    kept = blobs.put(b"a photo")
    blobs.path(kept.sha256).write_bytes(damage)
    blobs.put(b"a photo")
    assert blobs.read(kept.sha256) == b"a photo"


def test_everything_is_synced_before_keep_returns_files_first_then_their_folders(blobs, monkeypatch):
    synced = []
    real = os.fsync

    def note(handle):
        synced.append((str(Path(f"/proc/self/fd/{handle}").readlink()), stat.S_ISDIR(os.fstat(handle).st_mode)))
        real(handle)

    monkeypatch.setattr(os, "fsync", note)
    kept = blobs.put(b"a photo")
    file = next(index for index, (_, folder) in enumerate(synced) if not folder)
    place = str(blobs.path(kept.sha256).parent)
    assert synced.index((place, True)) > file
    # the folders' own names too: each parent of what was made
    assert {str(blobs.root.parent), str(blobs.root)} <= {path for path, _ in synced}


def test_many_threads_bringing_the_same_bytes_keep_them_once(blobs):
    start = Barrier(8)
    found = []

    def bring():
        start.wait()
        found.append(blobs.put(b"x" * 200_000))

    threads = [Thread(target=bring) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert len(files(blobs)) == 1


def test_a_name_that_is_no_hash_is_never_made_a_path(blobs):
    with pytest.raises(ValueError, match="not a SHA-256"):
        blobs.path("../../etc/passwd")


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"<!doctype html>", "application/octet-stream"),
        (b"  <svg onload=x>", "application/octet-stream"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf", "image/heic"),  # as some phones write it
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1miaf", "image/heif"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "image/avif"),
        (b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41", "video/mp4"),
        (b"\0\0\0\x18ftyp3gp4\0\0\0\0isom3gp4", "video/3gpp"),
        (b"\0\0\0\x1cftypM4A \0\0\0\0M4A mp42isom", "audio/mp4"),
        (b"\0\0\0\x14ftypnone\0\0\0\0none", "application/octet-stream"),
        (b"#!AMR\n", "audio/amr"),
        (b"OggS\0\2", "audio/ogg"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"event,node,start\nform start,,1529", "text/csv"),
        ("事件,节点\n甲".encode()[:-1], "text/csv"),  # a character cut in two at the end
        (b"event,<script>", "application/octet-stream"),
        (b"PK\x03\x04", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_files_are_called_what_they_are_and_never_html(head, kind):
    assert sniff(head) == kind
