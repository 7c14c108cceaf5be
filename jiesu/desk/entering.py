"""Coming in: one way for every kind of log-in, with what it leaves in the trail."""

from typing import Any

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme

from jiesu.duty import attendance
from jiesu.org import factors, passwords, slowdown
from jiesu.org.models import Member, Office
from jiesu.trail import whereabouts
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

BACKEND = "jiesu.org.backends.Members"
COMING = "coming"  # in a visitor's session: who has shown the first of two things
HALF_WAY = 600  # seconds for the second
SURE = "sure_at"  # in a member's session: when they last showed who they are
SURE_FOR = 600


def goal(request: HttpRequest) -> str:
    """Return where somebody was going: an address of this site, or empty."""
    told: str = request.POST.get("next") or request.GET.get("next") or ""
    here = url_has_allowed_host_and_scheme(
        told, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return told if here else ""


def begin(request: HttpRequest, username: str, *, kind: str = "") -> slowdown.Attempt:
    """Begin an attempt at a log-in.

    :raises TooSoon: one has to wait
    """
    return slowdown.begin(
        username, address=whereabouts.here().address, kind=kind,
        known=request.COOKIES.get(slowdown.COOKIE, ""), at=timezone.now(),
    )  # fmt: skip


def by_password(request: HttpRequest, username: str, password: str) -> Member | None:
    """Return whose name and password these are; None for nobody's, which the trail is told.

    :raises TooSoon: one has to wait
    """
    attempt = begin(request, username)
    member = auth.authenticate(request, username=username, password=password)
    if not isinstance(member, Member):
        failed(username, "password")
        return None
    slowdown.right(attempt, member, at=timezone.now())
    if passwords.too_old(member, timezone.now()):
        member.must_change = True
        member.save(update_fields=["must_change"])
    return member


def failed(username: str, how: str, member: Member | None = None) -> None:
    """Leave a failed log-in in the trail. What was typed as a name stands there only if somebody has it."""
    known = member or Member.objects.filter(username=username).first()
    if known is not None:
        leave(
            Kind.LOGIN_FAILED, actor=None, office=known.office_id, username=known.username,
            subject=f"member:{known.pk}", how=how,
        )  # fmt: skip
        return
    offices = Office.objects.values_list("pk", flat=True)[:2]
    mark = salted_hmac("jiesu.unknown", username, algorithm="sha256").hexdigest()[:12]
    leave(
        Kind.LOGIN_FAILED, actor=None, office=offices[0] if len(offices) == 1 else None, how=how,
        unknown=mark,
    )  # fmt: skip


def come(request: HttpRequest, member: Member, *, how: str, to: str) -> HttpResponse:
    """One step in: to the second step where the member has one, else all the way."""
    if not factors.has_any(member):
        return finish(request, member, how=how, to=to)
    request.session.cycle_key()
    request.session[COMING] = {
        "member": member.pk, "how": how, "next": to, "at": timezone.now().timestamp(),
        "mark": member.get_session_auth_hash(),
    }  # fmt: skip
    return redirect("desk:second")


def coming(request: HttpRequest) -> tuple[Member, dict[str, Any]] | None:
    """Return who has shown the first of two things in this browser, lately."""
    told = request.session.get(COMING)
    if not told or timezone.now().timestamp() - told["at"] > HALF_WAY:
        return None
    member = Member.objects.select_related("contract").filter(pk=told["member"]).first()
    if member is None or not member.works_at(timezone.now()):
        return None
    return (member, told) if told["mark"] == member.get_session_auth_hash() else None


def finish(request: HttpRequest, member: Member, *, how: str, to: str) -> HttpResponse:
    """A new session for the member; on to where they were going.

    Whoever has a shift that runs or begins soon has come to it (到岗) by logging in.
    """
    at = timezone.now()
    request.session.pop(COMING, None)
    request.logged_in_by = how  # type: ignore[attr-defined]
    auth.login(request, member, backend=BACKEND)
    request.session[SURE] = at.timestamp()
    here = whereabouts.here().address
    with whereabouts.at(
        whereabouts.Whereabouts(here, whereabouts.mark(request.session.session_key))
    ):
        leave(Kind.LOGIN, actor=member, subject=f"member:{member.pk}", how=how)
    attendance.arrive(member, at=at)
    answer = HttpResponseRedirect(to or "/")
    answer.set_cookie(
        slowdown.COOKIE, slowdown.remember(request.COOKIES.get(slowdown.COOKIE, ""), member),
        max_age=slowdown.COOKIE_AGE, httponly=True, samesite="Lax",
        secure=request.is_secure() or settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return answer


def is_sure(request: HttpRequest) -> bool:
    """True when the member has shown who they are in the last ten minutes."""
    shown: float = request.session.get(SURE, 0)
    return timezone.now().timestamp() - shown < SURE_FOR
