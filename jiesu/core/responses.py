"""The few ways an action answers a browser, with htmx and without."""

import json
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render


def done(request: HttpRequest, url: str, message: str) -> HttpResponse:
    """The action was done: say so. A page goes to ``url``; htmx closes its dialog and refreshes."""
    if not request.htmx:  # type: ignore[attr-defined]
        messages.success(request, message)
        return redirect(url)
    happened: dict[str, Any] = {"close-dialog": {}, "case-changed": {}, "toast": {"text": message}}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(happened)})


def refused(request: HttpRequest, url: str, reason: str, *, status: int = 409) -> HttpResponse:
    """The action was not done (somebody was quicker, or it does not follow): say what to do.

    A dialog closes, for nothing in it can be put right; what was typed is kept by the page.
    """
    if not request.htmx:  # type: ignore[attr-defined]
        messages.error(request, reason)
        return redirect(url)
    toast = {"text": reason, "tone": "late"}
    happened: dict[str, Any] = {"close-dialog": {}, "case-changed": {}, "toast": toast}
    return HttpResponse(
        status=status, headers={"HX-Trigger": json.dumps(happened), "HX-Reswap": "none"}
    )


def form_page(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int | None = None
) -> HttpResponse:
    """Show a form: 200 the first time, 422 with what to correct; what was typed is kept."""
    status = status or (422 if context["form"].errors else 200)
    return render(request, template, context, status=status)


def conflict_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Show what somebody else did beside what could not be done; the page behind is refreshed."""
    answer = render(request, template, context, status=409)
    if request.htmx:  # type: ignore[attr-defined]
        answer.headers["HX-Trigger"] = json.dumps({"case-changed": {}})
    return answer


def demo(request: HttpRequest) -> dict[str, Any]:
    """For every page's context: whether this is the demo, which the top bar says."""
    return {"demo": settings.DEMO}
