"""Addresses with their parts marked, from a file of JSON lines: ``text`` and ``spans`` [type, start, end]."""

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

LONGEST = 400  # characters of an address; what is longer is no address


class Unusable(ValueError):
    """A file cannot be used; says in Chinese which line, and what to do."""


class Span(NamedTuple):
    """One part of an address: its kind in lower case, and where it stands."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Marked:
    """An address and its parts, in order; what no part covers says nothing."""

    text: str
    spans: tuple[Span, ...]


def read(path: Path, split: str | None = None) -> list[Marked]:
    """Return the addresses of a file, of one ``split`` where that is named.

    :raises Unusable: the file cannot be read, a line is wrong, or nothing is left
    """
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
            found = list(_rows(lines, path.name, split))
    except (OSError, EOFError) as broken:
        raise Unusable(
            f"读不到文件 {path}：{broken}。请核对路径；压缩包坏了的请重新取一份。"
        ) from None
    if not found:
        only = f"里没有 split 为“{split}”的行" if split else "里没有地址"
        raise Unusable(f"{path.name} {only}，请核对。")
    return found


def _rows(lines: Iterable[bytes], name: str, split: str | None) -> Iterator[Marked]:
    for number, line in enumerate(lines, start=1):
        if line.isspace():
            continue
        try:
            told = json.loads(line)
            if split and told.get("split") != split:
                continue
            yield _marked(told)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise Unusable(
                f"{name} 第 {number} 行不是带 text 和 spans（[种类, 起, 止]）的地址，或各部分有重叠，请核对。"
            ) from None


def _marked(told: dict) -> Marked:
    text = told["text"]
    spans = sorted(
        (Span(str(kind).lower(), int(start), int(end)) for kind, start, end, *_ in told["spans"]),
        key=lambda span: span.start,
    )
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST:
        raise ValueError(text)
    if any(not 0 <= s.start < s.end <= len(text) for s in spans):
        raise ValueError(spans)
    if any(a.end > b.start for a, b in pairwise(spans)):
        raise ValueError(spans)
    return Marked(text, tuple(spans))
