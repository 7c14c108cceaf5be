"""未遮盖导出: asking, deciding, fetching."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from jiesu.ledger import queries
from jiesu.ledger.register import SHEETS
from jiesu.ledger.sheets import local
from jiesu.ledger.views import XLSX
from jiesu.org.rights import Right, right
from jiesu.service import approving, copying
from jiesu.service.forms import ApproveForm, AskForm
from jiesu.service.models import Approval, ApprovalState

SHOWN = 30


@right(Right.ASK)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask for the ledger of the filter in the address, unmasked."""
    if kind not in approving.KINDS:
        raise Http404("没有这种台账，或它没有遮盖的内容。")
    at, member = timezone.now(), request.user
    wanted = queries.read_filter(request.GET.dict(), member)
    found = queries.count(queries.lines(SHEETS[kind], member, wanted, at))
    form = AskForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            approving.ask(member, kind, wanted, reason=form.cleaned_data["reason"], at=at)
        except (approving.TooMany, approving.NothingThere) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "已提出申请，领导审批后在这里下载")
            return redirect("service:asked")
    context = {
        "form": form, "sheet": SHEETS[kind], "words": queries.described(wanted), "count": found, "most": approving.most(),
        "fits": 0 < found.number <= approving.most(), "here": f"{request.path}?{wanted.query()}",
        "back_url": f"{reverse('ledger:sheet', args=[kind])}?{wanted.query()}",
    }  # fmt: skip
    return render(request, "service/ask.html", context, status=422 if form.errors else 200)


@right(Right.ASK)
@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    """What I asked for and what came of it. Opened, the answers are read."""
    found = Approval.objects.filter(asked_by=request.user).select_related("decided_by")[:SHOWN]
    lines = [_line(one) for one in found]
    if request.method == "GET":
        approving.seen(request.user, timezone.now())
    return render(request, "service/asked.html", {
        "lines": lines, "hours": int(copying.KEPT.total_seconds() // 3600), "days": approving.PATIENCE.days,
    })  # fmt: skip


def _line(one: Approval) -> dict[str, Any]:
    return {
        "one": one, "sheet": SHEETS[one.kind].title, "kept": copying.file_of(one) is not None,
        "waits": one.state == ApprovalState.WAITING, "fresh": one.is_over and one.told_at is None,
    }  # fmt: skip


@right(Right.APPROVE)
@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, and what was decided."""
    found = Approval.objects.filter(office=request.user.office_id)
    found = found.select_related("asked_by__unit", "decided_by")
    waiting = found.filter(state=ApprovalState.WAITING).order_by("asked_at")
    settled = found.exclude(state=ApprovalState.WAITING)[:SHOWN]
    return render(request, "service/approvals.html", {
        "waiting": [_line(one) for one in waiting], "settled": [_line(one) for one in settled],
        "days": approving.PATIENCE.days,
    })  # fmt: skip


@right(Right.APPROVE)
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """One application: who, what, why; 同意 or 不同意."""
    found = get_object_or_404(
        Approval.objects.select_related("asked_by__unit", "decided_by"),
        pk=pk,
        office=request.user.office_id,
    )
    form = ApproveForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        told = form.cleaned_data
        try:
            approving.decide(
                found,
                granted=told["granted"],
                note=told["note"],
                actor=request.user,
                at=timezone.now(),
            )
        except (approving.NotAnother, approving.Decided) as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(
                request, "已同意，系统正在生成" if told["granted"] else "已告诉申请人不同意"
            )
        return redirect("service:approvals")
    return render(request, "service/decide.html", {
        "form": form, "line": _line(found), "open": found.state == ApprovalState.WAITING,
        "ends_at": found.asked_at + approving.PATIENCE,
    }, status=422 if form.errors else 200)  # fmt: skip


@right(Right.ASK)
@require_safe
def unmasked(request: HttpRequest, pk: int) -> FileResponse:
    """The file that was agreed, for whoever asked."""
    found = get_object_or_404(Approval, pk=pk, asked_by=request.user)
    path = copying.file_of(found)
    if path is None:
        raise Http404("文件已清理，需要时请重新申请。")
    copying.downloaded(request.user, f"unmasked:{found.pk}")
    day = local(found.made_at) if found.made_at else local(found.asked_at)
    return FileResponse(
        path.open("rb"), as_attachment=True, content_type=XLSX,
        filename=f"{SHEETS[found.kind].title}_未遮盖_{day:%Y-%m-%d}_{found.rows}行.xlsx",
    )  # fmt: skip
