"""个人信息保护 for the security administrator: keys, what is due, holds, certificates; and the leader's word."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiesu.cases.models import Case
from jiesu.core import vault
from jiesu.org.models import Member
from jiesu.org.rights import Right, right
from jiesu.service import erasing
from jiesu.service.models import Erasure, Hold
from jiesu.trail.models import Entry, Kind

SHOWN = 20
WATCHED = timedelta(days=30)  # looks that were refused for being too many


class HoldForm(forms.Form):
    """Which case is held, and why."""

    number = forms.CharField(
        label="工单编号", max_length=40, error_messages={"required": "请填写工单编号。"}
    )
    reason = forms.CharField(
        label="保全原因",
        max_length=200,
        error_messages={"required": "请写明保全原因，如“行政复议未了”。"},
    )


@right(Right.GUARD)
@require_safe
def guard(request: HttpRequest) -> HttpResponse:
    """The keys and their ages, what is due, what is held, and what was erased."""
    return _guard(request, HoldForm())


def _guard(request: HttpRequest, form: HoldForm, status: int = 200) -> HttpResponse:
    office, at = request.user.office, timezone.now()
    kept, rule = erasing.rule(office, at)
    erasures = Erasure.objects.filter(office=office).select_related("proposed_by", "decided_by")
    ring = vault.ring()
    refused = Entry.objects.filter(
        office=office.pk, kind=Kind.REFUSED, subject="reveals", at__gt=at - WATCHED
    )
    context = {
        "rule": rule, "due": erasing.due(office, at - kept).count(), "form": form,
        "going": erasures.filter(state__in=("proposed", "agreed")).first(),
        "erasures": erasures[:SHOWN], "master": ring.master, "master_at": ring.made_at[:10],
        "index_at": ring.index_made_at[:10],
        "keys": [
            (key.number, key.month, key.made_at[:10], _state(ring, key))
            for key in sorted(ring.data.values(), key=lambda key: -key.number)
        ],
        "holds": Hold.objects.filter(case__office=office, lifted_at=None).select_related("case", "placed_by"),
        "refused": _often(refused),
    }  # fmt: skip
    return render(request, "service/guard.html", context, status=status)


def _often(refused: object) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for pk in refused.values_list("member", flat=True):  # type: ignore[attr-defined]
        found[pk] = found.get(pk, 0) + 1
    names = dict(Member.objects.filter(pk__in=found).values_list("pk", "name"))
    return [(names.get(pk, "已离职"), many) for pk, many in found.items()]  # type: ignore[call-overload]


def _state(ring: vault.Ring, key: vault.DataKey) -> str:
    if key.secret is None:
        return f"{key.destroyed_at[:10]} 已销毁"
    return "在用" if ring.newest[key.month] == key.number else "只开不封"


@right(Right.GUARD)
@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """Propose that all that is due be erased."""
    try:
        made = erasing.propose(request.user.office, actor=request.user, at=timezone.now())
        messages.success(request, f"已提出清除 {made.cases} 件，等街道领导审批。")
    except erasing.Refused as refused:
        messages.error(request, str(refused))
    return redirect("service:guard")


@right(Right.GUARD)
@require_POST
def hold(request: HttpRequest) -> HttpResponse:
    """保全 a case."""
    form = HoldForm(request.POST)
    if form.is_valid():
        found = Case.objects.filter(
            office=request.user.office_id, number=form.cleaned_data["number"].strip()
        )
        case = found.order_by("-arrival").first()
        if case is None:
            form.add_error("number", "没有这个编号的案件，请核对。")
        else:
            try:
                erasing.hold(
                    case, reason=form.cleaned_data["reason"], actor=request.user, at=timezone.now()
                )
            except erasing.Refused as refused:
                form.add_error(None, str(refused))
    if form.errors:
        return _guard(request, form, 422)
    messages.success(request, f"{form.cleaned_data['number']} 已保全，到期也不清除。")
    return redirect("service:guard")


@right(Right.GUARD)
@require_POST
def lift(request: HttpRequest) -> HttpResponse:
    """解除保全 of the hold named in the form."""
    asked = request.POST.get("hold", "")
    pk = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
    held = Hold.objects.filter(pk=pk, case__office=request.user.office_id, lifted_at=None).first()
    if held is None:
        messages.error(request, "没有这一条保全，可能已经解除。")
    else:
        erasing.lift(held, actor=request.user, at=timezone.now())
        messages.success(request, f"{held.case.number} 已解除保全。")
    return redirect("service:guard")


@right(Right.GUARD)
@require_safe
def certificate(request: HttpRequest) -> HttpResponse:
    """清除证明 of the erasure named in the query, to be printed."""
    asked = request.GET.get("no", "")
    pk = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
    found = Erasure.objects.filter(pk=pk, office=request.user.office_id, state="done").first()
    if found is None:
        raise Http404("没有这份清除证明")
    return render(request, "service/certificate.html", {"one": found, "counts": _counts(found)})


COUNTED = {
    "cases": "案件", "events": "案件经过", "event_seals": "经过的原文", "rows": "来单原样行", "evidence": "佐证和录音",
    "files": "导入文件",
}  # fmt: skip


def _counts(one: Erasure) -> list[tuple[str, int]]:
    return [(label, one.counts.get(name, 0)) for name, label in COUNTED.items()]


@right(Right.APPROVE)
@require_http_methods(["GET", "POST"])
def approval(request: HttpRequest) -> HttpResponse:
    """The erasure that waits for a second person's word."""
    waiting = Erasure.objects.filter(office=request.user.office_id, state="proposed").first()
    if request.method == "GET":
        return render(request, "service/approval.html", {"one": waiting})
    if waiting is None or request.POST.get("no") != str(waiting.pk):
        messages.error(request, "没有待审批的清除申请，可能已有人审批。")
        return redirect("service:approval")
    agreed = request.POST.get("decision") == "agree"
    try:
        erasing.decide(waiting, agreed=agreed, actor=request.user, at=timezone.now())
        messages.success(
            request, "已同意，后台开始清除。" if agreed else "已记为不同意，什么也没有清除。"
        )
    except erasing.Refused as refused:
        messages.error(request, str(refused))
    return redirect("service:approval")
