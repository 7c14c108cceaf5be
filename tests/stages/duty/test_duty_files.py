"""The rota as xlsx, and the 值班日志 on screen and as xlsx, read back."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from jiesu.duty import attendance, handing_over
from jiesu.duty.models import DutyNote, NoteKind
from jiesu.ledger.models import Export
from jiesu.org.models import Member
from tests.factories.orders import make_case
from tests.stages.duty.making import (
    EARLY,
    LATE,
    MONDAY,
    hour,
    make_absence,
    make_pattern,
    make_shift,
)


def book(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    read = CalamineWorkbook.from_filelike(BytesIO(content))
    return {name: read.get_sheet_by_name(name).to_python() for name in read.sheet_names}


def test_the_rota_of_a_month_is_read_back(office, people, member, browser_of):
    pattern = make_pattern(office, minimum=1)
    evil = member("seat", name='=HYPERLINK("x")')
    make_shift(pattern, people[0], evil, arrived_at=hour(7.9))
    make_absence(people[1], hour(24), hour(48))
    make_shift(pattern, people[1], day=MONDAY + timedelta(days=1))

    answer = browser_of(people[0]).get(reverse("duty:xlsx"), {"month": "2026-11"})
    sheets = book(answer)

    assert "%E5%80%BC%E7%8F%AD%E8%A1%A8_2026-11.xlsx" in answer["Content-Disposition"]
    grid = sheets["值班表"]
    assert grid[0][0] == "羊坊店街道 2026年11月值班表"
    assert grid[1][:3] == ["日期", "星期", "早班"]
    assert grid[24][:3] == ["11月23日", "一", '甲（带班）、=HYPERLINK("x")']
    assert grid[25][2].startswith("乙（带班）（假）")
    assert len(grid) == 32
    assert sheets["明细"][1][:7] == [
        "2026-11-23", "一", "早班", "2026-11-23 08:00", "2026-11-23 16:00", "甲", "是",
    ]  # fmt: skip
    assert sheets["明细"][1][7] == "2026-11-23 07:54"


def handed(office, people, day=MONDAY, words="电梯案盯紧，回电 13812345678"):
    """早班 of a day handed to 中班."""
    made = [
        office.duty_patterns.filter(name=name).first()
        or make_pattern(office, name, span, minimum=2)
        for name, span in (("早班", EARLY), ("中班", LATE))
    ]
    early = make_shift(made[0], people[0], people[1], day=day)
    make_shift(made[1], people[2], day=day)
    attendance.arrive(people[0], at=hour(8, day))
    attendance.find_gaps(office, hour(8.2, day))
    sheet = handing_over.make_handover(early, {}, actor=people[0], at=hour(15.5, day))
    handing_over.change_words(sheet, words=words, version=0, actor=people[0])
    handing_over.give(sheet, actor=people[0], at=hour(15.8, day))
    handing_over.take(sheet, actor=people[2], at=hour(16, day))
    return early


def test_each_handover_is_a_row_of_the_log_on_screen_and_as_xlsx(
    office, people, member, browser_of
):
    early = handed(office, people)
    make_case(office, at=hour(9))
    make_case(office, at=hour(15.99))
    make_case(office, at=hour(16))
    leader = member("leader")
    for kind, text, who in (
        (NoteKind.UNUSUAL, "平台中断 10 分钟", people[0]),
        (NoteKind.INSTRUCTION, "加强供暖值守", leader),
    ):
        DutyNote.objects.create(
            office=office, shift=early, kind=kind, text=text, member=who, at=hour(10)
        )
    browser = browser_of(people[0])

    page = browser.get(reverse("ledger:sheet", args=["duty"])).content.decode()
    for shown in (
        "电梯案盯紧，回电 138****5678",
        "排班 2 人，到岗 1 人；乙未到",
        "加强供暖值守",
        "平台中断",
    ):
        assert shown in page
    assert "13812345678" not in page

    answer = browser.get(reverse("ledger:export", args=["duty"]), {"since": "2026-11-23"})
    head, row = book(answer)["值班日志"]
    told = dict(zip(head, row, strict=True))
    assert told["班次"] == "早班"
    assert (told["带班"], told["人员"], told["接单量"]) == ("甲", "甲、乙", 2)
    assert told["异常"].startswith("缺岗 08:12 至 16:00（应到 2 实到 1，乙未到）；平台中断")
    assert told["领导批示"] == "加强供暖值守"
    assert (told["交班人"], told["接班人"]) == ("甲", "丙")
    assert Export.objects.get().kind == "duty"


def test_days_choose_rows_and_wrong_ones_are_said(office, people, browser_of):
    for n in range(3):
        handed(office, people, day=MONDAY + timedelta(days=n))
    browser = browser_of(people[0])

    def shown(**asked):
        return browser.get(reverse("ledger:sheet", args=["duty"]), asked).content.decode()

    assert "3 行" in shown()
    assert "1 行" in shown(since="2026-11-24", until="2026-11-24")
    assert "日期看不懂" in shown(since="昨天")
    assert "还没有交接过的班" in shown(since="2030-01-01")
    assert "3</b>" in browser.get(reverse("ledger:index")).content.decode()


@pytest.mark.parametrize(
    ("role", "status"),
    [("seat", 200), ("leader", 200), ("analyst", 200), ("handler", 403), ("system", 403)],
)
def test_the_log_is_for_those_who_see_all_cases(member, browser_of, role, status):
    who: Member = member(role)

    assert browser_of(who).get(reverse("ledger:sheet", args=["duty"])).status_code == status
    assert browser_of(who).get(reverse("ledger:duty_export")).status_code == status


def test_the_log_costs_the_same_with_one_row_as_with_many(office, people, browser_of):
    browser = browser_of(people[3])

    def cost():
        with CaptureQueriesContext(connection) as spent:
            browser.get(reverse("ledger:sheet", args=["duty"]))
        return len(spent)

    handed(office, people)
    cost()
    one = cost()
    for n in range(1, 6):
        handed(office, people, day=MONDAY + timedelta(days=n))

    assert cost() == one
