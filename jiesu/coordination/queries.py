"""What is being coordinated, what the four questions were answered, and what may come next."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from jiesu.cases import access
from jiesu.cases.models import Case, Clock, Event
from jiesu.coordination.models import Coordination, Statement
from jiesu.org.models import Member
from jiesu.rules.clocks import ClockKind
from jiesu.rules.coordinating import Able, Answer, following
from jiesu.rules.workflow import Action


@dataclass(frozen=True, slots=True)
class Told:
    """An answered question as it is shown."""

    label: str
    able: bool
    asked: str
    person: str
    words: str
    at: datetime
    by: str
    units: list[str]


@dataclass(frozen=True, slots=True)
class OnCase:
    """The piece of the case page."""

    coordination: Coordination | None
    statements: list[Statement]
    questions: list[Told]


def _asked(case: Case) -> QuerySet[Event]:
    """The answers since the case last moved to where the questions are asked: a new round begins anew."""
    last = case.events.filter(moved=True).order_by("-id").values_list("pk", flat=True).first() or 0
    return (
        case.events.filter(action=Action.ASK_ABLE, pk__gt=last)
        .select_related("actor")
        .order_by("id")
    )


def answers(case: Case) -> list[Answer]:
    """Return this round's answers, in order."""
    return [Answer(Able(one.facts["question"]), bool(one.facts["able"])) for one in _asked(case)]


def next_question(case: Case) -> Able | None:
    """Return the question that is asked next; None when there is a conclusion."""
    return following(answers(case))


def told(case: Case) -> list[Told]:
    """Return this round's answers in words."""
    return [
        Told(
            label=Able.label_of(one.facts["question"]), able=bool(one.facts["able"]),
            asked="、".join(one.facts["asked"]), person=one.facts.get("person", ""), words=one.note,
            at=one.at, by=one.actor.name if one.actor else "系统", units=list(one.facts.get("units", ())),
        )
        for one in _asked(case)
    ]  # fmt: skip


def standing(case: Case) -> Coordination | None:
    """Return the coordination of a case that is not settled."""
    return (
        Coordination.objects.filter(case=case, settled_at=None).select_related("asked_by").first()
    )


def on_case(case: Case) -> OnCase:
    """Return what the case page shows: the newest coordination with its statements, and the questions."""
    newest = case.coordinations.select_related("asked_by", "settled_by").order_by("-id").first()
    said = list(newest.statements.select_related("unit", "recorded_by")) if newest else []
    return OnCase(newest, said, told(case))


def waiting(member: Member) -> list[Coordination]:
    """Return what is being coordinated and the member may see, with its clock, least time left first."""
    running = Clock.objects.filter(kind=ClockKind.COORDINATE, stopped_at=None)
    found = (
        Coordination.objects.filter(access.visible_through(member, "case"), settled_at=None)
        .select_related("case__community", "asked_by")
        .prefetch_related("statements__unit", Prefetch("case__clocks", running, to_attr="running"))
    )
    return sorted(found, key=_left)


def _left(one: Coordination) -> tuple[bool, float, int]:
    """What comes first: least time left, then what waits for the district."""
    running: list[Clock] = one.case.running  # type: ignore[attr-defined]
    due = running[0].due_at if running else None
    return due is None, due.timestamp() if due else 0.0, one.pk


def number(member: Member) -> int:
    """Return how many cases of the member's office are being coordinated."""
    return Coordination.objects.filter(case__office=member.office_id, settled_at=None).count()
