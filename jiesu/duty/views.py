"""值班表: the month, one shift, one's own shifts, and coming and leaving by the button."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiesu.cases import pages
from jiesu.catalogue.queries import calendar_of
from jiesu.duty import actions, attendance, files, month, roster
from jiesu.duty import strip as strips
from jiesu.duty.forms import PutForm, standing
from jiesu.duty.models import Pattern, Post, Shift, Swap
from jiesu.duty.roster import Refused, turn_of
from jiesu.duty.settings import rules_of
from jiesu.org.models import Member
from jiesu.org.rights import Right, by_itself, may, right
from jiesu.rules.rota import Turn, cover_of, span
from jiesu.trail import actions as trail
from jiesu.trail.models import Kind

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABS = (
    ("rota", "值班表", Right.DUTY),
    ("mine", "我的班", Right.STAND_DUTY),
    ("swaps", "换班", Right.STAND_DUTY),
    ("absences", "请假代理", Right.DUTY),
    ("plan", "排班", Right.PLAN_DUTY),
    ("patterns", "班次设置", Right.PLAN_DUTY),
)


def tabs(member: Member, here: str) -> list[dict[str, Any]]:
    """Return the pages of duty that a member may open; the count of swaps that wait for them."""
    planner = may(member, Right.PLAN_DUTY)
    waiting = Swap.objects.filter(decided_at=None, post__shift__office=member.office_id)
    mine = waiting.filter(to_member=member, agreed_at=None).count()
    if planner:
        mine += waiting.exclude(agreed_at=None).exclude(post__member=member).count()
    return [
        {
            "label": label, "url": reverse(f"duty:{name}"), "current": name == here,
            "count": mine if name == "swaps" and mine else "",
        }
        for name, label, needed in TABS
        if may(member, needed) or (name == "swaps" and planner)
    ]  # fmt: skip


def press(request: HttpRequest, url: str, do: Callable[[], Any], say: str) -> HttpResponse:
    """Do one thing and go to ``url``, saying that it was done or why not."""
    try:
        do()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, say)
    return redirect(url)


def sent(request: HttpRequest) -> None:
    """The form at this address was done: its draft goes."""
    for keeper in pages.keepers:
        keeper.drop(request)  # type: ignore[arg-type]


def _first(asked: str, at: datetime) -> date:
    """Return the first day of the month that an address names; the present one for anything else."""
    try:
        return datetime.strptime(asked, "%Y-%m").date()  # noqa: DTZ007
    except ValueError:
        return timezone.localtime(at).date().replace(day=1)


def _beside(first: date, months: int) -> str:
    other = (first + timedelta(days=32 * months)) if months > 0 else first - timedelta(days=1)
    return other.strftime("%Y-%m")


@right(Right.DUTY)
@require_safe
def rota(request: HttpRequest) -> HttpResponse:
    """The month as a grid; today, days off and what is wrong with the cover stand out."""
    at = timezone.now()
    first = _first(request.GET.get("month", ""), at)
    if not 2000 < first.year < 2100:
        raise Http404("没有这个月。")
    grid = month.month(request.user.office, first, at=at)
    wrong = [(row, cell) for row in grid.rows for cell in row.cells if cell.amber and not cell.past]
    return render(request, "duty/rota.html", {
        "tabs": tabs(request.user, "rota"), "grid": grid, "wrong": wrong[:6], "many": len(wrong),
        "previous": _beside(first, -1), "following": _beside(first, 1),
        "planner": may(request.user, Right.PLAN_DUTY), "this_month": _first("", at) == first,
    })  # fmt: skip


@right(Right.DUTY)
@require_safe
def xlsx(request: HttpRequest) -> HttpResponse:
    """The month that is shown, as a file."""
    at, office = timezone.now(), request.user.office
    first = _first(request.GET.get("month", ""), at)
    grid = month.month(office, first, at=at)
    posts = Post.objects.filter(
        shift__office=office, released_at=None, shift__on__range=(grid.first, grid.last)
    ).select_related("shift__pattern", "member").order_by("shift__starts_at", "-lead", "id")  # fmt: skip
    made = timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
    body = files.rota(office, grid, list(posts), member=request.user, made=made)
    name = f"值班表_{first:%Y-%m}.xlsx"
    trail.leave(Kind.EXPORT, actor=request.user, subject="duty:rota", words=f"{first:%Y-%m}")
    return FileResponse(BytesIO(body), as_attachment=True, filename=name, content_type=XLSX)


@right(Right.DUTY)
@require_http_methods(["GET", "POST"])
def shift(request: HttpRequest, pattern: int, on: str) -> HttpResponse:
    """One shift: who stands it and who came; whoever plans puts on, takes off and replaces here."""
    member: Member = request.user
    found = get_object_or_404(Pattern, pk=pattern, office=member.office_id)
    try:
        day = date.fromisoformat(on)
    except ValueError:
        raise Http404("没有这一天。") from None
    at, planner = timezone.now(), may(member, Right.PLAN_DUTY)
    if request.method == "POST" and not planner:
        raise PermissionDenied("值班人员由排班人安排。")
    form = PutForm(request.POST or None, office=member.office_id)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            actions.put(found, day, told["member"], lead=told["lead"], actor=member, at=at)
        except Refused as refusal:
            form.add_error("member", str(refusal))
        else:
            messages.success(request, f"已加入 {told['member'].name}")
            return redirect(request.path)
    context = _shift(member, found, day, at) | {
        "form": form, "planner": planner, "tabs": tabs(member, "rota"), "here": request.path,
        "candidates": standing(member.office_id) if planner else (),
    }  # fmt: skip
    return render(request, "duty/shift.html", context, status=422 if form.errors else 200)


def _shift(member: Member, pattern: Pattern, day: date, at: datetime) -> dict[str, Any]:
    office = member.office
    made = pattern.shifts.filter(on=day).select_related("pattern", "office").first()
    turn = turn_of(made) if made else Turn(*span(day, pattern.starts, pattern.ends), pattern.name)
    known = roster.load(office.pk, turn.since, turn.until, rules_of(office, at).rest, posts=False)
    cover = cover_of(day, pattern.minimum, pattern.holiday_minimum, calendar_of(office))
    posts = list(made.posts.select_related("member", "in_place_of__member")) if made else []
    standing_now = [post for post in posts if post.released_at is None]
    standing_now.sort(key=lambda post: not post.lead)
    lines = [
        {"post": post, "mine": post.member_id == member.pk, "mark": name.mark, "tone": name.tone}
        for post, name in zip(standing_now, month.names(standing_now, turn, known, at), strict=True)
    ]
    minimum = made.minimum if made else cover.number
    short = minimum - len(known.covered(standing_now, turn))
    return {
        "pattern": pattern, "on": day, "weekday": month.WEEKDAYS[day.weekday()], "turn": turn,
        "hours": month.said_hours(turn), "cover": cover, "minimum": minimum, "lines": lines,
        "gone": [post for post in posts if post.released_at is not None], "short": max(short, 0),
        "over": turn.until <= at, "begun": turn.since <= at,
        "gaps": [
            {
                "words": f"{month.said_gap(gap, at)}：{month.said_missing(gap.missing)}", "gap": gap,
            } for gap in (made.gaps.all() if made else ())
        ],
        "sheet": made.handovers.first() if made else None,
    }  # fmt: skip


@right(Right.STAND_DUTY)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """My shifts: what comes, what was, and 到岗 or 离岗 now."""
    member, at = request.user, timezone.now()
    posts = Post.objects.filter(member=member, released_at=None)
    posts = posts.select_related("shift__pattern")
    waiting = set(
        Swap.objects.filter(post__member=member, decided_at=None).values_list("post", flat=True)
    )
    coming = [
        {
            "post": post, "hours": month.said_hours(turn_of(post.shift)),
            "weekday": month.WEEKDAYS[post.shift.on.weekday()], "now": post.shift.starts_at <= at,
            "swapping": post.pk in waiting,
        }
        for post in posts.filter(shift__ends_at__gt=at).order_by("shift__starts_at")[:40]
    ]  # fmt: skip
    past = posts.filter(shift__ends_at__lte=at).order_by("-shift__starts_at")[:15]
    told = strips.strip(member.office_id, at, viewer=member.pk)
    on_now = any(name.member == member.pk for name in told.names)
    return render(request, "duty/mine.html", {
        "tabs": tabs(member, "mine"), "coming": coming, "told": told, "on_now": on_now,
        "past": [
            {
                "post": post, "hours": month.said_hours(turn_of(post.shift)),
                "weekday": month.WEEKDAYS[post.shift.on.weekday()],
            }
            for post in past
        ],
    })  # fmt: skip


@right(Right.DUTY)
@by_itself
@require_safe
def strip(request: HttpRequest) -> HttpResponse:
    """The strip alone, when it fetches itself."""
    told = strips.strip(request.user.office_id, timezone.now(), viewer=request.user.pk)
    return render(request, "duty/_strip.html", {"duty": told})


@right(Right.STAND_DUTY)
@require_POST
def come(request: HttpRequest) -> HttpResponse:
    """到岗."""
    member = request.user
    return press(
        request, reverse("duty:mine"), lambda: attendance.come(member, at=timezone.now()),
        "已到岗",
    )  # fmt: skip


@right(Right.STAND_DUTY)
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """离岗."""
    member = request.user
    return press(
        request, reverse("duty:mine"), lambda: attendance.leave(member, at=timezone.now()),
        "已离岗",
    )  # fmt: skip


def shift_url(one: Shift) -> str:
    return reverse("duty:shift", args=[one.pattern_id, one.on.isoformat()])
