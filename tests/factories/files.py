"""Order files as a platform would export them, made up for tests."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

HEADERS = (
    "工单编号",
    "标题",
    "主要内容",
    "来电时间",
    "派单时间",
    "截止时间",
    "来电人",
    "联系方式",
    "社区",
)
ROW = {
    "工单编号": "热线-261019-000001",
    "标题": "楼道灯不亮",
    "主要内容": "市民反映，楼道灯不亮，夜间出行不便。",
    "来电时间": "2026-10-19 08:01:10",
    "派单时间": "2026-10-19 08:12:30",
    "截止时间": "2026-10-26 08:12:30",
    "来电人": "赵女士",
    "联系方式": "12000000001",
    "社区": "会城门社区",
}


def row(number: int = 1, **changes: Any) -> dict[str, Any]:
    """One row; ``number`` makes its order number, ``changes`` its other cells."""
    return ROW | {"工单编号": f"热线-261019-{number:06d}"} | changes


def workbook(path: Path, rows: Sequence[dict[str, Any]], *, above: int = 0) -> Path:
    """Write rows as xlsx, with ``above`` title rows over the header."""
    headers = list(dict.fromkeys([*HEADERS, *(name for one in rows for name in one)]))
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("工单")
        for line in range(above):
            sheet.write_string(line, 0, "接诉即办工单信息")
        for column, header in enumerate(headers):
            sheet.write_string(above, column, header)
        for line, one in enumerate(rows, start=above + 1):
            for column, header in enumerate(headers):
                if (value := one.get(header, "")) != "":
                    sheet.write(line, column, value)
    return path
