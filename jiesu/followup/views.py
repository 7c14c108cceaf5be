"""三率研判: whom to call, the sheet of one call, and what else came up."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from jiesu.cases import access, pages
from jiesu.cases.models import Case
from jiesu.cases.pages import MemberRequest
from jiesu.followup import actions, players, queries, questions, speech
from jiesu.followup.forms import MatterForm, SettleForm, SheetForm
from jiesu.followup.models import Basis, Matter, Recording
from jiesu.handling import queries as handling
from jiesu.org.rights import Right, may, right
from jiesu.rules.call_back import Verdict
from jiesu.rules.follow_up import Worry
from jiesu.rules.workflow import Action, Stage

SHOWN = 60


@right(Right.FOLLOW_UP)
@require_safe
def queue(request: MemberRequest) -> HttpResponse:
    """回访队列: whom to call first and why; the figures of the cycle."""
    at = timezone.now()
    found = queries.queue(request.user, at)
    wanted = request.GET.get("worry", "")
    only = Worry(wanted) if wanted in set(Worry) else None
    chosen = [one for one in found if only is None or only in {r.worry for r in one.reasons}]
    worries = [
        {
            "worry": worry, "count": count, "current": worry is only,
        }
        for worry in Worry
        if (count := sum(worry in {r.worry for r in one.reasons} for one in found))
    ]  # fmt: skip
    return render(
        request, "followup/queue.html",
        {
            "waiting": chosen[:SHOWN], "more": max(len(chosen) - SHOWN, 0), "total": len(found),
            "worries": worries, "only": only, "figures": queries.figures(request.user, at), "at": at,
            "matters": queries.open_matters(request.user).count(),
            "recent": queries.recent(request.user, 8),
        },
    )  # fmt: skip


@right(Right.FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def sheet(request: MemberRequest, number: str) -> HttpResponse:
    """回访单: the case's facts, what to ask, what was answered, and what comes of it."""
    case = access.get_case(request.user, number)
    at = timezone.now()
    heard = queries.recording_for(case, request.GET.get("recording", ""))
    at_call = (heard.called_at if heard else None) or at
    basis = Basis.RECORDING if heard else Basis.CALL
    first = {"called_at": at_call, "recording": heard, "basis": basis.value}
    form = SheetForm(**pages.posted(request), case=case, initial=first)
    return pages.act(
        request, case, Action.CALL_BACK, form, "followup/sheet.html",
        lambda **told: actions.call_back(case, actor=request.user, at=at, **told),
        say=lambda verdict, **told: _said(case, verdict), wrong={actions.Incomplete: None},
        title="回访单", wide=True, **_facts(request, case, heard),
    )  # fmt: skip


def _facts(request: MemberRequest, case: Case, heard: Recording | None) -> dict[str, Any]:
    """What the sheet shows beside the form; asked for only when it is shown."""
    reveals = access.look(request.user, case) is access.Look.REVEAL and bool(case.sealed)
    closes = case.stage == Stage.STREET_CALL_BACK and may(request.user, Right.CLOSE)
    return {
        "questions": lambda: questions.suggested(case),
        "contacts": lambda: handling.contacts_of(case),
        "findings": lambda: handling.findings_of(case),
        "made": lambda: queries.of_case(case),
        "player": lambda: players.of(heard) if heard else None, "engine": speech.available(),
        "recordings": lambda: case.recordings.order_by("-id"),
        "reveals": reveals, "closes": closes,
    }  # fmt: skip


def _said(case: Case, verdict: str) -> str:
    if verdict == Verdict.FAILED:
        return f"已退回 {case.unit or '主办单位'} 重新办理，时限重新起算"
    if verdict == Verdict.AGAIN:
        return "已记下这次回访，此件留在回访队列"
    return "回访通过，已办结" if case.stage == Stage.CLOSED else "回访通过"


@right(Right.FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def matter(request: MemberRequest, number: str) -> HttpResponse:
    """登记关联事项."""
    case = access.get_case(request.user, number)
    return pages.act(
        request, case, Action.MATTER, MatterForm(**pages.posted(request)), "cases/act.html",
        lambda words, once: actions.open_matter(case, words=words, actor=request.user, at=timezone.now()),
        say="已登记关联事项", wrong={actions.Incomplete: "words"},
        title="登记关联事项", button="登记，跟到了结",
    )  # fmt: skip


@right(Right.FOLLOW_UP)
@require_safe
def matters(request: MemberRequest) -> HttpResponse:
    """关联事项 that nobody has settled yet."""
    found = queries.open_matters(request.user)
    return render(
        request, "followup/matters.html", {"matters": found[:200], "count": found.count()}
    )


@right(Right.FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def settle(request: MemberRequest, pk: int) -> HttpResponse:
    """了结关联事项."""
    found = Matter.objects.filter(access.visible_through(request.user, "case"), pk=pk).first()
    if found is None:
        raise Http404("没有这件事项，或者它不归您看。")
    return pages.act(
        request, found.case, Action.MATTER, SettleForm(**pages.posted(request)),
        "followup/settle.html",
        lambda **told: actions.settle(found, actor=request.user, at=timezone.now(), **told),
        say="已了结", wrong={actions.Incomplete: "outcome"}, title="了结关联事项",
        button="了结", matter=found,
    )  # fmt: skip
