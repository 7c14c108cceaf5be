"""暂停计时 and 恢复计时: only the street's own clocks, with a cause, on the record."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jiesu.cases.models import ClockPause
from jiesu.rules.clocks import ClockKind
from jiesu.rules.workflow import Action
from tests.factories.acting import open_form, send, sentences
from tests.factories.orders import dispatched, make_case


@pytest.fixture
def case(office, seat):
    unit = office.units.get(role_code="LIVELIHOOD")
    at = timezone.now() - timedelta(hours=1)
    return dispatched(make_case(office, at=at), seat, unit, at=at)


@pytest.fixture
def reviewer(member, browser_of):
    return browser_of(member("reviewer"))


def own_clock(case):
    return case.clocks.get(kind=ClockKind.INTERNAL, stopped_at=None)


def test_a_paused_clock_has_no_due_time_and_the_record_says_why(case, reviewer):
    clock = own_clock(case)

    answer = send(reviewer, "handling:pause", case, clock=clock.pk, cause="等待诉求人提供材料")

    clock.refresh_from_db()
    event = case.events.filter(action=Action.PAUSE_CLOCK).get()
    assert answer.status_code == 302
    assert (clock.due_at, event.note) == (None, "等待诉求人提供材料")
    assert event.facts["kind"] == "internal"
    assert ClockPause.objects.get(clock=clock).to_at is None


def test_resumed_it_is_due_later_by_what_was_not_counted(case, reviewer):
    clock = own_clock(case)
    due = clock.due_at
    send(reviewer, "handling:pause", case, clock=clock.pk, cause="等鉴定")
    away = timedelta(minutes=30)
    ClockPause.objects.filter(clock=clock).update(from_at=timezone.now() - away)

    send(reviewer, "handling:resume", case, clock=clock.pk)

    clock.refresh_from_db()
    assert abs(clock.due_at - due - away) < timedelta(seconds=20)
    assert case.events.filter(action=Action.RESUME_CLOCK).count() == 1


def test_no_cause_no_pause(case, reviewer):
    clock = own_clock(case)

    answer = send(reviewer, "handling:pause", case, clock=clock.pk, cause=" ")

    assert answer.status_code == 422
    assert sentences(answer) == ["请写明暂停的原因。"]
    assert not ClockPause.objects.exists()


def test_the_orders_own_clock_is_not_offered(case, reviewer):
    fixed = case.clocks.get(kind=ClockKind.HANDLE, stopped_at=None)

    page = open_form(reviewer, "handling:pause", case).content.decode()
    answer = send(reviewer, "handling:pause", case, clock=fixed.pk, cause="等鉴定")

    assert f'value="{fixed.pk}"' not in page
    assert answer.status_code == 422
    assert not ClockPause.objects.exists()


def test_without_a_clock_to_resume_the_form_says_so(case, reviewer):
    page = open_form(reviewer, "handling:resume", case).content.decode()

    assert "没有暂停着的时限。" in page


@pytest.mark.parametrize("role", ["seat", "handler", "head", "analyst"])
def test_only_who_may_pause_is_let_in(case, member, browser_of, role):
    browser = browser_of(member(role))

    assert open_form(browser, "handling:pause", case).status_code == 403
