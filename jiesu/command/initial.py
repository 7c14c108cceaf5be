"""``jiesu init``: an office, its units, and on request the demo street."""

from argparse import Namespace
from datetime import datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from jiesu.cases.models import Case
from jiesu.command.preparing import first_administrators, prepare
from jiesu.command.words import Stopped, say
from jiesu.desk.demo import hiring, loader
from jiesu.org.models import Member, Office

TAUGHT_AFTER = 90  # seconds


def init(asked: Namespace) -> int:
    """Prepare the data folder. Safe to run twice."""
    office = prepare(asked.office)
    if asked.demo:
        load_demo(office, timezone.now())
    else:
        first_administrators(office)
    return 0


def load_demo(office: Office, at: datetime) -> None:
    """Fill an office with members and a month of made-up cases; one with cases gets only members.

    :raises Stopped: the office lacks the units the demo is made for
    """
    cases = Case.objects.filter(office=office).exists()
    if cases and Member.objects.filter(office=office).exists():
        return
    say(f"正在装入演示数据（虚构的成员{'' if cases else '和一个月的案件'}）…")
    try:
        hiring.hire(office) if cases else loader.load(office, at=at)
    except ValueError as unfit:
        raise Stopped(str(unfit)) from None
    if not cases:  # the worker trains the demo's models once the desk is up
        app.configure_task(
            "jiesu.teach_demo",
            queue="housekeeping",
            schedule_in={"seconds": TAUGHT_AFTER},
            allow_unknown=True,
        ).defer(office=office.pk)
