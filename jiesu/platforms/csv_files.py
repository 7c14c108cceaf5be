"""Text files (.csv, .txt): which encoding, which separator, and each record with its line number."""

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from jiesu.platforms.sheets import Grid, Limits, Line, Reading, Unreadable

CHUNK = 1 << 20
SAMPLE = 1 << 16  # characters looked at to choose the separator
ENCODINGS = ("utf-8-sig", "gb18030")
SEPARATORS = ",\t;|"
LONGEST_CELL = 4 * 2**20  # an unclosed quotation mark would swallow the rest of the file

csv.field_size_limit(LONGEST_CELL)


def read_text(
    path: Path, limits: Limits, reading: Reading, score: Callable[[list[list[str]]], int]
) -> Iterator[Grid]:
    """Yield the one sheet of a text file.

    :param score: how much like a header the best of some rows looks; chooses the separator
    :raises Unreadable: neither UTF-8 nor GB18030, or its quotation marks do not pair
    """
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="", errors="strict") as text:
        sample = text.read(SAMPLE)
    separator = max(SEPARATORS, key=lambda sign: score(_sample_rows(sample, sign, limits)))
    reading.size += path.stat().st_size
    with path.open("rb") as raw:
        yield Grid("", _rows(raw, encoding, separator, limits, reading))


def _encoding(path: Path) -> str:
    """Return the first encoding the whole file is valid in; a wrong guess spoils names for good."""
    with path.open("rb") as raw:
        head = raw.read(4096)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            encodings: tuple[str, ...] = ("utf-16",)
        elif b"\0" in head:
            raise Unreadable("这不是表格文件，请上传 .xlsx、.xls、.csv、.docx 或 .zip")
        else:
            encodings = ENCODINGS
        for encoding in encodings:
            raw.seek(0)
            decoder = codecs.getincrementaldecoder(encoding)()
            try:
                while piece := raw.read(CHUNK):
                    decoder.decode(piece)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                continue
            return encoding
    raise Unreadable("文字编码认不出，请用 Excel 打开后另存为 .xlsx 再上传")


def _sample_rows(sample: str, separator: str, limits: Limits) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(sample, newline=""), delimiter=separator):
            rows.append(row)
            if len(rows) == limits.header_rows:
                break
    except csv.Error:
        pass
    return rows


class _Counted(io.RawIOBase):
    """A raw file that tells how far it has been read."""

    def __init__(self, raw: BinaryIO, reading: Reading) -> None:
        self._raw, self._told = raw, reading

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._raw.read(len(buffer))
        buffer[: len(piece)] = piece
        self._told.taken += len(piece)
        return len(piece)


def _rows(
    raw: BinaryIO, encoding: str, separator: str, limits: Limits, reading: Reading
) -> Iterator[Line]:
    buffered = io.BufferedReader(_Counted(raw, reading), CHUNK)
    text = io.TextIOWrapper(buffered, encoding=encoding, newline="")
    records = csv.reader(text, delimiter=separator)
    began = 1
    count = 0
    try:
        for values in records:
            row, began = began, records.line_num + 1
            if any(values):
                count += 1
                if count > limits.rows:
                    raise Unreadable(f"文件超过 {limits.rows} 行，请分成几个文件再上传")
                if len(values) > limits.columns:
                    values = values[: limits.columns]
                    yield Line(row, values, fault=f"本行超过 {limits.columns} 列，请核对分隔符")
                else:
                    yield Line(row, values)
    except csv.Error:
        raise Unreadable(f"从第 {began} 行起引号没有配对，请核对后再上传") from None
