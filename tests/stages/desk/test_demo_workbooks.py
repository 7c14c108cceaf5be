"""The invented export reads like a real one."""

from datetime import datetime
from zoneinfo import ZoneInfo

from python_calamine import CalamineWorkbook

from jiesu.desk.demo import workbooks
from jiesu.platforms.columns import field_of

END = datetime(2026, 11, 23, 19, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def read(path):
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def test_a_workbook_has_title_rows_thirty_columns_and_every_order(tmp_path):
    path = tmp_path / "orders.xlsx"

    count = workbooks.write(path, workbooks.month(250, end=END), exported_at=END)

    lines = read(path)
    assert count == 250
    assert len(lines) == 254
    assert lines[1][0] == "导出时间：2026-11-23 19:00"
    assert tuple(lines[3]) == workbooks.HEADERS
    assert len(workbooks.HEADERS) == 30
    assert len({line[1] for line in lines[4:]}) == 250


def test_every_column_is_one_the_import_knows():
    unknown = [header for header in workbooks.HEADERS if field_of(header) is None]

    assert unknown == []


def test_a_finished_workbook_carries_results_and_answers(tmp_path):
    path = tmp_path / "finished.xlsx"

    workbooks.write(path, workbooks.month(40, end=END), exported_at=END, finished=True)

    lines = [dict(zip(workbooks.HEADERS, line, strict=True)) for line in read(path)[4:]]
    assert {line["工单状态"] for line in lines} == {"已办结"}
    assert all("【意见】" in line["处理结果"] and line["办结时间"] for line in lines)
    assert {line["是否联系"] for line in lines} <= {"是", "否", ""}


def test_the_same_seed_writes_the_same_orders():
    first, second = (list(workbooks.rows(workbooks.month(30, end=END, seed=5))) for _ in range(2))

    assert first == second
