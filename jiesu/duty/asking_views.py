"""换班 and 请假代理."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiesu.duty import absences as leave
from jiesu.duty import swapping
from jiesu.duty.forms import AbsenceForm, SwapForm, standing
from jiesu.duty.models import Absence, Post, Swap
from jiesu.duty.month import said_hours
from jiesu.duty.queries import in_force
from jiesu.duty.roster import Refused, turn_of
from jiesu.duty.views import press, sent, tabs
from jiesu.org.models import Member
from jiesu.org.rights import Right, may, right

AHEAD = timedelta(days=14)
VERBS = {"agree": "已同意，等排班人审定", "decline": "已回绝", "withdraw": "已撤回", "grant": "已批准换班", "refuse": "已驳回换班"}  # fmt: skip


@right(Right.STAND_DUTY)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask somebody to take one of my posts, at will for one of theirs."""
    member, at = request.user, timezone.now()
    posts = Post.objects.select_related("shift__pattern", "shift__office", "member")
    post = get_object_or_404(posts, pk=pk, member=member, released_at=None)
    form = SwapForm(request.POST or None, choices=_offers(post, at))
    if form.is_valid():
        who, _, back = form.cleaned_data["to"].partition("-")
        other = get_object_or_404(standing(member.office_id), pk=who)
        back_post = get_object_or_404(posts, pk=back) if back else None
        try:
            swapping.ask(
                post, to_member=other, back_post=back_post, reason=form.cleaned_data["reason"],
                actor=member, at=at,
            )  # fmt: skip
        except Refused as refusal:
            form.add_error("to", str(refusal))
        else:
            sent(request)
            messages.success(request, f"已请 {other.name} 答复")
            return redirect("duty:swaps")
    context = {
        "tabs": tabs(member, "swaps"), "form": form, "post": post,
        "hours": said_hours(turn_of(post.shift)),
    }  # fmt: skip
    return render(request, "duty/ask.html", context, status=422 if form.errors else 200)


def _offers(post: Post, at: datetime) -> list[Any]:
    """Whom to ask: each colleague alone, then their shifts near the post that could come back."""
    others = list(standing(post.shift.office_id).exclude(pk=post.member_id))
    near = Post.objects.filter(
        released_at=None, member__in=others, shift__starts_at__gt=at,
        shift__starts_at__range=(post.shift.starts_at - AHEAD, post.shift.starts_at + AHEAD),
    ).exclude(shift=post.shift_id)  # fmt: skip
    back: dict[int, list[tuple[str, str]]] = {}
    for one in near.select_related("shift__pattern").order_by("shift__starts_at"):
        turn = turn_of(one.shift)
        said = f"换回 {turn}（{said_hours(turn)}）"
        back.setdefault(one.member_id, []).append((f"{one.member_id}-{one.pk}", said))
    return [
        (other.name, [(str(other.pk), f"{other.name}，只请代班"), *back.get(other.pk, [])])
        for other in others
    ]


def _swaps(office_id: int) -> Any:
    return Swap.objects.filter(post__shift__office=office_id).select_related(
        "post__member", "post__shift__pattern", "post__shift__office", "to_member", "decided_by",
        "back_post__shift__pattern", "back_post__shift__office", "back_post__member",
    )  # fmt: skip


def _said(swap: Swap) -> dict[str, Any]:
    turn, back = turn_of(swap.post.shift), swap.back_post
    return {
        "swap": swap, "turn": turn, "hours": said_hours(turn),
        "back": turn_of(back.shift) if back else None,
        "back_hours": said_hours(turn_of(back.shift)) if back else "",
    }  # fmt: skip


@right(Right.DUTY)
@require_safe
def swaps(request: HttpRequest) -> HttpResponse:
    """What waits for my answer, for a decision, and what became of the latest."""
    member: Member = request.user
    planner = may(member, Right.PLAN_DUTY)
    found = _swaps(member.office_id)
    open_ = [_said(swap) for swap in found.filter(decided_at=None).order_by("asked_at")[:100]]
    to_me = [s for s in open_ if s["swap"].to_member_id == member.pk and not s["swap"].agreed_at]
    deciding = [
        s for s in open_
        if planner and s["swap"].agreed_at
        and member.pk not in {s["swap"].to_member_id, s["swap"].post.member_id}
    ]  # fmt: skip
    asked = [s for s in open_ if s["swap"].post.member_id == member.pk]
    others = [s for s in open_ if s not in to_me and s not in deciding and s not in asked]
    settled = found.exclude(decided_at=None).order_by("-decided_at")[:20]
    return render(request, "duty/swaps.html", {
        "tabs": tabs(member, "swaps"), "to_me": to_me, "deciding": deciding, "asked": asked,
        "others": others if planner else [], "settled": [_said(swap) for swap in settled],
        "planner": planner,
    })  # fmt: skip


