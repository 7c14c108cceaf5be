"""Invented orders as an export: the district's layout, as a workbook or as plain rows.

Three title rows stand above the header, as in the exports seen (domain 5.1); every cell is text as
they write it, times included. Used by tests, the documents and the bench.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import xlsxwriter

from jiesu.desk.demo.scene import Scene, scene
from jiesu.desk.demo.texts import Demand, demands, dice, usual_burst

HEADERS = (
    "序号", "工单编号", "工单类型", "问题分类", "一级问题分类", "二级问题分类", "三级问题分类", "问题标题",
    "主要内容", "问题点位", "被反映区", "被反映街道", "村/社区", "来电人", "联系方式", "月次", "来电时间",
    "创建时间", "派单时间", "到期时间", "原始标签", "派单类型", "企业名称", "承办单位", "工单状态", "处理结果",
    "办结时间", "是否联系", "是否解决", "是否满意",
)  # fmt: skip
DAYS = 31


def month(count: int, *, end: datetime, seed: object = 1, days: int = DAYS) -> Iterator[Demand]:
    """Yield ``count`` orders of the days before ``end`` (aware, local), with their usual burst."""
    start = (end - timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
    burst = [usual_burst(end)] if count >= 200 and days > 9 else []
    return demands(dice(seed), count, start=start, end=end, bursts=burst)


def rows(
    orders: Iterable[Demand], *, finished: bool = False, place: Scene | None = None
) -> Iterator[tuple[int | str, ...]]:
    """Yield the cells of each order under ``HEADERS``; ``finished`` fills in result and answers."""
    place = place or scene()
    for serial, order in enumerate(orders, 1):
        called = _moment(order.called_at)
        end = (place.units[order.lead], "办理中", "", "", "", "", "")
        if finished:
            said = order.answers
            end = (
                place.units[order.lead], "已办结", order.result, _moment(order.finished_at),
                said.contacted, said.solved, said.satisfied,
            )  # fmt: skip
        yield (
            serial, order.number, order.order_type, "->".join(order.category), *order.category,
            order.title, order.content, order.location, place.district, place.street,
            order.community.name, order.requester_name, order.phone, str(order.month_seq), called,
            called, _moment(order.dispatched_at), _moment(order.due_at), ",".join(order.tags),
            order.path, order.company, *end,
        )  # fmt: skip


def write(
    path: Path, orders: Iterable[Demand], *, exported_at: datetime, finished: bool = False
) -> int:
    """Write orders to an xlsx file of the district's layout, in constant memory.

    Returns how many rows of orders it holds.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    count = 0
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet("工单")
        sheet.write_string(0, 0, "接诉即办工单信息")
        sheet.write_string(1, 0, f"导出时间：{exported_at:%Y-%m-%d %H:%M}")
        sheet.write_string(2, 0, f"被反映街道：{scene().street}")
        sheet.write_row(3, 0, HEADERS)
        for count, cells in enumerate(rows(orders, finished=finished), 1):
            sheet.write_number(count + 3, 0, count)
            for column, text in enumerate(cells[1:], 1):
                if text:
                    sheet.write_string(count + 3, column, str(text))
    return count


def _moment(at: datetime) -> str:
    return at.isoformat(" ", "seconds")[:19]
