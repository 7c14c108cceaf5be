"""The shared texts of a workbook: in memory while they are few, on disk when they are many.

A year's export can carry hundreds of megabytes of texts. Writers number them in the order of first
use, so a reader going down the rows walks them nearly in order: blocks read back from a temporary
file, the recent ones kept, cost little time and bounded memory.
"""

import codecs
import os
import re
import tempfile
import zipfile
from array import array
from collections.abc import Iterable, Iterator, Mapping
from xml.parsers import expat

from jiesu.platforms.packages import DAMAGED, chunks, no_doctype
from jiesu.platforms.sheets import Unreadable

IN_MEMORY = 96 * 2**20  # bytes of XML; above it the texts go to disk
BLOCK = 256  # texts
KEPT = 100_000  # texts
LONGEST_ITEM = 16 * 2**20  # characters of one text, formats included

_PLAIN = re.compile(r"<si><t(?: xml:space=\"preserve\")?>([^<]*)</t></si>")
_ENTITY = re.compile(r"&(#x[0-9a-fA-F]{1,6}|#\d{1,7}|lt|gt|amp|quot|apos);")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how Excel writes what XML cannot hold


def unescape(text: str) -> str:
    """Return the text that stands behind XML's entities and Excel's _x000D_ escapes."""
    if "&" in text:
        text = _ENTITY.sub(_entity, text)
    if "_x" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return text


def _entity(found: re.Match[str]) -> str:
    name = found[1]
    if name[0] != "#":
        return _NAMED[name]
    code = int(name[2:], 16) if name[1] == "x" else int(name[1:])
    return chr(code) if code < 0x110000 else ""


def decoded(pieces: Iterable[bytes]) -> Iterator[str]:
    """Yield the text of an XML part; every part of a workbook is UTF-8.

    :raises Unreadable: it is not
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        for piece in pieces:
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise Unreadable(DAMAGED) from None


def load(package: zipfile.ZipFile, name: str, prefix: str = "") -> list[str] | Mapping[int, str]:
    """Return all shared texts by number; one that is not there raises IndexError.

    :param prefix: the namespace prefix of the workbook's own elements, with its colon
    """
    spilled = package.NameToInfo[name].file_size > IN_MEMORY
    texts: _OnDisk | list[str] = _OnDisk() if spilled else []
    rest, end = "", f"</{prefix}si>"
    for text in decoded(no_doctype(chunks(package, name))):
        rest += text
        if (cut := rest.rfind(end)) >= 0:
            cut += len(end)
            texts.extend(_items(rest[:cut], prefix))
            rest = rest[cut:]
        elif len(rest) > LONGEST_ITEM:
            raise Unreadable(DAMAGED)
    if isinstance(texts, _OnDisk):
        texts.finish()
    return texts


def _items(part: str, prefix: str) -> list[str]:
    if prefix:
        part = part.replace(f"<{prefix}", "<").replace(f"</{prefix}", "</")
    found = _PLAIN.findall(part)
    if len(found) != part.count("<si>") + part.count("<si "):
        found = [_rich(item) for item in part.split("</si>")[:-1]]
    if "&" in part or "_x" in part:
        return [unescape(text) if "&" in text or "_x" in text else text for text in found]
    return found


def _rich(item: str) -> str:
    """Return the text of an item in several formats, as escaped as it would be in a plain one."""
    start = item.find("<si")
    return inner_text(item[start:] + "</si>") if start >= 0 else ""


def inner_text(fragment: str) -> str:
    """Return the joined <t> texts of a fragment, `&` escaped; phonetic hints (<rPh>) are not text.

    :raises Unreadable: not well formed
    """
    texts: list[str] = []
    parser = expat.ParserCreate()
    hints = 0

    def start(name: str, _: object) -> None:
        nonlocal hints
        hints += name == "rPh"
        parser.CharacterDataHandler = texts.append if name == "t" and not hints else None

    def end(name: str) -> None:
        nonlocal hints
        hints -= name == "rPh"
        parser.CharacterDataHandler = None

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(fragment, True)
    except expat.ExpatError:
        raise Unreadable(DAMAGED) from None
    return "".join(texts).replace("&", "&amp;")


class _OnDisk(dict):
    """Texts in a temporary file without a name, which goes when this object goes.

    As a mapping it holds only the texts read back lately; a missing one brings in its whole block,
    and when it has grown too large it starts afresh.
    """

    def __init__(self) -> None:
        super().__init__()
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as this object)
        self._starts = array("Q", [0])
        self._pending: list[str] = []

    def extend(self, texts: Iterable[str]) -> None:
        self._pending.extend(texts)
        while len(self._pending) >= BLOCK:
            self._write(self._pending[:BLOCK])
            del self._pending[:BLOCK]

    def finish(self) -> None:
        if self._pending:
            self._write(self._pending)
            self._pending = []
        self._file.flush()

    def _write(self, block: list[str]) -> None:
        joined = "\0".join(block)
        if joined.count("\0") != len(block) - 1:
            joined = "\0".join([text.replace("\0", "") for text in block])
        data = joined.encode("utf-8", "replace")
        self._file.write(data)
        self._starts.append(self._starts[-1] + len(data))

    def __missing__(self, index: int) -> str:
        number, offset = divmod(index, BLOCK)
        if not 0 <= number < len(self._starts) - 1:
            raise IndexError(index)
        if len(self) >= KEPT:
            self.clear()
        start, end = self._starts[number], self._starts[number + 1]
        block = os.pread(self._file.fileno(), end - start, start).decode().split("\0")
        self.update(enumerate(block, number * BLOCK))
        return block[offset]
