"""Two on one case: what a colleague did since a form was opened, beside what stands in the form.

A form carries ``seen``, the case's newest event when it was opened.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from jiesu.cases import access
from jiesu.cases.forms import ActForm
from jiesu.cases.models import Case, Event
from jiesu.rules.workflow import FACTS, Action

# facts that do not stand in each other's way
BESIDE = frozenset({Action.NOTE, Action.ADD_EVIDENCE, Action.REVEAL, Action.TAKE, Action.RELEASE})
SOFT = FACTS - BESIDE
SHOWN = 5  # of what happened meanwhile, the newest
TOLD = {"unit": "单位", "reason_label": "理由", "proof": "佐证", "result": "结果"}


@dataclass(frozen=True, slots=True)
class Done:
    """What somebody did: ``more`` are label and text of what else they wrote."""

    who: str
    label: str
    when: str
    note: str
    more: list[tuple[str, str]]


def newest(case: Case) -> int:
    """The id of the newest event of a case: what a form that is opened now has seen."""
    return case.events.order_by("-id").values_list("id", flat=True).first() or 0


def done_meanwhile(request: HttpRequest, case: Case, action: Action) -> list[Done]:
    """Return the same fact as recorded by others since the form was opened; mostly nothing.

    A form without ``seen`` has seen everything: it was made by nobody's browser.
    """
    seen = _seen(request)
    if action not in SOFT or seen is None:
        return []
    events = case.events.filter(id__gt=seen, action=action).exclude(actor=request.user.pk)
    return _told(list(events.select_related("actor").order_by("-id")[:SHOWN]))


def written(form: ActForm) -> list[tuple[str, str]]:
    """Return label and text of what somebody wrote in a form beyond what stood there."""
    found = []
    for field in form.visible_fields():
        if not isinstance(field.field.widget, forms.Textarea):
            continue
        text = str(field.value() or "").strip()
        if text and text != str(field.initial or "").strip():
            found.append((str(field.label), text))
    return found


def page(
    request: HttpRequest, case: Case, action: Action, mine: list[tuple[str, str]]
) -> dict[str, Any]:
    """Return what ``cases/conflict.html`` shows of a form that came too late."""
    case.refresh_from_db(fields=["stage", "steps", "unit"])
    text = "\n\n".join(f"{label}：{words}" for label, words in mine)
    return {
        "case": case,
        "action": action,
        "mine": mine,
        "theirs": _since(request, case),
        "whole": "\n\n".join(words for _, words in mine) if len(mine) == 1 else text,
        "as_note": f"（拟“{action.label}”，案件已变动，未提交）\n{text}",
        "note_url": reverse("handling:note", args=[case.number])
        if access.may_do(request.user, Action.NOTE, case)  # type: ignore[arg-type]
        else "",
        "once": uuid4(),
    }


def _since(request: HttpRequest, case: Case) -> list[Done]:
    """What others did since the form was opened; where nobody did anything, the last step."""
    events = case.events.select_related("actor").order_by("-id")
    seen = _seen(request)
    others = events.exclude(actor=request.user.pk)
    found = list(others.filter(id__gt=seen)[:SHOWN]) if seen is not None else []
    return _told(found or list(events.filter(moved=True)[:1]))


def _told(events: list[Event]) -> list[Done]:
    return [_done(event) for event in events]


def _done(event: Event) -> Done:
    at, now = timezone.localtime(event.at), timezone.localtime()
    when = f"{at:%H:%M}" if at.date() == now.date() else f"{at.month}月{at.day}日 {at:%H:%M}"
    who = event.actor.name if event.actor else "系统"
    more = [
        (label, str(event.facts[name])) for name, label in TOLD.items() if event.facts.get(name)
    ]
    return Done(who, event.label, when, event.note, more)


def _seen(request: HttpRequest) -> int | None:
    told = request.POST.get("seen", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 19 else None
