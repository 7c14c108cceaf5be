"""What supervision does by the clock, and what it listens to."""

import logging
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from jiesu.cases.models import Event
from jiesu.org.models import Office
from jiesu.platforms.pushes.failures import Refused
from jiesu.rules.workflow import Action
from jiesu.supervision import alarms, climbing, daily, gaps, model_faults, pushing, sweeping

log = logging.getLogger("jiesu.supervision")


def sweep(at: datetime) -> None:
    """Remind of every clock whose moment has come."""
    done = sweeping.sweep(at)
    if done.looked:
        log.info("sweep: %s looked at, %s reminded", done.looked, done.reminded)


def push(at: datetime) -> None:
    """Send what waits to be sent."""
    pushing.push(at)


def each_minute(at: datetime) -> None:
    """What nobody answered climbs; the daily list is made when its hour has come."""
    for office in Office.objects.order_by("pk"):
        climbing.climb_unanswered(office, at)
        hour = daily.come(office, at)
        if hour is not None:
            daily.push(daily.make(office, hour, made_at=at), at)


def arrived(first: int, last: int, **_: Any) -> None:
    """Judge the cases an import has just stored, from the first id to the last (``intake.arrived``)."""
    alarms.judge_cases(Q(pk__range=(first, last)), timezone.now())


def noted(event: int, **_: Any) -> None:
    """A correction may make an order one to be looked at, and so may a mark taken up again (``case.noted``)."""
    found = Event.objects.filter(pk=event, action__in=(Action.CORRECT, Action.MARK)).first()
    if found is not None:
        alarms.judge_ids([found.case_id], timezone.now())


def send_daily(daily_list: int, member: int, channel: str, **_: Any) -> None:
    """Send the daily list's counts to one person (``supervision.daily_made``)."""
    try:
        daily.send(daily_list, member, channel, timezone.now())
    except Refused as refused:
        log.warning("daily list %s not taken for member %s: %s", daily_list, member, refused)


def gap_found(gap: int, **_: Any) -> None:
    """A shift runs without its people (``duty.gap_found``): tell those who can fill it."""
    gaps.tell(gap)


def send_gap(gap: int, member: int, channel: str, **_: Any) -> None:
    """Send the word of a gap to one person (``supervision.gap_told``)."""
    try:
        gaps.send(gap, member, channel, timezone.now())
    except Refused as refused:
        log.warning("gap %s not taken for member %s: %s", gap, member, refused)


def model_fault(fault: int, **_: Any) -> None:
    """A model's file is broken (``triage.fault_found``): tell the system administrators."""
    model_faults.tell(fault)


def send_model_fault(fault: int, member: int, channel: str, **_: Any) -> None:
    """Send the word of it to one of them (``supervision.model_fault_told``)."""
    try:
        model_faults.send(fault, member, channel, timezone.now())
    except Refused as refused:
        log.warning("model fault %s not taken for member %s: %s", fault, member, refused)
