"""批量办理: one form for many cases of the queue, each done by its real verb in its own transaction.

Every case has its own outcome. The form's ``once`` and the case make the case's own mark, so a form
that is sent again does to each case what was not done yet, and nothing twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4, uuid5

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from jiesu.cases import access, pages, taking, transitions
from jiesu.cases.forms import ActForm, Words
from jiesu.cases.models import Case, Event
from jiesu.desk import words
from jiesu.dispatch import actions as dispatching
from jiesu.dispatch import queries as units
from jiesu.dispatch.forms import UnitField, UnitsField
from jiesu.intake import actions as signing
from jiesu.org.models import Member
from jiesu.org.rights import Right, may, right
from jiesu.rules import workflow
from jiesu.rules.ladder import Rung
from jiesu.rules.workflow import Action, Stage
from jiesu.supervision import actions as supervising
from jiesu.supervision.forms import RemindForm

MOST = 200  # cases at once
CARRIED = (
    "unit",
    "assisting",
    "note",
    "community_reason",
    "rung",
    "ready",
    "words",
)  # from a form to its retry
Do = Callable[..., Any]


class PlainForm(ActForm):
    """Nothing to fill in: which cases, and yes."""


class DispatchForm(ActForm):
    """派转 of many: one unit for all; each case has the due time that it would have alone."""

    unit = UnitField("主办单位", "请选择主办单位。")
    assisting = UnitsField("协办单位")
    note = Words("办理要求", rows=2)
    community_reason = Words(
        "社区主办理由",
        rows=2,
        help_text="社区主办清单外事项的理由，将记录在案；没有这种情形不用写。",
    )


class RemindManyForm(RemindForm):
    """催办 of many: each by the unit that leads it, the duty desk where none does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, units=(), **kwargs)
        self.fields["rung"].choices = Rung.choices()
        self.point()


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that can be done to many. ``wrong``: its named refusals, told case by case."""

    label: str
    key: str
    right: Right
    action: Action
    form: type[ActForm]
    do: Do
    wrong: tuple[type[Exception], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    case: Case
    done: bool
    said: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """One case of the form: ``why`` it cannot be done, empty where it can."""

    case: Case
    why: str


def _sign(case: Case, member: Member, at: datetime, once: UUID) -> str:
    signing.sign(case, actor=member, at=at, once=once)
    return "已签收"


def _dispatch(case: Case, member: Member, at: datetime, once: UUID, **told: Any) -> str:
    due = units.default_due(member, case, at).at or at
    dispatching.dispatch(case, actor=member, at=at, due_at=due, once=once, **told)
    return f"已派给 {told['unit']}，内部截止 {words.short(due, at)}"


def _remind(case: Case, member: Member, at: datetime, once: UUID, **told: Any) -> str:
    supervising.remind(case, actor=member, at=at, once=once, **told)
    return f"已催办 {case.unit or '值班座席'}"


def _take(case: Case, member: Member, at: datetime, once: UUID) -> str:
    taking.take(case, actor=member, at=at, once=once)
    return "已认领"


VERBS: dict[str, Verb] = {
    "sign": Verb("批量签收", "S", Right.SIGN, Action.SIGN, PlainForm, _sign),
    "dispatch": Verb(
        "批量派转", "P", Right.DISPATCH, Action.DISPATCH, DispatchForm, _dispatch,
        (dispatching.WrongUnit, dispatching.OutsideDutyList),
    ),
    "remind": Verb(
        "批量催办", "B", Right.SUPERVISE, Action.REMIND, RemindManyForm, _remind, (supervising.Incomplete,)
    ),
    "take": Verb("批量认领", "T", Right.NOTE, Action.TAKE, PlainForm, _take, (taking.Taken,)),
}  # fmt: skip


def offered(member: Member) -> list[tuple[str, str, str]]:
    """Return (name, label, key) of what the member's role may do to many."""
    return [(name, v.label, v.key) for name, v in VERBS.items() if may(member, v.right)]


