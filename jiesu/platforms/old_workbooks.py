"""Old Excel workbooks (.xls), read whole: the format itself ends at 65,536 rows of 256 columns."""

from collections.abc import Iterator
from pathlib import Path

import python_calamine

from jiesu.platforms.packages import DAMAGED
from jiesu.platforms.sheets import Grid, Limits, Line, Reading, Unreadable

ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
WORD = "WordDocument".encode("utf-16-le")
LOCKED = "文件加了密码，请去掉密码后再上传"


def read_old_workbook(path: Path, limits: Limits, reading: Reading) -> Iterator[Grid]:
    """Yield the sheets of an .xls file.

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
    try:
        book = python_calamine.load_workbook(path)
        sheets = book.sheets_metadata
    except python_calamine.PasswordError:
        raise Unreadable(LOCKED) from None
    except BaseException as broken:
        _pass_on(broken)
        raise Unreadable(DAMAGED) from None
    reading.size += len(sheets)
    for number, sheet in enumerate(sheets):
        if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet:
            hidden = sheet.visible != python_calamine.SheetVisibleEnum.Visible
            yield Grid(sheet.name, _rows(book, number, limits), hidden)
        reading.taken += 1


def _rows(book: python_calamine.CalamineWorkbook, number: int, limits: Limits) -> Iterator[Line]:
    try:
        sheet = book.get_sheet_by_index(number)
    except BaseException as broken:
        _pass_on(broken)
        raise Unreadable(DAMAGED) from None
    if sheet.end is None:
        return
    if sheet.end[0] >= limits.rows or sheet.end[1] >= limits.columns:
        raise Unreadable(f"工作表超过 {limits.rows} 行或 {limits.columns} 列，请删减后再上传")
    for row, values in enumerate(sheet.iter_rows(), start=1):
        if any(value != "" for value in values):
            yield Line(row, values)


def _pass_on(broken: BaseException) -> None:
    """Let through what is not the reader's own failure. Its panics are not even Exceptions."""
    if not isinstance(broken, Exception) and type(broken).__name__ != "PanicException":
        raise broken
