"""Lessons: what the record says of people who knew better, and the samples that come of the record.

Everything is read from the record of events. A sample is a case as it stood when it arrived, with what
was known of it at a given moment: whoever trains for that moment cannot look ahead.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Q, QuerySet

from jiesu.cases.models import Case, Event
from jiesu.org.models import Office, Unit, UnitKind
from jiesu.rules.workflow import Action
from jiesu.triage.learning.orders import BETWEEN, Order
from jiesu.triage.models import Lesson, LessonKind, Suggested, Target

TEACHING = (
    Action.DISPATCH, Action.TRANSFER, Action.DECLINE, Action.GRANT_SEND_BACK, Action.CORRECT,
)  # fmt: skip
AWAY = frozenset(
    {Action.TRANSFER, Action.DECLINE, Action.TAKE_BACK, Action.SEND_BACK, Action.GRANT_SEND_BACK}
)
PLACING = (Action.DISPATCH, *AWAY)
AGAIN = 5000  # events looked at anew each time: one may be committed after a later one
MOST = 20_000  # samples of one training, the newest
CORRECTED = ("title", "content", "category")
NOT_OURS = "不属本街道"


@dataclass(frozen=True, slots=True)
class Known:
    """A case as an order to learn from: as it arrived, with what was known of it at a moment."""

    case: int
    number: str
    order: Order

    @property
    def label(self) -> str:
        """Who led it, or its class."""
        return self.order.unit or BETWEEN.join(self.order.category)


# ---- lessons -------------------------------------------------------------------------------------


def gather(office: Office) -> int:
    """Take in what the record has to teach since the last time; calling it again changes nothing.

    Returns how many lessons are new.
    """
    newest = Lesson.objects.filter(office=office).aggregate(last=Max("event_id"))["last"] or 0
    found = Event.objects.filter(office=office, action__in=TEACHING, pk__gt=newest - AGAIN)
    return sum(learn(event) for event in found.order_by("pk").iterator(chunk_size=2000))


def learn(event: Event) -> bool:
    """Take in one event of the record; True when it was a lesson not known before."""
    match event.action:
        case Action.DISPATCH:
            return _dispatched(event)
        case Action.TRANSFER:
            return _keep(event, LessonKind.TRANSFER, said=event.facts.get("unit", ""))
        case Action.DECLINE:
            return _keep(event, LessonKind.DECLINE, said=event.facts.get("unit", ""))
        case Action.GRANT_SEND_BACK:
            said = _suggested(event.case_id, Target.UNIT)
            return _keep(event, LessonKind.SENT_BACK, said=said, was=NOT_OURS)
        case Action.CORRECT:
            said, was = event.facts.get("changes", {}).get("category") or ("", "")
            if not (said and was and said != was):
                return False
            return _keep(event, LessonKind.OTHER_CLASS, target=Target.CATEGORY, said=said, was=was)
    return False


def of(
    office: Office, *, kind: LessonKind | None = None, target: Target | None = None
) -> QuerySet[Lesson]:
    """Return the lessons of an office, newest first."""
    found = Lesson.objects.filter(office=office).select_related("case", "event__actor")
    if kind is not None:
        found = found.filter(kind=kind)
    return found if target is None else found.filter(target=target)


def _dispatched(event: Event) -> bool:
    """A dispatch answers the lesson that was open, or is one itself: another unit than suggested."""
    unit = str(event.facts.get("unit", ""))
    open_ = Lesson.objects.filter(
        case=event.case_id, target=Target.UNIT, was="", event__lt=event.pk
    )
    if open_.update(was=unit[:200]):
        return False
    earlier = Event.objects.filter(case=event.case_id, action=Action.DISPATCH, pk__lt=event.pk)
    said = _suggested(event.case_id, Target.UNIT)
    if not said or said == unit or earlier.exists():
        return False
    return _keep(event, LessonKind.OTHER_UNIT, said=said, was=unit)


def _suggested(case: int, target: Target) -> str:
    found = Suggested.objects.filter(case=case, target=target).values_list("label", flat=True)
    return found.first() or ""


def _keep(
    event: Event, kind: LessonKind, *, said: str, was: str = "", target: Target = Target.UNIT
) -> bool:
    _, new = Lesson.objects.get_or_create(
        event=event,
        defaults={
            "office_id": event.office_id, "case_id": event.case_id, "kind": kind, "target": target,
            "said": said[:200], "was": was[:200], "at": event.at,
        },
    )  # fmt: skip
    return new


# ---- samples -------------------------------------------------------------------------------------


def known(
    office: Office, target: Target, *, at: datetime, since: datetime | None = None,
    until: datetime | None = None,
) -> list[Known]:  # fmt: skip
    """Return the cases dispatched to us in (``since``, ``until``] with what was known of them at ``at``.

    The newest ``MOST``, oldest first; only those of which something was known. For a unit's model the class
    is the one the case came with; for the class's, the one known at ``at``.
    """
    cases = Case.objects.filter(office=office, erased_at=None, dispatched_at__lte=until or at)
    if since is not None:
        cases = cases.filter(dispatched_at__gt=since)
    rows = list(
        cases.order_by("-dispatched_at", "-pk").values_list(
            "pk", "number", "title", "content", "category", "community__name", "unit__name", "unit_text",
            "dispatched_at",
        )[:MOST]
    )  # fmt: skip
    pks = [row[0] for row in rows]
    first, of_communities = _came(pks), communities(office)
    if target is Target.UNIT:
        units, classes, names = _units(office, pks, at), {}, _names(office)
    else:
        units, classes, names = {}, _classes(pks, at), frozenset()
    found = []
    for pk, number, title, content, category, community, led, led_text, dispatched_at in reversed(
        rows
    ):
        came = {"title": title, "content": content, "category": category} | first.get(pk, {})
        unit = units.get(pk, led or led_text) if target is Target.UNIT else ""
        path = came["category"] if target is Target.UNIT else classes.get(pk, category)
        if not (came["title"] or came["content"]) or not (unit in names if names else path):
            continue
        order = Order(
            title=came["title"], content=came["content"], community=community or "", unit=unit,
            category=tuple(path.split(BETWEEN)) if path else (), unit_is_community=unit in of_communities,
            at=dispatched_at,
        )  # fmt: skip
        found.append(Known(pk, number, order))
    return found


def communities(office: Office) -> frozenset[str]:
    """Return the names of the office's communities."""
    return _names(office, UnitKind.COMMUNITY)


