"""每日关键时限清单: made at its hours as things stand then, kept so, and told to whom it concerns."""

from datetime import datetime, timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from jiesu.cases import clocks
from jiesu.core import live
from jiesu.platforms.pushes.failures import Unreachable
from jiesu.rules.clocks import ClockKind
from jiesu.rules.workflow import Action
from jiesu.supervision import actions, daily, jobs
from jiesu.supervision.models import DailyList
from tests.factories.orders import make_case
from tests.stages.duty.making import hour
from tests.stages.supervision.people import NOON, make_clock, make_street
from tests.stages.supervision.sinks import Messenger

HOUR = timedelta(hours=1)


def brief(rows):
    return [(row["kind"], row["unit"], row["left"], row["level"]) for row in rows]


def asked():
    """The sendings that were asked for, by job."""
    jobs_ = ProcrastinateJob.objects.order_by("id")
    names = [job.args for job in jobs_ if job.args["name"] == "supervision.daily_made"]
    return [one["facts"] for one in names]


@pytest.fixture
def filled(street):
    """Of every kind one, and one that is none of them."""
    late = make_clock(street, ClockKind.CONTACT, hours=1, unit=street.unit, since=NOON - 3 * HOUR)
    soon = make_clock(street, ClockKind.DISPATCH, hours=6, since=NOON - 3 * HOUR)
    make_clock(street, ClockKind.HANDLE, hours=100, since=NOON - 3 * HOUR)
    make_clock(street, hours=2, stopped_at=NOON, since=NOON - 3 * HOUR)
    case = make_case(street.office, at=NOON - 3 * HOUR)
    clocks.stop(case, ClockKind.SIGN, at=NOON - 2 * HOUR, by=Action.SIGN)
    clocks.gather(case)
    actions.remind(case, words="请答复", unit=street.unit, actor=street.seat, at=NOON - HOUR)
    return street, late, soon


def test_the_list_holds_what_is_late_soon_or_unanswered(filled):
    street, late, _ = filled

    made = daily.make(street.office, NOON)

    assert brief(made.rows) == [
        ("首次联系", "民生保障办公室", "超 2 小时", "overdue"),
        ("派转", "值班席", "剩 3 小时", "soon"),
        ("催办", "民生保障办公室", "剩 6 天 21 小时", "unanswered"),
    ]
    first = made.rows[0]
    assert first["number"] == late.case.number
    assert (first["case"], first["arrival"], first["unit_id"]) == (late.case_id, 1, street.unit.pk)
    assert datetime.fromisoformat(first["due"]) == late.due_at


def test_made_again_it_is_the_list_as_it_was(filled):
    street, late, _ = filled
    first = daily.make(street.office, NOON)
    late.stopped_at = NOON
    late.save(update_fields=["stopped_at"])

    again = daily.make(street.office, NOON, made_at=NOON + HOUR)

    assert (again.pk, again.rows) == (first.pk, first.rows)
    assert DailyList.objects.count() == 1


def test_the_list_costs_the_same_however_long(street, django_assert_num_queries):
    daily.rows(street.office, NOON)
    with django_assert_num_queries(3):
        assert daily.rows(street.office, NOON) == []
    for _ in range(5):
        make_clock(street, hours=1)
    with django_assert_num_queries(3):
        assert len(daily.rows(street.office, NOON)) == 5


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (8.0, None),
        (8.5, 8.5),
        (12.0, 8.5),
        (14.6, None),  # six hours later nobody needs the morning's list
        (17.0, 17.0),
        (22.9, 17.0),
        (24.0, None),
    ],
)
def test_the_hour_that_has_come(office, at, expected):
    assert daily.come(office, hour(at)) == (None if expected is None else hour(expected))


def test_the_worker_makes_and_tells_each_list_once(filled, monkeypatch):
    street, *_ = filled
    words = []
    monkeypatch.setattr(live, "tell", lambda kind, **facts: words.append((kind, facts)))
    at = hour(17)

    for minute in range(3):
        jobs.each_minute(at + timedelta(minutes=minute))

    made = DailyList.objects.get()
    assert (made.at, made.made_at, made.pushed_at) == (at, at, at)
    assert [facts for kind, facts in words if kind == "duty"] == [{"o": street.office.pk}]
    whom = [(person.name, len(rows)) for person, rows in daily.whom(made, at)]
    # at five nobody is on the rota here, so that the leader stands for the lead
    assert whom == [("lingdao", len(made.rows)), ("touren", 2)]


def test_the_lead_hears_of_all_and_a_head_of_their_own(office, monkeypatch):
    street = make_street(office, messenger="wx-{}")
    sink = Messenger()
    monkeypatch.setenv("JIESU_WEBHOOK_URL", sink.url)
    make_clock(street, hours=1, unit=street.unit, since=NOON - 3 * HOUR)
    make_clock(street, ClockKind.DISPATCH, hours=6, since=NOON - 3 * HOUR)
    made = daily.make(street.office, NOON)

    assert daily.push(made, NOON) == 2
    assert daily.push(made, NOON) == 0
    for facts in asked():
        jobs.send_daily(**facts)
    sink.close()

    assert sink.texts == [
        "关键时限清单 11月23日 12:00：已逾期 1 项，24 小时内到期 1 项，催办未答复 0 项",
        "关键时限清单 11月23日 12:00：已逾期 1 项，24 小时内到期 0 项，催办未答复 0 项",
    ]
    assert sink.keys == [f"jiesu-daily-{made.pk}-{m.pk}" for m in (street.lead, street.head)]


def test_a_road_that_fails_has_the_sending_tried_again(office, monkeypatch):
    street = make_street(office, messenger="wx-{}")
    sink = Messenger()
    sink.how = 500
    monkeypatch.setenv("JIESU_WEBHOOK_URL", sink.url)
    made = daily.make(street.office, NOON)
    daily.push(made, NOON)

    with pytest.raises(Unreachable):
        jobs.send_daily(**asked()[0])
    sink.how = 422  # it does not want this one: no use trying again
    jobs.send_daily(**asked()[0])
    sink.close()

    assert len(sink.got) == 2
