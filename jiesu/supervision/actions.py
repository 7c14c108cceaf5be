"""By hand: 催办 and its answer, what was seen, and the call and the report an alarm demands."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from jiesu.cases import access, clocks, transitions
from jiesu.cases.models import Case, Event
from jiesu.org.models import Member, Unit
from jiesu.rules.clocks import ClockKind
from jiesu.rules.ladder import Rung
from jiesu.rules.workflow import Action
from jiesu.supervision import recipients
from jiesu.supervision.models import Notice, Reminder
from jiesu.supervision.reminding import by_hand


class NotYourNotice(Exception):
    """The reminder is not this member's to answer."""

    def __init__(self) -> None:
        super().__init__("这条提醒不是发给您或您的单位的，不能由您答复。")


class Answered(Exception):
    """The reminder has its answer; the first one holds."""

    def __init__(self, by: str) -> None:
        super().__init__(f"这条提醒已由{by}答复，没有重复记录。")


class Incomplete(ValueError):
    """Something that must be said was not, or cannot be so; the message says what."""


@transaction.atomic
def remind(
    case: Case, *, words: str, actor: Member, at: datetime, unit: Unit | None = None,
    rung: Rung = Rung.HANDLER, once: UUID | None = None,
) -> Reminder:  # fmt: skip
    """催办: remind of a case by hand. Goes to ``unit`` (its lead unit when none is named), else the desk.

    :raises Incomplete: no words, or the case has ended
    :raises NotYours, SentTwice: as ``transitions.record``
    """
    if not case.is_open:
        raise Incomplete("案件已经办结，不用再催办。")
    access.require(actor, Action.REMIND, case)
    if not words.strip():
        raise Incomplete("请写明催办内容。")
    unit = unit or case.unit
    of = unit.pk if unit else None
    acceptor = recipients.accepted([case.pk]).get((case.pk, of)) if of else None
    there = recipients.roster(case.office, at)
    to = recipients.once_each(recipients.find(there, rung, of, acceptor))
    transitions.record(
        case, Action.REMIND, actor=actor, at=at, note=words.strip(), once=once,
        unit=unit.name if unit else recipients.DESK, to=[one.member.name for one in to],
        rung=rung.value,
    )  # fmt: skip
    return by_hand(
        office=case.office_id, case=case.pk, rung=rung, unit=of, due_at=case.next_due_at,
        asked_by=actor.pk, words=words.strip(), once=once, to=to, at=at,
    )  # fmt: skip


@transaction.atomic
def answer(
    notice: Notice, *, answer: str, actor: Member, at: datetime, once: UUID | None = None
) -> Event:
    """催办答复: whoever got the reminder, or somebody of their unit, answers it; onto the record.

    :raises NotYourNotice: it went to somebody of another unit
    :raises Answered: it has an answer
    :raises Incomplete: no words
    :raises NotYours, SentTwice: as ``transitions.record``
    """
    if not answer.strip():
        raise Incomplete("请写明答复内容。")
    reminder = Reminder.objects.select_for_update().get(pk=notice.reminder_id)
    notices = list(reminder.notices.select_related("member"))
    mine = next(one for one in notices if one.pk == notice.pk)
    if actor.pk != mine.member_id and not (
        actor.office_id == reminder.office_id and actor.unit_id == mine.member.unit_id
    ):
        raise NotYourNotice
    if before := next((one for one in notices if one.answered_at), None):
        raise Answered(before.member.name)
    case = Case.objects.select_related("unit").get(pk=reminder.case_id)
    mine.answer, mine.answered_at, mine.seen_at = answer.strip(), at, mine.seen_at or at
    mine.save(update_fields=["answer", "answered_at", "seen_at"])
    return transitions.record(
        case, Action.ANSWER_REMINDER, actor=actor, at=at, note=answer.strip(), once=once,
        reminder=reminder.pk, notice=mine.pk,
    )  # fmt: skip


def seen(member: Member, ids: Iterable[int], at: datetime) -> int:
    """Mark notices of the member as seen; those of others are left alone. Returns how many."""
    mine = Notice.objects.filter(member=member, pk__in=list(ids), seen_at=None)
    return mine.update(seen_at=at)


@transaction.atomic
def phone(
    case: Case, *, called_at: datetime, whom: str, outcome: str, actor: Member, at: datetime,
    words: str = "", once: UUID | None = None,
) -> Event:  # fmt: skip
    """电话通知: who was called when and with what outcome; stops the clock an alarm started.

    :raises Incomplete: nobody named, no outcome, or a call that is yet to come
    :raises NotYours, SentTwice: as ``transitions.record``
    """
    _said(whom, "请写明通知了谁。")
    _said(outcome, "请写明通话结果。")
    return _done(
        case, Action.PHONE, ClockKind.PHONE, when=called_at, actor=actor, at=at, words=words,
        once=once, called_at=called_at.isoformat(), whom=whom.strip(), outcome=outcome.strip(),
    )  # fmt: skip


@transaction.atomic
def report_up(
    case: Case, *, reported_at: datetime, to: str, channel: str, actor: Member, at: datetime,
    words: str = "", once: UUID | None = None,
) -> Event:  # fmt: skip
    """请示报告: what was reported upward, to whom and how; stops the clock an alarm started.

    :raises Incomplete: nobody named, no way named, or a report that is yet to come
    :raises NotYours, SentTwice: as ``transitions.record``
    """
    _said(to, "请写明向谁报告。")
    _said(channel, "请写明报告方式。")
    return _done(
        case, Action.REPORT_UP, ClockKind.REPORT_UP, when=reported_at, actor=actor, at=at,
        words=words, once=once, reported_at=reported_at.isoformat(), to=to.strip(),
        channel=channel.strip(),
    )  # fmt: skip


def _said(text: str, otherwise: str) -> None:
    if not text.strip():
        raise Incomplete(otherwise)


def _done(
    case: Case, action: Action, kind: ClockKind, *, when: datetime, actor: Member, at: datetime,
    words: str, **facts: Any,
) -> Event:  # fmt: skip
    if when > at:
        raise Incomplete("时间还没到，请填写实际发生的时间。")
    event = transitions.record(case, action, actor=actor, at=at, note=words.strip(), **facts)
    clocks.stop(case, kind, at=at, by=action)
    clocks.gather(case)
    return event
