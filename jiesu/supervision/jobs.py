"""What supervision does by the clock, and what it listens to."""

import logging
from typing import Any

from django.utils import timezone

from jiesu.cases.models import Event
from jiesu.intake.models import Arrival
from jiesu.org.models import Office
from jiesu.platforms.pushes.failures import Refused
from jiesu.rules.workflow import Action
from jiesu.supervision import alarms, climbing, daily, pushing, sweeping

log = logging.getLogger("jiesu.supervision")


def sweep() -> None:
    """Remind of every clock whose moment has come."""
    done = sweeping.sweep(timezone.now())
    if done.looked:
        log.info("sweep: %s looked at, %s reminded", done.looked, done.reminded)


def push() -> None:
    """Send what waits to be sent."""
    pushing.push(timezone.now())


def each_minute() -> None:
    """What nobody answered climbs; the daily list is made when its hour has come."""
    for office in Office.objects.all():
        now = timezone.now()
        climbing.climb_unanswered(office, now)
        hour = daily.come(office, now)
        if hour is not None:
            daily.push(daily.make(office, hour, made_at=now), now)


def arrived(batch: int, rows: list[int], **_: Any) -> None:
    """Judge the new cases of some rows of a batch (``intake.arrived``), first and last named."""
    kept = Arrival.objects.filter(batch=batch, row__range=rows, case__isnull=False)
    alarms.judge_ids(set(kept.values_list("case_id", flat=True)), timezone.now())


def noted(event: int, **_: Any) -> None:
    """A correction may make an order one to be looked at (``case.noted``)."""
    found = Event.objects.filter(pk=event, action=Action.CORRECT).first()
    if found is not None:
        alarms.judge_ids([found.case_id], timezone.now())


def send_daily(daily_list: int, member: int, channel: str, **_: Any) -> None:
    """Send the daily list's counts to one person (``supervision.daily_made``)."""
    try:
        daily.send(daily_list, member, channel, timezone.now())
    except Refused as refused:
        log.warning("daily list %s not taken for member %s: %s", daily_list, member, refused)
