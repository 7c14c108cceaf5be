"""检查室: what an inspector opens and copies of a chosen time. Nothing of it is changed here."""

from datetime import date, timedelta
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from jiesu.catalogue.queries import rules_at
from jiesu.org.models import Member
from jiesu.org.rights import Right, right
from jiesu.service import copying
from jiesu.service.forms import CopyForm, SpanForm
from jiesu.service.models import Copy
from jiesu.service.parts import PARTS, Span
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

LINES = 100  # of a part on the page; the copy has them all
SHOWN = 50


def cycle(member: Member, day: date) -> Span:
    """Return the 考核期 that ``day`` lies in: from its first day in one month to the day before it in the next."""
    whole = rules_at(member.office, timezone.now()).whole
    first = int(whole.get("cycle", {}).get("start_day", 1))
    since = day.replace(day=first)
    if day.day < first:
        since = (day.replace(day=1) - timedelta(days=1)).replace(day=first)
    following = (since.replace(day=1) + timedelta(days=32)).replace(day=first)
    return Span(since, following - timedelta(days=1))


def _ready(member: Member, today: date) -> list[tuple[str, Span]]:
    now = cycle(member, today)
    return [
        ("今天", Span(today, today)),
        ("昨天", Span(today - timedelta(days=1), today - timedelta(days=1))),
        ("本考核期", Span(now.since, today)),
        ("上一考核期", cycle(member, now.since - timedelta(days=1))),
    ]


def _query(span: Span) -> str:
    return urlencode({"since": span.since.isoformat(), "until": span.until.isoformat()})


def _asked(request: HttpRequest) -> tuple[SpanForm, Span]:
    """The stretch that an address names; the present 考核期 so far for none or one that is wrong."""
    today = timezone.localdate()
    start = _ready(request.user, today)[2][1]
    named = "since" in request.GET or "until" in request.GET
    form = SpanForm(request.GET if named else {"since": start.since, "until": start.until})
    return form, form.span() if form.is_valid() else start


@right(Right.INSPECT)
@require_safe
def room(request: HttpRequest) -> HttpResponse:
    """Choose a time, see what there is of it, and what was taken before."""
    form, span = _asked(request)
    return _room(request, form, span)


def _room(request: HttpRequest, form: SpanForm, span: Span, *, wrong: CopyForm | None = None) -> HttpResponse:  # fmt: skip
    member, today = request.user, timezone.localdate()
    query = _query(span)
    parts = [
        {
            "part": part, "count": f"{part.count(member, span):,}",
            "url": f"{reverse('service:look', args=[part.code])}?{query}",
        }
        for part in PARTS.values()
    ]  # fmt: skip
    copies = Copy.objects.filter(member=member)[:10]
    context = {
        "form": form, "span": span, "parts": parts, "wrong": wrong,
        "ready": [
            {"label": label, "url": f"?{_query(one)}", "current": one == span}
            for label, one in _ready(member, today)
        ],
        "copies": [{"copy": one, "kept": copying.file_of(one) is not None} for one in copies],
    }  # fmt: skip
    status = 422 if wrong is not None else 200
    return render(request, "service/room.html", context, status=status)


@right(Right.INSPECT)
@require_safe
def look(request: HttpRequest, part: str) -> HttpResponse:
    """One part of a stretch of days, the newest lines of it."""
    if part not in PARTS:
        raise Http404("没有这一项。")
    found, (form, span) = PARTS[part], _asked(request)
    at = timezone.now()
    count = found.count(request.user, span)
    rows = list(found.rows(request.user, span, at, LINES))
    leave(
        Kind.READ, actor=request.user, subject=f"room:{part}", since=span.since.isoformat(),
        until=span.until.isoformat(),
    )  # fmt: skip
    context: dict[str, Any] = {
        "part": found, "form": form, "span": span, "rows": rows, "count": f"{count:,}", "more": count > len(rows),
        "shown": len(rows), "room_url": f"{reverse('service:room')}?{_query(span)}",
        "others": [
            {"title": one.title, "url": f"{reverse('service:look', args=[one.code])}?{_query(span)}", "current": one is found}
            for one in PARTS.values()
        ],
    }  # fmt: skip
    return render(request, "service/look.html", context)


@right(Right.INSPECT)
@require_http_methods(["POST"])
def take(request: HttpRequest) -> HttpResponse:
    """复制: ask for a package."""
    form = CopyForm(request.POST)
    if not form.is_valid():
        given = SpanForm({"since": request.POST.get("since"), "until": request.POST.get("until")})
        today = timezone.localdate()
        span = given.span() if given.is_valid() else _ready(request.user, today)[2][1]
        return _room(request, given, span, wrong=form)
    made = copying.ask_copy(
        request.user, form.span(), form.cleaned_data["parts"], at=timezone.now()
    )
    return redirect("service:copying", made.pk)


def _own(request: HttpRequest, pk: int) -> Copy:
    return get_object_or_404(Copy, pk=pk, member=request.user)


@right(Right.INSPECT)
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a package is; the package, when it is made. Asks again by itself until then."""
    found = _own(request, pk)
    total = len(found.parts)
    return render(request, "service/copying.html", {
        "copy": found, "span": Span(found.since, found.until), "total": total,
        "percent": min(99, found.done * 100 // max(total, 1)), "kept": copying.file_of(found) is not None,
        "hours": int(copying.KEPT.total_seconds() // 3600),
        "room_url": f"{reverse('service:room')}?{_query(Span(found.since, found.until))}",
    })  # fmt: skip


@right(Right.INSPECT)
@require_safe
def copy_file(request: HttpRequest, pk: int) -> FileResponse:
    """The package, for whoever asked for it."""
    found = _own(request, pk)
    path = copying.file_of(found)
    if path is None:
        raise Http404("文件已清理，请重新复制。")
    copying.downloaded(request.user, f"copy:{found.number}", sha256=found.sha256)
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=f"调阅件_{found.number}.zip",
        content_type="application/zip",
    )


@right(Right.COPIES)
@require_safe
def copies(request: HttpRequest) -> HttpResponse:
    """Every copy taken of the office's material: whose, of which time, when, its hash."""
    found = Copy.objects.filter(office=request.user.office_id).select_related("member__unit")
    lines = [
        {
            "copy": one, "span": Span(one.since, one.until),
            "parts": "、".join(PARTS[code].title for code in one.parts if code in PARTS),
        }
        for one in found[:SHOWN]
    ]  # fmt: skip
    return render(request, "service/copies.html", {"lines": lines, "most": SHOWN})
