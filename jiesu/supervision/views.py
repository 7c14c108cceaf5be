"""The pages of supervision: the board, the reminders I got, everybody's reminders."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_safe

from jiesu.cases import access
from jiesu.cases.filters import NONE
from jiesu.cases.pages import MemberRequest
from jiesu.org.models import Member, Unit
from jiesu.org.rights import Right, may, right
from jiesu.rules.moments import BEIJING
from jiesu.supervision import actions, board, files, queries, tables
from jiesu.supervision.forms import RemindersForm
from jiesu.supervision.models import ChannelState
from jiesu.supervision.queries import Wanted
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

SORTED = ("unit", "community", "stage", "hand")


@right(Right.BOARD)
@require_safe
def home(request: MemberRequest) -> HttpResponse:
    """督办看板: what is late or soon will be, whose it is, and how long each hand keeps a case."""
    member: Member = request.user
    at = timezone.now()
    asked = {name: request.GET[name] for name in SORTED if request.GET.get(name)}
    found = _gather(member, at, asked)
    dead = ChannelState.objects.filter(office=member.office_id, dead_since__isnull=False)
    context = found | {
        "at": at, "alarms": queries.alarms(member, at), "dead": dead.order_by("dead_since"),
        "may_export": may(member, Right.EXPORT), "may_supervise": may(member, Right.SUPERVISE),
    }  # fmt: skip
    return render(request, "supervision/board.html", context)


@right(Right.EXPORT)
@require_GET
def file(request: MemberRequest) -> HttpResponse:
    """The board as xlsx, with the same numbers in the same order."""
    member: Member = request.user
    at = timezone.now()
    asked = {name: request.GET[name] for name in SORTED if request.GET.get(name)}
    found = _gather(member, at, asked)
    figures = [(one["label"], one["number"]) for one in found["figures"]]
    words = "，".join(asked.values())
    leave(Kind.EXPORT, actor=member, subject="supervision:board", words=words)
    name = f"督办看板_{at.astimezone(BEIJING):%Y-%m-%d_%H%M}.xlsx"
    return download(files.board(member, figures, found["tables"], at), name)


def _gather(member: Member, at: datetime, asked: dict[str, str]) -> dict[str, Any]:
    """The figures and tables of the board: a fixed number of queries, whatever the office holds."""
    units = board.units_of(member)
    found = board.counts(member, units, at)
    whole = found.whole
    unseen = queries.unseen_of_office(member)
    everybody = access.sees_all(member)
    reminders = reverse("supervision:everybodys" if everybody else "supervision:reminders")
    figures = [
        _figure("逾期", whole.late, tables.cases(due="late"), "late", "最近一项时限已过"),
        _figure("今日到期", whole.today, tables.cases(due="today"), "soon", "今天 24 点前"),
        _figure("24 小时内到期", whole.day, tables.cases(due="day"), "", "此后 24 小时"),
        _figure(
            "未看到的提醒", unseen, f"{reminders}?state=unseen&running=1" if everybody else reminders, "",
            "在办案件的提醒，还没有人看" if everybody else "发给我的，我还没有看",
        ),
    ]  # fmt: skip
    return {
        "figures": figures,
        "open_count": whole.open,
        "tables": [
            tables.units(found.units, asked), tables.communities(found.communities, asked),
            tables.dwell(board.dwell(member, at), asked),
            tables.hands(board.hands(member, units, at), asked),
        ],
    }  # fmt: skip


def _figure(label: str, number: int, url: str, tone: str, about: str) -> dict[str, Any]:
    return {
        "label": label, "number": number, "url": url, "tone": tone if number else "", "about": about,
    }  # fmt: skip


@right(Right.SEE_CASES)
@require_safe
def reminders(request: MemberRequest) -> HttpResponse:
    """我的提醒: what I got, unseen first. Opened by a person (not fetched anew by the page), it is seen."""
    member: Member = request.user
    before = request.GET.get("before", "")
    found = queries.mine(
        member, before=int(before) if before.isdecimal() and len(before) < 16 else None
    )
    if found.unseen and request.method == "GET" and not request.htmx:
        actions.seen(member, found.unseen, at=timezone.now())
    context = {
        "page": found, "at": timezone.now(), "sees_all": access.sees_all(member),
        "next_url": f"{request.path}?before={found.following}" if found.following else "",
        "previous_url": request.path if before else "",
    }  # fmt: skip
    return render(request, "supervision/reminders.html", context)


@right(Right.BOARD)
@require_safe
def everybodys(request: MemberRequest) -> HttpResponse:
    """全部提醒: every reminder of the office, whom it reached and what came of it. For who sees all cases."""
    member: Member = request.user
    if not access.sees_all(member):
        return redirect("supervision:reminders")
    units = list(Unit.objects.filter(office=member.office_id, active=True))
    form = RemindersForm(request.GET, units=units, levels=queries.levels_of(member))
    form.is_valid()
    told = form.cleaned_data
    unit = told.get("unit") or ""
    wanted = Wanted(
        unit=next((one.pk for one in units if one.code == unit), None), no_unit=unit == NONE,
        level=told.get("level") or "", state=told.get("state") or None,
        origin=told.get("origin") or None, running=bool(told.get("running")),
    )  # fmt: skip
    found = queries.page(member, wanted, before=_cursor(request.GET.get("before", "")))
    count = queries.everybodys(member, wanted).order_by()[: queries.COUNTED + 1].count()
    kept = request.GET.copy()
    kept.pop("before", None)
    back = f"{request.path}?{kept.urlencode()}" if kept else request.path
    sign = "&" if kept else "?"
    context = {
        "page": found, "form": form, "at": timezone.now(), "narrowed": any(told.values()),
        "count": count, "more": count > queries.COUNTED, "here": request.path,
        "next_url": f"{back}{sign}before={found.following}" if found.following else "",
        "previous_url": back if request.GET.get("before") else "",
    }  # fmt: skip
    return render(request, "supervision/everybodys.html", context)


def _cursor(text: str) -> tuple[datetime, int] | None:
    """Where a page begins; None for the first, and for anything made up."""
    at, _, pk = text.replace(" ", "+").partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    if not pk.isdecimal() or len(pk) > 15 or moment.tzinfo is None:
        return None
    return moment, int(pk)


def download(content: bytes, name: str) -> HttpResponse:
    """A file of ours under its Chinese name."""
    answer = HttpResponse(content, content_type=files.XLSX)
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    return answer
