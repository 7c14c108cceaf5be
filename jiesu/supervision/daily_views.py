"""每日关键时限清单: which there are, one of them, its file, and making one now."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe

from jiesu.cases import access
from jiesu.cases.pages import MemberRequest
from jiesu.core import responses
from jiesu.org.models import Member
from jiesu.org.rights import Right, may, right
from jiesu.rules.moments import BEIJING
from jiesu.supervision import daily, files
from jiesu.supervision.daily import KeyTime
from jiesu.supervision.models import DailyList
from jiesu.supervision.views import download
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

SHOWN = 62  # a month of two a day
HEADS = ("工单编号", "标题", "时限", "截止", "剩余", "承办", "情况")
WIDTHS = (24, 40, 12, 18, 16, 20, 14)


def _own(member: Member, *lists: DailyList) -> list[list[dict[str, Any]]]:
    """The centre sees whole lists, a unit of each the rows that were its own then and are now. One query."""
    if access.sees_all(member):
        return [one.rows for one in lists]
    own = [[row for row in one.rows if row["unit_id"] == member.unit_id] for one in lists]
    named = {row["case"] for rows in own for row in rows}
    seen = set(access.visible_to(member).filter(pk__in=named).values_list("pk", flat=True))
    return [[row for row in rows if row["case"] in seen] for rows in own]


@right(Right.BOARD)
@require_safe
def listing(request: MemberRequest) -> HttpResponse:
    """The lists that were made, newest first, with how much stood on each."""
    member: Member = request.user
    made = DailyList.objects.filter(office=member.office_id).order_by("-at")[:SHOWN]
    lists = [
        {"list": one, "counts": _counts(rows)}
        for one, rows in zip(made, _own(member, *made), strict=True)
    ]
    context = {
        "lists": lists, "levels": list(KeyTime), "may_make": may(member, Right.SUPERVISE),
        "all_shown": len(lists) < SHOWN,
    }  # fmt: skip
    return render(request, "supervision/daily.html", context)


@right(Right.BOARD)
@require_safe
def one(request: MemberRequest, pk: int) -> HttpResponse:
    """One list as things stood then, in three parts; fit to be printed and handed round."""
    found = get_object_or_404(DailyList, office=request.user.office_id, pk=pk)
    rows = _titled(request.user, *_own(request.user, found))
    parts = [
        {"level": level, "rows": [row for row in rows if row["level"] == level]}
        for level in KeyTime
    ]
    context = {
        "list": found, "parts": parts, "count": len(rows),
        "may_export": may(request.user, Right.EXPORT),
    }  # fmt: skip
    return render(request, "supervision/daily_one.html", context)


@right(Right.EXPORT)
@require_GET
def file(request: MemberRequest, pk: int) -> HttpResponse:
    """One list as xlsx."""
    found = get_object_or_404(DailyList, office=request.user.office_id, pk=pk)
    rows = _titled(request.user, *_own(request.user, found))
    at = found.at.astimezone(BEIJING)
    lines = [
        [
            row["number"], row["title"], row["kind"],
            f"{row['due_at'].astimezone(BEIJING):%Y-%m-%d %H:%M}" if row["due_at"] else "",
            row["left"], row["unit"], KeyTime.label_of(row["level"]),
        ]
        for row in rows
    ]  # fmt: skip
    leave(Kind.EXPORT, actor=request.user, subject=f"daily:{found.pk}", rows=len(lines))
    content = files.rows(f"{at:%m月%d日 %H时%M分}", HEADS, lines, WIDTHS)
    return download(content, f"关键时限清单_{at:%Y-%m-%d_%H%M}.xlsx")


@right(Right.SUPERVISE)
@require_POST
def make(request: MemberRequest) -> HttpResponse:
    """立即生成: a list as things stand this minute."""
    at = timezone.now().replace(second=0, microsecond=0)
    made = daily.make(request.user.office, at, made_at=timezone.now())
    url = reverse("supervision:daily_one", args=[made.pk])
    answer = responses.done(request, url, "已生成清单")
    if request.htmx:
        answer.headers["HX-Redirect"] = url
    return answer


def _counts(rows: list[dict[str, Any]]) -> list[int]:
    return [sum(row["level"] == level for row in rows) for level in KeyTime]


def _titled(member: Member, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the titles of those cases that the member may see. One query."""
    seen = access.visible_to(member).filter(pk__in={row["case"] for row in rows})
    titles = dict(seen.values_list("pk", "title"))
    return [
        row | {
            "title": titles.get(row["case"], ""),
            "due_at": datetime.fromisoformat(row["due"]) if row["due"] else None,
            "seen": row["case"] in titles,
        }
        for row in rows
    ]  # fmt: skip
