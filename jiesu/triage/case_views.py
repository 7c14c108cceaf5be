"""What past cases say about one that waits to be dispatched."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jiesu.cases import access, pages
from jiesu.cases.pages import MemberRequest
from jiesu.org.rights import Right, right
from jiesu.triage import panel


@right(Right.SEE_CASES)
@require_safe
def near(request: MemberRequest, number: str) -> HttpResponse:
    """The nearest past cases with what became of them: a piece of the card, or a page of its own."""
    case = access.get_case(request.user, number)
    shown = {
        "case": case, "past": panel.past(request.user, case, timezone.now()),
        "case_url": pages.address(case),
    }  # fmt: skip
    return render(request, "triage/_near.html" if request.htmx else "triage/near.html", shown)
