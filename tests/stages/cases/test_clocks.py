"""The clocks of a case: paused, gone on with, counted by working days, and never rewritten when late."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from jiesu.cases import clocks
from jiesu.cases.models import Case, Clock
from jiesu.catalogue.models import HolidayTable, RuleSet
from jiesu.dispatch import actions as dispatching
from jiesu.handling import actions as handling
from jiesu.rules.clocks import ClockKind, Due
from jiesu.rules.counting import Count, Limit
from jiesu.rules.workflow import Action
from tests.factories.orders import dispatched, make_case

BEIJING = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 9, 28, 10, 0, tzinfo=BEIJING)  # a Monday before the National Day
H = timedelta(hours=1)


def internal(case):
    return case.clocks.filter(kind=ClockKind.INTERNAL).latest("id")


@pytest.fixture
def livelihood(office):
    return office.units.get(role_code="LIVELIHOOD")


@pytest.fixture
def case(office, seat, livelihood):
    return dispatched(make_case(office, at=AT - H), seat, livelihood, at=AT)


def test_every_running_clock_with_a_due_time_is_watched(case):
    running = case.clocks.filter(stopped_at=None, due_at__isnull=False)

    assert running.count() == 3
    assert running.filter(watch_at=None).count() == 0
    own = running.get(kind=ClockKind.INTERNAL)
    assert own.watch_at == own.due_at - 24 * H


def test_a_pause_moves_the_due_time_by_what_was_not_counted(case, member):
    due, reviewer = internal(case).due_at, member("reviewer")

    clocks.pause(case, internal(case), cause="等产权单位进场", actor=reviewer, at=AT + 2 * H)
    held = internal(case)
    clocks.resume(case, held, actor=reviewer, at=AT + 7 * H)

    assert (held.due_at, held.watch_at) == (None, None)
    assert internal(case).due_at == due + 5 * H
    reckoning, limit = clocks.reckoning(case.office, internal(case))
    assert reckoning.due == internal(case).due_at
    assert [s.why for s in reckoning.spans if not s.counted] == ["暂停：等产权单位进场"]
    assert (
        sum((s.until - s.since for s in reckoning.spans if s.counted), timedelta()) == limit.length
    )


@pytest.mark.parametrize(
    ("kind", "at", "cause", "said"),
    [
        pytest.param(ClockKind.HANDLE, AT + H, "等", "不由本街道确定", id="工单自己的时限"),
        pytest.param(ClockKind.INTERNAL, AT + 73 * H, "等", "已经逾期", id="已逾期"),
        pytest.param(ClockKind.INTERNAL, AT + H, " ", "写明暂停的原因", id="没写原因"),
    ],
)
def test_what_cannot_be_paused_is_said(case, member, kind, at, cause, said):
    clock = case.clocks.get(kind=kind, stopped_at=None)

    with pytest.raises(clocks.NotPausable, match=said):
        clocks.pause(case, clock, cause=cause, actor=member("reviewer"), at=at)

    clock.refresh_from_db()
    assert clock.pauses.count() == 0


def test_the_same_unit_goes_on_and_another_starts_anew(office, case, seat, member, livelihood):
    other = office.units.get(role_code="URBAN")
    handler = member("handler", "LIVELIHOOD")
    first = internal(case)

    handling_back(case, handler, AT + 5 * H)
    dispatching.dispatch(case, unit=other, due_at=AT + 90 * H, actor=seat, at=AT + 6 * H)
    anew = internal(case)
    handling_back(case, member("handler", "URBAN"), AT + 8 * H)
    given = dispatching.dispatch(
        case, unit=livelihood, due_at=AT + 200 * H, actor=seat, at=AT + 10 * H
    )
    on = case.clocks.get(pk=first.pk)

    assert (anew.pk != first.pk, anew.started_at) == (True, AT + 6 * H)
    assert case.clocks.get(pk=anew.pk).stopped_at == AT + 8 * H
    assert (on.stopped_at, on.started_at, on.due_at) == (None, AT, AT + 77 * H)
    assert given.due_at == on.due_at
    assert case.clocks.filter(kind=ClockKind.INTERNAL, unit=livelihood).count() == 1


def handling_back(case, handler, at):
    dispatching.decline(case, reason="不属本单位", actor=handler, at=at)


def test_rejected_work_goes_on_where_it_stopped(case, member, livelihood):
    handler, reviewer = member("handler", "LIVELIHOOD"), member("reviewer")
    due = internal(case).due_at
    handling.contact(
        case, contacted_at=AT + H, channel="phone", outcome="reached", actor=handler, at=AT + H
    )
    handling.submit(case, result="已联系并修复，诉求人认可。", actor=handler, at=AT + 2 * H)

    handling.review(case, passed=False, note="缺照片", actor=reviewer, at=AT + 6 * H)

    assert internal(case).due_at == due + 4 * H
    assert case.assignments.get(unit=livelihood).due_at == due + 4 * H


def test_a_promised_call_has_its_clock_until_the_next_contact(case, member):
    handler = member("handler", "LIVELIHOOD")
    spoken = {"channel": "phone", "outcome": "no_answer", "actor": handler}

    handling.contact(case, contacted_at=AT + H, at=AT + H, promised_at=AT + 9 * H, **spoken)
    promise = case.clocks.get(kind=ClockKind.PROMISE)
    handling.contact(case, contacted_at=AT + 8 * H, at=AT + 8 * H, **spoken)

    assert (promise.due_at, promise.stopped_at) == (AT + 9 * H, None)
    assert case.clocks.get(kind=ClockKind.PROMISE).stopped_at == AT + 8 * H
    with pytest.raises(handling.Incomplete, match="已经过去"):
        handling.contact(case, contacted_at=AT + 8 * H, at=AT + 9 * H, promised_at=AT, **spoken)


def test_a_clock_by_working_days_skips_the_holidays(case):
    limit = Limit(72 * H, Count.WORKDAY)
    start = datetime(2026, 9, 30, 16, 0, tzinfo=BEIJING)

    clocks.start(case, ClockKind.REPORT_IN, at=start, due=Due(None, "攻坚哨", limit))

    clock = case.clocks.get(kind=ClockKind.REPORT_IN)
    assert clock.due_at == datetime(2026, 10, 10, 16, 0, tzinfo=BEIJING)
    assert (clock.limit, clock.count) == (72 * H, Count.WORKDAY)


def test_a_year_without_a_table_is_said_and_its_table_brings_the_due_time(case):
    start = datetime(2026, 12, 30, 9, 0, tzinfo=BEIJING)
    due = Due(None, "攻坚哨", Limit(72 * H, Count.WORKDAY))
    clocks.start(case, ClockKind.REPORT_IN, at=start, due=due)
    open_ended = case.clocks.get(kind=ClockKind.REPORT_IN)

    HolidayTable.objects.create(
        office=case.office, year=2027, source="演示", adopted_at=start,
        days={"2027-01-01": ["off", "元旦"], "2027-01-02": ["off", "元旦"], "2027-01-03": ["off", "元旦"]},
    )  # fmt: skip
    moved = clocks.recompute(case.office, [2027], start)

    assert open_ended.due_at is None
    assert "2027" in open_ended.source
    assert moved == 1
    found = case.clocks.get(kind=ClockKind.REPORT_IN)
    assert found.due_at == datetime(2027, 1, 5, 9, 0, tzinfo=BEIJING)
    assert found.source == "攻坚哨"
    assert found.watch_at is not None


def test_a_rule_set_change_counts_for_what_starts_under_it(office, seat, member, livelihood):
    old = RuleSet.objects.get(office=office)
    RuleSet.objects.create(
        office=office, name="新规则", valid_from="2026-10-01", source="街道确认",
        body=old.body.replace("review_h = 8 ", "review_h = 4 ").replace("2026-03-19", "2026-10-01"),
    )  # fmt: skip
    lengths = {}
    for day in (30, 1):
        at = datetime(2026, 9 if day == 30 else 10, day, 9, 0, tzinfo=BEIJING)
        one = dispatched(make_case(office, at=at - H), seat, livelihood, at=at)
        handler = member("handler", "LIVELIHOOD")
        handling.contact(
            one, contacted_at=at, channel="phone", outcome="reached", actor=handler, at=at
        )
        handling.submit(one, result="已联系并修复，诉求人认可。", actor=handler, at=at)
        clock = one.clocks.get(kind=ClockKind.REVIEW)
        lengths[day] = clock.limit

    assert lengths == {30: 8 * H, 1: 4 * H}


def test_stopped_late_is_overdue_for_good(case):
    clock = internal(case)

    clocks.stop(case, ClockKind.INTERNAL, at=clock.due_at + H, by=Action.SUBMIT)

    late = Clock.objects.get(pk=clock.pk)
    assert late.overdue_at == clock.due_at
    for sql in (
        "UPDATE cases_clock SET overdue_at = NULL WHERE id = %s",
        "UPDATE cases_clock SET due_at = due_at + interval '9 days' WHERE id = %s",
        "DELETE FROM cases_clock WHERE id = %s",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [clock.pk])


def test_an_overdue_clock_goes_on_overdue(case, seat, member, livelihood):
    clock = internal(case)
    handling_back(case, member("handler", "LIVELIHOOD"), clock.due_at + H)

    dispatching.dispatch(
        case, unit=livelihood, due_at=clock.due_at + 99 * H, actor=seat, at=clock.due_at + 3 * H
    )

    on = Clock.objects.get(pk=clock.pk)
    assert (on.stopped_at, on.due_at, on.overdue_at) == (None, clock.due_at, clock.due_at)
    first = case.clocks.get(kind=ClockKind.CONTACT)
    assert (first.overdue_at, first.stopped_at) == (AT + 24 * H, None)
    assert Case.objects.get(pk=case.pk).next_due_at == first.due_at


def test_the_page_says_how_a_due_time_came_about(case, seat, browser_of):
    start = datetime(2026, 9, 30, 16, 0, tzinfo=BEIJING)
    due = Due(None, "攻坚哨", Limit(72 * H, Count.WORKDAY))
    clocks.start(case, ClockKind.REPORT_IN, at=start, due=due)
    clock = case.clocks.get(kind=ClockKind.REPORT_IN)
    client = browser_of(seat)

    page = client.get(f"/cases/{case.number}/").content.decode()
    told = client.get(f"/cases/{case.number}/clocks/{clock.pk}/").content.decode()

    assert reverse("desk:why", args=[case.number, clock.pk]) in page
    for words in (
        "72 小时，按工作日计",
        "国庆节放假，不计时",
        "截止时间是 2026年10月10日（周六）16:00",
    ):
        assert words in told
    other = client.get(f"/cases/{case.number}/clocks/{clock.pk + 999}/")
    assert other.status_code == 404
