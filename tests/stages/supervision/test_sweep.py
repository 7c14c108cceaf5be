"""The sweep: each level of each clock exactly once, whoever sweeps and whatever happens meanwhile."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from jiesu.cases.models import Clock
from jiesu.rules.clocks import ClockKind
from jiesu.supervision import sweeping
from jiesu.supervision.models import Delivery, Notice, Reminder
from jiesu.supervision.sweeping import sweep
from tests.stages.supervision.people import NOON, make_clock, make_street, names, told

HOUR = timedelta(hours=1)


def levels(clock: Clock) -> list[str]:
    return list(clock.reminders.order_by("id").values_list("level", flat=True))


def test_a_clock_is_reminded_of_level_by_level_each_to_its_rung(street):
    clock = make_clock(street, unit=street.unit, hours=48)
    due = clock.due_at

    seen = []
    for before in (25, 24, 23.9, 8, 7, 2, 0.5, 0.1, 0, -1, -24):
        done = sweep(due - before * HOUR)
        seen += [
            (before, r.level, r.rung, names(r))
            for r in Reminder.objects.filter(at=due - before * HOUR)
        ]
        assert done.reminded == len(Reminder.objects.filter(at=due - before * HOUR))

    assert seen == [
        (24, "24h", "handler", ["hanan", "heping"]),
        (8, "8h", "head", ["touren"]),
        (2, "2h", "centre", ["lingdao"]),  # at ten in the morning two days on nobody is on the rota
        (0.5, "30m", "leader", ["lingdao"]),
        (0, "overdue", "leader", ["lingdao"]),
    ]
    clock.refresh_from_db()
    assert (clock.overdue_at, clock.watch_at) == (due, None)


@pytest.mark.parametrize(
    ("kind", "with_unit", "minutes", "expected"),
    [
        (ClockKind.SIGN, False, 30, [("short", ["zuoxi"]), ("overdue", ["lingdao", "daiban", "zuoxi"])]),
        (ClockKind.DISPATCH, False, 60,
         [("30m", ["lingdao", "daiban"]), ("overdue", ["lingdao", "daiban", "zuoxi"])]),
        (ClockKind.PHONE, False, 10, [("short", ["zuoxi"]), ("overdue", ["lingdao", "daiban", "zuoxi"])]),
        (ClockKind.REVIEW, False, 180,
         [("2h", ["daiban"]), ("30m", ["lingdao", "daiban"]), ("overdue", ["lingdao", "daiban", "zuoxi"])]),
        (ClockKind.CONTACT, True, 20,
         [("short", ["hanan", "heping", "daiban"]), ("overdue", ["lingdao", "daiban", "zuoxi"])]),
        (ClockKind.ASSIST, True, 180,
         [("2h", ["daiban"]), ("30m", ["lingdao", "daiban"]), ("overdue", ["lingdao", "daiban", "zuoxi"])]),
    ],
)  # fmt: skip
def test_every_kind_of_clock_has_its_ladder(street, kind, with_unit, minutes, expected):
    clock = make_clock(street, kind, hours=minutes / 60, unit=street.unit if with_unit else None)

    at = clock.started_at
    while at <= clock.due_at:
        at += timedelta(minutes=1)
        sweep(at)

    found = [(r.level, names(r)) for r in Reminder.objects.order_by("id")]
    assert found == expected


def test_nothing_due_is_one_probe_of_the_index(street, django_assert_num_queries):
    make_clock(street, watch_at=NOON + HOUR)

    with django_assert_num_queries(3) as asked:  # savepoint, the probe, release
        done = sweep(NOON)

    assert (done.looked, done.reminded) == (0, 0)
    assert [q["sql"].split()[0] for q in asked.captured_queries] == [
        "SAVEPOINT",
        "SELECT",
        "RELEASE",
    ]


def test_a_clock_that_has_stopped_or_is_paused_is_not_reminded_of(street):
    make_clock(street, stopped_at=NOON + HOUR)
    paused = make_clock(street)
    Clock.objects.filter(pk=paused.pk).update(due_at=None)

    done = sweep(NOON + 100 * HOUR)

    assert (done.looked, done.reminded) == (1, 0)
    assert Clock.objects.get(pk=paused.pk).watch_at is None


def test_after_a_standstill_one_reminder_tells_of_all_that_fell_together(street):
    clock = make_clock(street, unit=street.unit, hours=48)
    at = clock.due_at - 1.5 * HOUR

    sweep(at)

    reminder = Reminder.objects.get()
    assert (reminder.level, reminder.late_by) == ("2h", 0.5 * HOUR)
    assert reminder.words == "“到期前 24 小时、到期前 8 小时”各级的时刻也已过，并入本次提醒"
    assert [(name, rung) for name, rung, *_ in told()] == [
        ("lingdao", "leader"), ("touren", "head"), ("hanan", "handler"), ("heping", "handler"),
    ]  # fmt: skip
    assert Clock.objects.get(pk=clock.pk).watch_at == clock.due_at - 0.5 * HOUR


def test_levels_told_before_the_standstill_are_not_told_again(street):
    clock = make_clock(street, unit=street.unit, hours=48)
    sweep(clock.due_at - 24 * HOUR)

    sweep(clock.due_at + 3 * HOUR)

    assert levels(clock) == ["24h", "overdue"]
    last = Reminder.objects.get(level="overdue")
    assert (
        last.words == "“到期前 8 小时、到期前 2 小时、到期前 30 分钟”各级的时刻也已过，并入本次提醒"
    )
    assert last.late_by == 3 * HOUR
    assert "hanan" not in names(last)


def test_an_overdue_clock_says_when_once_and_for_all(street):
    clock = make_clock(street, hours=1)
    sweep(clock.due_at + HOUR)

    clock.refresh_from_db()
    assert clock.overdue_at == clock.due_at
    for change in ("overdue_at = NULL", "overdue_at = now()", "due_at = due_at + interval '1 day'"):
        with (
            pytest.raises((InternalError, IntegrityError)),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE cases_clock SET {change} WHERE id = %s", [clock.pk])
    clock.refresh_from_db()
    assert clock.overdue_at == clock.due_at


def test_a_level_that_comes_again_after_a_pause_is_not_told_twice(street):
    clock = make_clock(street, hours=48)
    sweep(clock.due_at - 24 * HOUR)
    later = clock.due_at + 48 * HOUR
    Clock.objects.filter(pk=clock.pk).update(due_at=later, watch_at=later - 24 * HOUR)

    done = sweep(later - 24 * HOUR)

    assert (done.looked, done.reminded) == (1, 0)
    assert levels(clock) == ["24h"]
    assert Clock.objects.get(pk=clock.pk).watch_at == later - 8 * HOUR


def test_the_ladder_is_that_of_the_rules_in_force_when_the_clock_started(street):
    old = street.office.rule_sets.get()
    body = old.body.replace('before_h = ["24", "8", "2", "0.5"]', 'before_h = ["12"]')
    assert body != old.body
    street.office.rule_sets.create(
        name="新", valid_from=(NOON + 24 * HOUR).date(), source="", body=body
    )
    before = make_clock(street, hours=48)
    after = make_clock(street, hours=48, since=NOON + 24 * HOUR)

    sweep(before.due_at - 24 * HOUR)
    sweep(after.due_at - 12 * HOUR)

    assert levels(before) == ["24h", "overdue"]
    assert levels(after) == ["12h"]


def test_of_one_office_only_its_own_clocks_are_swept(street):
    clock = make_clock(street, hours=1)
    other = type(street.office).objects.create(code="110999", name="另一街道", district="海淀区")

    assert sweep(clock.due_at, office=other).looked == 0
    assert sweep(clock.due_at, office=street.office).looked == 1


def test_a_batch_costs_the_same_whatever_it_holds(street):
    def prepare(count):
        Clock.objects.update(watch_at=None)
        for _ in range(count):
            make_clock(street, unit=street.unit, hours=1)

    def cost():
        with _count() as asked:
            assert sweep(NOON + HOUR).reminded
        return asked.count

    prepare(1)
    one = cost()
    prepare(12)
    many = cost()

    assert one == many
    assert one <= 20


class _count:  # noqa: N801 - reads as a verb where it is used
    """Count the statements between enter and exit."""

    def __enter__(self):
        self.count = 0
        self._wrapper = connection.execute_wrapper(self._one)
        self._wrapper.__enter__()
        return self

    def __exit__(self, *broken):
        self._wrapper.__exit__(*broken)

    def _one(self, execute, sql, params, many, context):
        self.count += 1
        return execute(sql, params, many, context)


def test_small_batches_do_the_same_as_one(street):
    clocks = [make_clock(street, hours=1) for _ in range(5)]

    done = sweep(NOON + HOUR, size=2)

    assert (done.looked, done.reminded, done.overdue) == (5, 5, 5)
    assert [levels(clock) for clock in clocks] == [["overdue"]] * 5


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_at_once_tell_each_clock_once(office):
    street = make_street(office)
    clocks = [make_clock(street, unit=street.unit, hours=1) for _ in range(60)]
    ready, failed = threading.Barrier(2), []

    def run():
        try:
            ready.wait()
            sweep(NOON + HOUR, size=7)
        except Exception as broken:
            failed.append(broken)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sweep(NOON + HOUR)  # what both had skipped because the other had it in hand

    assert failed == []
    assert [levels(clock) for clock in clocks] == [["overdue"]] * 60
    assert (
        Notice.objects.count() == Delivery.objects.count() == 60 * 3
    )  # the leader, and both on duty
    assert not Clock.objects.filter(watch_at__isnull=False, stopped_at=None).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["remind", "_mark"])
def test_a_sweep_cut_off_in_the_middle_leaves_nothing_and_the_next_does_it_all(
    office, monkeypatch, where
):
    street = make_street(office)
    clocks = [make_clock(street, hours=1) for _ in range(4)]
    whole, calls = getattr(sweeping, where), []

    def cut(*given):
        calls.append(given)
        told = whole(*given)
        if len(calls) == 2:
            raise KeyboardInterrupt  # the worker is killed once its work is done but not committed
        return told

    monkeypatch.setattr(sweeping, where, cut)
    with pytest.raises(KeyboardInterrupt):
        sweep(NOON + HOUR, size=2)

    assert Reminder.objects.count() == 2
    assert Clock.objects.filter(overdue_at__isnull=False).count() == 2

    sweep(NOON + HOUR, size=2)

    assert [levels(clock) for clock in clocks] == [["overdue"]] * 4
    assert Clock.objects.filter(overdue_at__isnull=False).count() == 4
