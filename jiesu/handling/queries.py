"""What the record says that a step of 办理 builds on."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from jiesu.cases.clocks import PAUSABLE
from jiesu.cases.models import Assignment, Case, Clock, Event, Part
from jiesu.handling.actions import Channel, Outcome
from jiesu.rules.workflow import Action


@dataclass(frozen=True, slots=True)
class Contact:
    """One attempt to reach the requester, as it is told."""

    at: datetime
    channel: str
    outcome: str
    by: str
    note: str


def contacts_of(case: Case) -> list[Contact]:
    """Return every attempt to reach the requester, in the order they were made."""
    events = case.events.filter(action=Action.CONTACT).select_related("actor__unit")
    told = [
        Contact(
            datetime.fromisoformat(event.facts["contacted_at"]),
            Channel.label_of(event.facts["channel"]), Outcome.label_of(event.facts["outcome"]),
            f"{event.actor.unit.name} {event.actor.name}" if event.actor else "", event.note,
        )
        for event in events
    ]  # fmt: skip
    return sorted(told, key=lambda contact: contact.at)


def last(case: Case, action: Action) -> Event | None:
    """Return the last event of that action."""
    return case.events.filter(action=action).select_related("actor__unit").last()


def findings_of(case: Case) -> QuerySet[Event]:
    """Return visits, progress and what assisting units reported, oldest first."""
    told = [Action.VISIT, Action.PROGRESS, Action.ASSIST_REPORT]
    return case.events.filter(action__in=told).select_related("actor__unit")


def lead_of(case: Case) -> Assignment | None:
    """Return the assignment of the lead unit that has the case now."""
    return case.assignments.filter(part=Part.LEAD, ended_at=None).first()


def pausable(case: Case) -> list[Clock]:
    """Return the street's own clocks that run and count now."""
    found = case.clocks.filter(
        stopped_at=None, kind__in=PAUSABLE, fixed=False, due_at__isnull=False
    )
    return list(found.filter(overdue_at=None).select_related("unit"))


def paused(case: Case) -> list[Clock]:
    """Return the clocks that are paused."""
    found = case.clocks.filter(stopped_at=None, pauses__to_at=None, pauses__isnull=False)
    return list(found.select_related("unit").distinct())
