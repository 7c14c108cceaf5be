"""What is read of a case: marks kept or taken off, points settled and answered, a community offered."""

import pytest
from django.urls import reverse
from django.utils import timezone

from jiesu.cases.models import Case
from jiesu.desk import timeline
from jiesu.handling import actions as handling
from jiesu.rules.workflow import Action
from jiesu.triage import asking, jobs, marking
from jiesu.triage.models import CaseMark
from jiesu.triage.reading import reading_of
from tests.factories.orders import dispatched, make_case

TWO = "市民反映以下问题：1、楼道灯不亮；2、电梯经常停运。请尽快解决。"


@pytest.fixture
def desk(seat, browser_of):
    return browser_of(seat)


@pytest.fixture
def handler(member):
    return member("handler")


def arrive(office, **fields) -> Case:
    case = make_case(office, **fields)
    jobs.arrived(case.pk, case.pk)
    return case


def handled(case, seat, office, handler) -> Case:
    dispatched(case, seat, office.units.get(code="livelihood"))
    at = timezone.now()
    handling.contact(
        case,
        contacted_at=at,
        channel="phone",
        outcome="reached",
        actor=handler,
        at=at,
        note="已联系",
    )
    return case


def test_an_arrival_is_marked_and_the_mark_shows_with_its_reason(office, desk):
    case = arrive(office, title="整栋楼停水", content="从昨晚起停水。", tags=["普通"])

    mark = case.marks.get()
    page = desk.get(reverse("desk:case", args=[case.number])).content.decode()
    assert (mark.label, mark.reason, mark.found) == ("停水", "写有“停水”", ["停水"])
    assert '<span class="tag late" title="写有“停水”">停水</span>' in page  # in the queue
    assert "研判提示" in page
    assert "写有“停水”" in page


def test_a_mark_taken_off_stays_off_and_is_on_record(office, desk, seat):
    case = arrive(office, title="整栋楼停水", content="停水。")
    mark = case.marks.get()

    answer = desk.post(reverse("reading:mark", args=[case.number, mark.pk]), {"keep": "no"})
    jobs.arrived(case.pk, case.pk)  # a job may run again

    event = case.events.get(action=Action.MARK)
    line = timeline.lines(case, [event], timezone.now())[0]
    assert answer.status_code == 302
    assert (event.actor, event.facts["kept"], line.said) == (
        seat,
        False,
        "去掉标记“停水”：写有“停水”",
    )
    assert CaseMark.objects.get().state == "off"
    assert marking.shown_of([case.pk]) == {}
    page = desk.get(reverse("desk:case", args=[case.number])).content.decode()
    assert f"停水：{seat.name}" in page
    desk.post(reverse("reading:mark", args=[case.number, mark.pk]), {"keep": "no"})
    assert case.events.filter(action=Action.MARK).count() == 1


def test_a_correction_marks_anew_what_nobody_decided(office):
    case = arrive(office, title="整栋楼停水", content="停水。")

    Case.objects.filter(pk=case.pk).update(title="楼道起火", content="昨晚起火。")
    jobs.arrived(case.pk, case.pk)

    assert list(case.marks.values_list("code", flat=True)) == ["fire"]


def test_out_of_season_a_topic_is_not_shown_beside_the_case(office):
    case = arrive(office, title="路口积水", content="一下雨就积水。", dispatched_at=timezone.now().replace(month=1, day=9))  # fmt: skip

    assert case.marks.get().in_season is False
    assert marking.shown_of([case.pk]) == {}


def test_points_are_suggested_settled_and_kept_on_record(office, desk, seat):
    case = arrive(office, content=TWO)
    assert asking.asked(case) == asking.Asked(("楼道灯不亮", "电梯经常停运"))
    address = reverse("reading:points", args=[case.number])
    assert "楼道灯不亮\n电梯经常停运</textarea>" in desk.get(address).content.decode()

    desk.post(address, {"points": " 楼道灯  不亮\n\n电梯停运 "})

    asked = reading_of(case).asked
    assert (asked.points, asked.by) == (("楼道灯 不亮", "电梯停运"), seat.name)
    assert asking.asked(case).to_answer == ("楼道灯 不亮", "电梯停运")
    assert desk.post(address, {"points": "长" * 201}).status_code == 422


def test_personal_data_in_a_point_are_masked(office, seat):
    case = arrive(office, content=TWO)

    asking.settle(case, points="给12900000017回电话\n修灯", actor=seat, at=timezone.now())

    assert "12900000017" not in str(case.events.get(action=Action.POINTS).facts)
    assert len(asking.asked(case).to_answer) == 2


def test_the_result_must_answer_each_point(office, seat, handler, browser_of):
    case = handled(arrive(office, content=TWO), seat, office, handler)
    asking.settle(case, points="楼道灯不亮\n电梯停运", actor=seat, at=timezone.now())
    address, desk = reverse("handling:submit", args=[case.number]), browser_of(handler)
    result = {"result": "已联系诉求人，现场核实并处理完毕。"}

    assert "1. 楼道灯不亮" in desk.get(address).content.decode()
    missing = desk.post(address, result | {"answer1": "已换灯"})
    assert missing.status_code == 422
    assert "请答复这个诉求点。" in missing.content.decode()
    desk.post(address, result | {"answer1": "已换灯\n当天", "answer2": "已报修"})

    event = case.events.get(action=Action.SUBMIT)
    assert asking.answered(asking.asked(case), event) == [
        ("楼道灯不亮", "已换灯 当天"),
        ("电梯停运", "已报修"),
    ]


def test_a_review_cannot_pass_what_leaves_a_point_unanswered(
    office, seat, handler, member, browser_of
):
    case = handled(arrive(office, content=TWO), seat, office, handler)
    at = timezone.now()
    handling.submit(case, result="已联系诉求人，处理完毕。", actor=handler, at=at)
    asking.settle(case, points="楼道灯不亮\n电梯停运", actor=seat, at=at)
    desk, address = browser_of(member("reviewer")), reverse("handling:review", args=[case.number])

    page = desk.get(address).content.decode()
    refused = desk.post(address, {"passed": "yes"})
    assert page.count("没有答复</span>") == 2
    assert refused.status_code == 422
    assert "诉求点“楼道灯不亮”“电梯停运”还没有答复" in refused.content.decode()

    assert desk.post(address, {"passed": "no", "note": "请逐点答复"}).status_code == 302
    with pytest.raises(handling.Unanswered):
        handling.submit(case, result="已联系诉求人，处理完毕。", actor=handler, at=at)


def test_a_community_nobody_knew_is_offered_with_the_reason(office, desk):
    case = arrive(office, community_text="不存在的社区", location="会城门小区3号楼")

    page = desk.get(reverse("desk:case", args=[case.number])).content.decode()
    form = desk.get(reverse("dispatch:place", args=[case.number])).content.decode()

    assert "社区应为 会城门社区" in page
    assert "点位写的“会城门”是它的社区名称，已替您选上，请核对。" in form
