"""回访明细: drop a file, see what it would do, confirm, watch it, see what it did not match."""

import tempfile
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jiesu.assessment import uploads
from jiesu.assessment.cycles import almanac
from jiesu.assessment.forms import ResultsForm
from jiesu.assessment.models import ResultUpload
from jiesu.cases.pages import MemberRequest
from jiesu.core import environment, personal, sealed_files
from jiesu.evidence import storage
from jiesu.intake.models import BatchState
from jiesu.org.rights import Right, right
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

PAGE = 20
SHOWN = 100
GOING = {BatchState.RECEIVED, BatchState.QUEUED, BatchState.RUNNING}
TILES = (
    ("new", "新增"), ("corrected", "更正"), ("unchanged", "无变化"), ("repeated", "文件内重复"),
    ("unmatched", "不在本系统"), ("refused", "未收"),
)  # fmt: skip


@right(Right.ASSESS)
@require_http_methods(["GET", "POST"])
def home(request: MemberRequest) -> HttpResponse:
    """The drop zone, and the files that came before."""
    member, now = request.user, timezone.now()
    sent: tuple[Any, ...] = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ResultsForm(*sent, days=almanac(member.office))
    if form.is_valid():
        given = form.cleaned_data["file"]
        made = uploads.take(
            member.office, given.name or "回访明细", given.chunks(), cycle=form.cleaned_data["cycle"],
            member=member, at=now,
        )  # fmt: skip
        return redirect("assessment:upload", made.pk)
    came = ResultUpload.objects.filter(office=member.office_id).select_related("member")
    page = Paginator(came, PAGE).get_page(request.GET.get("page"))
    status = 422 if form.errors else 200
    return render(request, "assessment/results.html", {"form": form, "page": page}, status=status)


@right(Right.ASSESS)
@require_GET
def upload(request: MemberRequest, pk: int) -> HttpResponse:
    """One file: what it would do, how far it is, what became of it."""
    found = _upload(request, pk)
    counts = found.counts
    context = {
        "upload": found, "counts": counts, "going": found.state in GOING,
        "tiles": [(label, code, counts.get(code, 0)) for code, label in TILES],
        "refusals": counts.get("refusals", [])[:SHOWN], "news": counts.get("new", 0) + counts.get("corrected", 0),
        "part": 100 * found.rows_done // found.rows_expected if found.rows_expected else 0,
    }  # fmt: skip
    return render(request, "assessment/upload.html", context)


@right(Right.ASSESS)
@require_POST
def confirm(request: MemberRequest, pk: int) -> HttpResponse:
    """Import what was tried."""
    uploads.confirm(_upload(request, pk))
    return redirect("assessment:upload", pk)


@right(Right.ASSESS)
@require_POST
def discard(request: MemberRequest, pk: int) -> HttpResponse:
    """Forget a file that was only tried."""
    found = _upload(request, pk)
    if uploads.discard(found):
        messages.success(request, f"已放弃 {found.name}，没有导入任何行。")
        return redirect("assessment:results")
    messages.error(request, "这份文件已在导入或已完成，不能放弃。")
    return redirect("assessment:upload", pk)


@right(Right.ASSESS)
@require_GET
def original(request: MemberRequest, pk: int) -> HttpResponseBase:
    """The file as it came."""
    found = _upload(request, pk)
    path = storage.place(found.stored)
    if not found.stored or not path.exists():
        raise Http404("原件不在了：里面的案件已到期清除。")
    kept = tempfile.TemporaryFile(dir=environment.files())  # noqa: SIM115 - the answer closes it
    for piece in sealed_files.read(path):
        kept.write(piece)
    kept.seek(0)
    leave(
        Kind.DOWNLOAD, actor=request.user, subject=f"upload:{found.pk}",
        name=personal.within(found.name),
    )  # fmt: skip
    answer = FileResponse(kept, as_attachment=True, filename=found.name)
    answer.headers["Content-Type"] = "application/octet-stream"
    return answer


def _upload(request: MemberRequest, pk: int) -> ResultUpload:
    return get_object_or_404(ResultUpload, pk=pk, office=request.user.office_id)
