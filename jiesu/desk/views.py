"""The desk itself: the queue, the case beside it, and one look at what is masked."""

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from jiesu.cases import access, filters, pages, traces, transitions
from jiesu.cases.filters import Filter
from jiesu.cases.models import Case
from jiesu.desk import case_page, queue, queue_bar, revealing
from jiesu.desk.forms import RevealForm
from jiesu.org.models import Member
from jiesu.org.rights import Right, Role, right
from jiesu.supervision import on_case

HOME = {  # where the work of a role begins that is not the queue
    Role.SYSTEM: "desk:members",
    Role.SECURITY: "desk:authorise",
    Role.AUDITOR: "service:trail",
    Role.ANALYST: "ledger:index",
    Role.INSPECTOR: "service:room",
    Role.PENDING: "desk:waiting",
}


@right(Right.OWN)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where the work of this role begins."""
    return redirect(HOME.get(request.user.role, "desk:cases"))


@right(Right.SEE_CASES)
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """The queue, with no case open."""
    return _desk(request, None)


@right(Right.SEE_CASES)
@require_safe
def case(request: HttpRequest, number: str, arrival: int | None = None) -> HttpResponse:
    """One case beside its queue; to htmx, which has the queue, the case alone."""
    found = access.get_case(request.user, number, arrival)
    if request.htmx and request.htmx.target == "case":
        wanted = filters.read(request.GET, request.user)
        return render(request, "desk/_case.html", _case(request, found, wanted))
    return _desk(request, found)


def _desk(request: HttpRequest, found: Case | None) -> HttpResponse:
    member: Member = request.user
    at = timezone.now()
    wanted = filters.read(request.GET, member)
    open_case = found.pk if found else None
    turn = request.GET.get("turn", "")
    page = queue.page(member, wanted, turn=turn, at=at, open_case=open_case)
    asked = traces.by_a_person(request) and not turn and found is None
    traces.searched(member, wanted, "cases", asked=asked)
    context = {
        "page": page, "wanted": wanted, "bar": queue_bar.build(member, wanted, page),
    }  # fmt: skip
    if found is not None:
        context |= _case(request, found, wanted)
    return render(request, "desk/cases.html", context)


def _case(request: HttpRequest, found: Case, wanted: Filter) -> dict[str, Any]:
    whole = "whole" in request.GET
    one = case_page.gather(request.user, found, searched=wanted.q, whole=whole, at=timezone.now())
    if not request.htmx or request.htmx.target == "case":  # opened by a person, not fetched anew
        on_case.opened(request.user, one.reminders, timezone.now())
    traces.read(
        request.user, found, opened=traces.by_a_person(request) and "whole" not in request.GET
    )
    query = wanted.query()
    back = f"{reverse('desk:cases')}?{query}" if query else reverse("desk:cases")
    more = queue.case_url(found.number, f"{query}&whole=1" if query else "whole=1")
    return {"one": one, "case": found, "back": back, "whole_url": more}


@right(Right.REVEAL)
@require_http_methods(["GET", "POST"])
def reveal(request: HttpRequest, number: str) -> HttpResponse:
    """查看个人信息: with a reason, which stays on the record; then shown once."""
    found = access.get_case(request.user, number)
    if access.look(request.user, found) is not access.Look.REVEAL:
        raise PermissionDenied(
            "个人信息已按保存期清除，不能再查看。"
            if found.erased_at
            else "诉求人要求保密，任何人都不能查看。"
        )
    form = RevealForm(**pages.posted(request))
    context = {
        "case": found, "case_url": queue.case_url(found.number), "form": form,
        "shell": "cases/bare.html" if request.htmx else "core/page.html",
        "title": "查看诉求人信息", "button": "查看并留痕",
    }  # fmt: skip
    if not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "desk/reveal.html", context, status=status)
    at = timezone.now()
    try:
        revealing.look(
            found, actor=request.user, at=at, why=form.cleaned_data["why"],
            reason=form.cleaned_data["reason"], once=form.cleaned_data["once"],
        )  # fmt: skip
    except revealing.TooMany as many:
        form.add_error(None, str(many))
        return render(request, "desk/reveal.html", context, status=429)
    except transitions.SentTwice:  # that look is on record already
        pass
    context |= {
        "revealed": case_page.revealed(found, at),
        "seconds": revealing.SECONDS,
        "minutes": revealing.SECONDS // 60,
    }
    answer = render(request, "desk/revealed.html", context)
    if request.htmx:
        answer.headers["HX-Trigger"] = json.dumps({"case-changed": {}})
    return answer
