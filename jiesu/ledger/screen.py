"""A ledger's rows as they stand on a page.

A page has 3,800 cells; made by the template engine they cost ten times what they cost here, where a
row is one joined string. Every text goes through ``escape``.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from jiesu.ledger.queries import Cells
from jiesu.ledger.sheets import Column, Sheet
from jiesu.ledger.workbook import Form
from jiesu.rules.clocks import spell

LONG = 80  # characters of a long text; the whole is on the case's page and in the file
_SOON = timedelta(hours=8)


def _text(text: str) -> str:
    return f"<td>{escape(text)}</td>"


def _long(text: str) -> str:
    flat = " ".join(text[: LONG + 40].split())
    short = flat if len(text) <= LONG else flat[:LONG] + "…"
    return f'<td class="clip" title="{escape(short)}">{escape(short)}</td>'


def _number(number: float) -> str:
    return f'<td class="r">{number}</td>'


def _moment(at: datetime) -> str:
    return f'<td class="num">{at.isoformat(" ", "minutes")}</td>'


def _left(length: timedelta) -> str:
    tone = " late" if length <= timedelta(0) else " soon" if length < _SOON else ""
    word = "超" if length <= timedelta(0) else "剩"
    return f'<td><span class="left{tone}">{word} {spell(length)}</span></td>'


def _minutes(length: timedelta) -> str:
    return f'<td class="r">{spell(length)}</td>'


_CELL: dict[Form, Callable[[Any], str]] = {
    Form.TEXT: _text, Form.CODE: _text, Form.NUMBER: _number, Form.MOMENT: _moment, Form.LEFT: _left,
    Form.MINUTES: _minutes,
}  # fmt: skip


def _cell_of(column: Column) -> Callable[[Any], str]:
    return _long if column.is_long else _CELL[column.form]


def rows(sheet: Sheet, lines: list[tuple[int, Cells]]) -> list[SafeString]:
    """Return each (arrival, cells) as a table row whose second cell links to that arrival."""
    head, _, _ = reverse("desk:case", args=["-"]).partition("-")
    made = [_cell_of(column) for column in sheet.columns[2:]]
    out = []
    for arrival, (place, number, *rest) in lines:
        link = f'<a href="{head}{quote(number, safe="")}/{arrival}/">{escape(number)}</a>'
        body = "".join(
            cell(value) if value is not None and value != "" else "<td></td>"
            for cell, value in zip(made, rest, strict=True)
        )
        front = f'<td class="r pin-1">{place}</td><th scope="row" class="pin-2">{link}</th>'
        out.append(mark_safe(f'<tr data-row="{place}">{front}{body}</tr>'))  # noqa: S308 - escaped above
    return out
