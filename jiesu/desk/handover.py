"""交接班: the page that gathers, from every stage, what one shift hands to the next.

Each piece is a section of plain words: the sheet keeps what was true when it was made.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from jiesu.cases.models import Case, Clock, Event
from jiesu.cases.pages import MemberRequest
from jiesu.core import personal
from jiesu.desk import words
from jiesu.duty import handing_over, queries
from jiesu.duty.models import CoverGap, DutyNote, Handover, NoteKind, Shift
from jiesu.duty.month import said_gap, said_hours
from jiesu.duty.roster import Refused, turn_of
from jiesu.duty.settings import rules_of
from jiesu.org.models import Office
from jiesu.org.rights import Right, may, right
from jiesu.rules.clocks import ClockKind, remaining
from jiesu.rules.rota import DutyRules
from jiesu.rules.workflow import OPEN, Action, Stage
from jiesu.supervision.models import Notice, Reminder

ENDED_LATELY = timedelta(hours=12)  # a shift that ended so long ago may still be handed over
RECENT = 15


def gather(office: Office, shift: Shift, *, at: datetime) -> dict[str, Any]:
    """Return the body of a shift's sheet from the live state: plain JSON, a fixed number of queries."""
    rules = rules_of(office, at)
    open_ = Case.objects.filter(office=office).open().select_related("unit")
    near = open_.filter(next_due_at__gt=at, next_due_at__lte=at + rules.near)
    hours = int(rules.near.total_seconds()) // 3600
    alarmed = open_.exclude(alarm="").order_by("-dispatched_at", "-id")
    sections = [
        _cases("已超时", open_.filter(next_due_at__lte=at).by_due(), at, rules, tone="late"),
        _cases(f"{hours} 小时内到期", near.by_due(), at, rules, tone="soon"),
        _cases("待签收", open_.at(Stage.TO_SIGN).by_due(), at, rules),
        _cases("待派转", open_.at(Stage.SIGNED, Stage.TO_DISPATCH).by_due(), at, rules),
        _cases("告警", alarmed, at, rules, tone="late", empty="没有在办的告警"),
        _promised(office, at, rules),
        _unanswered(office, at, rules),
        _unsent(open_, at, rules),
        _notes(office, at),
    ]
    return {
        "at": at.isoformat(),
        "shift": str(turn_of(shift)),
        "figures": _figures(office, shift, at),
        "unusual": unusual(shift, at),
        "sections": sections,
    }


def unusual(shift: Shift, at: datetime) -> list[str]:
    """Return what was out of the ordinary in a shift, in words: its gaps in cover."""
    return [said_gap(gap, at) for gap in CoverGap.objects.filter(shift=shift).order_by("id")]


def _row(case: Case, at: datetime) -> dict[str, str]:
    return {
        "number": case.number, "title": personal.within(case.title),
        "who": case.unit.name if case.unit else "值班座席",
        "when": remaining(case.next_due_at, at) if case.next_due_at else "",
    }  # fmt: skip


def _section(
    title: str, count: int, rows: Iterable[dict[str, str]], *, tone: str = "", unit: str = "件",
    empty: str = "没有",
) -> dict[str, Any]:  # fmt: skip
    return {
        "title": title, "count": count, "rows": list(rows), "tone": tone, "unit": unit, "empty": empty,
    }  # fmt: skip


def _cases(
    title: str, found: QuerySet[Case], at: datetime, rules: DutyRules, **more: str
) -> dict[str, Any]:
    rows = [_row(case, at) for case in found[: rules.top]]
    return _section(title, found.order_by().count(), rows, **more)


def _promised(office: Office, at: datetime, rules: DutyRules) -> dict[str, Any]:
    """约定回电: who was promised a call, the nearest first."""
    found = Clock.objects.filter(
        kind=ClockKind.PROMISE, stopped_at=None, case__office=office
    ).select_related("case", "unit")  # fmt: skip
    rows = [
        {
            "number": clock.case.number, "title": personal.within(clock.case.title),
            "who": clock.unit.name if clock.unit else "值班座席",
            "when": f"{words.short(clock.due_at, at)} 前回电" if clock.due_at else "",
        }
        for clock in found.order_by("due_at", "id")[: rules.top]
    ]  # fmt: skip
    return _section("约定回电", found.order_by().count(), rows)


