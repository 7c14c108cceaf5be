"""What every reader hands on: sheets of lines; and the limits and the one complaint they share."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


class Unreadable(Exception):
    """The file as a whole cannot be read; the message says in Chinese what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may ask of us, checked before and while it is read."""

    file_bytes: int = 300 * 2**20  # as uploaded
    old_file_bytes: int = 64 * 2**20  # .xls and .docx are read whole
    unpacked_bytes: int = 3 * 2**30  # all parts of a package together
    part_bytes: int = 2 * 2**30  # one part of a package
    small_part_bytes: int = 32 * 2**20  # one part that is read whole
    ratio: int = 300  # unpacked to packed, asked of parts above `ratio_from`
    ratio_from: int = 16 * 2**20
    members: int = 20_000
    rows: int = 1_000_000
    columns: int = 400
    cell_chars: int = 100_000  # a longer cell refuses its row, not the file
    header_rows: int = 30  # how far down the header row is looked for


LIMITS = Limits()


class Line(NamedTuple):
    """One row as it stands in the file.

    `row` is the number the person sees there (in a zip of forms: the running number, with the
    file's name in `where`). `fault` says why it could not even be read, if so.
    """

    row: int
    values: list  # text, or a native number, bool, date, datetime or time
    where: str = ""
    fault: str = ""


class Grid(NamedTuple):
    """A sheet as a reader found it, its header row not yet looked for."""

    name: str
    rows: Iterator[Line]
    hidden: bool = False


class Form(NamedTuple):
    """One order as a form: its labels and, under the same index, their values."""

    headers: list[str]
    line: Line


@dataclass(slots=True)
class Sheet:
    """A sheet with its header row found. `fields` gives each column its inner name, or None."""

    name: str
    header_row: int  # 1-based; 0 where there is none (forms)
    headers: tuple[str, ...]
    fields: tuple[str | None, ...]
    lines: Iterator[Line]
    where: str = ""  # the file within an archive


@dataclass(slots=True)
class Reading:
    """How far a file has been read, for a progress bar, and what was passed over, for the person."""

    size: int = 0
    taken: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def progress(self) -> float:
        """The part already read, from 0 to 1."""
        return min(1.0, self.taken / self.size) if self.size else 0.0
