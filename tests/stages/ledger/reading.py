"""Reading an xlsx back, with a reader that shares nothing with the writer."""

import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook


def rows_of(path: Path, sheet: str | int = 0) -> list[list[Any]]:
    book = CalamineWorkbook.from_path(str(path))
    found = (
        book.get_sheet_by_index(sheet) if isinstance(sheet, int) else book.get_sheet_by_name(sheet)
    )
    return found.to_python()


def table_of(path: Path) -> list[dict[str, Any]]:
    """Each row of the ledger by its column titles."""
    head, *rows = rows_of(path)
    return [dict(zip(head, row, strict=True)) for row in rows]


def notes_of(path: Path) -> dict[str, str]:
    return dict(rows_of(path, "说明")[1:])


def sheet_xml(path: Path, number: int = 1) -> str:
    return zipfile.ZipFile(path).read(f"xl/worksheets/sheet{number}.xml").decode()


def style_of(xml: str, place: str) -> str:
    """The style number of a cell, "" for none."""
    found = re.search(rf'<c r="{place}"(?: s="(\d+)")?', xml)
    return (found[1] or "") if found else "absent"


def clock(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 as a cell holds it: by the office's clock, without a zone."""
    return datetime(2026, 11, day, hour, minute)  # noqa: DTZ001
