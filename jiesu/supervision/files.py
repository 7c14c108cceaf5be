"""The board and the daily list as xlsx. Everything is written as text or a number, never a formula."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import xlsxwriter

from jiesu.org.models import Member
from jiesu.rules.moments import BEIJING
from jiesu.supervision.tables import Table

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPTIONS = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
    "strings_to_numbers": False,
}  # fmt: skip
_HOUR = timedelta(hours=1)


def board(
    member: Member, figures: Iterable[tuple[str, int]], tables: Sequence[Table], at: datetime
) -> bytes:
    """Return the board as a file: the figures, then each table on a sheet of its own."""
    told = [
        ("单位", member.office.name),
        ("时点", f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}（北京时间）"),
        ("导出人", f"{member.name}（{member.unit.name}）"),
        *figures,
    ]
    out = BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        sheet(book, "概况", ("项目", "内容"), told, (18, 48))
        for table in tables:
            titles = [head.column.title for head in table.heads]
            lines = [[_value(cell.value, cell.text) for cell in row] for row in table.rows]
            for line, row in zip(lines, table.rows, strict=True):
                line[0] = row[0].text
            long = any(isinstance(cell.value, timedelta) for row in table.rows for cell in row)
            heads = [
                titles[0],
                *(f"{t}（小时）" if _is_length(table, n) else t for n, t in enumerate(titles) if n),
            ]
            sheet(book, table.title, heads, lines, [24, *[18 if long else 12] * (len(titles) - 1)])
    return out.getvalue()


def rows(title: str, heads: Sequence[str], lines: Iterable[Sequence[Any]], widths: Sequence[float]) -> bytes:  # fmt: skip
    """Return one sheet of plain lines as a file."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        sheet(book, title, heads, lines, widths)
    return out.getvalue()


def _is_length(table: Table, place: int) -> bool:
    return any(isinstance(row[place].value, timedelta) for row in table.rows)


def _value(value: Any, text: str) -> Any:
    """Lengths stand as hours, so that they can be reckoned with."""
    if isinstance(value, timedelta):
        return round(value / _HOUR, 2)
    return value if isinstance(value, int | float) else text


def sheet(
    book: xlsxwriter.Workbook, name: str, heads: Sequence[str], lines: Iterable[Sequence[Any]],
    widths: Sequence[float],
) -> None:  # fmt: skip
    bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8F0FB"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    page = book.add_worksheet(name[:31])
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
        page.set_column(column, column, width)
        page.write_string(0, column, head, bold)
    for place, line in enumerate(lines, 1):
        for column, value in enumerate(line):
            if isinstance(value, int | float):
                page.write_number(place, column, value)
            elif value:
                page.write_string(place, column, str(value)[:32_000], wrap)
    page.freeze_panes(1, 1)
