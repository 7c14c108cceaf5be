"""The columns of the ledgers (domain.md 5.4) and what stands in them."""

from datetime import timedelta

import pytest

from jiesu.cases import sealing, transitions
from jiesu.cases.models import Case
from jiesu.core import personal
from jiesu.handling import actions as handling
from jiesu.intake import actions as intake
from jiesu.ledger.sheets import CASES, SIGNING
from jiesu.rules.workflow import Action
from tests.factories.orders import dispatched, make_case, signed
from tests.stages.ledger.reading import clock, table_of


def titles(sheet):
    return [column.title for column in sheet.columns]


def test_the_ledger_of_all_cases_has_the_promised_columns():
    assert titles(CASES) == [
        "序号", "编号", "来源路径", "来电时间", "派单时间", "签收时间", "签收人", "类型", "一级", "二级", "三级",
        "七有五性", "标题", "内容摘要", "点位", "社区", "诉求人", "联系电话", "月次", "年次", "主办", "协办",
        "派转时间", "首次联系时间", "时限", "剩余", "办结时间", "结果", "街道回访·是否联系", "街道回访·是否解决",
        "街道回访·是否满意", "街道回访·录音时间点", "上级回访·是否联系", "上级回访·是否解决", "上级回访·是否满意",
        "口径", "得分", "备注",
    ]  # fmt: skip


def test_the_ledger_of_signing_has_the_promised_columns():
    assert titles(SIGNING) == [
        "序号", "编号", "到达（派单时间）", "到达（进入系统）", "签收", "签收人", "用时", "是否超时", "退回理由", "依据",
        "退回时间", "退回人", "审批时间", "审批登记人", "结果", "再派次数",
    ]  # fmt: skip


@pytest.fixture
def units(office):
    return {unit.code: unit for unit in office.units.all()}


def test_a_case_stands_with_all_that_is_known_of_it(office, member, take, noon, units):
    seat, handler = member("seat", name="陈一"), member("handler")
    lead = handler.unit
    helper = office.units.filter(kind="community").first()
    case = make_case(
        office, at=noon - timedelta(hours=3), called_at=noon - timedelta(hours=4),
        due_at=noon + timedelta(hours=6, minutes=30), community=helper, month_seq=2, year_seq=5,
        requester_name="赵六", requester_phone="13800000000", content="回电 13800000000，身份证 11010119900307123X。",
        category="住房>物业管理>公共设施>电梯",
        extra={"七有五性": "住有所居", "是否联系": "是", "是否解决": "否", "是否满意": "不满意"},
    )  # fmt: skip
    dispatched(case, seat, lead, at=noon - timedelta(hours=2), assisting=(helper,))
    handling.contact(
        case, contacted_at=noon - timedelta(hours=1), channel="phone", outcome="reached", actor=handler,
        at=noon - timedelta(hours=1),
    )  # fmt: skip

    (row,) = table_of(take(seat)[1])

    assert row == {
        "序号": 1.0, "编号": case.number, "来源路径": "市派单", "来电时间": clock(23, 8),
        "派单时间": clock(23, 9), "签收时间": clock(23, 10), "签收人": "陈一",
        "类型": "求助", "一级": "住房", "二级": "物业管理", "三级": "公共设施>电梯", "七有五性": "住有所居",
        "标题": case.title, "内容摘要": personal.within(case.content), "点位": "一号院 2 号楼",
        "社区": helper.name, "诉求人": "赵*", "联系电话": "138****0000", "月次": 2.0, "年次": 5.0,
        "主办": lead.name, "协办": helper.name, "派转时间": clock(23, 10),
        "首次联系时间": clock(23, 11), "时限": clock(23, 18, 30), "剩余": 6.5,
        "办结时间": "", "结果": "", "街道回访·是否联系": "", "街道回访·是否解决": "", "街道回访·是否满意": "",
        "街道回访·录音时间点": "", "上级回访·是否联系": "是", "上级回访·是否解决": "否",
        "上级回访·是否满意": "不满意", "口径": "", "得分": "", "备注": "",
    }  # fmt: skip
    assert "13800000000" not in row["内容摘要"]
    assert "11010119900307123X" not in row["内容摘要"]


def test_the_newest_note_stands_as_remark_and_is_masked(office, seat, take, noon):
    case = make_case(office, at=noon)
    handling.remark(case, note="先前的", actor=seat, at=noon)
    handling.remark(case, note="请回 13800000000", actor=seat, at=noon)

    assert table_of(take(seat)[1])[0]["备注"] == "请回 138****0000"


def test_what_is_over_time_is_negative_and_what_has_ended_has_nothing_left(
    office, seat, take, noon
):
    make_case(office, at=noon - timedelta(days=3), due_at=noon - timedelta(hours=2, minutes=15))
    ended = make_case(office, at=noon - timedelta(days=4))
    give_back(ended, seat, noon - timedelta(days=3), granted=True)

    rows = table_of(take(seat)[1])

    assert [row["剩余"] for row in rows] == [-2.25, ""]