def outcome(cases: Sequence[int], target: Target, at: datetime) -> dict[int, str]:
    """Return what is known at ``at`` of cases: the lead unit's name, or the class's path."""
    found = Case.objects.filter(pk__in=cases)
    if target is Target.CATEGORY:
        told = dict(found.exclude(category="").values_list("pk", "category"))
        return told | _classes(cases, at)
    office = found.values_list("office", flat=True).first()
    if office is None:
        return {}
    return {
        pk: unit for pk, unit in _units(Office.objects.get(pk=office), cases, at).items() if unit
    }


def _names(office: Office, kind: UnitKind | None = None) -> frozenset[str]:
    """Return the names of the office's units as it is now."""
    found = Unit.objects.filter(office=office, active=True)
    if kind is not None:
        found = found.filter(kind=kind)
    return frozenset(found.values_list("name", flat=True))


def _units(office: Office, cases: Sequence[int], at: datetime) -> dict[int, str]:
    """Return the lead unit of each case that was ever placed, as of a moment; empty: taken away again."""
    found = Event.objects.filter(
        office=office, case__in=cases, action__in=PLACING, recorded_at__lte=at
    ).order_by("case_id", "-pk").distinct("case_id")  # fmt: skip
    return {
        case: "" if action in AWAY else str(facts.get("unit", ""))
        for case, action, facts in found.values_list("case_id", "action", "facts")
    }


def _classes(cases: Sequence[int], at: datetime) -> dict[int, str]:
    """Return the class of those whose class was corrected after ``at``: what it was until then."""
    told: dict[int, str] = {}
    for case, facts in _corrections(cases, Q(recorded_at__gt=at)):
        if pair := facts.get("changes", {}).get("category"):
            told.setdefault(case, str(pair[0]))
    return told


def _came(cases: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return what was corrected later as it came first: texts and classes."""
    told: dict[int, dict[str, str]] = {}
    for case, facts in _corrections(cases, Q()):
        for name in CORRECTED:
            if pair := facts.get("changes", {}).get(name):
                told.setdefault(case, {}).setdefault(name, str(pair[0]))
    return told


def _corrections(cases: Sequence[int], which: Q) -> Iterator[tuple[int, dict[str, Any]]]:
    found = Event.objects.filter(which, case__in=cases, action=Action.CORRECT).order_by("pk")
    yield from found.values_list("case_id", "facts")
