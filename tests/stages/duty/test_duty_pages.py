"""The pages of duty, by role."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jiesu.cases import clocks
from jiesu.cases.models import Event
from jiesu.desk import handover
from jiesu.duty import absences, attendance, handing_over, swapping
from jiesu.duty.models import Absence, CoverGap, DutyNote, Handover, Pattern, Post, Shift, Swap
from jiesu.rules.clocks import ClockKind, Due
from jiesu.rules.ladder import Rung
from jiesu.rules.workflow import Action, Stage
from jiesu.supervision.models import Notice, Reminder
from tests.factories.orders import make_case
from tests.stages.duty.making import make_pattern

ALL = ["seat", "reviewer", "handler", "head", "leader", "analyst", "system"]
PLANNERS = {"reviewer", "leader"}
PLANNING = ["duty:plan", "duty:patterns", "duty:add_pattern"]
OPEN = ["duty:rota", "duty:swaps", "duty:absences", "duty:xlsx"]
SPEAKING_OF_CASES = ["desk:handover", "duty:add_note"]


def shift_now(office, *members, hours=(-1, 7), minimum=1, name="早班"):
    """A shift around the present moment, the first leading."""
    now = timezone.now()
    pattern = Pattern.objects.filter(office=office, name=name).first() or make_pattern(office, name)
    starts = now + timedelta(hours=hours[0])
    shift = Shift.objects.create(
        office=office, pattern=pattern, on=timezone.localtime(starts).date(), starts_at=starts,
        ends_at=now + timedelta(hours=hours[1]), minimum=minimum,
    )  # fmt: skip
    for place, member in enumerate(members):
        shift.posts.create(member=member, lead=place == 0, planned_at=now - timedelta(days=1))
    return shift


def url_of(shift):
    return reverse("duty:shift", args=[shift.pattern_id, shift.on.isoformat()])


@pytest.mark.parametrize("role", ALL)
def test_everybody_sees_the_rota_and_who_plans_plans(member, browser_of, role):
    browser = browser_of(member(role))

    assert {name: browser.get(reverse(name)).status_code for name in OPEN} == dict.fromkeys(
        OPEN, 200
    )
    expected = 200 if role in PLANNERS else 403
    assert {browser.get(reverse(name)).status_code for name in PLANNING} == {expected}
    sees = 200 if role in {"seat", "reviewer", "leader"} else 403
    assert {browser.get(reverse(name)).status_code for name in SPEAKING_OF_CASES} == {sees}
    stands = 200 if role in {"seat", "reviewer"} else 403
    assert browser.get(reverse("duty:mine")).status_code == stands


def test_nobody_from_outside_sees_it(client, office):
    for name in (*OPEN, *PLANNING, *SPEAKING_OF_CASES, "duty:mine", "duty:strip"):
        assert client.get(reverse(name)).status_code == 302


def test_the_month_shows_names_leads_gaps_and_what_is_unplanned(office, people, browser_of):
    shift = shift_now(office, people[0], people[1], minimum=3)
    page = browser_of(people[0]).get(reverse("duty:rota")).content.decode()

    assert "甲" in page
    assert 'title="带班"' in page
    assert "差 1 人" in page
    assert "未排班" in page  # tomorrow's
    assert "今天" in page
    assert url_of(shift) in page
    assert browser_of(people[0]).get(reverse("duty:rota"), {"month": "1066-10"}).status_code == 404
    assert (
        "2027年2月"
        in browser_of(people[0]).get(reverse("duty:rota"), {"month": "2027-02"}).content.decode()
    )


def test_a_month_costs_the_same_however_many_stand(office, people, browser_of, member):
    browser = browser_of(people[3])

    def cost():
        with CaptureQueriesContext(connection) as spent:
            browser.get(reverse("duty:rota"))
        return len(spent)

    shift_now(office, people[0])
    cost()
    one = cost()
    now = timezone.now()
    for n in range(5):
        other = shift_now(office, *people, name=f"班{n}")
        absences.register(
            member("seat"), from_at=now, to_at=now + timedelta(days=1), deputy=people[0], reason="",
            actor=member("reviewer"), at=now,
        )  # fmt: skip
        CoverGap.objects.create(shift=other, found_at=now, present=0, minimum=1, missing=["甲"])

    assert cost() == one


def test_the_planner_puts_on_replaces_and_takes_off_and_reads_why_not(
    office, people, planner, browser_of
):
    shift = shift_now(office, people[0], hours=(2, 10))
    browser, page = browser_of(planner), url_of(shift)

    assert browser.post(page, {"member": people[1].pk}).status_code == 302
    assert "已在这一班" in browser.post(page, {"member": people[1].pk}).content.decode()
    assert browser.post(page, {"member": people[1].pk}).status_code == 422
    post = shift.posts.get(member=people[0])
    said = browser.post(
        reverse("duty:replace", args=[post.pk]), {"member": people[2].pk}, follow=True
    )
    assert "已由 丙 换下 甲" in said.content.decode()
    browser.post(
        reverse("duty:off", args=[shift.posts.get(member=people[1]).pk]), {"why": "多排了"}
    )
    last = shift.posts.get(member=people[2])
    said = browser.post(reverse("duty:off", args=[last.pk]), follow=True).content.decode()
    assert "只剩 0 人，少于最少 1 人" in said
    assert "多排了" in said

    seat = browser_of(people[0])
    assert seat.post(reverse("duty:off", args=[last.pk])).status_code == 403
    assert seat.post(page, {"member": people[3].pk}).status_code == 403
    assert shift.posts.filter(released_at=None).count() == 1


def test_another_office_s_shift_is_not_there(office, people, planner, browser_of):
    shift = shift_now(office, people[0], hours=(2, 10))
    other = type(office).objects.create(code="999", name="别处", district="别区")
    Shift.objects.update(office=other)
    Pattern.objects.update(office=other)
    browser = browser_of(planner)

    assert browser.get(url_of(shift)).status_code == 404
    assert browser.post(reverse("duty:off", args=[shift.posts.get().pk])).status_code == 404


def plan_query(pattern, people, days=3, each=1, **more):
    first = timezone.localdate() + timedelta(days=1)
    return {
        "pattern": pattern.pk, "first": first.isoformat(),
        "last": (first + timedelta(days=days - 1)).isoformat(), "each": each, "run": 1,
    } | {f"place-{member.pk}": n for n, member in enumerate(people, 1)} | more  # fmt: skip


def test_a_plan_is_previewed_refused_confirmed_and_undone(office, people, planner, browser_of):
    pattern = make_pattern(office, minimum=2, holiday_minimum=2)
    browser, page = browser_of(planner), reverse("duty:plan")

    shown = browser.get(page, plan_query(pattern, people[:2]))
    assert shown.content.decode().count("少于最少 2 人") == 3
    query = {**plan_query(pattern, people[:2])}
    refused = browser.post(f"{page}?{'&'.join(f'{k}={v}' for k, v in query.items())}")
    assert refused.status_code == 422
    assert not Post.objects.exists()

    query["each"] = 2
    assert "确认排班" in browser.get(page, query).content.decode()
    done = browser.post(f"{page}?{'&'.join(f'{k}={v}' for k, v in query.items())}", follow=True)
    assert "已排 早班 6 人次" in done.content.decode()
    assert Post.objects.count() == 6

    planned_at = Post.objects.first().planned_at.isoformat()
    assert planned_at in done.content.decode()
    browser.post(reverse("duty:undo"), {"planned_at": planned_at, "pattern": pattern.pk})
    assert not Post.objects.filter(released_at=None).exists()
    assert browser.post(reverse("duty:undo"), {"planned_at": "昨天"}).status_code == 302


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"first": "2026-13-01"}, "日期看不懂"),
        ({"last": "2020-01-01"}, "“至”不能早于“自”"),
        ({"last": "2099-01-01"}, "一次最多排 92 天"),
        ({"each": "0"}, "不能小于 1"),
        ({"pattern": "0"}, "请选择列表里的班次"),
    ],
)
def test_a_plan_s_form_says_what_is_wrong(office, people, planner, browser_of, change, sentence):
    asked = plan_query(make_pattern(office), people) | change
    answer = browser_of(planner).get(reverse("duty:plan"), asked)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_plan_without_people_is_refused(office, planner, browser_of):
    answer = browser_of(planner).get(reverse("duty:plan"), plan_query(make_pattern(office), []))

    assert "请至少给一个人写上顺序号" in answer.content.decode()


def test_patterns_are_added_changed_and_switched_on_pages(office, planner, browser_of):
    browser = browser_of(planner)
    told = {"name": "夜班", "starts": "20:00", "ends": "08:00", "minimum": 2, "holiday_minimum": 1}
    browser.post(reverse("duty:add_pattern"), told)
    pattern = Pattern.objects.get()
    assert browser.post(reverse("duty:add_pattern"), told).status_code == 422
    assert (
        browser.post(
            reverse("duty:pattern", args=[pattern.pk]), told | {"starts": "晚上"}
        ).status_code
        == 422
    )
    browser.post(reverse("duty:pattern", args=[pattern.pk]), told | {"minimum": 3})
    browser.post(reverse("duty:switch_pattern", args=[pattern.pk]), {"active": "0"})

    pattern.refresh_from_db()
    assert (pattern.minimum, pattern.active) == (3, False)
    assert "已停用" in browser.get(reverse("duty:patterns")).content.decode()


def test_the_swap_story_on_pages(office, people, planner, browser_of):
    post = shift_now(office, people[0], hours=(20, 28)).posts.get()
    mine, theirs, decides = (browser_of(who) for who in (people[0], people[1], planner))

    assert reverse("duty:ask", args=[post.pk]) in mine.get(reverse("duty:mine")).content.decode()
    empty = mine.post(reverse("duty:ask", args=[post.pk]), {"to": "", "reason": ""})
    assert empty.status_code == 422
    assert theirs.get(reverse("duty:ask", args=[post.pk])).status_code == 404
    mine.post(reverse("duty:ask", args=[post.pk]), {"to": people[1].pk, "reason": "孩子发烧"})
    swap = Swap.objects.get()
    assert "孩子发烧" in theirs.get(reverse("duty:swaps")).content.decode()
    assert "等您答复" in theirs.get(reverse("duty:swaps")).content.decode()
    assert "等您审定" not in decides.get(reverse("duty:swaps")).content.decode()

    theirs.post(reverse("duty:settle", args=[swap.pk, "agree"]))
    assert "等您审定" in decides.get(reverse("duty:swaps")).content.decode()
    refused = theirs.post(reverse("duty:settle", args=[swap.pk, "grant"]), follow=True)
    assert "审核员或领导审定" in refused.content.decode()
    decides.post(reverse("duty:settle", args=[swap.pk, "grant"]), {"note": "好"})

    assert Post.objects.get(released_at=None).member == people[1]
    assert "已换" in mine.get(reverse("duty:swaps")).content.decode()
    assert mine.post(reverse("duty:settle", args=[swap.pk, "shred"])).status_code == 404


def test_absences_on_pages_tell_the_conflicts(office, people, planner, browser_of):
    shift_now(office, people[0], hours=(20, 28))
    now = timezone.localtime()
    told = {
        "from_at": f"{now:%Y-%m-%dT%H:%M}", "to_at": f"{now + timedelta(days=3):%Y-%m-%dT%H:%M}",
        "deputy": people[1].pk, "reason": "年假",
    }  # fmt: skip
    mine = browser_of(people[0])
    assert (
        "请填写日期和时间"
        in mine.post(reverse("duty:absences"), told | {"to_at": "后天"}).content.decode()
    )
    said = mine.post(reverse("duty:absences"), told, follow=True).content.decode()
    assert "由代理人顶班" in said
    other = browser_of(people[2])
    refused = other.post(reverse("duty:absences"), told | {"deputy": people[0].pk})
    assert refused.status_code == 422
    assert "自己也请假" in refused.content.decode()

    absence = Absence.objects.get()
    assert (
        "只能结束自己的请假"
        in other.post(reverse("duty:end_absence", args=[absence.pk]), follow=True).content.decode()
    )
    browser_of(planner).post(reverse("duty:end_absence", args=[absence.pk]))
    absence.refresh_from_db()
    assert absence.ended_at is not None


def test_the_no_show_alarms_on_every_desk_and_stops_when_they_come(
    office, people, planner, browser_of
):
    shift_now(office, *people[:2], minimum=2)
    attendance.arrive(people[0], at=timezone.now())
    desk = browser_of(planner)
    assert "duty-alarm" not in desk.get(reverse("desk:cases")).content.decode()
    attendance.find_gaps(office, timezone.now())

    page = desk.get(reverse("desk:cases")).content.decode()
    assert "早班应到 2 实到 1：乙未到" in page
    assert "早班应到 2" in desk.get(reverse("duty:strip")).content.decode()

    late = browser_of(people[1])
    assert "等您到岗" in late.get(reverse("duty:mine")).content.decode()
    late.post(reverse("duty:come"))
    assert "duty-alarm" not in desk.get(reverse("duty:strip")).content.decode()
    assert "甲" in desk.get(reverse("duty:strip")).content.decode()
    late.post(reverse("duty:leave"))
    assert Post.objects.get(member=people[1]).left_at is not None
    assert "不用离岗" in late.post(reverse("duty:leave"), follow=True).content.decode()


def test_the_handover_story_on_pages(office, people, browser_of):
    make_case(office, title="三号楼电梯困人")
    early = shift_now(office, people[0], people[3], hours=(-8, 0.2))
    shift_now(office, people[1], hours=(0.2, 8), name="中班")
    attendance.arrive(people[0], at=timezone.now())
    gives, beside, takes = (browser_of(people[n]) for n in (0, 3, 1))

    before = gives.get(reverse("desk:handover")).content.decode()
    assert "三号楼电梯困人" in before
    made = gives.post(reverse("desk:handover"), {"shift": early.pk})
    sheet = Handover.objects.get()
    page = reverse("duty:sheet", args=[sheet.pk])
    assert made["Location"] == page
    assert "三号楼电梯困人" in gives.get(page).content.decode()

    beside.post(page, {"words": "先到的话", "version": 0})
    clash = gives.post(page, {"words": "后到的话", "version": 0})
    text = clash.content.decode()
    assert clash.status_code == 422
    assert "先到的话" in text
    assert "后到的话" in text
    for button in ("保留我的", "采用对方的", "合并后保存"):
        assert button in text
    gives.post(page, {"words": "先到的话\n后到的话", "version": 1})
    assert Handover.objects.get().words == "先到的话\n后到的话"

    assert (
        "还没有确认交班"
        in takes.post(
            reverse("duty:confirm", args=[sheet.pk, "take"]), follow=True
        ).content.decode()
    )
    gives.post(reverse("duty:confirm", args=[sheet.pk, "give"]))
    assert (
        "由两个人确认"
        in gives.post(
            reverse("duty:confirm", args=[sheet.pk, "take"]), follow=True
        ).content.decode()
    )
    takes.post(reverse("duty:confirm", args=[sheet.pk, "take"]))
    assert "已定稿" in takes.get(page).content.decode()
    gives.post(page, {"words": "改掉", "version": 2})
    again = gives.post(reverse("desk:handover"), {"shift": early.pk}, follow=True).content.decode()
    assert "不能再改" in again
    sheet.refresh_from_db()
    assert (sheet.words, sheet.taken_by) == ("先到的话\n后到的话", people[1])
    assert early.posts.get(member=people[0]).left_at is not None


def test_only_who_stands_duty_makes_or_confirms_a_sheet(office, people, member, browser_of):
    shift = shift_now(office, people[0])
    leader = browser_of(member("leader"))
    leader.post(reverse("desk:handover"), {"shift": shift.pk})
    assert not Handover.objects.exists()

    sheet = handing_over.make_handover(shift, {}, actor=people[0], at=timezone.now())
    assert leader.get(reverse("duty:sheet", args=[sheet.pk])).status_code == 200
    assert leader.post(reverse("duty:confirm", args=[sheet.pk, "give"])).status_code == 403
    assert (
        browser_of(people[0]).post(reverse("duty:confirm", args=[sheet.pk, "eat"])).status_code
        == 404
    )


def test_notes_are_written_from_a_case_handed_over_and_finished(office, people, browser_of):
    shift_now(office, people[0])
    case, browser = make_case(office), browser_of(people[0])
    page = reverse("duty:add_note")
    assert case.number in browser.get(page, {"case": case.number}).content.decode()

    told = {"kind": "matter", "text": "晚八点前再打一次", "case_number": case.number}
    assert browser.post(page, told | {"text": ""}).status_code == 422
    assert "没有编号为" in browser.post(page, told | {"case_number": "无"}).content.decode()
    assert browser.post(page, told)["Location"] == reverse("desk:case", args=[case.number])
    note = DutyNote.objects.get()
    assert browser.get(reverse("desk:handover")).content.decode().count("晚八点前再打一次") == 2

    browser.post(reverse("duty:finish_note", args=[note.pk]))
    assert "晚八点前再打一次" not in browser.get(reverse("desk:handover")).content.decode()


def test_gathering_the_handover_costs_the_same_with_one_case_as_with_many(
    office, people, browser_of
):
    shift_now(office, people[0])
    browser = browser_of(people[0])

    def cost():
        with CaptureQueriesContext(connection) as spent:
            browser.get(reverse("desk:handover"))
        return len(spent)

    make_case(office)
    cost()
    one = cost()
    for _ in range(8):
        make_case(office)

    assert cost() == one


def test_swaps_cost_the_same_however_many_wait(office, people, planner, browser_of):
    browser = browser_of(planner)

    def cost():
        with CaptureQueriesContext(connection) as spent:
            browser.get(reverse("duty:swaps"))
        return len(spent)

    def ask(n):
        post = shift_now(
            office, people[0], hours=(20 + 24 * n, 28 + 24 * n), name=f"班{n}"
        ).posts.get()
        swap = swapping.ask(
            post, to_member=people[1], reason="事", actor=people[0], at=timezone.now()
        )
        if n % 2:
            swapping.answer(swap, agreed=True, note="", actor=people[1], at=timezone.now())

    ask(0), ask(1)
    cost()
    one = cost()
    for n in range(2, 7):
        ask(n)

    assert cost() == one


def section(body, title):
    return next(one for one in body["sections"] if one["title"] == title)


def test_the_sheet_lists_what_is_promised_unanswered_alarmed_and_unsent(office, people, member):
    now = timezone.now()
    shift = shift_now(office, people[0])
    promised, asked, answered, alarmed = (make_case(office) for _ in range(4))
    due = Due(now + timedelta(hours=2), "约定")
    clocks.start(promised, ClockKind.PROMISE, at=now, due=due)
    for case in (asked, answered):
        one = Reminder.objects.create(
            office=office, case=case, rung=Rung.HEAD, at=now, words="请速办"
        )
        Notice.objects.create(
            reminder=one, member=member("head"), rung=Rung.HEAD, made_at=now,
            answered_at=now if case is answered else None,
        )  # fmt: skip
    alarmed.alarm = "threat"
    alarmed.save(update_fields=["alarm"])
    passed, fresh = make_case(office), make_case(office)
    for case, hours in ((passed, 25), (fresh, 3)):
        case.stage = Stage.FINAL_REVIEW
        case.save(update_fields=["stage"])
        Event.objects.create(
            office=office, case=case, step=9, action=Action.PASS, before=Stage.REVIEWING,
            after=Stage.STREET_CALL_BACK, moved=True, at=now - timedelta(hours=hours),
        )  # fmt: skip

    body = handover.gather(office, shift, at=now)

    def numbers(title):
        return [row["number"] for row in section(body, title)["rows"]]

    assert numbers("约定回电") == [promised.number]
    assert numbers("未答复的催办") == [asked.number]
    assert numbers("告警") == [alarmed.number]
    assert numbers("审核通过未反馈") == [passed.number]
    assert section(body, "待签收")["count"] == 4


def test_long_lists_are_cut_at_fifty_and_the_whole_number_is_said(office, people, browser_of):
    shift = shift_now(office, people[0])
    for _ in range(52):
        make_case(office)

    found = section(handover.gather(office, shift, at=timezone.now()), "待签收")

    assert (found["count"], len(found["rows"])) == (52, 50)
    page = browser_of(people[0]).get(reverse("desk:handover")).content.decode()
    assert "52 件，列出前 50 件" in page


def test_no_phone_number_stands_on_a_sheet(office, people):
    shift = shift_now(office, people[0])
    make_case(office, title="回电 13812345678 谈漏水")

    body = handover.gather(office, shift, at=timezone.now())

    assert "13812345678" not in str(body)
    assert "138****5678" in str(body)


@pytest.mark.parametrize("number", ["a/b", "//evil.example/", "</textarea><script>x</script>"])
def test_a_note_about_a_number_no_case_can_have_is_told(office, member, browser_of, number):
    browser = browser_of(member("reviewer"))

    asked = browser.get(reverse("duty:add_note"), {"case": number})
    sent = browser.post(
        reverse("duty:add_note"), {"kind": "matter", "text": "一", "case_number": number}
    )

    assert (asked.status_code, sent.status_code) == (200, 422)
    assert "没有编号为" in sent.content.decode()
