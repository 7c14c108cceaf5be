"""The assessment as xlsx: figures on both bases by everything they are told apart by, and the orders."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from jiesu.assessment import losses as lost_points
from jiesu.assessment import page
from jiesu.assessment.lines import Line
from jiesu.assessment.queries import Book, By
from jiesu.org.models import Member
from jiesu.rules import rates
from jiesu.rules.moments import BEIJING
from jiesu.rules.rates import Basis, Question
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


def losses(
    member: Member, book: Book, before: Book | None, basis: Basis, titles: dict[str, str]
) -> bytes:
    """Return 上周期问题、失分原因、改进措施 (合同附件三): what was short, why, and what is done about it."""
    found = lost_points.of_book(book, basis)
    then = lost_points.of_book(before, basis) if before else []
    whole, last = book.rates(basis), before.rates(basis) if before else None
    problems = [
        ("单位", member.office.name, ""),
        ("考核期", f"{book.cycle.label}（{book.cycle.begins:%Y-%m-%d} 至 {book.cycle.last_on}），{basis.label}", ""),
        *((question.label, f"{rates.percent(whole.rate(question), 2)}%", page.change(whole.rate(question), last.rate(question) if last else None, 100, " 个百分点")[0]) for question in Question),
        ("综合成绩", rates.shown(whole.score, 2), page.change(whole.score, last.score if last else None, 1, " 分")[0]),
        ("失分件数", str(len({loss.line.number for loss in found})), f"上期 {len({loss.line.number for loss in then})} 件" if before else ""),
    ]  # fmt: skip
    groups = [
        (group.cause.branch if group.cause else "", group.label, group.orders, float(round(group.points, 4)), group.unit, group.before, "；".join(group.measures))
        for group in lost_points.groups(found, then)
    ]  # fmt: skip
    measures = [
        (loss.line.number, titles.get(loss.line.number, ""), loss.line.unit, loss.question.label, float(round(loss.points, 4)),
         loss.label, loss.line.cause, *_measure(loss))
        for loss in found
    ]  # fmt: skip
    out = BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as made:
        sheet(made, "上周期问题", ("项目", "内容", "与上期比"), problems, (16, 60, 24))
        sheet(
            made,
            "失分原因",
            ("类", "成因", "件", "失分", "主要单位", "上期件", "改进措施"),
            groups,
            (10, 20, 8, 10, 20, 8, 60),
        )
        heads = (
            "工单编号",
            "标题",
            "承办单位",
            "失分项",
            "失分",
            "成因",
            "回访所述",
            "改进措施",
            "责任单位",
            "完成期限",
        )
        sheet(made, "改进措施", heads, measures, (22, 34, 20, 10, 10, 18, 30, 40, 18, 14))
    return out.getvalue()


def _measure(loss: Any) -> tuple[str, str, str]:
    note = loss.note
    if note is None:
        return "", "", ""
    return note.measure, note.owner.name if note.owner else "", str(note.due_on or "")


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