def _unanswered(office: Office, at: datetime, rules: DutyRules) -> dict[str, Any]:
    """催办 by hand of open cases that none of those asked has answered."""
    answered = Notice.objects.filter(reminder=OuterRef("pk"), answered_at__isnull=False)
    found = Reminder.objects.filter(
        ~Exists(answered), office=office, level="", case__stage__in=OPEN
    )
    rows = [
        {
            "number": one.case.number, "title": personal.within(one.case.title),
            "who": one.case.unit.name if one.case.unit else "值班座席",
            "when": f"{words.short(one.at, at)} 催办",
        }
        for one in found.select_related("case__unit").order_by("at", "id")[: rules.top]
    ]  # fmt: skip
    return _section("未答复的催办", found.order_by().count(), rows, tone="soon")


def _unsent(open_: Any, at: datetime, rules: DutyRules) -> dict[str, Any]:
    """Passed by the street's review a while ago and not reported up yet."""
    passed = Event.objects.filter(
        case=OuterRef("pk"), action=Action.PASS, at__lte=at - rules.unsent
    )
    found = open_.at(Stage.STREET_CALL_BACK, Stage.FINAL_REVIEW).filter(Exists(passed))
    return _cases("审核通过未反馈", found.by_due(), at, rules, tone="soon")


def _notes(office: Office, at: datetime) -> dict[str, Any]:
    found = DutyNote.objects.filter(office=office, done_at=None).select_related("member")
    rows = [
        {
            "number": note.case_number,
            "title": f"【{NoteKind.label_of(note.kind)}】{personal.within(note.text)}",
            "who": note.member.name, "when": words.short(note.at, at),
        }
        for note in found.order_by("id")[:200]
    ]  # fmt: skip
    return _section("值班记事", found.count(), rows, unit="条")


def _figures(office: Office, shift: Shift, at: datetime) -> list[tuple[str, str]]:
    until = min(at, shift.ends_at)
    came = Case.objects.filter(office=office, dispatched_at__range=(shift.starts_at, until)).count()
    done = Event.objects.filter(office=office, at__range=(shift.starts_at, until))
    signed = done.filter(action=Action.SIGN).count()
    sent = done.filter(action=Action.DISPATCH).count()
    return [("本班接单", f"{came} 件"), ("签收", f"{signed} 件"), ("派转", f"{sent} 件")]


def _to_hand_over(office: Office, at: datetime) -> list[Shift]:
    """Return the shifts to hand over: those that ended lately without a sheet taken, those that run."""
    lately = Shift.objects.filter(
        office=office,
        starts_at__lte=at,
        ends_at__gt=at - ENDED_LATELY,
        starts_at__gt=at - timedelta(hours=30),
    )
    lately = lately.exclude(handovers__taken_at__isnull=False)
    return list(lately.select_related("pattern", "office").order_by("starts_at", "id"))


@right(Right.SUPERVISE)
@require_http_methods(["GET", "POST"])
def page(request: MemberRequest) -> HttpResponse:
    """What would be handed over now, the sheets under way, notes, and the latest sheets."""
    member, at = request.user, timezone.now()
    office = member.office
    waiting = _to_hand_over(office, at)
    asked = request.POST.get("shift", "") if request.method == "POST" else ""
    if asked:
        shift = get_object_or_404(
            Shift.objects.select_related("pattern", "office"), office=office,
            pk=asked if asked.isdecimal() else 0,
        )  # fmt: skip
        try:
            made = handing_over.make_handover(
                shift, gather(office, shift, at=at), actor=member, at=at
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("desk:handover")
        return redirect("duty:sheet", pk=made.pk)
    sheets = {
        sheet.shift_id: sheet
        for sheet in Handover.objects.filter(shift__in=waiting).select_related("given_by")
    }
    now = queries.current_shift(office, at) or (waiting[-1] if waiting else None)
    notes = DutyNote.objects.filter(office=office, done_at=None).select_related("member", "shift")
    past = Handover.objects.filter(office=office, taken_at__isnull=False).select_related(
        "shift__pattern", "given_by", "taken_by"
    )  # fmt: skip
    return render(request, "desk/handover.html", {
        "shifts": [
            {
                "shift": shift, "hours": said_hours(turn_of(shift)), "sheet": sheets.get(shift.pk),
                "over": shift.ends_at <= at,
            }
            for shift in waiting
        ],
        "body": gather(office, now, at=at) if now else None, "notes": notes.order_by("id")[:200],
        "labels": {kind.value: kind.label for kind in NoteKind}, "past": past.order_by("-taken_at")[:RECENT],
        "stands": may(member, Right.STAND_DUTY), "writes": may(member, Right.STAND_DUTY) or may(member, Right.PLAN_DUTY),
    })  # fmt: skip
