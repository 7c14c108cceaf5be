"""How a page acts on a case: may it be done now, is the form right, do it, say so."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from jiesu.cases import access, conflicts, taking, transitions
from jiesu.cases.forms import ActForm
from jiesu.cases.models import Case, Event
from jiesu.core import responses
from jiesu.org.models import Member
from jiesu.rules import workflow
from jiesu.rules.workflow import Action, Stage


class MemberRequest(HttpRequest):
    """What a view with a declared right gets: somebody who is logged in has sent it."""

    user: Member  # type: ignore[assignment]
    htmx: Any


class Keeper(Protocol):
    """Who keeps what is typed into forms. The desk is it; the stages before it need not know how."""

    def drop(self, request: MemberRequest) -> None:
        """Forget what was kept of this form: called in the transaction of the action itself."""

    def keep(self, request: MemberRequest, case: Case, form: ActForm, title: str) -> None:
        """Keep what was sent and could not be done."""


keepers: list[Keeper] = []  # filled by desk.drafts

REFUSED = (workflow.NotAllowed, access.NotYours, transitions.Moved, transitions.SentTwice)
# a named refusal of an action → the field it is about
Wrong = Mapping[type[ValueError], str | None]


def address(case: Case) -> str:
    """Where the case itself is shown."""
    return reverse("desk:case", args=[case.number])


def posted(request: HttpRequest) -> dict[str, Any]:
    """What a form is made with: data and files of a POST, nothing of a GET."""
    return {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}


def check(member: Member, case: Case, action: Action) -> None:
    """Refuse before anybody fills in a form what could not be done with it.

    :raises NotAllowed: the action does not follow from where the case stands
    :raises NotYours: the action is not for this member
    """
    stage = Stage(case.stage)
    if action not in workflow.FACTS:
        workflow.step(stage, action)
    elif stage not in access.FACT_STAGES.get(action, access.EVERY_STAGE):
        raise workflow.NotAllowed(stage, action)
    access.require(member, action, case)


def act(
    request: MemberRequest, case: Case, action: Action, form: ActForm, template: str,
    do: Callable[..., Any], *, say: str | Callable[..., str], wrong: Wrong | None = None, **context: Any,
) -> HttpResponse:  # fmt: skip
    """One action that takes a form: show it, or check it, ``do`` it with the cleaned data and ``say`` so.

    ``wrong`` names the refusals of the action that a person can put right in the form: they come
    back as errors (422). A case that moved or is not theirs is told as that (409).
    """
    wrong, also = wrong or {}, []
    for field in form.fields.values():
        if hasattr(field, "suit"):  # a field whose limits are those of the case's office
            field.suit(case, request.user)
    try:
        check(request.user, case, action)
        if form.is_valid():
            also = conflicts.done_meanwhile(request, case, action)
            if not also:
                with transaction.atomic():
                    do(**form.cleaned_data)
                    _settle(request, case)
                words = (
                    say(**form.cleaned_data) if callable(say) else say.format(**form.cleaned_data)
                )
                return responses.done(request, address(case), words)
    except REFUSED as refusal:
        return _refused(request, case, refusal, action, form)
    except tuple(wrong) as refusal:
        case.refresh_from_db()  # what was begun is undone
        form.add_error(wrong[type(refusal)], str(refusal))
    form.point()
    shown = {
        "case": case, "form": form, "case_url": address(case), "shell": _shell(request), "also": also,
        "seen": lambda: conflicts.newest(case), "held": lambda: taking.by_another(case, request.user),
        **context,
    }  # fmt: skip
    return responses.form_page(request, template, shown, status=422 if also else None)


def press(
    request: MemberRequest, case: Case, action: Action, do: Callable[..., Any], *, say: str,
    wrong: tuple[type[Exception], ...] = (),
) -> HttpResponse:  # fmt: skip
    """One action that takes nothing but a press. Coming back here by a link shows the case."""
    if request.method != "POST":
        return redirect(address(case))
    try:
        check(request.user, case, action)
        with transaction.atomic():
            do(once=_once(request))
            _settle(request, case)
    except REFUSED + wrong as refusal:
        return _refused(request, case, refusal)
    return responses.done(request, address(case), say)


def _settle(request: MemberRequest, case: Case) -> None:
    """What goes with an action that was done, in its own transaction."""
    taking.go_on(case, request.user, at=timezone.now())
    for keeper in keepers:
        keeper.drop(request)


def _shell(request: MemberRequest) -> str:
    return "cases/bare.html" if request.htmx else "core/page.html"


def _refused(
    request: MemberRequest, case: Case, refusal: Exception, action: Action | None = None,
    form: ActForm | None = None,
) -> HttpResponse:  # fmt: skip
    """Say why not; to somebody whose form came twice, that the first one holds.

    What somebody wrote for nothing is shown beside what the colleague did (409), and stays kept.
    """
    once = _once(request)
    if once is not None and Event.objects.filter(once=once, case=case, actor=request.user).exists():
        refusal = transitions.SentTwice()
    told = str(refusal)
    if isinstance(refusal, workflow.NotAllowed | transitions.Moved):
        told = f"{_by_whom(request.user, case)}{told}"
    twice = isinstance(refusal, transitions.SentTwice)
    written = conflicts.written(form) if form is not None and not twice else []
    if form is not None and action is not None and written:
        for keeper in keepers:
            keeper.keep(request, case, form, action.label)
        shown = conflicts.page(request, case, action, written)
        shown |= {"told": told, "case_url": address(case), "shell": _shell(request)}
        return responses.conflict_page(request, "cases/conflict.html", shown)
    return responses.refused(request, address(case), told)


def _by_whom(member: Member, case: Case) -> str:
    """Who moved the case last, when and how: what somebody who came too late wants to know."""
    last = case.events.filter(moved=True).select_related("actor").order_by("id").last()
    if last is None:
        return ""
    at, now = timezone.localtime(last.at), timezone.localtime()
    when = f"{at:%H:%M}" if at.date() == now.date() else f"{at.month}月{at.day}日 {at:%H:%M}"
    who = "您" if last.actor_id == member.pk else last.actor.name if last.actor else "系统"
    return f"{who} {when} 已“{Action.label_of(last.action)}”。"


def _once(request: MemberRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("once", ""))
    except ValueError:
        return None
