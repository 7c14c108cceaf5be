"""A call-back file of a few rows, imported."""

from datetime import datetime

import pytest

from jiesu.assessment import importing
from jiesu.assessment.cycles import almanac
from jiesu.rules.moments import BEIJING
from tests.factories.order_files import make_workbook

HEADS = ("工单编号", "承办单位", "回访时间", "是否有效回访", "是否联系", "是否解决", "是否满意", "是否剔除", "未解决原因")  # fmt: skip
GOOD = ("综合办公室", "2026-10-10 10:00:00", "是", "是", "是", "满意", "否", "")
BAD = ("综合办公室", "2026-10-11 10:00:00", "是", "是", "否", "不满意", "否", "问题仍存在")
SILENT = ("综合办公室", "", "否", "", "", "未接听", "否", "")
AT = datetime(2026, 10, 20, 9, tzinfo=BEIJING)


def number(n: int) -> str:
    return f"热线-260925-{n:06d}"


@pytest.fixture
def take(office, tmp_path):
    """Import rows as one file for cycle 2026-10 (``cycle=None``: by dispatch time)."""

    def do(*rows, cycle="2026-10", at=AT, name="明细.xlsx", member=None):
        file = make_workbook(tmp_path / name, [HEADS, *rows])
        named = almanac(office).named(cycle) if cycle else None
        return importing.take(office, file, cycle=named, member=member, at=at)

    return do
