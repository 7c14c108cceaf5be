"""The one write path: every step and every fact of a case is written here and nowhere else."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from jiesu.cases import access, sealing
from jiesu.cases.models import Case, Event
from jiesu.core.announcements import announce
from jiesu.org.models import Member
from jiesu.rules import workflow
from jiesu.rules.workflow import Action, Stage


class Moved(Exception):
    """The case is no longer where the caller saw it."""

    def __init__(self, number: str) -> None:
        super().__init__(f"{number} 刚被他人处理，页面已更新，请按现在的环节办理。")


class SentTwice(Exception):
    """The same form was sent a second time; the first one holds."""

    def __init__(self) -> None:
        super().__init__("这份内容已经提交过了，没有重复记录。")


@transaction.atomic
def apply(
    case: Case, action: Action, *, actor: Member | None, at: datetime, note: str = "", **facts: Any
) -> Event:
    """Take one case one step, leave the record, and announce it. ``actor`` None: the system itself.

    :raises workflow.NotAllowed: the action does not follow from the case's stage
    :raises access.NotYours: the action is not for this member
    :raises Moved: the case is no longer where the caller saw it
    """
    access.require(actor, action, case)
    before = Stage(case.stage)
    stage, step = workflow.step(before, action), case.steps + 1
    where_it_was_seen = Case.objects.filter(pk=case.pk, steps=case.steps)
    if not where_it_was_seen.update(stage=stage, steps=step):
        raise Moved(case.number)
    case.stage, case.steps = stage, step
    return _write(case, action, before, actor, at, note, facts, moved=True)


@transaction.atomic
def record(
    case: Case, action: Action, *, actor: Member | None, at: datetime, note: str = "", **facts: Any
) -> Event:
    """Record a fact that moves nothing, and announce it. It never conflicts with anybody's step.

    :raises ValueError: the action is one that moves a case
    :raises access.NotYours: the action is not for this member
    """
    if action not in workflow.FACTS:
        raise ValueError(f"{action} moves a case: use apply")
    access.require(actor, action, case)
    return _write(case, action, Stage(case.stage), actor, at, note, facts, moved=False)


def _write(
    case: Case, action: Action, before: Stage, actor: Member | None, at: datetime, note: str,
    facts: dict[str, Any], *, moved: bool,
) -> Event:  # fmt: skip
    once: UUID | None = facts.pop("once", None)
    note, facts, told = sealing.seal_event(note, facts)
    try:
        with transaction.atomic(savepoint=once is not None):
            event = Event.objects.create(
                office_id=case.office_id, case=case, step=case.steps, action=action, before=before,
                after=case.stage, moved=moved, actor=actor, at=at, note=note, facts=facts, once=once,
            )  # fmt: skip
            if told:
                sealing.keep_event(case, event, told)
    except IntegrityError as broken:
        if once is not None and "event_form_sent_once" in str(broken):
            raise SentTwice from None
        raise
    announce("case.moved" if moved else "case.noted", case=case.pk, event=event.pk)
    return event