@right(Right.NOTE)
@require_http_methods(["GET", "POST"])
def batch(request: pages.MemberRequest) -> HttpResponse:
    """The form for the cases named, and then what came of each."""
    asked = request.POST if request.method == "POST" else request.GET
    verb = VERBS.get(asked.get("do", ""))
    if verb is None or not may(request.user, verb.right):
        raise Http404("没有这种批量办理。")
    at = timezone.now()
    chosen = _chosen(request.user, verb, asked)
    form = _form(request, verb)
    context = {
        "verb": verb, "do": asked["do"], "form": form, "most": MOST, "too_many": len(asked.getlist("case")) > MOST,
        "able": [one for one in chosen if not one.why], "unable": [one for one in chosen if one.why],
        "shell": "cases/bare.html" if request.htmx else "core/page.html", "list_url": reverse("desk:cases"),
    }  # fmt: skip
    if request.method == "GET" or not chosen or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "desk/batch.html", context, status=status)
    told = dict(form.cleaned_data)
    mark = told.pop("once") or uuid4()
    outcomes = run(request.user, verb, [one.case for one in chosen], mark, told, at=at)
    failed = [one.case.pk for one in outcomes if not one.done]
    context |= {
        "outcomes": sorted(outcomes, key=lambda one: one.done), "done": len(outcomes) - len(failed),
        "failed": len(failed), "retry_url": _retry_url(asked, failed) if failed else "",
    }  # fmt: skip
    answer = render(request, "desk/batch_done.html", context)
    if request.htmx:
        answer.headers["HX-Trigger"] = '{"case-changed": {}, "batch-done": {}}'
    return answer


def run(
    member: Member,
    verb: Verb,
    cases: list[Case],
    mark: UUID,
    told: Mapping[str, Any],
    *,
    at: datetime,
) -> list[Outcome]:
    """Do it to each case by itself; what one case refuses does not touch the others."""
    marks = {case.pk: uuid5(mark, str(case.pk)) for case in cases}
    sent = Event.objects.filter(once__in=marks.values()).values_list("case_id", flat=True)
    before = set(sent)
    outcomes = []
    for case in cases:
        if case.pk in before:
            outcomes.append(Outcome(case, done=True, said="已办过，没有重复记录"))
            continue
        outcomes.append(_one(member, verb, case, marks[case.pk], told, at))
    return outcomes


def _one(
    member: Member, verb: Verb, case: Case, once: UUID, told: Mapping[str, Any], at: datetime
) -> Outcome:
    try:
        with transaction.atomic():
            said = verb.do(case, member, at, once=once, **told)
            taking.go_on(case, member, at=at)
    except transitions.SentTwice:
        return Outcome(case, done=True, said="已办过，没有重复记录")
    except (*pages.REFUSED, *verb.wrong) as refusal:
        return Outcome(case, done=False, said=str(refusal))
    return Outcome(case, done=True, said=said)


def _form(request: HttpRequest, verb: Verb) -> ActForm:
    """The form of the verb; in a retry it begins with what was filled in before."""
    carried = {name: request.GET.getlist(name) for name in CARRIED if name in request.GET}
    initial = {name: told if name == "assisting" else told[0] for name, told in carried.items()}
    form = verb.form(**pages.posted(request), initial=initial)
    ours = [field for field in form.fields.values() if isinstance(field, UnitField | UnitsField)]
    if ours:
        offered_units = units.units_of(request.user)  # type: ignore[arg-type]
        for field in ours:
            field.offer(offered_units)
    return form


def _chosen(member: Member, verb: Verb, asked: QueryDict) -> list[Chosen]:
    """The cases named that the member may see, in the order named, the first so many."""
    ids = [
        int(pk) for pk in asked.getlist("case") if pk.isascii() and pk.isdigit() and len(pk) < 19
    ]
    wanted = list(dict.fromkeys(ids))[:MOST]
    cases = access.visible_to(member).select_related("unit", "community", "taken_by")
    found = cases.defer("tokens", "tsv").in_bulk(wanted)
    return [Chosen(found[pk], _why_not(verb, found[pk])) for pk in wanted if pk in found]


def _why_not(verb: Verb, case: Case) -> str:
    """Say why this cannot be done where the case stands."""
    stage = Stage(case.stage)
    if verb.action in workflow.FACTS:
        stages = access.FACT_STAGES.get(verb.action, access.EVERY_STAGE)
        return "" if stage in stages else f"现为“{stage.label}”"
    first = (
        Action.TRIAGE if (verb.action, stage) == (Action.DISPATCH, Stage.SIGNED) else verb.action
    )
    try:
        workflow.step(stage, first)
    except workflow.NotAllowed:
        return f"现为“{stage.label}”"
    return ""


def _retry_url(asked: QueryDict, failed: list[int]) -> str:
    told = [("do", asked["do"]), *(("case", pk) for pk in failed)]
    told += [(name, text[:200]) for name in CARRIED for text in asked.getlist(name) if text]
    return f"{reverse('desk:batch')}?{urlencode(told)}"
