"""排班: plan with a preview, take off and replace, undo; the patterns."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiesu.duty import actions
from jiesu.duty.forms import PatternForm, PlanForm, standing
from jiesu.duty.models import Pattern, Post
from jiesu.duty.month import WEEKDAYS
from jiesu.duty.planning import Plan, PlanRefused, preview
from jiesu.duty.roster import Refused
from jiesu.duty.views import press, shift_url, tabs
from jiesu.org.models import Member
from jiesu.org.rights import Right, right

RECENT = 8


def _post(request: HttpRequest, pk: int) -> Post:
    posts = Post.objects.select_related("shift__pattern", "shift__office", "member")
    return get_object_or_404(posts, pk=pk, shift__office=request.user.office_id)


@right(Right.PLAN_DUTY)
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """Choose pattern, days and people in order; see each day with its refusals; confirm."""
    member, at = request.user, timezone.now()
    asked = request.GET if "pattern" in request.GET else None
    today = timezone.localtime(at).date()
    form = PlanForm(
        asked, office=member.office_id,
        initial={"first": today + timedelta(days=1), "last": today + timedelta(days=30), "each": 2, "run": 1},
    )  # fmt: skip
    days: list[Any] = []
    if asked is not None and form.is_valid():
        wanted = _wanted(form)
        if request.method == "POST":
            try:
                many = actions.plan(wanted, actor=member, at=at, skip="skip" in request.POST)
            except PlanRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"已排 {wanted.pattern.name} {many} 人次，可在本页撤销")
                return redirect("duty:plan")
        days = preview(wanted, at=at)
    bad = [day for day in days if day.refusals]
    context = {
        "tabs": tabs(member, "plan"), "form": form, "days": [_day(day) for day in days],
        "bad": len(bad), "good": len(days) - len(bad), "known": all(d.cover.known for d in days),
        "people": [
            {
                "member": one, "place": (asked or {}).get(f"place-{one.pk}", ""),
                "lead": (asked or {}).get(f"lead-{one.pk}", ""),
            }
            for one in form.people
        ],
        "plans": _plans(member, at), "here": f"{request.path}?{request.GET.urlencode()}",
    }  # fmt: skip
    return render(request, "duty/plan.html", context, status=422 if form.errors else 200)


def _wanted(form: PlanForm) -> Plan:
    told = form.cleaned_data
    people, leads = form.order("place"), form.order("lead")
    return Plan(
        told["pattern"], told["first"], told["last"], people, told["each"], told["run"], leads
    )


def _day(day: Any) -> dict[str, Any]:
    return {
        "on": day.on, "weekday": WEEKDAYS[day.on.weekday()], "cover": day.cover,
        "standing": day.standing, "added": day.added, "lead": day.lead,
        "refusals": [str(refusal) for refusal in day.refusals],
    }  # fmt: skip


def _plans(member: Member, at: datetime) -> list[dict[str, Any]]:
    """The latest plans that still have somebody on a shift to come."""
    mine = Post.objects.filter(
        shift__office=member.office_id, released_at=None, shift__starts_at__gt=at,
        in_place_of=None,
    )  # fmt: skip
    return list(
        mine.values("planned_at", "planned_by__name", "shift__pattern", "shift__pattern__name")
        .annotate(many=Count("id"), first=Min("shift__on"), last=Max("shift__on"))
        .filter(many__gt=1)
        .order_by("-planned_at")[:RECENT]
    )


@right(Right.PLAN_DUTY)
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """撤销排班: take off what one plan put on shifts to come."""
    try:
        planned_at = datetime.fromisoformat(request.POST.get("planned_at", ""))
        if planned_at.tzinfo is None:
            raise ValueError
    except ValueError:
        messages.error(request, "没有这次排班。")
        return redirect("duty:plan")
    asked = request.POST.get("pattern", "")
    found = get_object_or_404(
        Pattern, office=request.user.office_id, pk=asked if asked.isdecimal() else 0
    )
    return press(
        request, reverse("duty:plan"),
        lambda: actions.undo_plan(found, planned_at=planned_at, actor=request.user, at=timezone.now()),
        "已撤销这次排班中还没开始的班",
    )  # fmt: skip


@right(Right.PLAN_DUTY)
@require_POST
def off(request: HttpRequest, pk: int) -> HttpResponse:
    """撤下."""
    post = _post(request, pk)
    why = request.POST.get("why", "").strip()[:60] or "撤下"
    return press(
        request, shift_url(post.shift),
        lambda: actions.take_off(post, why=why, actor=request.user, at=timezone.now()),
        f"已撤下 {post.member.name}",
    )  # fmt: skip


@right(Right.PLAN_DUTY)
@require_POST
def replace(request: HttpRequest, pk: int) -> HttpResponse:
    """换人."""
    post = _post(request, pk)
    asked = request.POST.get("member", "")
    other = standing(request.user.office_id).filter(pk=asked if asked.isdecimal() else 0).first()
    if other is None:
        messages.error(request, "请先选择换成谁。")
        return redirect(shift_url(post.shift))
    why = request.POST.get("why", "").strip()[:60] or "换人"
    return press(
        request, shift_url(post.shift),
        lambda: actions.replace(post, other, why=why, actor=request.user, at=timezone.now()),
        f"已由 {other.name} 换下 {post.member.name}",
    )  # fmt: skip


@right(Right.PLAN_DUTY)
@require_safe
def patterns(request: HttpRequest) -> HttpResponse:
    """班次: those in use, then those that are not."""
    found = Pattern.objects.filter(office=request.user.office_id).order_by(
        "-active", "place", "starts"
    )
    return render(request, "duty/patterns.html", {
        "tabs": tabs(request.user, "patterns"), "patterns": found,
    })  # fmt: skip


@right(Right.PLAN_DUTY)
@require_http_methods(["GET", "POST"])
def add_pattern(request: HttpRequest) -> HttpResponse:
    """A new pattern."""
    form = PatternForm(request.POST or None)
    if form.is_valid():
        try:
            made = actions.add_pattern(request.user.office, actor=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, f"已添加 {made.name}")
            return redirect("duty:patterns")
    return _pattern(request, form, title="添加班次", button="添加")


@right(Right.PLAN_DUTY)
@require_http_methods(["GET", "POST"])
def change_pattern(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name, other hours or another minimum, for what is planned from now on."""
    found = get_object_or_404(Pattern, pk=pk, office=request.user.office_id)
    start = {
        "name": found.name, "starts": found.starts, "ends": found.ends, "minimum": found.minimum,
        "holiday_minimum": found.holiday_minimum,
    }  # fmt: skip
    form = PatternForm(request.POST or None, initial=start)
    if form.is_valid():
        try:
            actions.change_pattern(found, actor=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, f"已保存 {found.name}")
            return redirect("duty:patterns")
    return _pattern(request, form, title=f"班次 {start['name']}", button="保存", one=found)


def _pattern(request: HttpRequest, form: PatternForm, **context: Any) -> HttpResponse:
    context |= {"form": form, "tabs": tabs(request.user, "patterns")}
    return render(request, "duty/pattern.html", context, status=422 if form.errors else 200)


@right(Right.PLAN_DUTY)
@require_POST
def switch_pattern(request: HttpRequest, pk: int) -> HttpResponse:
    """停用 or 启用."""
    found = get_object_or_404(Pattern, pk=pk, office=request.user.office_id)
    active = request.POST.get("active") == "1"
    return press(
        request, reverse("duty:patterns"),
        lambda: actions.switch_pattern(found, active=active, actor=request.user, at=timezone.now()),
        f"已{'启用' if active else '停用'} {found.name}",
    )  # fmt: skip
