"""Look at an uploaded form before anything opens it: what kind of file it is, and that it is not made to hurt."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from api.problems import Invalid, TooLarge, WrongMediaType

MOST_BYTES: Final = 5_000_000  # the longest XLSForm of a public suite has 600 kB
MOST_UNPACKED_BYTES: Final = 80_000_000
MOST_ENTRIES: Final = 2_000
ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
TEXT_TYPES: Final = (".csv", ".md", ".toml", ".xml")
ENCODINGS: Final = ("utf-8-sig", "gb18030")  # Excel in China saves CSV in the second
LONGEST_NAME: Final = 200


@dataclass(frozen=True)
class Upload:
    """An uploaded form that may be compiled.

    Attributes
    ----------
    name : str
        The file's, for people.
    file_type : str
        By its bytes: ``.xlsx``, ``.xls``, ``.csv``, ``.md``, ``.toml`` or ``.xml``.
    content : bytes
        As uploaded.
    """

    name: str
    file_type: str
    content: bytes

    @property
    def for_compiler(self) -> bytes:
        """The content as the compiler takes it: text as UTF-8."""
        return _text(self.content).encode() if self.file_type in {".csv", ".md", ".toml"} else self.content


def open_upload(file_name: str, content: bytes) -> Upload:
    """Return what was uploaded, with its kind.

    Raises
    ------
    TooLarge
        More bytes than a form has, or packed so that it grows out of all bounds.
    WrongMediaType
        No XLSForm or XForm, damaged, locked by a password, or with macros.
    Invalid
        Nothing in it.
    """
    name = PurePath(file_name.replace("\\", "/")).name[:LONGEST_NAME] or "form"
    if not content:
        raise Invalid("文件是空的，请重新选择", where="file")
    if len(content) > MOST_BYTES:
        raise TooLarge("表格文件超过 {limit} MB，请只保留表格本身的工作表", where="file", limit=MOST_BYTES // 1_000_000)
    if content.startswith(ZIP):
        _check_workbook(content)
        return Upload(name, ".xlsx", content)
    if content.startswith(OLD_EXCEL):
        _check_old_workbook(content)
        return Upload(name, ".xls", content)
    return Upload(name, _text_type(name, _text(content)), content)


def _check_workbook(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise WrongMediaType("工作簿已损坏，请用 Excel 另存为 .xlsx 后重试", where="file") from error
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise WrongMediaType("这不是 Excel 工作簿，请上传 XLSForm 表格 (.xlsx)", where="file")
    # a reader gets no more out of an entry than it says it holds
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
        raise TooLarge("工作簿解压后过大，请只保留表格本身的工作表", where="file")
    if any(name.lower().endswith(("vbaproject.bin", ".xlm")) or "macrosheets/" in name.lower() for name in names):
        raise _macros()


def _check_old_workbook(content: bytes) -> None:
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise WrongMediaType("工作簿有密码，请去掉密码后重新上传", where="file")
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise _macros()


def _macros() -> WrongMediaType:
    return WrongMediaType("工作簿含有宏，不能接收，请另存为不含宏的 .xlsx 后重试", where="file")


def _text(content: bytes) -> str:
    if b"\0" not in content:
        for encoding in ENCODINGS:
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise WrongMediaType(
        "看不出这是什么文件，请上传 XLSForm (.xlsx、.xls、.csv、.md、.toml) 或 XForm (.xml)", where="file"
    )


def _text_type(name: str, text: str) -> str:
    """Return the kind of a text: by its look, else by its name."""
    start = text.lstrip()[:1]
    if start == "<":
        return ".xml"
    if start == "|":
        return ".md"
    ending = PurePath(name).suffix.lower()
    if ending in TEXT_TYPES:
        return ending
    return ".toml" if "[[survey]]" in text else ".csv"
