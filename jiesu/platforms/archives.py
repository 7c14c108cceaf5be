"""Archives (.zip): each order form or table in them, unpacked one at a time, one level deep."""

import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from jiesu.platforms.packages import chunks, open_package
from jiesu.platforms.sheets import Limits, Reading, Unreadable

TABLES = {".docx", ".xlsx", ".xlsm", ".xls", ".et", ".csv", ".txt", ".zip"}


class Member(NamedTuple):
    """A file of an archive: its name there, and where it lies unpacked for the moment."""

    name: str
    path: Path
    fault: str = ""


def members(path: Path, limits: Limits, reading: Reading) -> Iterator[Member]:
    """Yield the files of an archive in its own order; each is gone when the next is asked for.

    What cannot be a table is passed over with a note.

    :raises Unreadable: damaged, encrypted or hostile as a whole
    """
    with open_package(path, limits) as package, tempfile.TemporaryDirectory() as folder:
        parts = [part for part in package.infolist() if not part.is_dir()]
        reading.size += sum(part.file_size for part in parts)
        unpacked = Path(folder, "member")
        for part in parts:
            name = shown_name(part)
            if not _is_junk(name):
                if PurePosixPath(name).suffix.lower() in TABLES:
                    yield _unpack(package, part, name, unpacked)
                else:
                    reading.notes.append(f"压缩包内的“{name[:80]}”不是表格或 Word 工单，未读取")
            reading.taken += part.file_size


def shown_name(part: zipfile.ZipInfo) -> str:
    """Return a member's name as it was meant: Chinese Windows writes GBK without saying so."""
    name = part.filename
    if not part.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            name = part.filename
    return "".join(c if c.isprintable() else "�" for c in name)


def _is_junk(name: str) -> bool:
    last = PurePosixPath(name).name
    return name.startswith("__MACOSX/") or last.startswith((".", "~$"))


def _unpack(package: zipfile.ZipFile, part: zipfile.ZipInfo, name: str, path: Path) -> Member:
    try:
        with path.open("wb") as plain:
            for piece in chunks(package, part):
                plain.write(piece)
    except Unreadable as damaged:
        return Member(name, path, str(damaged))
    return Member(name, path)


class Budget:
    """What all packages inside an archive may come to together when unpacked."""

    def __init__(self, limits: Limits) -> None:
        self._left = limits.unpacked_bytes

    def spend(self, amount: int) -> None:
        self._left -= amount
        if self._left < 0:
            raise Unreadable("压缩包内的文件解开后过大，请分成几个较小的压缩包再上传")
