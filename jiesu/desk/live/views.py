"""The live desk's ordinary addresses: where the stream stands, how things are now, who is here."""

import re
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from jiesu.desk import navigation
from jiesu.desk.live import presence
from jiesu.desk.live.messages import level_label, moment
from jiesu.org.models import Member
from jiesu.org.rights import Right, by_itself, right
from jiesu.supervision.queries import gotten

TAB = re.compile(r"[\w-]{1,36}", re.ASCII)
SHOWN = 20  # unseen notices told at once; the rest are on their page


@right(Right.SEE_CASES)
@by_itself
@require_safe
def stream(request: HttpRequest) -> HttpResponse:
    """Where ``front`` answers; reached only on a server that does not have it in front."""
    return HttpResponse(
        "实时消息暂时不可用，页面会定时更新。", status=503, content_type="text/plain; charset=utf-8",
        headers={"Retry-After": "30"},
    )  # fmt: skip


@right(Right.SEE_CASES)
@by_itself
@require_safe
def now(request: HttpRequest) -> JsonResponse:
    """The counters of the rail and the member's unseen notices: for a page whose stream is away."""
    return JsonResponse(state(request.user, timezone.now()))


def state(member: Member, at: datetime) -> dict[str, Any]:
    """Return ``counters`` by address and unseen ``notices``, newest first, by a fixed number of queries."""
    sections = navigation.build(member, path="", asked={}, at=at)
    counters = [
        {"url": item.url, "count": item.count, "late": item.late}
        for section in sections
        for item in section.items
    ]
    unseen = gotten(member).filter(seen_at=None).order_by("-id")
    found = unseen.values_list(
        "id", "reminder__case_id", "reminder__case__number", "reminder__level", "reminder__due_at"
    )[:SHOWN]
    notices = [
        {
            "id": pk, "case": case, "number": number, "level": level, "label": level_label(level),
            "due": moment(due),
        }
        for pk, case, number, level, due in found
    ]  # fmt: skip
    return {"counters": counters, "notices": notices, "unseen": unseen.count()}


@right(Right.SEE_CASES)
@by_itself
@require_POST
def here(request: HttpRequest) -> HttpResponse:
    """This page shows that case now (``case`` and ``tab``), or none any more (``tab`` alone)."""
    tab, case = request.POST.get("tab", ""), request.POST.get("case", "")
    if not TAB.fullmatch(tab) or not re.fullmatch(r"\d{0,18}", case, re.ASCII):
        return HttpResponseBadRequest("页面标识不对。", content_type="text/plain; charset=utf-8")
    if not case:
        presence.leave(request.user, tab)
        return HttpResponse(status=204)
    try:
        presence.come(request.user, int(case), tab, at=timezone.now())
    except presence.NotYours:
        raise Http404("没有这个案件，或者它不归您看。") from None
    return HttpResponse(status=204)
