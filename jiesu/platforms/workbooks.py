"""Excel workbooks (.xlsx), read row by row as the file is unpacked.

A reader that builds the whole grid first needs a gigabyte for a year's export, and a tampered file
of two far-apart cells can make it ask for all the memory there is. This one holds one row at a
time. Rows as nearly every writer writes them are taken apart by one pattern; any other goes through
a real XML parser. Formulas are never evaluated: the value on record is what counts.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from xml.parsers import expat

from jiesu.platforms import shared_strings
from jiesu.platforms.packages import DAMAGED, chunks, has_part, no_doctype, open_package, xml
from jiesu.platforms.shared_strings import decoded, unescape
from jiesu.platforms.sheets import Grid, Limits, Line, Reading, Unreadable

LONGEST_ROW = 16 * 2**20  # characters of XML

_CELL = re.compile(
    r'<c r="([A-Z]{1,3})[0-9]+"(?: s="([0-9]+)")?(?: t="(\w+)")?'
    r"(?:/>|></c>|>(?:<v>([^<]*)</v>|<is><t(?: xml:space=\"preserve\")?>([^<]*)</t></is>)</c>)"
)
_ROW = re.compile(r'<row(?:\s[^>]*?)?\sr="([0-9]{1,7})"')
_ROOT = re.compile(r"<([A-Za-z_][\w.-]*:)?worksheet[\s>]")
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_NOT_TOKENS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  (a cell's time has no zone)


class _Book(NamedTuple):
    texts: list[str] | Mapping[int, str]
    dates: frozenset[str]  # style numbers that show a time
    shift: int  # days, for workbooks counting from 1904


class _Columns(dict):
    """Column letters to index: A is 0."""

    def __missing__(self, letters: str) -> int:
        index = 0
        for letter in letters:
            index = index * 26 + ord(letter) - 64
        self[letters] = index - 1
        return index - 1


_INDEX = _Columns()


def read_workbook(file: Path | BinaryIO, limits: Limits, reading: Reading) -> Iterator[Grid]:
    """Yield the sheets of a workbook; the rows of each must be taken before the next one.

    :raises Unreadable: damaged, encrypted, hostile, or not a workbook
    """
    with open_package(file, limits) as package:
        home = _workbook_part(package, limits)
        book = xml(package, home, limits)
        links = _links(package, home, limits)
        sheets = [(entry, part) for entry, part in _sheets(book, links) if has_part(package, part)]
        names = [part for _, part in sheets]
        reading.size += sum(package.NameToInfo[name].file_size for name in names)
        known = _Book(
            texts=_texts(package, links),
            dates=_date_styles(package, links, limits),
            shift=1462 if _counts_from_1904(book) else 0,
        )
        for entry, part in sheets:
            rows = _rows(package, part, known, limits, reading)
            hidden = entry.get("state", "visible") != "visible"
            yield Grid(entry.get("name", ""), rows, hidden)


def _workbook_part(package: zipfile.ZipFile, limits: Limits) -> str:
    if has_part(package, "xl/workbook.xml"):
        return "xl/workbook.xml"
    for link in xml(package, "_rels/.rels", limits).iter("{*}Relationship"):
        if link.get("Type", "").endswith("/officeDocument"):
            return link.get("Target", "").lstrip("/")
    raise Unreadable(DAMAGED)


def _links(package: zipfile.ZipFile, home: str, limits: Limits) -> dict[str, tuple[str, str]]:
    """Return the workbook's parts: id to (kind, name)."""
    folder, name = posixpath.split(home)
    root = xml(package, f"{folder}/_rels/{name}.rels", limits)
    links = {}
    for link in root.iter("{*}Relationship"):
        if link.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/" + folder, link.get("Target", "")))
            kind = link.get("Type", "").rpartition("/")[2]
            links[link.get("Id", "")] = (kind, target.lstrip("/"))
    return links


def _sheets(book: Any, links: dict[str, tuple[str, str]]) -> Iterator[tuple[Any, str]]:
    for entry in book.iter("{*}sheet"):
        ids = [value for key, value in entry.attrib.items() if key.endswith("}id")]
        kind, part = links.get(ids[0], ("", "")) if ids else ("", "")
        if kind == "worksheet":
            yield entry, part


def _counts_from_1904(book: Any) -> bool:
    return any(p.get("date1904", "0") in {"1", "true", "on"} for p in book.iter("{*}workbookPr"))


def _part_of(kind: str, package: zipfile.ZipFile, links: dict[str, tuple[str, str]]) -> str | None:
    names = [name for found, name in links.values() if found == kind and has_part(package, name)]
    return names[0] if names else None


def _texts(
    package: zipfile.ZipFile, links: dict[str, tuple[str, str]]
) -> list[str] | Mapping[int, str]:
    part = _part_of("sharedStrings", package, links)
    return shared_strings.load(package, part) if part else []