@right(Right.SWAP)
@require_POST
def settle(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """同意, 回绝, 撤回, 批准 or 驳回."""
    if verb not in VERBS:
        raise Http404("没有这个操作。")
    swap = get_object_or_404(_swaps(request.user.office_id), pk=pk)
    note, at, actor = request.POST.get("note", "").strip()[:200], timezone.now(), request.user

    def do() -> None:
        if verb in {"agree", "decline"}:
            swapping.answer(swap, agreed=verb == "agree", note=note, actor=actor, at=at)
        elif verb == "withdraw":
            swapping.withdraw(swap, actor=actor, at=at)
        else:
            swapping.decide(swap, granted=verb == "grant", note=note, actor=actor, at=at)

    return press(request, reverse("duty:swaps"), do, VERBS[verb])


@right(Right.DUTY)
@require_http_methods(["GET", "POST"])
def absences(request: HttpRequest) -> HttpResponse:
    """Who is away and who stands in; register one's own, or for whoever plans anybody's."""
    member, at = request.user, timezone.now()
    planner = may(member, Right.PLAN_DUTY)
    if request.method == "POST" and not may(member, Right.AWAY):
        raise PermissionDenied("您的角色不登记请假。")
    form = AbsenceForm(
        request.POST or None, actor=member, planner=planner, initial={"member": member.pk}
    )
    if form.is_valid():
        told = dict(form.cleaned_data)
        who = told.pop("member", member)
        try:
            made = leave.register(who, actor=member, at=at, **told)
        except leave.UnfitDeputy as refusal:
            form.add_error("deputy", str(refusal))
        except leave.NotForward as refusal:
            form.add_error("to_at", str(refusal))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            sent(request)
            messages.success(request, f"已登记 {who.name} 请假{_conflicts(made)}")
            return redirect("duty:absences")
    found = Absence.objects.filter(office=member.office_id).select_related(
        "member__unit", "deputy", "made_by"
    )
    now = found.filter(in_force(at, at + timedelta(days=60))).order_by("from_at")[:100]
    touched = _touched(list(now))
    return render(request, "duty/absences.html", {
        "tabs": tabs(member, "absences"), "form": form, "planner": planner,
        "writes": may(member, Right.AWAY),
        "absences": [
            {
                "one": one, "here": one.from_at <= at, "posts": touched.get(one.member_id, [])[:6],
                "may_end": planner or one.member_id == member.pk,
            }
            for one in now
        ],
        "past": found.exclude(in_force(at, at + timedelta(days=3660))).order_by("-to_at")[:20],
    }, status=422 if form.errors else 200)  # fmt: skip


def _touched(found: list[Absence]) -> dict[int, list[Any]]:
    """The planned posts that fall into the absences, by member: one query."""
    if not found:
        return {}
    posts = Post.objects.filter(
        member__in=[one.member_id for one in found], released_at=None,
        shift__ends_at__gt=min(one.from_at for one in found),
        shift__starts_at__lt=max(one.to_at for one in found),
    ).select_related("shift__pattern").order_by("shift__starts_at")  # fmt: skip
    told: dict[int, list[Any]] = {}
    for post in posts:
        for one in found:
            inside = post.shift.starts_at < one.to_at and post.shift.ends_at > one.from_at
            if one.member_id == post.member_id and inside:
                told.setdefault(post.member_id, []).append(post)
    return told


def _conflicts(made: leave.Registered) -> str:
    said = ""
    if made.posts:
        days = "、".join(str(turn_of(post.shift)) for post in made.posts[:5])
        more = f"等 {len(made.posts)} 班" if len(made.posts) > 5 else ""
        said += (
            f"；已排的班：{days}{more}，{'由代理人顶班' if made.absence.deputy else '请安排替班'}"
        )
    if made.deputising:
        whom = "、".join(one.member.name for one in made.deputising)
        said += f"；正代理 {whom}，请另定代理人"
    return said


@right(Right.AWAY)
@require_POST
def end_absence(request: HttpRequest, pk: int) -> HttpResponse:
    """提前结束."""
    found = get_object_or_404(
        Absence.objects.select_related("member"), pk=pk, office=request.user.office_id
    )
    return press(
        request, reverse("duty:absences"),
        lambda: leave.end_early(found, actor=request.user, at=timezone.now()),
        f"{found.member.name} 已销假",
    )  # fmt: skip
