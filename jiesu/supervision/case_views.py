"""What supervision does with one case: 催办 and its answer, 电话通知, 请示报告."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from jiesu.cases import access, pages
from jiesu.cases.models import Case, Part
from jiesu.cases.pages import MemberRequest
from jiesu.org.models import Unit
from jiesu.org.rights import Right, right
from jiesu.rules.workflow import Action
from jiesu.supervision import actions, alarms, forms
from jiesu.supervision.models import Notice

FORM = "cases/act.html"


@right(Right.SUPERVISE)
@require_http_methods(["GET", "POST"])
def remind(request: MemberRequest, number: str) -> HttpResponse:
    """催办: the handler, the head or a leader, in words; it must be answered."""
    case = access.get_case(request.user, number)
    form = forms.RemindForm(**pages.posted(request), units=_units(case))
    return pages.act(
        request, case, Action.REMIND, form, FORM,
        lambda **told: actions.remind(case, actor=request.user, at=timezone.now(), **told),
        say="已催办，对方看到和答复后在“提醒与催办”里", wrong={actions.Incomplete: "words"},
        title="催办", button="发出催办",
    )  # fmt: skip


def _units(case: Case) -> list[Unit]:
    """Who can be reminded: the lead first, then whoever assists and has not reported."""
    helping = case.assignments.filter(part=Part.ASSISTING, ended_at=None, reported_at=None)
    lead = [case.unit] if case.unit else []
    return [*lead, *(one.unit for one in helping.select_related("unit"))]


@right(Right.SUPERVISE)
@require_http_methods(["GET", "POST"])
def phone(request: MemberRequest, number: str) -> HttpResponse:
    """电话通知 of an alarm."""
    case = access.get_case(request.user, number)
    form = forms.PhoneForm(**pages.posted(request), initial={"called_at": timezone.now()})
    return pages.act(
        request, case, Action.PHONE, form, FORM,
        lambda **told: actions.phone(case, actor=request.user, at=timezone.now(), **told),
        say="已登记电话通知", wrong={actions.Incomplete: "called_at"},
        title="电话通知", button="登记电话通知",
    )  # fmt: skip


@right(Right.SUPERVISE)
@require_http_methods(["GET", "POST"])
def report_up(request: MemberRequest, number: str) -> HttpResponse:
    """请示报告 of an alarm."""
    case = access.get_case(request.user, number)
    form = forms.ReportUpForm(**pages.posted(request), initial={"reported_at": timezone.now()})
    return pages.act(
        request, case, Action.REPORT_UP, form, FORM,
        lambda **told: actions.report_up(case, actor=request.user, at=timezone.now(), **told),
        say="已登记请示报告", wrong={actions.Incomplete: "reported_at"},
        title="请示报告", button="登记请示报告",
    )  # fmt: skip


@right(Right.SUPERVISE)
@require_http_methods(["GET", "POST"])
def lift(request: MemberRequest, number: str) -> HttpResponse:
    """解除误报的扬言告警."""
    case = access.get_case(request.user, number)
    now = timezone.now()
    if not alarms.may_lift(request.user, case, now):
        raise PermissionDenied("扬言告警由审核员或当班带班解除。")
    return pages.act(
        request, case, Action.LIFT_ALARM, forms.LiftForm(**pages.posted(request)), FORM,
        lambda **told: alarms.lift(case, actor=request.user, at=now, **told),
        say="已解除扬言告警，不用再电话通知和请示报告", wrong={alarms.NotAlarmed: "reason"},
        title="解除扬言告警", button="不是扬言，解除告警",
    )  # fmt: skip


@right(Right.ANSWER)
@require_http_methods(["GET", "POST"])
def answer(request: MemberRequest, pk: int) -> HttpResponse:
    """催办答复, from the list of reminders or on the case's own page; by whoever got it or their unit."""
    ours = Q(member=request.user) | Q(member__unit=request.user.unit_id)
    found = Notice.objects.filter(ours, access.visible_through(request.user, "reminder__case"))
    notice = get_object_or_404(found.select_related("reminder__asked_by"), pk=pk)
    case = Case.objects.select_related("unit", "community").get(pk=notice.reminder.case_id)
    return pages.act(
        request, case, Action.ANSWER_REMINDER, forms.AnswerForm(**pages.posted(request)),
        "supervision/answer.html",
        lambda **told: actions.answer(notice, actor=request.user, at=timezone.now(), **told),
        say="已答复，催办的人看得到",
        wrong={actions.Incomplete: "answer", actions.NotYourNotice: None, actions.Answered: None},
        title="答复", button="答复", reminder=notice.reminder,
    )  # fmt: skip
