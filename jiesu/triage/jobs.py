"""What triage does later: it writes down what it suggests, learns, and trains by night."""

import logging
from datetime import datetime
from typing import Any

from django.utils import timezone

from jiesu.cases.models import Case, Event
from jiesu.org.models import Office
from jiesu.rules.workflow import OPEN, Action
from jiesu.triage import candidates, faults, lessons, marking, recording, second, versions
from jiesu.triage.models import Target, Training

log = logging.getLogger("jiesu.triage")


def arrived(first: int, last: int, **_: Any) -> None:
    """Mark the cases an import has just stored and write down what is suggested (``intake.arrived``)."""
    cases = Case.objects.filter(pk__range=(first, last), stage__in=OPEN).defer("tokens", "tsv")
    marking.mark(cases, at=timezone.now())
    recording.record(cases, at=timezone.now())


def told(event: int, **_: Any) -> None:
    """Learn from what was just put on record (``case.moved``, ``case.noted``); a corrected text is marked anew."""
    found = Event.objects.filter(pk=event).first()
    if found is None:
        return
    if found.action in lessons.TEACHING:
        lessons.learn(found)
    if found.action == Action.CORRECT:
        marking.mark([found.case], at=timezone.now())


def train(training: int, **_: Any) -> None:
    """Make the candidate that was asked for (``triage.training_asked``)."""
    made = candidates.run(
        Training.objects.select_related("office").get(pk=training), at=timezone.now()
    )
    log.info("training %s made version %s", training, made.short if made else "none")


def each_night(at: datetime) -> None:
    """Take in the lessons, settle opinions, write down what is live, ask for a candidate of each kind."""
    second.settle(at=at)
    for office in Office.objects.order_by("pk"):
        new = lessons.gather(office)
        log.info("lessons: %s new", new)
        versions.forget(office, at=at)
        for target in Target:
            versions.live(office, target, at=at)
            candidates.ask(office, target, actor=None, at=at)


def watch(at: datetime) -> None:
    """See that the models answer."""
    faults.look_over(at)


def each_minute(at: datetime) -> None:
    """Ask for second opinions, where the office has set whom to ask."""
    asked = second.ask_now(at)
    if asked:
        log.info("second opinions: asked about %s", asked)
