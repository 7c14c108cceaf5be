"""我的账号: what everybody does about their own account, one without a role as well."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from jiesu.desk import browsers
from jiesu.org import sittings
from jiesu.org.models import Member
from jiesu.org.rights import Right, by_itself, right
from jiesu.trail import whereabouts


@right(Right.OWN)
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Password, second step, and where one is logged in."""
    return render(
        request,
        "desk/account.html",
        {"sittings": sittings_of(request.user, request.session.session_key)},
    )


@right(Right.OWN)
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """End one of one's own sessions (``session`` its mark), or all but this one."""
    only = request.POST.get("session") or None
    here = request.session.session_key
    ended = sittings.end(request.user, actor=request.user, why="ended", keep=here, only=only)
    messages.success(request, f"已退出 {ended} 处登录" if ended else "那处登录已经退出了")
    return redirect("desk:account")


@right(Right.OWN)
@by_itself
@require_safe
def left(request: HttpRequest) -> JsonResponse:
    """How many seconds are left if nobody does anything. Asking does not make it longer."""
    return JsonResponse(_left(request))


@right(Right.OWN)
@require_POST
def stay(request: HttpRequest) -> JsonResponse:
    """Somebody is there: the idle time begins anew."""
    sittings.keep_going(request.session, request.user, at=timezone.now(), told=True)
    return JsonResponse(_left(request))


def _left(request: HttpRequest) -> dict[str, Any]:
    ends, longest = request.session.ends
    left = (ends - timezone.now()).total_seconds() if ends else 0
    return {"left": max(0, int(left)), "longest": longest}


def sittings_of(member: Member, here: str | None = None) -> list[dict[str, Any]]:
    """Return where a member is logged in, in words; ``here`` is the key of the session that asks."""
    return [
        {
            "one": row, "mark": whereabouts.mark(row.session_key), "here": row.session_key == here,
            "browser": browsers.said(row.browser), "how": sittings.said_how(row.how),
        }
        for row in sittings.sittings_of(member, timezone.now())
    ]  # fmt: skip
