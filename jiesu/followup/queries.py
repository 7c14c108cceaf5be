"""Whom to call back first, what a case says before it is called, and how the calls of the cycle went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from jiesu.cases import access
from jiesu.cases.case_query import CaseQuerySet
from jiesu.cases.models import Case, Event
from jiesu.catalogue.queries import calendar_of, rule_sets, rules_at
from jiesu.followup import reversals
from jiesu.followup.models import CallBack, Matter, Recording, Suggestion
from jiesu.org.models import Member, Office
from jiesu.rules import follow_up
from jiesu.rules.call_back import CallResult, Verdict
from jiesu.rules.cycles import Cycle, cycle_of
from jiesu.rules.follow_up import FollowUpRules, Reason, Signs
from jiesu.rules.statements import Statement
from jiesu.rules.workflow import Action, Stage

LOOKED_AT = 2000  # cases that wait, the longest waiting first; a street has some 1,200 a month
BEFORE_CLOSING = (Stage.STREET_CALL_BACK, Stage.FINAL_REVIEW, Stage.SUBMITTED)
SIGNS = (
    "id", "number", "title", "tags", "result", "month_seq", "year_seq", "unit__name", "stage",
    "dispatched_at", "closed_at", "next_due_at", "next_clock", "category", "community__name",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """One case to be called back, with why it stands where it does."""

    facts: Mapping[str, Any]
    since: datetime
    reasons: list[Reason]
    score: int
    attempts: int
    last_result: str
    last_at: datetime | None


def follow_up_rules_of(office: Office, at: datetime) -> FollowUpRules:
    """Return ``[follow_up]`` of the rule set in force."""
    return follow_up.follow_up_rules(rules_at(office, at).whole.get("follow_up", {}))


def attempts_of(case: Case) -> int:
    """Return how often the requester was tried since the result was last handed in."""
    return _since(case.call_backs.all(), _submitted_at(case)).count()


def _submitted_at(case: Case) -> datetime | None:
    last = case.events.filter(action=Action.SUBMIT).order_by("id").last()
    return last.at if last else None


def _since(found: QuerySet[CallBack], at: datetime | None) -> QuerySet[CallBack]:
    return found if at is None else found.filter(made_at__gte=at)


def to_call(member: Member, at: datetime) -> CaseQuerySet:
    """Return the cases a member's office still has to call back: reviewed, or ended in this cycle.

    Cases that came in finished, and those whose call-back is settled since the last result, are not among them;
    one that the call from above has turned round is not settled.
    """
    settled = CallBack.objects.filter(
        ~reversals.turned(),
        case=OuterRef("pk"),
        verdict=Verdict.PASSED,
        made_at__gte=_last(Action.SUBMIT),
    )
    standing = Q(stage__in=BEFORE_CLOSING) | Q(
        stage=Stage.CLOSED, closed_at__gte=cycle_at(member.office, at).begins
    )
    found = access.visible_to(member).filter(standing, unit__isnull=False, erased_at=None)
    found = found.exclude(Exists(settled))
    return found.exclude(Exists(Case.objects.filter(previous=OuterRef("pk"))))


def _last(action: Action) -> Coalesce:
    """When the action last came upon the case of the row that is looked at two levels up."""
    found = Event.objects.filter(case=OuterRef(OuterRef("pk")), action=action).order_by("-id")
    return Coalesce(Subquery(found.values("at")[:1]), OuterRef("dispatched_at"))


def cycle_at(office: Office, at: datetime) -> Cycle:
    """Return the assessment month a moment belongs to."""
    turns = [rules.turn for _, rules in rule_sets(office)]
    return cycle_of(at, turns, calendar_of(office).is_workday)


def queue(member: Member, at: datetime) -> list[Waiting]:
    """Return whom to call first: by the weight of the reasons, then by who waits longest. One query."""
    rules = follow_up_rules_of(member.office, at)
    ends = cycle_at(member.office, at).ends
    rows = _with_signs(to_call(member, at)).order_by("dispatched_at")[:LOOKED_AT]
    told = [_waiting(row, rules, at, ends) for row in rows.values(*SIGNS, *ADDED)]
    return sorted(told, key=lambda one: (-one.score, one.since))


ADDED = (
    "passed_at", "same_phone", "rejected", "reopened", "reversed_before", "reversed_here", "attempts",
    "last_result", "last_at",
)  # fmt: skip


def _with_signs(cases: CaseQuerySet) -> QuerySet[Case]:
    events = Event.objects.filter(case=OuterRef("pk")).order_by()
    tried = CallBack.objects.filter(case=OuterRef("pk"), made_at__gte=_last(Action.SUBMIT))
    same = Case.objects.filter(
        phone_keys__overlap=OuterRef("phone_keys"), office=OuterRef("office")
    ).exclude(pk=OuterRef("pk")).order_by()  # fmt: skip
    turned = CallBack.objects.filter(reversals.turned(), case=OuterRef("pk"))
    return cases.annotate(
        passed_at=Subquery(
            events.filter(action=Action.PASS).order_by("-id").values("at")[:1]
        ),
        same_phone=_many(same, "office"),
        rejected=_many(events.filter(action=Action.REJECT), "case"),
        reopened=_many(events.filter(action__in=(Action.REOPEN, Action.CALL_BACK_FAIL)), "case"),
        reversed_before=_many(same.filter(Exists(turned)), "office"), reversed_here=Exists(turned),
        attempts=_many(tried.order_by(), "case"),
        last_result=Subquery(tried.order_by("-id").values("result")[:1]),
        last_at=Subquery(tried.order_by("-id").values("called_at")[:1]),
    )  # fmt: skip


def _many(found: QuerySet[Any], by: str) -> Coalesce:
    counted = found.values(by).annotate(many=Count("pk", distinct=True)).values("many")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _waiting(row: Mapping[str, Any], rules: FollowUpRules, at: datetime, ends: datetime) -> Waiting:
    since = row["passed_at"] or row["closed_at"] or row["dispatched_at"]
    last = CallResult.label_of(row["last_result"]) if row["last_result"] else ""
    signs = Signs(
        tags=row["tags"], result=row["result"], since=since, month_seq=row["month_seq"],
        year_seq=row["year_seq"], same_phone=row["same_phone"], rejected=row["rejected"],
        reopened=row["reopened"], reversed_before=row["reversed_before"],
        reversed_here=row["reversed_here"], attempts=row["attempts"], last_result=last,
    )  # fmt: skip
    told = follow_up.reasons(signs, rules, at=at, ends=ends)
    return Waiting(row, since, told, follow_up.score(told), row["attempts"], last, row["last_at"])


def recording_for(case: Case, asked: str) -> Recording | None:
    """Return the recording that was asked for by its id, else the newest of the case."""
    found = case.recordings.order_by("-id")
    if asked.isascii() and asked.isdigit() and len(asked) < 19:
        return found.filter(pk=int(asked)).first() or found.first()
    return found.first()


def unmatched(member: Member) -> QuerySet[Recording]:
    """Return the recordings of the member's office that found no case, newest first."""
    return Recording.objects.filter(office=member.office_id, case=None).order_by("-id")


