"""Invented exports as workbooks: the columns of a district export, one line an order."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from jiesu.desk.demo.texts import Demand, demands
from jiesu.rules.moments import BEIJING

END = datetime(2026, 11, 1, tzinfo=BEIJING)
HEADERS = (
    "序号", "工单编号", "工单类型", "派单类型", "一级问题分类", "二级问题分类", "三级问题分类", "标签", "标题",
    "主要内容", "问题点位", "被反映区", "被反映街道", "社区", "来电人", "联系电话", "来电人地址", "企业名称",
    "来电时间", "派单时间", "截止时间", "主办单位", "工单状态", "办结时间", "处理结果", "是否联系", "是否解决",
    "是否满意", "月次", "七有五性",
)  # fmt: skip
OPEN_SHARE = 0.02
_MEMORY: dict[tuple[int, int], list[Demand]] = {}


def orders(count: int, seed: int = 7) -> list[Demand]:
    """Return that many invented orders of the year up to ``END``; the same each time."""
    if (count, seed) not in _MEMORY:
        _MEMORY.clear()
        rng = random.Random(seed)
        found = demands(rng, count, start=END - timedelta(days=365), end=END)
        _MEMORY[count, seed] = list(found)
    return _MEMORY[count, seed]


def lines(count: int, seed: int = 7) -> Iterator[tuple[Any, ...]]:
    """Yield the cells of each order: texts, whole numbers and naive local times."""
    chance = random.Random(seed + 1).random
    for place, one in enumerate(orders(count, seed), start=1):
        done = chance() > OPEN_SHARE
        yield (
            place, one.number, one.order_type, one.path, *one.category, "，".join(one.tags), one.title,
            one.content, one.location, "海淀区", "羊坊店街道", one.community.name, one.requester_name,
            one.phone, one.location, one.company, _naive(one.called_at), _naive(one.dispatched_at),
            _naive(one.due_at), one.lead, "已办结" if done else "办理中",
            _naive(one.finished_at) if done else "", one.result if done else "",
            one.answers.contacted, one.answers.solved, one.answers.satisfied, one.month_seq, "七有",
        )  # fmt: skip


def _naive(at: datetime) -> datetime:
    return at.astimezone(BEIJING).replace(tzinfo=None)


def write(path: Path, count: int, seed: int = 7) -> Path:
    """Write such an export with XlsxWriter, a title row above the header, as a platform does."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet = book.add_worksheet("工单")
        sheet.write_string(0, 0, "工单导出")
        sheet.write_row(1, 0, HEADERS)
        for row, line in enumerate(lines(count, seed), start=2):
            for column, value in enumerate(line):
                if value == "":
                    continue
                if isinstance(value, datetime):
                    sheet.write_datetime(row, column, value, moment)
                elif isinstance(value, int):
                    sheet.write_number(row, column, value)
                else:
                    sheet.write_string(row, column, value)
    return path
