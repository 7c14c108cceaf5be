"""Starting, stopping and gathering the clocks of a case. Any stage does it by kind."""

from datetime import datetime

from django.db.models import QuerySet

from jiesu.cases.models import Case, Clock
from jiesu.org.models import Unit
from jiesu.rules.clocks import ClockKind, Due
from jiesu.rules.workflow import Action


def start(
    case: Case, kind: ClockKind, *, at: datetime, due: Due, unit: Unit | None = None
) -> Clock:
    """Start a clock. One of the same kind (and unit) that still runs is stopped first."""
    _running(case, kind, unit).update(stopped_at=at, stopped_by="restart")
    return Clock.objects.create(
        case=case, kind=kind, unit=unit, started_at=at, due_at=due.at, source=due.source
    )


def stop(case: Case, *kinds: ClockKind, at: datetime, by: Action, unit: Unit | None = None) -> int:
    """Stop the running clocks of these kinds (all kinds when none is named). Returns how many."""
    running = case.clocks.filter(stopped_at=None)
    if kinds:
        running = running.filter(kind__in=kinds)
    if unit is not None:
        running = running.filter(unit=unit)
    return running.update(stopped_at=at, stopped_by=by)


def _running(case: Case, kind: ClockKind, unit: Unit | None) -> QuerySet[Clock]:
    return case.clocks.filter(kind=kind, unit=unit, stopped_at=None)


def gather(case: Case) -> None:
    """Write the clock that is due next onto the case, where lists read it. Last call of every verb."""
    running = case.clocks.filter(stopped_at=None, due_at__isnull=False)
    first = running.order_by("due_at", "id").first()
    case.next_clock = first.kind if first else ""
    case.next_started_at = first.started_at if first else None
    case.next_due_at = first.due_at if first else None
    case.save(update_fields=["next_clock", "next_started_at", "next_due_at"])
