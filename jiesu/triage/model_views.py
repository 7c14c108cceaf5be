"""模型: the page of the models, a version, the lessons, what was confused; and what people decide there."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from jiesu.cases import access
from jiesu.cases.pages import MemberRequest
from jiesu.core import personal
from jiesu.org.rights import Right, may, right
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind
from jiesu.triage import candidates, lessons, marking, model_page, versions, watching
from jiesu.triage.models import Lesson, LessonKind, Target, Version

SIZE = 30


@right(Right.MODELS)
@require_safe
def home(request: MemberRequest) -> HttpResponse:
    """One model: what is live, how good it is, how it does, what was learnt."""
    target = _target(request.GET.get("target", ""))
    member, at = request.user, timezone.now()
    newest = lessons.of(member.office, target=target)
    context = model_page.page(member.office, target, at=at) | _may(request) | {
        "target": target, "targets": list(Target), "sees_cases": may(member, Right.SEE_CASES),
        "lessons": newest.count(), "kinds": _kinds(member.office, target),
    }  # fmt: skip
    return render(request, "triage/models.html", context)


@right(Right.MODELS)
@require_safe
def version(request: MemberRequest, pk: int) -> HttpResponse:
    """One version: its data, its tests, its classes, who let it go live."""
    found = _own(request, pk)
    context = _may(request) | {
        "version": found, "target": Target(found.target), "tests": model_page.tests(found),
        "charts": model_page.drawn(found), "classes": model_page.classes(found),
        "switches": found.switches.select_related("actor", "previous"),
    }  # fmt: skip
    return render(request, "triage/version.html", context)


@right(Right.TEACH)
@require_POST
def train(request: MemberRequest) -> HttpResponse:
    """Have a candidate trained now."""
    target = _target(request.POST.get("target", ""))
    candidates.ask(request.user.office, target, actor=request.user, at=timezone.now())
    return _home(target)


@right(Right.TEACH)
@require_POST
def propose(request: MemberRequest, pk: int) -> HttpResponse:
    """Propose a candidate."""
    found = _own(request, pk)
    try:
        versions.propose(found, actor=request.user, at=timezone.now())
    except versions.NotSo as why:
        messages.error(request, str(why))
    else:
        messages.success(request, "已提出上线，等领导同意")
    return _home(Target(found.target))


@right(Right.ADOPT)
@require_POST
def decide(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a proposed version go live, or not."""
    found = _own(request, pk)
    granted = request.POST.get("granted") == "1"
    verb = versions.agree if granted else versions.refuse
    try:
        verb(found, actor=request.user, at=timezone.now())
    except versions.NotSo as why:
        messages.error(request, str(why))
    else:
        messages.success(request, f"已上线 {found.short}" if granted else "没有上线，仍是候选")
    return _home(Target(found.target))


@right(Right.RESTORE)
@require_POST
def back(request: MemberRequest) -> HttpResponse:
    """Go back to the version before."""
    target = _target(request.POST.get("target", ""))
    try:
        made = versions.go_back(request.user.office, target, actor=request.user, at=timezone.now())
    except versions.NotSo as why:
        messages.error(request, str(why))
    else:
        messages.success(request, f"已回到 {made.version.short}，再按一次换回来")
    return _home(target)


@right(Right.MODELS)
@require_safe
def confusion(request: MemberRequest) -> HttpResponse:
    """The cases of one pair that was confused, those the member may see."""
    target = _target(request.GET.get("target", ""))
    said, was = request.GET.get("said", "")[:200], request.GET.get("was", "")[:200]
    found = watching.confused(request.user, target, said, was, at=timezone.now())
    pages = Paginator(found.select_related("unit"), SIZE)
    shown = pages.get_page(request.GET.get("page"))
    words = personal.within(f"{said} → {was}")
    leave(Kind.SEARCH, actor=request.user, subject=f"model:{target.label}", words=words)
    context = {
        "target": target, "said": said, "was": was, "page": shown, "count": pages.count,
        **_turns(request, shown),
    }  # fmt: skip
    return render(request, "triage/confusion.html", context)


@right(Right.MODELS)
@require_safe
def lesson_list(request: MemberRequest) -> HttpResponse:
    """The lessons, newest first, those of cases the member may see."""
    asked = request.GET.get("kind", "")
    kind = LessonKind(asked) if asked in set(LessonKind) else None
    found = lessons.of(request.user.office, kind=kind)
    seen = found.filter(access.visible_through(request.user, "case"))
    pages = Paginator(seen, SIZE)
    shown = pages.get_page(request.GET.get("page"))
    context = {
        "page": shown, "kind": kind, "count": pages.count,
        "wrong_words": [] if kind else marking.wrong_words(request.user.office),
        "kinds": _kinds(request.user.office, None) if may(request.user, Right.SEE_CASES) else [],
        **_turns(request, shown),
    }  # fmt: skip
    return render(request, "triage/lessons.html", context)


def _may(request: MemberRequest) -> dict[str, bool]:
    member = request.user
    return {
        "may_teach": may(member, Right.TEACH), "may_adopt": may(member, Right.ADOPT),
        "may_restore": may(member, Right.RESTORE),
    }  # fmt: skip


def _target(text: str) -> Target:
    if not text:
        return Target.UNIT
    if text not in set(Target):
        raise Http404("没有这种模型。")
    return Target(text)


def _own(request: MemberRequest, pk: int) -> Version:
    people = Version.objects.select_related("office", "made_by", "proposed_by", "agreed_by")
    return get_object_or_404(people, pk=pk, office=request.user.office_id)


def _home(target: Target) -> HttpResponse:
    return redirect(f"{reverse('models:home')}?target={target}")


def _kinds(office: Any, target: Target | None) -> list[tuple[LessonKind, int]]:
    found = Lesson.objects.filter(office=office)
    if target is not None:
        found = found.filter(target=target)
    many = dict(found.values_list("kind").annotate(many=Count("pk")).order_by())
    return [(kind, many.get(kind, 0)) for kind in LessonKind]


def _turns(request: HttpRequest, shown: Any) -> dict[str, str]:
    """The addresses of the pages before and after."""

    def turn(number: int) -> str:
        kept = {name: value for name, value in request.GET.items() if name != "page" and value}
        return f"{request.path}?{urlencode(kept | {'page': number})}"

    return {
        "previous_url": turn(shown.previous_page_number()) if shown.has_previous() else "",
        "next_url": turn(shown.next_page_number()) if shown.has_next() else "",
    }