def recordings_of(member: Member) -> QuerySet[Recording]:
    """Return the recordings a member may listen to: of cases they see, and those of no case yet."""
    seen = access.visible_through(member, "case")
    mine = Q(case=None, office=member.office_id) if access.sees_all(member) else Q(pk__in=())
    return Recording.objects.filter(seen | mine).select_related("case", "evidence")


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the machine's suggestion was what a person answered."""

    label: str
    agreed: int
    decided: int


def agreement(office: Office) -> list[Agreement]:
    """Return the agreement of suggestion and person for each statement that has any."""
    rows = (
        Suggestion.objects.filter(recording__office=office, agreed__isnull=False)
        .order_by().values("statement").annotate(all=Count("pk"), same=Count("pk", filter=Q(agreed=True)))
    )  # fmt: skip
    told = {row["statement"]: row for row in rows}
    return [
        Agreement(kind.label, told[kind]["same"], told[kind]["all"])
        for kind in Statement
        if kind in told
    ]


def of_case(case: Case) -> list[CallBack]:
    """Return every call-back of a case, newest first."""
    return list(case.call_backs.select_related("made_by__unit").order_by("-id"))


def matters_of(case: Case) -> list[Matter]:
    """Return what else came up in the calls about a case, oldest first."""
    return list(case.matters.select_related("opened_by", "settled_by"))


def open_matters(member: Member) -> QuerySet[Matter]:
    """Return the matters nobody has settled yet, of the cases the member may see, newest first."""
    seen = access.visible_through(member, "case")
    found = Matter.objects.filter(seen, settled_at=None).select_related("case", "opened_by")
    return found.order_by("-id")


@dataclass(frozen=True, slots=True)
class Figures:
    """How the calls of the cycle went so far. ``cases`` were tried, of which ``reached``."""

    cases: int
    attempts: int
    reached: int
    solved: int
    satisfied: int
    failed: int


def figures(member: Member, at: datetime) -> Figures:
    """Return the cycle's figures: of each case the last call that was answered, else its attempts. One query."""
    start = cycle_at(member.office, at).begins
    made = CallBack.objects.filter(
        access.visible_through(member, "case"), made_at__gte=start
    ).order_by()  # fmt: skip
    later = CallBack.objects.filter(
        case=OuterRef("case"), made_at__gte=start, result=CallResult.ANSWERED, pk__gt=OuterRef("pk")
    )
    last = Q(result=CallResult.ANSWERED, superseded=False)
    told = made.annotate(superseded=Exists(later)).aggregate(
        cases=Count("case", distinct=True), attempts=Count("pk"), reached=Count("pk", filter=last),
        solved=Count("pk", filter=last & Q(solved="solved")),
        satisfied=Count("pk", filter=last & Q(satisfied__in=("satisfied", "basic"))),
        failed=Count("pk", filter=Q(verdict=Verdict.FAILED)),
    )  # fmt: skip
    return Figures(**told)


def recent(member: Member, limit: int = 20) -> QuerySet[CallBack]:
    """Return the last call-backs of the cases a member may see."""
    seen = access.visible_through(member, "case")
    found = CallBack.objects.filter(seen).select_related("case", "made_by")
    return found.order_by(F("id").desc())[:limit]
