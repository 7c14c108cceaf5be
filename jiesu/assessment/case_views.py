"""The assessment of one case: both truths, and how it counts."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from jiesu.assessment import standings
from jiesu.assessment import truths as telling
from jiesu.assessment.forms import StandingForm
from jiesu.cases import access, pages, traces
from jiesu.cases.pages import MemberRequest
from jiesu.org.rights import Right, right
from jiesu.rules.workflow import Action


@right(Right.RATES)
@require_safe
def truths(request: MemberRequest, number: str) -> HttpResponse:
    """The record's facts beside the assessed result, and what made the difference."""
    case = access.get_case(request.user, number)
    traces.read(request.user, case, opened=traces.by_a_person(request))
    context = {
        "case": case, "case_url": pages.address(case), "told": telling.of_case(case, timezone.now()),
        "may_set": access.may_do(request.user, Action.SET_STANDING, case),
    }  # fmt: skip
    return render(request, "assessment/truths.html", context)


@right(Right.ASSESS)
@require_http_methods(["GET", "POST"])
def standing(request: MemberRequest, number: str) -> HttpResponse:
    """评价口径: how the case counts in its cycle from when on, with reason and reference."""
    case = access.get_case(request.user, number)
    at = timezone.now()
    told = telling.of_case(case, at)
    form = StandingForm(
        **pages.posted(request), initial={"standing": told.standing.value, "since": at}
    )
    return pages.act(
        request, case, Action.SET_STANDING, form, "cases/act.html",
        lambda **kept: standings.set_standing(
            case, cycle=told.cycle, actor=request.user, at=timezone.now(), **kept
        ),
        say="口径已定，原来的仍在记录里", wrong={standings.NoReason: "reason"},
        title=f"评价口径（{told.cycle} 考核期）", button="定口径",
    )  # fmt: skip
