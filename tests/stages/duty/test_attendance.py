"""到岗 by log-in, and the gap that alarms while a shift runs with too few."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from jiesu.duty import attendance, handing_over, jobs
from jiesu.duty.models import CoverGap, Shift
from tests.stages.duty.making import (
    EARLY,
    LATE,
    MONDAY,
    hour,
    make_absence,
    make_pattern,
    make_shift,
)


def gap_words():
    return [
        (gap.present, gap.minimum, gap.missing, gap.closed_why) for gap in CoverGap.objects.all()
    ]


def test_a_log_in_within_half_an_hour_of_the_shift_is_arriving(office, people):
    post = make_shift(make_pattern(office), people[0]).posts.get()

    assert attendance.arrive(people[0], at=hour(7.4)) == []
    assert attendance.arrive(people[1], at=hour(8)) == []
    assert attendance.arrive(people[0], at=hour(7.5)) == [post]
    assert attendance.arrive(people[0], at=hour(9)) == []
    post.refresh_from_db()
    assert post.arrived_at == hour(7.5)


def test_logging_in_on_the_page_is_arriving(office, people, client):
    now = timezone.now()
    pattern = make_pattern(office)
    shift = Shift.objects.create(
        office=office, pattern=pattern, on=MONDAY, starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=7), minimum=1,
    )  # fmt: skip
    post = shift.posts.create(member=people[0], planned_at=now)
    people[0].set_password("值班用的口令很长")
    people[0].save()
    page = reverse("desk:login")

    client.post(page, {"username": people[0].username, "password": "不对"})
    post.refresh_from_db()
    assert post.arrived_at is None
    client.post(page, {"username": people[0].username, "password": "值班用的口令很长"})

    post.refresh_from_db()
    assert post.arrived_at is not None


def test_a_deputy_comes_before_a_leave_that_begins_with_the_shift(office, people):
    away, deputy, back = people[:3]
    make_absence(away, hour(8), hour(32), deputy)
    make_absence(back, hour(-16), hour(8), deputy)
    first, second = make_shift(make_pattern(office), away, back).posts.order_by("pk")

    assert attendance.arrive(away, at=hour(7.8)) == []
    assert attendance.arrive(deputy, at=hour(7.8)) == [first]
    assert attendance.arrive(back, at=hour(7.9)) == [second]


def test_a_deputy_arrives_for_who_is_away_and_not_the_other_way_round(office, people):
    post = make_shift(make_pattern(office), people[0]).posts.get()
    make_absence(people[0], hour(0), hour(24), people[1])

    assert attendance.arrive(people[0], at=hour(8)) == []
    assert attendance.arrive(people[1], at=hour(8)) == [post]


def test_leaving_and_coming_back_by_the_button(office, people):
    post = make_shift(make_pattern(office), people[0]).posts.get()
    with pytest.raises(attendance.NoShift):
        attendance.leave(people[0], at=hour(9))
    with pytest.raises(attendance.NoShift, match="开班前 30 分钟"):
        attendance.come(people[1], at=hour(9))

    attendance.come(people[0], at=hour(8))
    attendance.leave(people[0], at=hour(12))
    post.refresh_from_db()
    assert post.left_at == hour(12)

    attendance.come(people[0], at=hour(12.5))
    post.refresh_from_db()
    assert (post.arrived_at, post.left_at) == (hour(8), None)


def test_a_no_show_opens_a_gap_that_closes_when_somebody_comes(office, people):
    make_shift(make_pattern(office, minimum=2), *people[:2])
    attendance.arrive(people[0], at=hour(8))

    assert attendance.find_gaps(office, hour(8.1)) == []
    opened = attendance.find_gaps(office, hour(8 + 10 / 60))
    assert len(opened) == 1
    assert gap_words() == [(1, 2, ["乙"], "")]
    assert attendance.find_gaps(office, hour(8.5)) == []  # once

    attendance.arrive(people[1], at=hour(8.6))
    assert gap_words() == [(1, 2, ["乙"], "人员到齐")]
    assert CoverGap.objects.get().closed_at == hour(8.6)
    told = [job.args["name"] for job in ProcrastinateJob.objects.all()]
    assert told == ["duty.gap_found"]


def test_a_gap_ends_with_its_shift_and_one_who_leaves_opens_another(office, people):
    make_shift(make_pattern(office), people[0])
    attendance.find_gaps(office, hour(9))
    attendance.arrive(people[0], at=hour(10))
    attendance.leave(people[0], at=hour(11))
    attendance.find_gaps(office, hour(11.1))
    attendance.find_gaps(office, hour(16))

    assert gap_words() == [
        (0, 1, ["甲（已离岗）"], "班次结束"),
        (0, 1, ["甲"], "人员到齐"),
    ]


def test_an_early_handover_leaves_no_gap(office, people):
    early = make_shift(make_pattern(office, "早班", EARLY), people[0])
    make_shift(make_pattern(office, "中班", LATE), people[1])
    attendance.arrive(people[0], at=hour(8))
    sheet = handing_over.make_handover(early, {}, actor=people[0], at=hour(15.5))
    handing_over.give(sheet, actor=people[0], at=hour(15.7))
    handing_over.take(sheet, actor=people[1], at=hour(15.8))

    assert attendance.find_gaps(office, hour(15.9)) == []


def test_a_shift_that_was_never_planned_is_a_gap_once_the_rota_is_in_use(office, people):
    early = make_pattern(office, "早班", EARLY)
    make_pattern(office, "中班", LATE)
    assert attendance.find_gaps(office, hour(9)) == []

    make_shift(early, people[0], day=MONDAY - timedelta(days=1))
    attendance.find_gaps(office, hour(9))

    assert gap_words() == [(0, 1, [], "")]
    assert attendance.find_gaps(office, hour(17)) == []  # 中班 was never in use


def test_the_job_looks_at_every_office(office, people):
    make_shift(make_pattern(office), people[0])

    assert jobs.find_gaps(hour(9)) == 1
    assert jobs.find_gaps(hour(9)) == 0


def test_looking_costs_the_same_however_many_stand(office, people, member):
    shift = make_shift(make_pattern(office, minimum=1), people[0], arrived_at=hour(8))

    def cost():
        with CaptureQueriesContext(connection) as spent:
            attendance.find_gaps(office, hour(9))
        return len(spent)

    one = cost()
    for _ in range(6):
        shift.posts.create(member=member("seat"), planned_at=hour(0))

    assert cost() == one
