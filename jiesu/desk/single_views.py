"""单点登录: off to the office's identity provider, and back."""

import logging
from dataclasses import asdict

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from jiesu.desk import entering
from jiesu.org import single
from jiesu.org.rights import Right, right

log = logging.getLogger("jiesu.accounts")
AWAY = "single"  # in a visitor's session: what was asked of the provider


@right(Right.PUBLIC)
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Off to the provider."""
    if not single.configured():
        raise Http404("没有设单点登录。")
    back = request.build_absolute_uri(reverse("desk:single_back"))
    try:
        address, asked = single.ask(back)
    except single.CannotSay as cannot:
        return _not(request, cannot)
    request.session[AWAY] = asdict(asked) | {"next": entering.goal(request)}
    return HttpResponseRedirect(address)


@right(Right.PUBLIC)
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """Back from the provider: in, if it says so and the account works."""
    kept = request.session.pop(AWAY, None)
    if not single.configured() or request.user.is_authenticated:
        return redirect("desk:home")
    told = request.GET
    if kept is None or told.get("error") or not told.get("code"):
        return _not(request, single.CannotSay(told.get("error", "nothing asked")[:40]))
    to = kept.pop("next")
    try:
        member = single.answer(
            single.Asked(**kept), state=told.get("state", ""), code=told["code"],
            issuer=told.get("iss", ""),
        )  # fmt: skip
    except (single.CannotSay, single.NoAccount) as cannot:
        return _not(request, cannot)
    if not member.works_at(timezone.now()):
        entering.failed(member.username, "single", member)
        return _not(request, single.NoAccount())
    return entering.come(request, member, how="single", to=to)


def _not(request: HttpRequest, cannot: Exception) -> HttpResponse:
    log.warning(
        "single sign-on failed",
        extra={"kind": type(cannot).__name__, "why": getattr(cannot, "why", "")},
    )
    entering.failed("", "single")
    messages.error(request, str(cannot))
    return redirect("desk:login")