def give_back(case, seat, at, *, granted=None, reason="outside_street", note=""):
    intake.send_back(case, reason=reason, proof="点位截图，电话 13800000000", actor=seat, at=at)
    if granted is not None:
        later = at + timedelta(hours=1)
        intake.answer(case, granted=granted, actor=seat, at=later, note=note)


def row_of_signing(take, seat, noon):
    (row,) = table_of(take(seat, "signing")[1])
    return row


def test_a_signed_case_says_who_when_and_how_long(office, member, take, noon):
    seat = member("seat", name="陈一")
    case = make_case(office, at=noon - timedelta(hours=1))
    signed(case, seat, at=noon - timedelta(minutes=48))
    Case.objects.filter(pk=case.pk).update(arrived_at=noon - timedelta(minutes=59))

    row = row_of_signing(take, seat, noon)

    assert row == {
        "序号": 1.0, "编号": case.number, "到达（派单时间）": clock(23, 11),
        "到达（进入系统）": clock(23, 11, 1), "签收": clock(23, 11, 12), "签收人": "陈一",
        "用时": 12.0, "是否超时": "否", "退回理由": "", "依据": "", "退回时间": "", "退回人": "", "审批时间": "",
        "审批登记人": "", "结果": "", "再派次数": 0.0,
    }  # fmt: skip


@pytest.mark.parametrize(("minutes", "late"), [(30, "否"), (31, "是")])
def test_late_signing_is_told_by_the_clock(office, seat, take, noon, minutes, late):
    at = noon - timedelta(hours=1)
    signed(make_case(office, at=at), seat, at=at + timedelta(minutes=minutes))

    assert row_of_signing(take, seat, noon)["是否超时"] == late


@pytest.mark.parametrize(("minutes", "late"), [(20, "否"), (40, "是")])
def test_a_case_nobody_signed_yet_is_late_when_its_time_is_over(
    office, seat, take, noon, minutes, late
):
    make_case(office, at=noon - timedelta(minutes=minutes))

    assert row_of_signing(take, seat, noon)["是否超时"] == late


@pytest.mark.parametrize(
    ("granted", "note", "result"),
    [
        pytest.param(None, "", "等待裁定", id="平台还没有裁定"),
        pytest.param(True, "", "同意退回", id="同意"),
        pytest.param(
            False,
            "属本辖区，请回 13800000000",
            "驳回退回：属本辖区，请回 138****0000",
            id="驳回并有话",
        ),
    ],
)
def test_a_case_sent_back_says_why_by_what_and_what_came_of_it(
    office, member, take, noon, granted, note, result
):
    seat = member("seat", name="陈一")
    give_back(
        make_case(office, at=noon - timedelta(hours=3)),
        seat,
        noon - timedelta(hours=2),
        granted=granted,
        note=note,
    )

    row = row_of_signing(take, seat, noon)

    assert (row["退回理由"], row["依据"]) == ("非本辖区", "点位截图，电话 138****0000")
    assert (row["退回时间"], row["退回人"]) == (clock(23, 10), "陈一")
    answered = (clock(23, 11), "陈一") if granted is not None else ("", "")
    assert (row["审批时间"], row["审批登记人"]) == answered
    assert row["结果"] == result


def test_of_two_send_backs_the_last_one_stands_with_its_own_answer(office, seat, take, noon):
    case = make_case(office, at=noon - timedelta(hours=5))
    give_back(case, seat, noon - timedelta(hours=4), granted=False)
    give_back(case, seat, noon - timedelta(hours=2), reason="repeated_order")

    row = row_of_signing(take, seat, noon)

    assert (row["退回理由"], row["结果"], row["审批时间"]) == ("重复派单", "等待裁定", "")


def test_an_order_that_came_again_has_a_row_for_each_arrival(office, seat, take, noon):
    first = make_case(office, at=noon - timedelta(days=2))
    give_back(first, seat, noon - timedelta(days=2))
    transitions.apply(first, Action.ARRIVE_AGAIN, actor=None, at=noon - timedelta(days=1))
    make_case(office, at=noon - timedelta(days=1), number=first.number, arrival=2, previous=first)

    newest, oldest = table_of(take(seat, "signing")[1])

    assert newest["编号"] == oldest["编号"] == first.number
    assert (newest["再派次数"], newest["结果"]) == (1.0, "")
    assert (oldest["再派次数"], oldest["结果"]) == (0.0, "已再次派来")


def test_a_case_that_came_in_finished_shows_the_unit_the_export_named(office, seat, take, noon):
    case = Case.objects.create(
        office=office, number="热线-261101-000001", stage="closed", steps=1, title="已办结的", unit_text="某某所",
        dispatched_at=noon - timedelta(days=9), closed_at=noon - timedelta(days=8), arrived_at=noon,
    )  # fmt: skip
    case.save(update_fields=sealing.amend(case, result="已答复 13800000000"))

    (row,) = table_of(take(seat)[1])
    assert (row["主办"], row["办结时间"]) == ("某某所", clock(15, 12))
    assert row["结果"] == "已答复 138****0000"
    assert row_of_signing(take, seat, noon)["是否超时"] == ""
