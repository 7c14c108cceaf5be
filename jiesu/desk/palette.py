"""命令面板 (Ctrl-K): where a member may go, by name or pinyin initials, and cases by number or words."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from jiesu.cases import access
from jiesu.core import personal
from jiesu.core.initials import initials
from jiesu.desk import batch, case_actions, navigation
from jiesu.desk.queue import case_url
from jiesu.org.models import Member
from jiesu.org.rights import Right, may, right
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

CASES = 8
SHORTEST, LONGEST = 2, 60  # of what is looked for among the cases
COMMANDS = (
    "切换外观",
    "键盘帮助",
    "退出登录",
    "提示声音",
    "复制编号",
    "筛选",
    "搜索案件",
    "选择案件",
)


@right(Right.MEMBER)
@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    """Everything one can go to; with ``q``, the cases that it finds."""
    member: Member = request.user  # type: ignore[assignment]
    if "q" in request.GET:
        return JsonResponse({"cases": _cases(member, request.GET["q"])})
    words = [choice.label for choice in case_actions.TABLE]
    words += [*COMMANDS, "续认领", "接手", *(verb.label for verb in batch.VERBS.values())]
    return JsonResponse(
        {"go": _places(member), "initials": {label: initials(label) for label in words}}
    )


def _places(member: Member) -> list[dict[str, str]]:
    """Every place of the rail, and what is nobody's room."""
    found = [
        (section.title or "工作台", item.label, item.url, item.count)
        for section in navigation.build(member, path="", asked={}, at=timezone.now())
        for item in section.items
    ]
    own = [("我的草稿", "drafts"), ("我的账号", "account")]
    found += [("我的", label, reverse(f"desk:{name}"), "") for label, name in own]
    return [
        {"label": label, "url": url, "hint": f"{group} {count}".strip(), "find": initials(label)}
        for group, label, url, count in found
    ]


def _cases(member: Member, query: str) -> list[dict[str, Any]]:
    """The newest cases that the words find, of those the member may see."""
    query = query.replace("\x00", "").strip()[:LONGEST]
    if len(query) < SHORTEST or not may(member, Right.SEE_CASES):
        return []
    leave(Kind.SEARCH, actor=member, subject="palette", q=personal.within(query))
    found = access.visible_to(member).matching(query).newest()
    return [
        {"label": case.title or case.number, "hint": f"{case.number} · {case.stage_label}",
         "url": case_url(case.number)}
        for case in found.only("number", "title", "stage", "office")[:CASES]
    ]  # fmt: skip
