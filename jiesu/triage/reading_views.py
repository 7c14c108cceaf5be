"""确定诉求点, and keeping a mark or taking it off."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from jiesu.cases import access, pages
from jiesu.cases.pages import MemberRequest
from jiesu.org.rights import Right, right
from jiesu.rules.workflow import Action
from jiesu.triage import asking, marking
from jiesu.triage.reading_forms import PointsForm


@right(Right.NOTE)
@require_http_methods(["GET", "POST"])
def points(request: MemberRequest, number: str) -> HttpResponse:
    """确定诉求点: what the text seems to ask stands there to be put right."""
    case = access.get_case(request.user, number)
    asked = asking.asked(case)
    form = PointsForm(**pages.posted(request), initial={"points": "\n".join(asked.points)})
    return pages.act(
        request, case, Action.POINTS, form, "triage/points.html",
        lambda **told: asking.settle(case, actor=request.user, at=timezone.now(), **told),
        say="已确定诉求点", wrong={asking.Unclear: "points"}, title="确定诉求点",
        button="确定诉求点", wide=True, asked=asked,
    )  # fmt: skip


@right(Right.NOTE)
@require_http_methods(["GET", "POST"])
def mark(request: MemberRequest, number: str, pk: int) -> HttpResponse:
    """Keep one mark of the case, or take it off: one press."""
    case = access.get_case(request.user, number)
    found = get_object_or_404(case.marks, pk=pk)
    keep = request.POST.get("keep") == "yes"
    return pages.press(
        request, case, Action.MARK,
        lambda **told: marking.decide(
            case, mark=found, keep=keep, actor=request.user, at=timezone.now(), **told
        ),
        say=f"标记“{found.label}”{'已确认' if keep else '已去掉'}", wrong=(marking.Decided,),
    )  # fmt: skip
