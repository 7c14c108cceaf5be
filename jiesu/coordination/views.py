"""四个能否, 吹哨 and 报到, and the queue of 无法确权 with its statements and decisions."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from jiesu.cases import access, pages
from jiesu.cases.models import Case
from jiesu.cases.pages import MemberRequest
from jiesu.coordination import actions, forms, queries
from jiesu.dispatch import actions as dispatching
from jiesu.dispatch import queries as dispatch
from jiesu.dispatch.forms import DispatchForm
from jiesu.org.rights import Right, may, right
from jiesu.rules.coordinating import REPORT_WORDS, Able
from jiesu.rules.workflow import Action

FORM = "cases/act.html"
WRONG: pages.Wrong = {
    actions.Unsettled: None, dispatching.WrongUnit: None, dispatching.OutsideDutyList: "community_reason",
}  # fmt: skip


@right(Right.SUPERVISE)
@require_safe
def queue(request: MemberRequest) -> HttpResponse:
    """协调队列: whose owner is not known yet, least time left first."""
    context = {
        "waiting": queries.waiting(request.user), "decides": may(request.user, Right.DECIDE),
        "at": timezone.now(),
    }  # fmt: skip
    return render(request, "coordination/queue.html", context)


@right(Right.DISPATCH)
@require_http_methods(["GET", "POST"])
def able(request: MemberRequest, number: str) -> HttpResponse:
    """四个能否: the question that is asked next, or what follows from the answers."""
    case = access.get_case(request.user, number)
    answered = queries.answers(case)
    question = queries.next_question(case)
    if question is not None:
        return _ask(request, case, question)
    if not answered[-1].able:
        return _coordinate(request, case)
    return _end(request, case, whistles=answered[-1].question is Able.WHISTLE)


def _ask(request: MemberRequest, case: Case, question: Able) -> HttpResponse:
    units = dispatch.units_of(request.user, communities_only=question is Able.COMMUNITY)
    if question in {Able.SECTION, Able.SECTIONS}:
        units = [unit for unit in units if not unit.is_community]
    initial = {}
    if question is Able.COMMUNITY and case.community:
        initial = {"asked": [case.community.code]}
    form = forms.AbleForm(**pages.posted(request), units=units, initial=initial)
    return pages.act(
        request, case, Action.ASK_ABLE, form, "coordination/able.html",
        lambda **told: actions.answer(case, actor=request.user, at=timezone.now(), **told),
        say=lambda able, **told: "已记下：能。再按一次“四个能否”派转" if able else "已记下：不能。接着问下一问",
        wrong=WRONG, title=question.label, button="记下答复", number=list(Able).index(question) + 1,
        told=queries.told(case), wide=True,
    )  # fmt: skip


def _end(request: MemberRequest, case: Case, *, whistles: bool) -> HttpResponse:
    """Somebody can: dispatch to who was asked last, whistling where the fourth question says so."""
    at = timezone.now()
    told = queries.told(case)
    first, *others = told[-1].units
    kind = forms.WhistleForm if whistles else DispatchForm
    form = kind(
        **pages.posted(request), case=case, at=at, units=dispatch.units_of(request.user),
        due=dispatch.default_due(request.user, case, at), duty=dispatch.duty_words(request.user, case, at),
        initial={"unit": first, "assisting": others},
    )  # fmt: skip
    act = actions.whistle if whistles else actions.dispatch
    return pages.act(
        request, case, Action.ASK_ABLE, form, "coordination/end.html",
        lambda **given: act(case, actor=request.user, at=at, **given),
        say="已吹哨，派给 {unit}" if whistles else "已派给 {unit}", wrong=WRONG, wide=True, verb="派给",
        title="吹哨并派转" if whistles else "按结论派转", told=told,
    )  # fmt: skip


@right(Right.DISPATCH)
@require_http_methods(["GET", "POST"])
def coordinate(request: MemberRequest, number: str) -> HttpResponse:
    """提交协调, without the questions where it is plain that nobody owns it."""
    return _coordinate(request, access.get_case(request.user, number))


def _coordinate(request: MemberRequest, case: Case) -> HttpResponse:
    told = queries.told(case)
    said = "；".join(
        f"{one.label}：{one.asked}{one.person}答{'能' if one.able else '不能'}" for one in told
    )
    form = forms.CoordinateForm(**pages.posted(request), initial={"question": said})
    return pages.act(
        request, case, Action.COORDINATE, form, "coordination/end.html",
        lambda **given: actions.coordinate(case, actor=request.user, at=timezone.now(), **given),
        say="已提交协调", wrong={actions.Unsettled: "question"}, title="提交协调（无法确权）", button="提交协调",
        told=told,
    )  # fmt: skip


@right(Right.SUPERVISE)
@require_http_methods(["GET", "POST"])
def state(request: MemberRequest, number: str) -> HttpResponse:
    """登记陈述: who of which unit said what."""
    case = access.get_case(request.user, number)
    at = timezone.now()
    form = forms.StateForm(
        **pages.posted(request), units=dispatch.units_of(request.user), initial={"said_at": at}
    )
    return pages.act(
        request, case, Action.STATE, form, FORM,
        lambda **told: actions.state(case, actor=request.user, at=timezone.now(), **told),
        say="已登记 {unit} 的陈述", wrong={actions.Unsettled: None}, title="登记陈述", button="登记", wide=True,
    )  # fmt: skip


@right(Right.DECIDE)
@require_http_methods(["GET", "POST"])
def settle(request: MemberRequest, number: str) -> HttpResponse:
    """协调决定."""
    case = access.get_case(request.user, number)
    at = timezone.now()
    form = forms.SettleForm(
        **pages.posted(request), units=dispatch.units_of(request.user),
        initial={"due_at": dispatch.default_due(request.user, case, at).at},
    )  # fmt: skip
    return pages.act(
        request, case, Action.SETTLE, form, "coordination/settle.html",
        lambda **told: actions.settle(case, actor=request.user, at=timezone.now(), **told),
        say="协调决定已记下", wrong=WRONG, title="协调决定", button="作出决定", wide=True,
        said=queries.on_case(case), rule=REPORT_WORDS,
    )  # fmt: skip


@right(Right.NOTE)
@require_http_methods(["GET", "POST"])
def report_in(request: MemberRequest, number: str) -> HttpResponse:
    """报到: the whistled departments came."""
    case = access.get_case(request.user, number)
    return pages.act(
        request, case, Action.REPORT_IN, forms.ReportInForm(**pages.posted(request)), FORM,
        lambda **told: actions.report_in(case, actor=request.user, at=timezone.now(), **told),
        say="已登记报到", wrong={actions.Unsettled: "words"}, title="登记报到", button="登记报到",
    )  # fmt: skip
