"""被拒绝的操作: a member who was refused a page, or asked for a case that is not theirs or not there."""

from collections.abc import Callable
from datetime import timedelta

from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse

from jiesu.core import personal
from jiesu.trail.actions import leave
from jiesu.trail.models import Entry, Kind

MOST = 30  # of one member in a minute; whoever tries more has been told of often enough
A_MINUTE = timedelta(minutes=1)


class Refusals:
    """Middleware, behind the one that knows the member.

    403 always, 404 where a case was asked for by its number: foreign and missing look alike, and so
    both stand here. The last entry of a minute that is full says so (``more``).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in {403, 404} and request.user.is_authenticated:
            _told(request, response.status_code)
        return response


def _told(request: HttpRequest, status: int) -> None:
    asked = request.resolver_match
    number = str(asked.kwargs.get("number", "")) if asked else ""
    if status == 404 and not number:
        return
    lately = Entry.objects.filter(
        kind=Kind.REFUSED, member=request.user.pk, at__gte=Now() - A_MINUTE
    )
    many = len(lately.order_by("-id").values_list("id")[:MOST])
    if many >= MOST:
        return
    facts = {"more": True} if many == MOST - 1 else {}
    leave(
        Kind.REFUSED, actor=request.user, number=personal.within(number.replace("\x00", ""))[:80],  # type: ignore[arg-type]
        subject=(asked.view_name if asked else "")[:80], status=status, method=request.method, **facts,
    )  # fmt: skip
