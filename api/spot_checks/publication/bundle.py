"""The public files of a draw as anybody downloads them, each with its fingerprint; the costly ones are made once."""

import hashlib
import io
import os
import secrets
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Final

from sqlalchemy.orm import Session

from api.problems import Conflict, NotFound
from api.spot_checks.commit import frame_of, result_of
from api.spot_checks.files import public_file
from api.spot_checks.publication.certificate import certificate_file, software
from api.spot_checks.tables import Draw
from sampling import verifier

CHECKED: Final = ("frame.csv", "plan.json", "manifest.json", "draw.json")  # what the verifier takes, in its order
ZIP: Final = "draw.zip"
NAMES: Final = (*CHECKED, "verifier.py", "certificate.json", "README.txt", ZIP)
AFTER_DICE: Final = frozenset({"draw.json", "certificate.json"})
MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "py": "text/x-python; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "zip": "application/zip",
}
README: Final = """\
抽签复核 · Checking this draw
============================

第 {number} 次抽取 · draw number {number}, 县 county {county}
承诺书指纹 · fingerprint of the promise (manifest):
{manifest}

中文
----
1. 把这个压缩包解压到一个空文件夹。
2. 电脑上要有 Python 3.11 或更新的版本 (python.org 可免费下载)，不需要安装别的东西，也不需要联网。
3. 在这个文件夹里打开命令行，输入：

   {command}

4. 程序显示“一致 same”，就是说：用公布的名册指纹、方案和掷出的数字，重新抽取的结果与公布的名单一字不差。
   否则它会说出第一处不同在哪个文件、哪一行。
5. 有两件事程序不能替您核对：程序显示的承诺书指纹，要与掷骰之前张榜公布的一样；draw.json 里 entropy 的数字，
   要与当众掷出的一样。
6. 名册里没有姓名和编码，每户只有一个加盐的编号 (leaf)。本户的编号由县里出示盐值后可以自己计算：
   编号 = SHA-256(盐值的 16 个字节 + 家庭编码)。

English
-------
1. Unpack this archive into an empty folder.
2. You need Python 3.11 or newer (free from python.org), nothing else, and no network.
3. Open a command line in this folder and type:

   {command}

4. "一致 same" means: drawn again from the published frame, plan and dice, the list is the published one, letter by
   letter. Otherwise the program names the first file and line that differ.
5. Two things no program can check for you: that the fingerprint it prints is the one that was on the notice board
   before the dice were thrown, and that the digits of "entropy" in draw.json are those that were thrown.
6. The frame holds no names and no codes, only a salted leaf for each household. A household can work out its own once
   the county has shown it its salt: leaf = SHA-256(the 16 bytes of the salt + the household's code).

{software}
"""
TOO_EARLY: Final = """\
还早 · Too early
还没有掷骰，因此还没有 draw.json；掷骰之后请再下载一次。
The dice are not thrown yet, so there is no draw.json: download again afterwards.
"""


def names_of(session: Session, draw: Draw) -> list[str]:
    """Return the files that there are of a draw: before the dice, no list and no certificate."""
    drawn = result_of(session, draw) is not None
    return [name for name in NAMES if drawn or name not in AFTER_DICE]


def readme(session: Session, draw: Draw) -> bytes:
    """Return the plain words, Chinese and English, that say how to check with any Python 3."""
    drawn = result_of(session, draw) is not None
    command = "python -I verifier.py " + " ".join(CHECKED)
    text = README.format(
        number=draw.number, county=draw.county_code, manifest=draw.manifest_sha256, command=command,
        software=software(),
    )  # fmt: skip
    return (text if drawn else text + "\n" + TOO_EARLY).encode()


def fingerprint_of(session: Session, draw: Draw, name: str) -> str:
    """Return what changes when a file changes, without making it: its ETag.

    Raises
    ------
    NotFound
        For another name, and for the list before the dice were thrown.
    """
    result = result_of(session, draw)
    if name not in NAMES or (name in AFTER_DICE and result is None):
        raise NotFound(
            "没有名为 {name} 的公开文件，现有：{names}", where="name", name=name,
            names=", ".join(names_of(session, draw)),
        )  # fmt: skip
    known: dict[str, Callable[[], str]] = {
        "frame.csv": lambda: frame_of(session, draw).frame_sha256,
        "plan.json": lambda: draw.plan_sha256,
        "manifest.json": lambda: draw.manifest_sha256,
        "verifier.py": _verifier_sha256,
    }
    if name in known:
        return known[name]()
    parts = [draw.manifest_sha256, result.draw_json if result else "", software(), _verifier_sha256(), README]
    return hashlib.sha256("\n".join((name, *parts)).encode()).hexdigest()


def file_bytes(session: Session, draw: Draw, name: str) -> bytes:
    """Return one file of a draw, made now.

    Raises
    ------
    NotFound
        As in `fingerprint_of`.
    Conflict
        When the stored frame is no longer what was published.
    """
    published = fingerprint_of(session, draw, name)
    if name == "README.txt":
        return readme(session, draw)
    if name == "certificate.json":
        return certificate_file(session, draw)
    if name == ZIP:
        return archive(session, draw)
    data = public_file(session, draw, name)
    if name == "frame.csv" and hashlib.sha256(data).hexdigest() != published:
        raise Conflict("冻结的名册与公布的指纹不符，不再提供下载；请县里立即查明原因", where="name")
    return data


def archive(session: Session, draw: Draw) -> bytes:
    """Return all files in one zip: the same bytes each time."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names_of(session, draw):
            if name != ZIP:
                # a moment that never changes: the bytes depend on the files alone
                entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                packed.writestr(entry, file_bytes(session, draw, name))
    return kept.getvalue()


class PublicFiles:
    """A folder of public files that were asked for: strangers must not make the server work them out again and again.

    It may be deleted; they are made again.

    Parameters
    ----------
    root : Path
        Made when first needed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._one_at_a_time = Lock()

    def path(self, fingerprint: str, name: str, make: Callable[[], bytes]) -> Path:
        """Return where the bytes lie, made now if they are not there.

        Parameters
        ----------
        fingerprint : str
            From `fingerprint_of`.
        make : callable
            Returns the bytes.
        """
        path = self.root / f"{fingerprint}-{name}"
        if not path.exists():
            with self._one_at_a_time:
                if not path.exists():
                    self._keep(path, make())
        return path

    def _keep(self, path: Path, data: bytes) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{os.getpid()}.{secrets.token_hex(6)}")
        draft.write_bytes(data)
        draft.rename(path)


@cache
def _verifier_sha256() -> str:
    return hashlib.sha256(Path(verifier.__file__).read_bytes()).hexdigest()
