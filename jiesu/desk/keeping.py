"""我的筛选: choosing a filter, keeping it under a name, and the address a colleague can be sent."""

import secrets
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiesu.cases import access, filters, pages
from jiesu.cases.models import SavedFilter
from jiesu.core import responses
from jiesu.desk.forms import ChooseForm, KeepForm
from jiesu.desk.queue import count
from jiesu.org.rights import Right, right

MOST = 20  # of one member


def _list_url(query: str) -> str:
    base = reverse("desk:cases")
    return f"{base}?{query}" if query else base


def _shell(request: HttpRequest) -> str:
    return "cases/bare.html" if request.htmx else "core/page.html"


@right(Right.SEE_CASES)
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """The filter with its lists; sent, it is the address of the queue."""
    form = ChooseForm(request.GET or None, member=request.user)
    kept = SavedFilter.objects.filter(owner=request.user)
    counted = "marks" in request.GET or not request.htmx  # only where they are looked at
    context = {
        "form": form, "shell": _shell(request), "kept": kept, "list_url": reverse("desk:cases"),
        "marks": _marks(request) if counted else [],
    }  # fmt: skip
    return render(request, "desk/filter.html", context)


@dataclass(frozen=True, slots=True)
class MarkLine:
    """A mark to choose: how many of the list have it, and the address of those (of all, when it is on)."""

    label: str
    count: str
    url: str
    on: bool
    key: str


def _marks(request: HttpRequest) -> list[MarkLine]:
    """Every mark with what the list would count under it, all other filters as they are."""
    member, at = request.user, timezone.now()
    wanted = filters.read(request.GET, member)
    told = []
    for place, kind in enumerate(filters.Marked):
        found = filters.apply(
            access.visible_to(member), replace(wanted, mark=kind), member=member, at=at
        )
        on = wanted.mark is kind
        told.append(
            MarkLine(
                label=kind.label,
                count=count(found),
                on=on,
                key=str((place + 1) % 10),
                url=_list_url(wanted.query(mark=None if on else kind.value)),
            )
        )
    return told


@right(Right.KEEP)
@require_http_methods(["GET", "POST"])
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the filter that is in the address, under a name."""
    wanted = filters.read(request.GET, request.user)
    query = wanted.query()
    form = KeepForm(**pages.posted(request))
    if form.is_valid() and SavedFilter.objects.filter(owner=request.user).count() >= MOST:
        form.add_error(None, f"最多保存 {MOST} 个筛选，请先删掉不用的。")
    if form.is_valid():
        SavedFilter.objects.create(
            office_id=request.user.office_id, owner=request.user, key=secrets.token_urlsafe(9),
            name=form.cleaned_data["name"], query=query,
        )  # fmt: skip
        return responses.done(
            request, _list_url(query), f"已保存“{form.cleaned_data['name']}”，在左侧“我的筛选”里"
        )
    context = {
        "form": form, "shell": _shell(request), "wanted": wanted, "list_url": _list_url(query),
        "post_url": f"{request.path}?{query}",
    }  # fmt: skip
    return responses.form_page(request, "desk/keep.html", context)


@right(Right.SEE_CASES)
@require_safe
def saved(request: HttpRequest, key: str) -> HttpResponse:
    """A kept filter, mine or a colleague's: whoever opens it sees what they may see."""
    kept = get_object_or_404(SavedFilter, office=request.user.office_id, key=_plain(key))
    return redirect(_list_url(filters.read(QueryDict(kept.query), request.user).query()))


@right(Right.KEEP)
@require_POST
def forget(request: HttpRequest, key: str) -> HttpResponse:
    """Delete a filter of one's own."""
    kept = get_object_or_404(SavedFilter, owner=request.user, key=_plain(key))
    kept.delete()
    return responses.done(request, reverse("desk:filter"), f"已删除“{kept.name}”")


def _plain(key: str) -> str:
    return key.replace("\x00", "")
