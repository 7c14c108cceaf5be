"""The import pages: drop a file, see what it would do, confirm, watch it, take the refused rows home."""

import tempfile
from pathlib import Path
from urllib.parse import quote

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jiesu.core import environment, personal, sealed_files
from jiesu.intake import receiving, refusals
from jiesu.intake.forms import UploadForm
from jiesu.intake.importing import stored_file
from jiesu.intake.models import Batch, BatchState, Verdict
from jiesu.org.rights import Right, right
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

PAGE = 20
SHOWN = 100
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@right(Right.IMPORT)
@require_http_methods(["GET", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """The drop zone, and the files that came before."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        made = [
            receiving.take(request.user.office, one.name, one.chunks(), member=request.user)
            for one in form.cleaned_data["files"]
        ]
        return redirect("intake:batch", made[0].pk) if len(made) == 1 else redirect("intake:home")
    batches = Batch.objects.filter(office=request.user.office_id).select_related("member")
    page = Paginator(batches, PAGE).get_page(request.GET.get("page"))
    status = 422 if form.errors else 200
    return render(request, "intake/home.html", {"form": form, "page": page}, status=status)


@right(Right.IMPORT)
@require_GET
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: what it would do, how far it is, what became of it."""
    found = _batch(request, pk)
    rows = found.arrivals.select_related("case")
    context = {
        "batch": found,
        "tiles": [(v.label, v.value, found.counts.get(v.value, 0)) for v in Verdict],
        "refusals": found.counts.get("refusals", [])[:SHOWN],
        "changed": rows.filter(verdict=Verdict.CHANGED)[:SHOWN] if _done(found) else [],
        "again": rows.filter(verdict=Verdict.ARRIVED_AGAIN)[:SHOWN] if _done(found) else [],
        "part": _part(found),
        "taken": found.counts.get("rows", 0) - found.counts.get("refused", 0),
        "going": found.state in {BatchState.RECEIVED, BatchState.QUEUED, BatchState.RUNNING},
    }
    return render(request, "intake/batch.html", context)


@right(Right.IMPORT)
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Import what was tried."""
    receiving.confirm(_batch(request, pk))
    return redirect("intake:batch", pk)


@right(Right.IMPORT)
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a file that was only tried."""
    found = _batch(request, pk)
    if receiving.discard(found):
        messages.success(request, f"已放弃 {found.name}，没有导入任何行。")
        return redirect("intake:home")
    messages.error(request, "这份文件已在导入或已完成，不能放弃。")
    return redirect("intake:batch", pk)


@right(Right.IMPORT)
@require_GET
def refused(request: HttpRequest, pk: int) -> HttpResponse:
    """The refused rows as a file, the reason in its last column."""
    found = _batch(request, pk)
    if not found.counts.get("refused") or not _done(found):
        raise Http404("没有未收的行")
    file = tempfile.TemporaryFile(dir=environment.files())  # noqa: SIM115 - the answer closes it
    with tempfile.TemporaryDirectory(dir=environment.files()) as folder:
        path = Path(folder) / "refused.xlsx"
        refusals.write(found, path)
        file.write(path.read_bytes())
    file.seek(0)
    leave(Kind.DOWNLOAD, actor=request.user, subject=f"batch:{found.pk}:refused")
    return _download(file, f"{Path(found.name).stem}-未收.xlsx", XLSX)


@right(Right.IMPORT)
@require_GET
def original(request: HttpRequest, pk: int) -> HttpResponse:
    """The file as it came."""
    found = _batch(request, pk)
    kept = tempfile.TemporaryFile(dir=environment.files())  # noqa: SIM115 - the answer closes it
    for piece in sealed_files.read(stored_file(found)):
        kept.write(piece)
    kept.seek(0)
    leave(
        Kind.DOWNLOAD,
        actor=request.user,
        subject=f"batch:{found.pk}",
        name=personal.within(found.name),
    )
    return _download(kept, found.name, "application/octet-stream")


def _batch(request: HttpRequest, pk: int) -> Batch:
    return get_object_or_404(Batch, pk=pk, office=request.user.office_id)


def _done(found: Batch) -> bool:
    return found.state == BatchState.DONE


def _part(found: Batch) -> int:
    if not found.rows_expected:
        return 0
    return min(100, found.rows_done * 100 // found.rows_expected)


def _download(file: object, name: str, kind: str) -> FileResponse:
    response = FileResponse(file, content_type=kind)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