def _date_styles(
    package: zipfile.ZipFile, links: dict[str, tuple[str, str]], limits: Limits
) -> frozenset[str]:
    part = _part_of("styles", package, links)
    if part is None:
        return frozenset()
    styles = xml(package, part, limits)
    timely = {str(number) for number in _DATE_FORMATS}
    for own in styles.iter("{*}numFmt"):
        tokens = _NOT_TOKENS.sub("", own.get("formatCode", "")).lower().replace("general", "")
        (timely.add if any(c in tokens for c in "ymdhs") else timely.discard)(own.get("numFmtId"))
    formats = [xf.get("numFmtId") for used in styles.iter("{*}cellXfs") for xf in used]
    return frozenset(str(number) for number, fmt in enumerate(formats) if fmt in timely)


def _rows(
    package: zipfile.ZipFile, part: str, book: _Book, limits: Limits, reading: Reading
) -> Iterator[Line]:
    rest, number, prefix, end, count = "", 0, None, "</row>", 0
    for text in decoded(_counted(no_doctype(chunks(package, part)), reading)):
        rest += text
        if prefix is None:
            if not (root := _ROOT.search(rest)):
                if len(rest) > LONGEST_ROW:
                    raise Unreadable(DAMAGED)
                continue
            prefix = root[1] or ""
            end = f"</{prefix}row>"
        pieces = rest.split(end)
        rest = pieces.pop()
        if len(rest) > LONGEST_ROW:
            raise Unreadable(DAMAGED)
        for piece in pieces:
            if prefix:
                piece = piece.replace(f"<{prefix}", "<").replace(f"</{prefix}", "</")
            start = piece.rfind("<row")
            found = _ROW.match(piece, start) if start >= 0 else None
            number = int(found[1]) if found else number + max(1, piece.count("<row"))
            count += 1
            if count > limits.rows:
                raise Unreadable(f"工作表超过 {limits.rows} 行，请分成几个文件再上传")
            if values := _values(piece, start, book, limits):
                yield Line(number, values)


def _counted(pieces: Iterator[bytes], reading: Reading) -> Iterator[bytes]:
    for piece in pieces:
        reading.taken += len(piece)
        yield piece


def _values(piece: str, start: int, book: _Book, limits: Limits) -> list:
    cells = _CELL.findall(piece, start)
    if len(cells) != piece.count("<c ", start) + piece.count("<c>", start):
        cells = _odd_cells(piece[piece.find(">", start) + 1 :])
    row: list = []
    width = 0
    texts, dates, index, widest = book.texts, book.dates, _INDEX, limits.columns
    for letters, style, kind, value, inline in cells:
        if not value and not inline:
            continue
        at = index[letters]
        if kind == "s":
            try:
                value = texts[int(value)]
            except (ValueError, IndexError):
                raise Unreadable(DAMAGED) from None
        elif not kind or kind == "n":
            value = _number(value, style in dates, book.shift)
        elif kind == "b":
            value = value == "1"
        else:
            value = unescape(inline or value)
        if at == width:
            row.append(value)
            width += 1
        elif at < width:
            row[at] = value
        elif at < widest:
            row.extend([""] * (at - width))
            row.append(value)
            width = at + 1
        elif value != "":
            raise Unreadable(f"工作表超过 {widest} 列，请删去多余的列再上传")
    return row


def _number(text: str, timely: bool, shift: int) -> object:
    """Return a number cell's value; one shown as a time comes as date, datetime or time."""
    try:
        number = int(text) if text.isdigit() and len(text) < 16 else float(text)
    except ValueError:
        return unescape(text)
    if not timely or not 0 <= number < 2_950_000:
        return number
    at = _EPOCH + timedelta(days=shift, seconds=round(number * 86400))
    if number < 1:
        return time(at.hour, at.minute, at.second)
    return at if at.time() != time() else date(at.year, at.month, at.day)


def _odd_cells(fragment: str) -> list[tuple[str, str, str, str, str]]:
    """Take a row apart with a real parser: formulas, rich texts, cells without a place."""
    cells: list[tuple[str, str, str, str, str]] = []
    parser = expat.ParserCreate()
    here = {"column": -1, "hints": 0}
    cell: dict[str, str] = {}
    value: list[str] = []
    inline: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            letters = attributes.get("r", "").rstrip("0123456789")
            here["column"] = _INDEX[letters] if _proper(letters) else here["column"] + 1
            cell.clear()
            cell.update(attributes)
            value.clear()
            inline.clear()
        here["hints"] += name == "rPh"
        wanted = value if name == "v" else inline if name == "t" and not here["hints"] else None
        parser.CharacterDataHandler = wanted.append if wanted is not None else None

    def end(name: str) -> None:
        parser.CharacterDataHandler = None
        here["hints"] -= name == "rPh"
        if name == "c":
            # what the parser has unescaped is escaped again, as the caller expects it
            shown, written = ("".join(part).replace("&", "&amp;") for part in (value, inline))
            style, kind = cell.get("s", ""), cell.get("t", "")
            cells.append((_letters(here["column"]), style, kind, shown, written))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(f"<row>{fragment}</row>", True)
    except expat.ExpatError:
        raise Unreadable(DAMAGED) from None
    return cells


def _proper(letters: str) -> bool:
    return 0 < len(letters) <= 3 and letters.isascii() and letters.isalpha() and letters.isupper()


def _letters(column: int) -> str:
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
