"""值班日志 on screen and as a file."""

from datetime import date
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from jiesu.ledger import actions, duty_log
from jiesu.ledger.duty_sheet import DUTY
from jiesu.ledger.views import XLSX, seen
from jiesu.org.models import Member
from jiesu.org.rights import Right, may, right


def _days(request: HttpRequest) -> tuple[date | None, date | None, list[str]]:
    """Read the days asked for; what cannot be read counts for nothing and is said."""
    told: list[date | None] = []
    wrong = []
    for name, label in (("since", "日期自"), ("until", "日期至")):
        text = request.GET.get(name, "").strip()
        try:
            told.append(date.fromisoformat(text) if text else None)
        except ValueError:
            told.append(None)
            wrong.append(f"{label}：日期看不懂，请写成 2026-11-23。")
    return told[0], told[1], wrong


def _reader(member: Member) -> None:
    if not duty_log.may_read(member):
        raise PermissionDenied("值班日志由值班中心、街道领导和分析员查看。")


@right(Right.LEDGER)
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """The log, newest shift first."""
    _reader(request.user)
    since, until, wrong = _days(request)
    found = duty_log.rows(request.user, since, until)
    page = Paginator(found, duty_log.SIZE).get_page(request.GET.get("page"))
    first = page.start_index() or 1
    query = urlencode({"since": since or "", "until": until or ""})
    handovers = list(page.object_list)
    lines = [
        {"cells": line, "url": reverse("duty:sheet", args=[one.pk])}
        for one, line in zip(handovers, duty_log.cells(handovers, first), strict=True)
    ]

    def turn(number: int) -> str:
        return f"?{query}&page={number}"

    return render(request, "ledger/duty.html", {
        "sheet": DUTY, "sheets": seen(request.user), "lines": lines, "wrong": wrong,
        "since": since, "until": until, "count": page.paginator.count,
        "words": duty_log.said(since, until),
        "export_url": f"{reverse('ledger:duty_export')}?{query}" if may(request.user, Right.EXPORT) else "",
        "previous_url": turn(page.number - 1) if page.has_previous() else "",
        "next_url": turn(page.number + 1) if page.has_next() else "",
        "page_text": f"第 {first}–{page.end_index()} 行，共 {page.paginator.count} 行",
    })  # fmt: skip


@right(Right.EXPORT)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The log of those days as a file, written while the browser waits."""
    _reader(request.user)
    since, until, _ = _days(request)
    made, path = duty_log.take(request.user, since, until, at=timezone.now())
    with_content = path.open("rb")
    path.unlink()  # it lives as long as it is being sent
    return FileResponse(
        with_content, as_attachment=True, filename=actions.file_name(made), content_type=XLSX
    )
