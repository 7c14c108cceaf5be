"""What grouping does later: every arrival is judged, and words are counted anew each night."""

import logging
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from jiesu.cases.models import Case, Event
from jiesu.groups import proposing, vocabulary
from jiesu.org.models import Office
from jiesu.rules.workflow import Action

log = logging.getLogger("jiesu.groups")


def arrived(first: int, last: int, **_: Any) -> None:
    """Judge the cases an import has just stored, from the first id to the last (``intake.arrived``)."""
    _judge(Q(pk__range=(first, last)), timezone.now())


def noted(event: int, **_: Any) -> None:
    """A correction may tell what an order is about (``case.noted``)."""
    found = Event.objects.filter(pk=event, action=Action.CORRECT).first()
    if found is not None:
        _judge(Q(pk=found.case_id), timezone.now())


def each_night(at: datetime) -> None:
    """Count the words of every office anew."""
    for office in Office.objects.order_by("pk"):
        counted = vocabulary.count(office, at)
        log.info("words of %s cases counted", counted)


def _judge(which: Q, at: datetime) -> None:
    cases = Case.objects.filter(which).select_related("office", "community").defer("tokens", "tsv")
    offices: set[int] = set()
    for case in cases.order_by("dispatched_at", "id").iterator(chunk_size=200):
        if case.office_id not in offices:
            vocabulary.keep_fresh(case.office, at)
            offices.add(case.office_id)
        proposing.judge(case, at)
