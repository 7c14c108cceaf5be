"""缺岗 told out of the house: to those who can fill it, once each, and not when it is filled."""

from procrastinate.contrib.django.models import ProcrastinateJob

from jiesu.duty import attendance
from jiesu.supervision import jobs
from tests.stages.duty.making import hour
from tests.stages.supervision.people import make_street
from tests.stages.supervision.sinks import Messenger

WORDS = "缺岗：11月23日 早班 08:00–16:00，应到 1 人，在岗 0 人，请尽快补位"


def asked():
    found = ProcrastinateJob.objects.order_by("id")
    return [job.args["facts"] for job in found if job.args["name"] == "supervision.gap_told"]


def test_a_shift_nobody_came_to_is_told_to_its_people_and_those_who_plan(office, monkeypatch):
    street = make_street(office, messenger="wx-{}")
    sink = Messenger()
    monkeypatch.setenv("JIESU_WEBHOOK_URL", sink.url)

    (gap,) = attendance.find_gaps(office, hour(8.5))
    attendance.find_gaps(office, hour(8.6))
    jobs.gap_found(gap=gap.pk)
    for facts in asked():
        jobs.send_gap(**facts)
    sink.close()

    people = (street.lead, street.seat, street.leader)
    assert sink.texts == [WORDS] * 3
    assert sorted(sink.keys) == sorted(f"jiesu-gap-{gap.pk}-{m.pk}" for m in people)


def test_a_gap_that_was_filled_meanwhile_is_told_to_nobody(office, monkeypatch):
    street = make_street(office, messenger="wx-{}")
    sink = Messenger()
    monkeypatch.setenv("JIESU_WEBHOOK_URL", sink.url)
    (gap,) = attendance.find_gaps(office, hour(8.5))
    jobs.gap_found(gap=gap.pk)

    attendance.arrive(street.seat, at=hour(8.7))
    attendance.find_gaps(office, hour(8.8))
    for facts in asked():
        jobs.send_gap(**facts)
    jobs.gap_found(gap=gap.pk)
    sink.close()

    assert len(asked()) == 3
    assert sink.texts == []
