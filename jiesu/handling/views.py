"""接单, 联系, 上门, 进展, 延期, 结果, 审核, 办结."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from jiesu.cases import access, pages
from jiesu.cases.clocks import NotPausable
from jiesu.cases.models import Case
from jiesu.cases.pages import MemberRequest
from jiesu.evidence import actions as evidence
from jiesu.handling import actions, forms, queries
from jiesu.org.rights import Right, right
from jiesu.rules.workflow import Action
from jiesu.triage import asking

FORM = "cases/act.html"
A_DAY = timedelta(days=1)


@right(Right.HANDLE)
@require_http_methods(["GET", "POST"])
def accept(request: MemberRequest, number: str) -> HttpResponse:
    """接单: one press."""
    case = access.get_case(request.user, number)
    return pages.press(
        request, case, Action.ACCEPT,
        lambda **told: actions.accept(case, actor=request.user, at=timezone.now(), **told),
        say=f"{request.user.unit} 已接单，请尽快联系诉求人", wrong=(actions.Incomplete,),
    )  # fmt: skip


@right(Right.HANDLE)
@require_http_methods(["GET", "POST"])
def contact(request: MemberRequest, number: str) -> HttpResponse:
    """联系诉求人: one attempt, with its recording."""
    case = access.get_case(request.user, number)
    at = timezone.now()
    form = forms.ContactForm(**pages.posted(request), initial={"contacted_at": at})
    return pages.act(
        request, case, Action.CONTACT, form, FORM, _with_files(request, case, actions.contact, at),
        say="已登记联系情况", wrong={actions.Incomplete: "contacted_at"},
        title="联系诉求人", button="登记联系情况",
    )  # fmt: skip


@right(Right.HANDLE)
@require_http_methods(["GET", "POST"])
def visit(request: MemberRequest, number: str) -> HttpResponse:
    """上门（现场）, with its pictures."""
    case = access.get_case(request.user, number)
    at = timezone.now()
    form = forms.VisitForm(
        **pages.posted(request), initial={"visited_at": at, "place": case.location}
    )
    return pages.act(
        request, case, Action.VISIT, form, FORM, _with_files(request, case, actions.visit, at),
        say="已登记现场情况", wrong={actions.Incomplete: "visited_at"},
        title="上门（现场）", button="登记现场情况",
    )  # fmt: skip


@right(Right.HANDLE)
@require_http_methods(["GET", "POST"])
def progress(request: MemberRequest, number: str) -> HttpResponse:
    """办理进展."""
    case = access.get_case(request.user, number)
    return pages.act(
        request, case, Action.PROGRESS, forms.ProgressForm(**pages.posted(request)), FORM,
        _with_files(request, case, actions.progress, timezone.now()),
        say="已记入办理进展", wrong={actions.Incomplete: "note"},
        title="办理进展", button="记入办理进展",
    )  # fmt: skip


@right(Right.HANDLE)
@require_http_methods(["GET", "POST"])
def assist_report(request: MemberRequest, number: str) -> HttpResponse:
    """协办反馈: an assisting unit reports to the lead."""
    case = access.get_case(request.user, number)
    return pages.act(
        request, case, Action.ASSIST_REPORT, forms.AssistReportForm(**pages.posted(request)), FORM,
        _with_files(request, case, actions.assist_report, timezone.now()),
        say="已反馈给主办单位", wrong={actions.Incomplete: "note"},
        title="协办反馈", button=f"反馈给 {case.unit or '主办单位'}",
    )  # fmt: skip


@right(Right.HANDLE)
@require_http_methods(["GET", "POST"])
def extend(request: MemberRequest, number: str) -> HttpResponse:
    """申请延期."""
    case = access.get_case(request.user, number)
    at = timezone.now()
    lead = queries.lead_of(case)
    due = lead.due_at if lead and lead.due_at else at
    form = forms.ExtendForm(**pages.posted(request), initial={"until": due + A_DAY})
    return pages.act(
        request, case, Action.EXTEND, form, "handling/extend.html",
        lambda **told: actions.extend(case, actor=request.user, at=at, **told),
        say="已申请延期，等待审批", wrong={actions.Incomplete: "until"},
        title="申请延期", button="申请延期，等待审批", lead=lead,
    )  # fmt: skip


@right(Right.DECIDE)
@require_http_methods(["GET", "POST"])
def decide_extension(request: MemberRequest, number: str) -> HttpResponse:
    """批延期."""
    case = access.get_case(request.user, number)
    return pages.act(
        request, case, Action.GRANT_EXTENSION, forms.DecideExtensionForm(**pages.posted(request)),
        "handling/decide_extension.html",
        lambda **told: actions.decide_extension(case, actor=request.user, at=timezone.now(), **told),
        say=lambda granted, **told: "已同意延期" if granted else "未同意延期，按原时限办理",
        wrong={actions.Incomplete: "note"}, title="审批延期",
        asked=lambda: queries.last(case, Action.EXTEND),
    )  # fmt: skip


@right(Right.HANDLE)
@require_http_methods(["GET", "POST"])
def submit(request: MemberRequest, number: str) -> HttpResponse:
    """提交结果, with the record of contacts in sight and the reason of an earlier rejection."""
    case = access.get_case(request.user, number)
    asked, before = asking.asked(case), queries.last(case, Action.SUBMIT)
    form = forms.SubmitForm(
        **pages.posted(request), initial={"result": case.result}, points=asked.to_answer,
        given=asking.answers_of(before),
    )  # fmt: skip
    return pages.act(
        request, case, Action.SUBMIT, form, "handling/submit.html",
        lambda **told: actions.submit(case, actor=request.user, at=timezone.now(), **told),
        say="已提交结果，等待审核", wrong={actions.Unanswered: None, actions.Incomplete: "result"},
        title="提交结果", wide=True, unsettled=asked.unsettled,
        rejected=lambda: queries.last(case, Action.REJECT) if case.result else None,
        contacts=lambda: queries.contacts_of(case), findings=lambda: queries.findings_of(case),
    )  # fmt: skip


@right(Right.REVIEW)
@require_http_methods(["GET", "POST"])
def review(request: MemberRequest, number: str) -> HttpResponse:
    """审核: the result beside the record it must agree with."""
    case = access.get_case(request.user, number)
    asked, submitted = asking.asked(case), queries.last(case, Action.SUBMIT)
    return pages.act(
        request, case, Action.PASS, forms.ReviewForm(**pages.posted(request)), "handling/review.html",
        lambda **told: actions.review(case, actor=request.user, at=timezone.now(), **told),
        say=lambda passed, **told: "审核通过，进入街道回访" if passed else f"已驳回，退{case.unit}改正",
        wrong={actions.Unanswered: None, actions.Incomplete: "note"}, title="审核", wide=True,
        answers=lambda: asking.answered(asked, submitted), unsettled=asked.unsettled,
        submitted=submitted,
        contacts=lambda: queries.contacts_of(case), findings=lambda: queries.findings_of(case),
    )  # fmt: skip


@right(Right.CLOSE)
@require_http_methods(["GET", "POST"])
def close(request: MemberRequest, number: str) -> HttpResponse:
    """办结."""
    case = access.get_case(request.user, number)
    return pages.act(
        request, case, Action.CLOSE, forms.CloseForm(**pages.posted(request)), FORM,
        lambda **told: actions.close(case, actor=request.user, at=timezone.now(), **told),
        say="已办结", title="办结", button="办结此件",
    )  # fmt: skip


@right(Right.REVIEW)
@require_http_methods(["GET", "POST"])
def reopen(request: MemberRequest, number: str) -> HttpResponse:
    """重新办理: a closed case was not solved after all."""
    case = access.get_case(request.user, number)
    return pages.act(
        request, case, Action.REOPEN, forms.ReopenForm(**pages.posted(request)), FORM,
        lambda **told: actions.reopen(case, actor=request.user, at=timezone.now(), **told),
        say="已转入重新办理", wrong={actions.Incomplete: "note"},
        title="重新办理", button=f"交 {case.unit or '原主办单位'} 重新办理",
    )  # fmt: skip


@right(Right.NOTE)
@require_http_methods(["GET", "POST"])
def note(request: MemberRequest, number: str) -> HttpResponse:
    """备注."""
    case = access.get_case(request.user, number)
    return pages.act(
        request, case, Action.NOTE, forms.NoteForm(**pages.posted(request)), FORM,
        lambda **told: actions.remark(case, actor=request.user, at=timezone.now(), **told),
        say="已记入备注", wrong={actions.Incomplete: "note"}, title="备注", button="记入案件经过",
    )  # fmt: skip


@right(Right.PAUSE)
@require_http_methods(["GET", "POST"])
def pause(request: MemberRequest, number: str) -> HttpResponse:
    """暂停计时: one of the street's own clocks, with the cause."""
    case = access.get_case(request.user, number)
    at = timezone.now()
    form = forms.PauseForm(**pages.posted(request), clocks=queries.pausable(case), at=at)
    return pages.act(
        request, case, Action.PAUSE_CLOCK, form, "handling/pause.html",
        lambda **told: actions.pause_clock(case, actor=request.user, at=at, **told),
        say=lambda clock, **told: f"“{clock.label}”已暂停计时", wrong={NotPausable: "cause"},
        title="暂停计时", button="暂停计时", none="没有可以暂停的时限。工单自身的时限和已逾期的时限不能暂停。",
    )  # fmt: skip


@right(Right.PAUSE)
@require_http_methods(["GET", "POST"])
def resume(request: MemberRequest, number: str) -> HttpResponse:
    """恢复计时."""
    case = access.get_case(request.user, number)
    at = timezone.now()
    form = forms.ResumeForm(**pages.posted(request), clocks=queries.paused(case), at=at)
    return pages.act(
        request, case, Action.RESUME_CLOCK, form, "handling/pause.html",
        lambda **told: actions.resume_clock(case, actor=request.user, at=at, **told),
        say=lambda clock, **told: f"“{clock.label}”已恢复计时", wrong={NotPausable: "note"},
        title="恢复计时", button="恢复计时", none="没有暂停着的时限。",
    )  # fmt: skip


def _with_files(
    request: MemberRequest, case: Case, verb: Callable[..., Any], at: datetime
) -> Callable[..., None]:
    """The verb, and then the form's files into evidence: both or neither."""

    @transaction.atomic
    def do(files: Sequence[evidence.Checked], **told: Any) -> None:
        event = verb(case, actor=request.user, at=at, **told)
        evidence.add(case, files, actor=request.user, at=at, note=event.label)

    return do
