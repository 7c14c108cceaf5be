"""Old Excel workbooks (.xls), read by a child process that may fail without harm (`xls_child`)."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from itertools import chain
from pathlib import Path

from jiesu.platforms import xls_child
from jiesu.platforms.packages import DAMAGED
from jiesu.platforms.sheets import Grid, Limits, Line, Reading, Unreadable

ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
WORD = "WordDocument".encode("utf-16-le")
LOCKED = "文件加了密码，请去掉密码后再上传"


def read_old_workbook(path: Path, limits: Limits, reading: Reading) -> Iterator[Grid]:
    """Yield the sheets of an .xls file; the rows of each must be taken before the next one.

    :raises Unreadable: damaged, encrypted, too large, or a Word document in the same wrapping
    """
    if path.stat().st_size > limits.old_file_bytes:
        raise Unreadable("旧版 .xls 文件过大，请另存为 .xlsx 后再上传")
    data = path.read_bytes()
    if ENCRYPTED in data:
        raise Unreadable(LOCKED)
    if WORD in data:
        raise Unreadable("这是旧版 Word（.doc）文件，请另存为 .docx 后再上传")
    del data
    command = [sys.executable, "-I", xls_child.__file__, str(path.resolve())]
    with subprocess.Popen(  # noqa: S603  (our own file, no shell)
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    ) as child:
        try:
            yield from _grids(_messages(child), limits, reading)
        finally:
            child.kill()


def _messages(child: subprocess.Popen) -> Iterator[list]:
    """Yield what the child says, and complain if it came to a bad end."""
    for message in child.stdout or ():
        try:
            yield json.loads(message, object_hook=_timely)
        except ValueError:  # cut off in the middle of a line
            break
    status = child.wait()
    if status:
        raise Unreadable(LOCKED if status == xls_child.LOCKED else DAMAGED)


def _timely(said: dict[str, str]) -> date | datetime:
    text = said["at"]
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _grids(messages: Iterator[list], limits: Limits, reading: Reading) -> Iterator[Grid]:
    sheets = next(messages, None)
    if sheets is None:
        raise Unreadable(DAMAGED)
    reading.size += len(sheets)
    waiting: list[list] = []  # the first row of the next sheet, already heard

    def rows(order: int) -> Iterator[Line]:
        for message in chain(_taken(waiting), messages):
            if message[0] != order:
                waiting.append(message)
                return
            _, row, values = message
            if row > limits.rows or len(values) > limits.columns:
                raise Unreadable(
                    f"工作表超过 {limits.rows} 行或 {limits.columns} 列，请删减后再上传"
                )
            yield Line(row, values)

    for order, (name, hidden) in enumerate(sheets):
        lines = rows(order)
        yield Grid(name, lines, hidden)
        for _ in lines:  # a sheet passed over is still to be heard to its end
            pass
        reading.taken += 1


def _taken(waiting: list[list]) -> Iterator[list]:
    while waiting:
        yield waiting.pop()
