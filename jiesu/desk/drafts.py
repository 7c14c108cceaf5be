"""我的草稿: what is typed into a form and not sent, kept on the server by the form's address.

A form with ``data-keep`` and a text of many lines saves itself (core/js/drafts.js). The draft goes
in the transaction of the action it was for, so that nothing stale is left by a browser that died.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from jiesu.cases import access, pages
from jiesu.cases.forms import ActForm
from jiesu.cases.models import Case, Event
from jiesu.desk import words
from jiesu.desk.models import Draft
from jiesu.org.models import Member
from jiesu.org.rights import Right, by_itself, may, right

LARGEST = 64 * 1024  # of one draft
MOST = 60  # of one member, the newest
KEPT_FOR = timedelta(days=7)
NEVER = {"csrfmiddlewaretoken", "once", "seen"}  # and whatever speaks of a password
OTHER_FORMS = frozenset(
    {"duty:sheet", "duty:add_note", "duty:ask", "duty:absences", "supervision:remind", "desk:batch"}
)  # forms of no single case


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as its form gets it back: values as JSON, and when it was saved."""

    json: str
    iso: str


@dataclass(frozen=True, slots=True)
class Line:
    """A draft as the list shows it."""

    address: str
    title: str
    number: str
    saved: str
    iso: str
    texts: list[str]


class TooLarge(ValueError):
    """A draft is larger than any form of ours."""


def kept(request: HttpRequest) -> Kept | None:
    """Return the draft of the form at this address; a form that comes back with its errors has its own."""
    if request.method != "GET" or not request.user.is_authenticated:
        return None
    draft = Draft.objects.filter(member=request.user, address=request.path[:200]).first()
    if draft is None or draft.saved_at < timezone.now() - KEPT_FOR:
        return None
    return Kept(
        json.dumps(draft.values or {}, ensure_ascii=False),
        draft.saved_at.isoformat(timespec="milliseconds"),
    )


@transaction.atomic
def save(
    member: Member, address: str, title: str, values: Any, *, at: datetime, once: UUID | None = None
) -> Draft | None:
    """Keep what stands in a form; None when the form has been sent meanwhile.

    :raises Http404: no form of ours, or none for this member
    :raises TooLarge: more than 64 kB
    """
    number = _known(member, address)
    clean = _clean(values)
    if len(json.dumps(clean, ensure_ascii=False).encode()) > LARGEST:
        raise TooLarge
    _one_at_a_time(member, address)
    if once is not None and Event.objects.filter(once=once).exists():
        return None
    draft, _ = Draft.objects.update_or_create(
        member=member, address=address,
        defaults={"case_number": number[:40], "title": _plain(title)[:60], "values": clean, "saved_at": at},
    )  # fmt: skip
    newest = Draft.objects.filter(member=member).order_by("-saved_at").values("pk")[:MOST]
    Draft.objects.filter(member=member).exclude(
        pk__in=list(newest.values_list("pk", flat=True))
    ).delete()
    return draft


@transaction.atomic
def drop(member: Member, *addresses: str) -> None:
    """Forget drafts; a save that is under way for the same form comes before or not at all."""
    for address in sorted(set(addresses)):
        _one_at_a_time(member, address)
    Draft.objects.filter(member=member, address__in=addresses).delete()


def forget_old(at: datetime) -> int:
    """Remove the drafts nobody has come back to. Returns how many."""
    return Draft.objects.filter(saved_at__lt=at - KEPT_FOR).delete()[0]


class ByForms:
    """Keeps for ``cases.pages``: dropped when the action is done, kept when it could not be."""

    def drop(self, request: pages.MemberRequest) -> None:
        instead_of = request.POST.get("instead_of", "")[:200]
        drop(request.user, request.path[:200], *([instead_of] if instead_of else []))

    def keep(self, request: pages.MemberRequest, case: Case, form: ActForm, title: str) -> None:
        fields = {field.html_name for field in form.visible_fields()}
        values = {name: request.POST.getlist(name) for name in fields if name in request.POST}
        Draft.objects.update_or_create(
            member=request.user, address=request.path[:200],
            defaults={"case_number": case.number, "title": title, "values": _clean(values), "saved_at": timezone.now()},
        )  # fmt: skip


pages.keepers[:] = [ByForms()]


@right(Right.MEMBER)
@by_itself
@require_http_methods(["GET", "POST"])
def drafts(request: pages.MemberRequest) -> HttpResponse:
    """The member's own drafts; a POST saves one."""
    now = timezone.now()
    if request.method == "POST":
        return _save(request, now)
    found = Draft.objects.filter(member=request.user, saved_at__gte=now - KEPT_FOR)
    lines = [_line(draft, now) for draft in found[:MOST]]
    return render(request, "desk/drafts.html", {"lines": lines, "days": KEPT_FOR.days})


@right(Right.MEMBER)
@by_itself
@require_POST
def discard(request: pages.MemberRequest) -> HttpResponse:
    """Delete one draft: by the form itself (清除), or from the list."""
    drop(request.user, request.POST.get("address", "")[:200])
    if request.POST.get("quiet"):
        return HttpResponse(status=204)
    return redirect("desk:drafts")


def _save(request: pages.MemberRequest, at: datetime) -> HttpResponse:
    told = request.POST
    try:
        values = json.loads(told.get("values", ""))
        once = UUID(told["once"]) if told.get("once") else None
        draft = save(
            request.user, told.get("address", ""), told.get("title", ""), values, at=at, once=once
        )
    except TooLarge:
        return JsonResponse({"said": "内容太长，只留在本页"}, status=413)
    except (ValueError, RecursionError):
        return JsonResponse({"said": "没有保存"}, status=400)
    if draft is None:
        return HttpResponse(status=204)
    return JsonResponse(
        {"saved": words.short(at, at), "at": draft.saved_at.isoformat(timespec="milliseconds")}
    )


def _known(member: Member, address: str) -> str:
    """The number of the case the form is about, empty for a known form of no single case.

    :raises Http404: there is no such form, or not for this member
    """
    try:
        found = resolve(address) if len(address) <= 200 else None
    except Resolver404:
        found = None
    needed = getattr(found.func, "right", Right.PUBLIC) if found else Right.PUBLIC
    if found is None or needed is Right.PUBLIC or not may(member, needed):
        raise Http404("没有这个表单。")
    number: str = found.kwargs.get("number", "")
    if number:
        return access.get_case(member, number).number
    if found.view_name not in OTHER_FORMS:
        raise Http404("没有这个表单。")
    return ""


def _clean(values: Any) -> dict[str, list[str]]:
    """Names and lists of plain words.

    :raises ValueError: something else
    """
    if not isinstance(values, dict):
        raise ValueError(values)
    clean = {}
    for name, told in values.items():
        if not isinstance(told, list) or not all(isinstance(one, str) for one in told):
            raise ValueError(told)
        if name not in NEVER and "password" not in name.lower():
            clean[_plain(name)] = [_plain(one) for one in told]
    return clean


def _plain(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _line(draft: Draft, now: datetime) -> Line:
    texts = [
        text for told in (draft.values or {}).values() for text in told if len(text.strip()) > 1
    ]
    return Line(
        draft.address, draft.title or "未写完的表单", draft.case_number, words.short(draft.saved_at, now),
        draft.saved_at.isoformat(), [t for t in texts if any("\u3400" <= c <= "\u9fff" for c in t)] or texts,
    )  # fmt: skip


def _one_at_a_time(member: Member, address: str) -> None:
    """Until the transaction ends, nobody else saves or drops this draft."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [member.pk % 2**31, address]
        )
