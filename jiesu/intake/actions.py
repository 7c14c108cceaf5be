"""签收 and 退回 (domain 2.2, 2.5; 条例第12条). The import is in ``importing``."""

from datetime import datetime
from typing import Any

from django.db import transaction

from jiesu.cases import clocks, transitions
from jiesu.cases.models import Case, Event
from jiesu.catalogue.queries import rules_at
from jiesu.org.models import Member
from jiesu.rules.clocks import ClockKind, Due
from jiesu.rules.workflow import Action, Stage


class ProofMissing(ValueError):
    """A send-back without the proof its reason demands."""


@transaction.atomic
def sign(case: Case, *, actor: Member, at: datetime, **facts: Any) -> Event:
    """签收: stop the sign clock; from here the desk has time to object and to dispatch.

    :raises NotAllowed, Moved, NotYours: as ``transitions.apply``
    """
    event = transitions.apply(case, Action.SIGN, actor=actor, at=at, **facts)
    rules = rules_at(case.office, at)
    clocks.stop(case, ClockKind.SIGN, at=at, by=Action.SIGN)
    objecting = rules.limits.of(ClockKind.OBJECT, rules.limits.object)
    dispatching = rules.limits.of(ClockKind.DISPATCH, rules.limits.dispatch)
    due = Due(None, "签收后退回异议时限", objecting)
    clocks.start(case, ClockKind.OBJECT, at=at, due=due, rules=rules)
    due = Due(None, "签收后派转时限", dispatching)
    clocks.start(case, ClockKind.DISPATCH, at=at, due=due, rules=rules)
    case.signed_at = at
    case.save(update_fields=["signed_at"])
    clocks.gather(case)
    return event


@transaction.atomic
def send_back(
    case: Case,
    *,
    reason: str,
    proof: str,
    actor: Member,
    at: datetime,
    note: str = "",
    **facts: Any,
) -> Event:
    """退回: object to the order with a reason of the rule set's list and its proof.

    The order waits for the platform's answer; the clocks of 签收 and 退回异议 stop and stay on record,
    the order's own 办理 clock goes on (推定: the platform does not stop it either).

    :raises ProofMissing: the reason is not on the list, or no proof was given
    :raises NotAllowed, Moved, NotYours: as ``transitions.apply``
    """
    reasons = {r.code: r for r in rules_at(case.office, at).send_back_reasons}
    if reason not in reasons:
        raise ProofMissing("请从清单中选一个退回理由。")
    if not proof.strip():
        raise ProofMissing(f"“{reasons[reason].label}”须附佐证：{reasons[reason].proof}。")
    before = case.stage
    event = transitions.apply(
        case, Action.SEND_BACK, actor=actor, at=at, note=note, reason=reason,
        reason_label=reasons[reason].label, proof=proof.strip(), **facts,
    )  # fmt: skip
    if before == Stage.TO_SIGN:  # never signed: the time to object ran beside the time to sign
        clocks.start(case, ClockKind.OBJECT, at=case.dispatched_at, due=Due(None, "未签收即退回"))
    clocks.stop(
        case, ClockKind.SIGN, ClockKind.OBJECT, ClockKind.DISPATCH, at=at, by=Action.SEND_BACK
    )
    clocks.start(case, ClockKind.ANSWER, at=at, due=Due(None, "等待平台裁定，无时限"))
    clocks.gather(case)
    return event


@transaction.atomic
def answer(
    case: Case, *, granted: bool, actor: Member, at: datetime, note: str = "", **facts: Any
) -> Event:
    """Record the platform's answer to a send-back: granted ends the case, refused puts it to dispatch.

    :raises NotAllowed, Moved, NotYours: as ``transitions.apply``
    """
    action = Action.GRANT_SEND_BACK if granted else Action.REFUSE_SEND_BACK
    event = transitions.apply(case, action, actor=actor, at=at, note=note, **facts)
    if granted:
        clocks.stop(case, at=at, by=action)
        case.closed_at = at
        case.save(update_fields=["closed_at"])
    else:
        clocks.stop(case, ClockKind.ANSWER, at=at, by=action)
        rules = rules_at(case.office, at)
        limit = rules.limits.of(ClockKind.DISPATCH, rules.limits.dispatch)
        due = Due(None, "退回被驳回后派转时限", limit)
        clocks.start(case, ClockKind.DISPATCH, at=at, due=due, rules=rules)
        if case.signed_at is None:  # a refused send-back is the office's order from now on
            case.signed_at = at
            case.save(update_fields=["signed_at"])
    clocks.gather(case)
    return event
