"""Messages with their labels, from a file of JSON lines (``.jsonl`` or ``.jsonl.gz``)."""

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from jiesu.triage.learning.reading import Reading, read, read_words


class Unusable(ValueError):
    """A file cannot be used; says in Chinese which line, and what to do."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A message somebody labelled, and whether it came as it was written (not as cut words)."""

    reading: Reading
    label: str
    natural: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file: its text, or its words."""

    label: str
    text: str
    words: str

    def read(self) -> Reading:
        """Read the text where there is one, else the words."""
        return read(self.text) if self.text else read_words(self.words)


def rows(path: Path, target: str = "label") -> list[Row]:
    """Return the rows of a file; lines without the label asked for are left out.

    A message in which nothing is written is one too: it teaches nothing and is answered with a doubt.

    :raises Unusable: the file cannot be read, a line is no object with text or words, or none has a label
    """
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
            found = list(_rows(lines, path.name, target))
    except (OSError, EOFError) as broken:
        raise Unusable(
            f"读不到文件 {path}：{broken}。请核对路径；压缩包坏了的请重新取一份。"
        ) from None
    if not found:
        raise Unusable(f"{path.name} 里没有一行带“{target}”，请核对 --target 写的列名。")
    return found


class Told(Protocol):
    """Whatever has a label and can be read."""

    @property
    def label(self) -> str: ...

    @property
    def text(self) -> str: ...

    def read(self) -> Reading: ...


def samples(found: Iterable[Told]) -> list[Sample]:
    """Read every row."""
    return [Sample(row.read(), row.label, bool(row.text)) for row in found]


def _rows(lines: Iterable[bytes], name: str, target: str) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        if line.isspace():
            continue
        try:
            told = json.loads(line)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise Unusable(f"{name} 第 {number} 行不是一个 JSON 对象（UTF-8），请核对。")
        label, text, words = (_text(told.get(key)) for key in (target, "text", "words"))
        if not label:
            continue
        if not any(isinstance(told.get(key), str) for key in ("text", "words")):
            raise Unusable(f"{name} 第 {number} 行既没有 text 也没有 words，请补上或删去这一行。")
        yield Row(label, text, words)


def _text(told: object) -> str:
    return told.strip() if isinstance(told, str) else ""
