"""The assessment as xlsx: figures on both bases by everything they are told apart by, and the orders."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from jiesu.assessment import page
from jiesu.assessment.lines import Line
from jiesu.assessment.queries import Book, By
from jiesu.org.models import Member
from jiesu.rules import rates
from jiesu.rules.moments import BEIJING
from jiesu.rules.rates import Basis
from jiesu.supervision.files import OPTIONS, sheet

LINES = (
    ("工单编号", 22), ("标题", 36), ("承办单位", 20), ("社区", 18), ("问题分类", 14), ("承办人", 10),
    ("回访时间", 18), ("有效回访", 10), ("是否联系", 12), ("是否解决", 12), ("是否满意", 12), ("口径", 14),
    ("全口径失分", 12), ("不含剔除失分", 14), ("原因", 30),
)  # fmt: skip


def cycle(member: Member, book: Book, titles: dict[str, str], at: datetime) -> bytes:
    """Return a cycle as a file: what it is, each breakdown on both bases, the orders one by one."""
    told = [
        ("单位", member.office.name),
        ("考核期", f"{book.cycle.label}（{book.cycle.begins:%Y-%m-%d} 至 {book.cycle.last_on}）"),
        ("规则集", book.rules.name),
        ("状态", f"{book.frozen.at.astimezone(BEIJING):%Y-%m-%d %H:%M} 冻结，指纹 {book.frozen.digest}" if book.frozen else "未冻结"),
        ("时点", f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}（北京时间）"),
        ("导出人", f"{member.name}（{member.unit.name}）"),
    ]  # fmt: skip
    out = BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as made:
        sheet(made, "概况", ("项目", "内容"), told, (18, 80))
        for basis in Basis:
            for by in By:
                rows = [_cells(row) for row in page.table(book, by, basis)]
                heads = ("名次", by.label, *page.HEADS, "响应率", "解决率", "满意率", "综合成绩")
                sheet(made, f"{basis.label} {by.label}", heads, rows, (8, 24, *[11] * 12))
        _orders(made, book, book.lines, titles)
    return out.getvalue()


def lines(book: Book, chosen: Sequence[Line], titles: dict[str, str]) -> bytes:
    """Return some orders of a cycle as a file."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as made:
        _orders(made, book, chosen, titles)
    return out.getvalue()


def _orders(made: Any, book: Book, chosen: Sequence[Line], titles: dict[str, str]) -> None:
    whole = {basis: book.rates(basis) for basis in Basis}
    rows = [_order(book, line, titles, whole) for line in chosen]
    sheet(made, "各件", [head for head, _ in LINES], rows, [width for _, width in LINES])


def _order(book: Book, line: Line, titles: dict[str, str], whole: dict[Basis, Any]) -> list[Any]:
    lost = [
        float(sum(rates.lost(line, whole[basis], book.method, basis).values())) for basis in Basis
    ]
    called = f"{line.called_at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}" if line.called_at else ""
    return [
        line.number, titles.get(line.number, ""), line.unit, line.community, line.category, line.person, called,
        "是" if line.valid else "否", line.contacted.label, line.solved.label, line.satisfied.label,
        line.standing.label, round(lost[0], 4), round(lost[1], 4), line.cause or line.outcome,
    ]  # fmt: skip


def _cells(row: page.Row) -> list[Any]:
    return [row.rank or "", row.name, *(_value(cell.text) for cell in row.cells)]


def _value(text: str) -> Any:
    return int(text) if text.isdecimal() else text
