"""A row that becomes a case: its columns, its clocks, its place in the chain of arrivals."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from jiesu.cases import clocks, sealing, transitions
from jiesu.cases.models import Case
from jiesu.intake.judging import Judged, draft_extra
from jiesu.intake.models import Batch, Verdict
from jiesu.intake.naming import Names
from jiesu.intake.storing import Fresh, Kept
from jiesu.platforms.drafts import Draft
from jiesu.rules.clocks import ClockKind, Sized, is_urgent, order_due, sign_due, size
from jiesu.rules.holidays import WorkCalendar
from jiesu.rules.rule_set import Rules
from jiesu.rules.workflow import Action, step


def fresh(
    batch: Batch, judged: Judged, kept: Kept, rules: Rules, names: Names, *, at: datetime,
    calendar: Callable[[], WorkCalendar],
) -> Fresh:  # fmt: skip
    """Return the case that a row makes, the next of its number's arrivals. Asks the database nothing."""
    draft, earlier = judged.draft, judged.case
    columns = _columns(batch, draft, names, at)
    placed = None if draft.community else names.placed(draft.location)
    if placed:
        columns["community_id"] = placed[0].pk
    arrival = columns["arrival"] = earlier.arrival + 1 if earlier else 1
    columns |= sealing.seal(
        columns, office=batch.office_id, number=draft.number, arrival=arrival, arrived_at=at
    )
    columns["extra"] = json.dumps(columns["extra"], ensure_ascii=False)
    columns["previous_id"] = earlier.pk if earlier else None
    limits = rules.limits
    own = draft.due_at.at if draft.due_at else None
    due = order_due(
        columns["dispatched_at"], own, columns["tags"], limits, category=columns["category"],
        order_type=draft.order_type, calendar=calendar,
    )  # fmt: skip
    columns["due_at"], columns["due_source"] = due.at, due.source
    running: list[tuple[ClockKind, datetime, Sized]] = []
    if draft.finished:
        columns["stage"] = step(None, Action.ARRIVE_FINISHED).value
    else:
        columns["stage"] = step(None, Action.ARRIVE).value
        start = columns["dispatched_at"]
        urgent = is_urgent(start, due.at, columns["tags"])
        signing = sign_due(start, urgent=urgent, limits=limits)
        running = [
            (ClockKind.SIGN, start, size(start, signing, rules.ladder, calendar)),
            (ClockKind.HANDLE, start, size(start, due, rules.ladder, calendar)),
        ]
        timed = [clock for clock in running if clock[2].due_at]
        if timed:
            kind, _, sized = min(timed, key=lambda clock: clock[2].due_at or start)
            columns["next_clock"] = kind.value
            columns["next_started_at"], columns["next_due_at"] = start, sized.due_at
    return Fresh(columns, running, rules.name, kept, placed[1] if placed else "")


def rehearse(judged: Judged, numbers: dict[str, datetime | None]) -> Judged:
    """In a dry run nothing is stored: tell a number's second row in the file from its first."""
    draft = judged.draft
    at = draft.arrived_at.at if draft.arrived_at else None
    if draft.number not in numbers:
        numbers[draft.number] = at
        return judged
    before = numbers[draft.number]
    if at is None or before is None or at == before:
        return Judged(draft, Verdict.CHANGED)
    if at > before:
        numbers[draft.number] = at
        return Judged(draft, Verdict.ARRIVED_AGAIN)
    return Judged(draft, Verdict.UNCHANGED)


def end(earlier: Case, *, at: datetime) -> None:
    """What was still open of the earlier arrival ends: the platform has dispatched the order anew."""
    if not earlier.is_open:
        return
    transitions.apply(
        earlier, Action.ARRIVE_AGAIN, actor=None, at=at, note="同一编号再次到达，由新的一次承接",
        next_arrival=earlier.arrival + 1,
    )  # fmt: skip
    clocks.stop(earlier, at=at, by=Action.ARRIVE_AGAIN)
    Case.objects.filter(pk=earlier.pk).update(closed_at=at)
    clocks.gather(earlier)


def _columns(batch: Batch, draft: Draft, names: Names, at: datetime) -> dict[str, Any]:
    community = names.community(draft.community)
    unit = names.unit(draft.unit) if draft.finished else None
    called, dispatched = draft.called_at, draft.arrived_at
    closed = (draft.closed_at or draft.replied_at) if draft.finished else None
    return {
        "office_id": batch.office_id,
        "number": draft.number,
        "steps": 1,
        "case_no": draft.case_no,
        "order_type": draft.order_type,
        "path": draft.path,
        "category": ">".join(draft.category),
        "tags": list(draft.tags),
        "title": draft.title,
        "content": draft.content,
        "location": draft.location,
        "district": draft.district,
        "street": draft.street,
        "community_id": community.pk if community else None,
        "community_text": draft.community,
        "requester_name": draft.requester_name,
        "requester_phone": draft.requester_phone,
        "requester_address": draft.requester_address,
        "company": draft.company,
        "month_seq": draft.month_seq,
        "year_seq": draft.year_seq,
        "unit_text": draft.unit,
        "extra": draft_extra(draft),
        "called_at": called.at if called else None,
        "dispatched_at": dispatched.at if dispatched else at,
        "arrived_at": at,
        "unit_id": unit.pk if unit else None,
        "closed_at": (closed.at if closed else at) if draft.finished else None,
        "result": draft.result if draft.finished else "",
        "next_clock": "",
        "next_started_at": None,
        "next_due_at": None,
    }
