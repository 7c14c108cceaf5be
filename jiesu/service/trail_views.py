"""操作留痕 for the auditor: found, read, taken out; and 核对, the chain held against itself."""

from typing import Any, Final

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST, require_safe

from jiesu.core import environment
from jiesu.ledger.sheets import local
from jiesu.org.models import Member
from jiesu.org.rights import Right, right
from jiesu.service import actions, trail_file
from jiesu.service import trail_queries as queries
from jiesu.service.models import Verification
from jiesu.service.trail_forms import TrailForm
from jiesu.service.trail_queries import Wanted
from jiesu.trail import chain, roles
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind
from jiesu.trail.report import SOURCES, TABLES

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
READS: Final = Right.TRAIL  # who may read the trail
CHECKS: Final = Right.TRAIL  # who may have the chain walked
SHOWN = 10  # verifications and anchors


@right(READS)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The entries, newest first."""
    form, wanted, kept = _read(request)
    text = request.GET.get("before", "")
    before = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    lines, following = queries.page(_member(request), wanted, before=before)
    number = queries.count(_member(request), wanted)
    if kept and before is None:
        leave(Kind.SEARCH, actor=_member(request), subject="trail", words=wanted.words())
    here = reverse("service:trail")
    context = {
        "form": form, "lines": lines, "words": wanted.words(), "narrowed": bool(kept), "here": here,
        "count": f"{queries.COUNTED}+" if number > queries.COUNTED else str(number),
        "said": [f"{form.fields[name].label}：{text}" for name, texts in form.errors.items() for text in texts],
        "next_url": f"{here}?{urlencode(kept | {'before': following})}" if following else "",
        "previous_url": f"{here}?{urlencode(kept)}" if before is not None else "",
        "query": urlencode(kept), "export_url": _url("service:trail_export", kept),
        "bad": Verification.objects.filter(good__isnull=False).values_list("good", flat=True).first() is False,
    }  # fmt: skip
    return render(request, "service/trail.html", context)


@right(READS)
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry, all of it."""
    found = queries.one(_member(request), pk)
    if found is None:
        raise Http404("没有这条留痕。")
    (line,) = queries.said([found])
    context = {
        "line": line, "entry": found, "pairs": queries.pairs(found.facts),
        "of_case": _url("service:trail", {"number": line.number} if line.number else {}),
        "of_who": _url("service:trail", {"who": found.username} if found.username else {}),
    }  # fmt: skip
    return render(request, "service/trail_one.html", context)


@right(READS)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The entries that are wanted, as xlsx."""
    member, (_, wanted, kept) = _member(request), _read(request)
    if queries.count(member, wanted, trail_file.MOST) > trail_file.MOST:
        messages.error(request, f"超过 {trail_file.MOST:,} 行，请用“自”“至”分段导出。")
        return redirect(_url("service:trail", kept))
    at = timezone.now()
    path, rows = trail_file.write(member, wanted, at=at)
    content = path.open("rb")
    path.unlink()  # it lives as long as it is being sent
    name = f"操作留痕_{local(at):%Y-%m-%d}_{rows}行.xlsx"
    return FileResponse(content, as_attachment=True, filename=name, content_type=XLSX)


@right(CHECKS)
@require_safe
def checking(request: HttpRequest) -> HttpResponse:
    """核对: where the chain ends, what the last walks found, what was written outside."""
    held, unread = actions.kept_anchors()
    found = list(Verification.objects.select_related("asked_by")[:SHOWN])
    context: dict[str, Any] = {
        "head": chain.head(), "verifications": [_shown(one) for one in found],
        "going": next((one for one in found if one.going), None), "warnings": roles.warnings(),
        "anchors": held[: -SHOWN - 1 : -1], "anchors_set": environment.anchors() is not None,
        "unread": unread,
    }  # fmt: skip
    return render(request, "service/checking.html", context)


@right(CHECKS)
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Have the chain walked now."""
    made = actions.ask(_member(request), at=timezone.now())
    return redirect("service:checked", made.pk)


@right(CHECKS)
@require_safe
def checked(request: HttpRequest, pk: int) -> HttpResponse:
    """One walk: how far it is; what it found."""
    found = Verification.objects.select_related("asked_by").filter(pk=pk).first()
    if found is None:
        raise Http404("没有这次核对。")
    return render(request, "service/checked.html", {"one": found, "told": _shown(found)})


def _member(request: HttpRequest) -> Member:
    return request.user  # type: ignore[return-value]


def _read(request: HttpRequest) -> tuple[TrailForm, Wanted, dict[str, str]]:
    """The form, what it asks for, and that as words for an address."""
    form = TrailForm(request.GET, auto_id="trail-%s")
    form.is_valid()
    wanted = Wanted.of(form.cleaned_data)
    return form, wanted, _told(wanted)


def _told(wanted: Wanted) -> dict[str, str]:
    return {name: str(value) for name in Wanted.__slots__ if (value := getattr(wanted, name))}


def _url(name: str, kept: dict[str, str]) -> str:
    return reverse(name) + (f"?{urlencode(kept)}" if kept else "")


def _shown(found: Verification) -> dict[str, Any]:
    """A walk as its page tells it."""
    told = found.report
    rows = told.get("rows", {})
    faults = [fault | {"label": TABLES.get(fault["table"], "")} for fault in told.get("faults", [])]
    return {
        "one": found, "faults": faults, "hidden": told.get("all_faults", 0) - len(faults),
        "rows": [(source.label, f"{rows.get(name, 0):,}") for name, source in SOURCES.items()],
        "links": f"{told.get('links', 0):,}", "speed": f"{told.get('rows_per_second', 0):,}",
        "all_faults": told.get("all_faults", 0), "anchors": told.get("anchors", 0),
        "erased": told.get("erased", 0), "cleared": told.get("cleared", 0), "seconds": told.get("seconds", 0), "hash": told.get("hash", ""),
        "unread": told.get("anchors_unread", ""), "seq": told.get("seq", 0),
    }  # fmt: skip
