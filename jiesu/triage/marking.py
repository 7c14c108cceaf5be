"""研判标记: made when a case arrives or is corrected, kept or taken off by a person, on record."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from jiesu.cases import transitions
from jiesu.cases.models import Case, Event
from jiesu.catalogue.shipped import mark_rules
from jiesu.org.models import Member, Office
from jiesu.rules.alarms import Lifted
from jiesu.rules.marks import Mark, MarkKind, marks
from jiesu.rules.moments import BEIJING
from jiesu.rules.workflow import Action
from jiesu.triage.models import CaseMark, MarkState

READ = ("id", "title", "content", "tags", "category", "company", "dispatched_at")
AT_ONCE = 500


class Decided(ValueError):
    """The mark already stands as somebody wants it, or is an alarm's to be lifted; the message says so."""


def read(case: Case) -> list[Mark]:
    """Return the marks the rules make of a case."""
    month = case.dispatched_at.astimezone(BEIJING).month
    return marks(
        (case.title, case.content), mark_rules(), month=month, tags=case.tags,
        category=case.category, company=case.company,
    )  # fmt: skip


def mark(cases: Iterable[Case], *, at: datetime) -> int:
    """Mark cases; called again, what nobody has decided on follows the words as they are now. Returns how many.

    What a person kept or took off stays as they left it.
    """
    cases = list(cases)
    read_of = {case.pk: read(case) for case in cases}
    made = [
        CaseMark(
            case_id=pk, code=one.code, kind=one.kind, label=one.label, reason=one.reason,
            found=list(one.found), in_season=one.in_season, made_at=at,
        )
        for pk, found in read_of.items()
        for one in found
    ]  # fmt: skip
    stale = CaseMark.objects.filter(case__in=list(read_of), state=MarkState.SUGGESTED)
    said = {(one.case_id, one.code) for one in made}
    gone = [
        pk for pk, case, code in stale.values_list("pk", "case", "code") if (case, code) not in said
    ]
    if gone:
        CaseMark.objects.filter(pk__in=gone).delete()
    CaseMark.objects.bulk_create(made, AT_ONCE, ignore_conflicts=True)
    return len(made)


@transaction.atomic
def decide(
    case: Case, *, mark: CaseMark, keep: bool, actor: Member, at: datetime, **facts: Any
) -> Event:
    """确认 or 去掉 a mark of the case.

    :raises Decided: it stands so already
    """
    if mark.kind == MarkKind.THREAT and not keep:
        raise Decided("扬言告警要在案件上方的告警栏里解除，写明理由。")
    state = MarkState.KEPT if keep else MarkState.OFF
    waiting = CaseMark.objects.filter(pk=mark.pk, case=case).exclude(state=state)
    if not waiting.update(state=state, decided_at=at, decided_by=actor):
        raise Decided(f"“{mark.label}”{state.label}，没有改动。")
    return transitions.record(
        case,
        Action.MARK,
        actor=actor,
        at=at,
        mark=mark.label,
        kept=keep,
        reason=mark.reason,
        **facts,
    )


def shown_of(cases: Iterable[int]) -> dict[int, list[CaseMark]]:
    """Return the marks to show beside each case of a list: one query. Out of season nothing is said."""
    found = CaseMark.objects.filter(case__in=list(cases)).exclude(state=MarkState.OFF)
    found = found.exclude(kind=MarkKind.THREAT)  # told by the alarm
    shown: dict[int, list[CaseMark]] = {}
    for one in found.exclude(kind=MarkKind.SEASON, in_season=False):
        shown.setdefault(one.case_id, []).append(one)
    return shown


def threat_lifted(
    case: Case, *, reason: str, found: Iterable[str], actor: Member, at: datetime
) -> CaseMark:
    """Keep as a lesson that these words were no threat here; words of an earlier time stay with them."""
    known = CaseMark.objects.filter(case=case, code=MarkKind.THREAT).first()
    words = sorted({*found, *(known.found if known else ())})
    made, _ = CaseMark.objects.update_or_create(
        case=case, code=MarkKind.THREAT,
        defaults={
            "kind": MarkKind.THREAT, "label": MarkKind.THREAT.label, "reason": reason[:160],
            "found": words, "state": MarkState.OFF, "decided_by": actor, "decided_at": at,
            "made_at": known.made_at if known else at,
        },
    )  # fmt: skip
    return made


def lifted_of(cases: Iterable[int]) -> dict[int, Lifted]:
    """Return what a person has found to be no threat, by case: one query."""
    off = CaseMark.objects.filter(
        case__in=list(cases), kind=MarkKind.THREAT, state=MarkState.OFF
    ).values_list("case", "reason", "found")
    return {case: Lifted(reason, frozenset(found)) for case, reason, found in off}


@dataclass(frozen=True, slots=True)
class WrongWord:
    """A word of the rules that alarmed and was no threat: how often, of how many alarms by it."""

    word: str
    wrong: int
    alarms: int


def wrong_words(office: Office) -> list[WrongWord]:
    """Return the words whose alarms people have lifted, the most often wrong first: two queries."""
    off = CaseMark.objects.filter(
        case__office=office, kind=MarkKind.THREAT, state=MarkState.OFF
    ).values_list("found", flat=True)
    wrong = Counter(word for found in off for word in found)
    raised = Event.objects.filter(office=office, action=Action.ALARM, facts__kind=MarkKind.THREAT)
    all_ = Counter(
        word for found in raised.values_list("facts__found", flat=True) for word in found or ()
    )
    return [WrongWord(word, many, max(all_[word], many)) for word, many in wrong.most_common()]
