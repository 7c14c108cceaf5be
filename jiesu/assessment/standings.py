"""口径: how each case counts, appended fact by fact; the last one that is in force decides."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from jiesu.assessment.models import ResultFile, StandingFact
from jiesu.cases import transitions
from jiesu.cases.models import Case
from jiesu.org.models import Member, Office
from jiesu.rules.answers import Standing
from jiesu.rules.workflow import Action


class NoReason(ValueError):
    """A standing needs a reason."""


def in_force(facts: Iterable[StandingFact], at: datetime) -> dict[str, StandingFact]:
    """Return the fact that decides for each order at a moment: of those begun, the one recorded last."""
    return {fact.number: fact for fact in sorted(facts, key=lambda f: f.pk) if fact.since <= at}


def held(office: Office, numbers: list[str], at: datetime) -> dict[tuple[str, str], StandingFact]:
    """Return the facts that decide for many orders, by cycle and number: one query."""
    found: dict[tuple[str, str], StandingFact] = {}
    facts = StandingFact.objects.filter(office=office, number__in=numbers, since__lte=at)
    for fact in facts.order_by("pk"):
        found[fact.cycle, fact.number] = fact
    return found


def of(office: Office, cycle: str, number: str, at: datetime) -> Standing:
    """Return how an order counts at a moment; what nobody decided is counted."""
    facts = StandingFact.objects.filter(office=office, cycle=cycle, number=number)
    found = in_force(facts, at).get(number)
    return Standing(found.standing) if found else Standing.COUNTED


@transaction.atomic
def set_standing(
    case: Case, standing: Standing, *, cycle: str, reason: str, reference: str = "", since: datetime,
    actor: Member | None, at: datetime, once: object = None,
) -> StandingFact:  # fmt: skip
    """Decide how a case counts in a cycle from ``since`` on. What held before stays on the record.

    :raises NoReason: no reason was given
    :raises NotYours: it is not for this member
    """
    if not reason.strip():
        raise NoReason("请写明理由，如清单条目、批复或会议意见。")
    Office.objects.select_for_update().get(pk=case.office_id)
    before = of(case.office, cycle, case.number, at)
    transitions.record(
        case, Action.SET_STANDING, actor=actor, at=at, note=reason.strip(), cycle=cycle,
        standing=standing.value, before=before.value, since=since.isoformat(), reference=reference,
        once=once,
    )  # fmt: skip
    return StandingFact.objects.create(
        office=case.office, cycle=cycle, number=case.number, standing=standing, since=since,
        reason=reason.strip(), reference=reference, member=actor, recorded_at=at,
    )  # fmt: skip


def news(said: Standing, held: StandingFact | None) -> bool:
    """True when what a file of results says of a standing is to be kept.

    A file speaks for the city about 剔除 alone: it never undoes what was decided here with a reason.
    """
    if held is None:
        return said is not Standing.COUNTED
    return held.file_id is not None and held.standing != said


def from_file(
    office: Office, cycle: str, number: str, standing: Standing, *, file: ResultFile, row: int,
    case: Case | None, held: StandingFact | None, member: Member | None, at: datetime,
) -> StandingFact:  # fmt: skip
    """Keep what a file of results says of an order's standing."""
    reason = f"上级明细标为“{standing.label}”"
    reference = f"{file.name} 第 {row} 行"
    if case is not None:
        transitions.record(
            case, Action.SET_STANDING, actor=None, at=at, note=reason, cycle=cycle,
            standing=standing.value, before=held.standing if held else Standing.COUNTED.value,
            since=at.isoformat(), reference=reference,
        )  # fmt: skip
    return StandingFact.objects.create(
        office=office, cycle=cycle, number=number, standing=standing, since=at, reason=reason,
        reference=reference, file=file, member=member, recorded_at=at,
    )  # fmt: skip
