"""The orders of one cycle as they count, one line each: what every figure, list and forecast is made from."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from jiesu.assessment import standings
from jiesu.assessment.models import Frozen, Result, StandingFact
from jiesu.cases import access
from jiesu.cases.models import Assignment, Case, Part
from jiesu.org.models import Member, Office
from jiesu.rules.answers import Contacted, Satisfied, Solved, Standing
from jiesu.rules.cycles import Cycle
from jiesu.rules.moments import BEIJING

NOWHERE = "未分"
TIMES = ("called_at", "dispatched_at")
_DAY_IN_NUMBER = re.compile(r"-(\d{2})(\d{2})(\d{2})-", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """One order in one cycle. ``result`` None: the city has told nothing of it yet."""

    number: str
    case: int | None
    unit: str
    unit_id: int | None
    community: str
    category: str
    person: str
    result: int | None
    called_at: datetime | None
    valid: bool
    contacted: Contacted
    solved: Solved
    satisfied: Satisfied
    standing: Standing
    outcome: str = ""
    cause: str = ""
    dispatched_at: datetime | None = None

    @property
    def in_total(self) -> bool:
        return self.standing is not Standing.OUTSIDE


def of_cycle(office: Office, cycle: Cycle, at: datetime) -> list[Line]:
    """Return the lines of a cycle as they are now: cases dispatched in it, and orders with a result of it.

    Six queries, however many there are.
    """
    results = current(office, cycle.code)
    cases = _cases(office, cycle, results)
    others = _told_elsewhere(office, cycle, [n for n in cases if n not in results])
    units = {unit.pk: unit.name for unit in office.units.all()}
    persons = _persons(cases.values())
    facts = standings.in_force(StandingFact.objects.filter(office=office, cycle=cycle.code), at)
    numbers = sorted({*results, *(n for n in cases if n not in others)})
    return [
        _line(number, cases.get(number), results.get(number), facts.get(number), units, persons)
        for number in numbers
    ]  # fmt: skip


def after(frozen: Frozen, at: datetime) -> list[Line]:
    """Return the lines of a frozen cycle with what came later laid over them."""
    lines = {line.number: line for line in read(frozen.lines)}
    for result in current(frozen.office, frozen.cycle).values():
        if result.pk > frozen.last_result:
            known = lines.get(result.number) or _blank(result.number)
            lines[result.number] = answered(known, result)
    later = StandingFact.objects.filter(office=frozen.office_id, cycle=frozen.cycle)
    for number, fact in standings.in_force(later, at).items():
        if fact.pk > frozen.last_standing and number in lines:
            lines[number] = replace(lines[number], standing=Standing(fact.standing))
    return [lines[number] for number in sorted(lines)]


def replayed(frozen: Frozen) -> list[Line]:
    """Return the lines of a frozen cycle with every answer taken anew from the facts up to the freeze."""
    told: dict[str, Result] = {}
    of_cycle = {"office": frozen.office_id, "cycle": frozen.cycle}
    results = Result.objects.filter(**of_cycle, pk__lte=frozen.last_result).select_related("unit")
    for result in results.order_by("pk"):
        told[result.number] = result
    facts = standings.in_force(
        StandingFact.objects.filter(**of_cycle, pk__lte=frozen.last_standing), frozen.at
    )
    found = []
    for line in read(frozen.lines):
        standing = facts.get(line.number)
        line = replace(line, standing=Standing(standing.standing if standing else Standing.COUNTED))
        found.append(answered(line, told[line.number]) if line.number in told else line)
    return found


def current(office: Office, cycle: str) -> dict[str, Result]:
    """Return what holds of each order of a cycle: the result nothing has corrected."""
    rows = Result.objects.filter(office=office, cycle=cycle, corrected_by=None)
    return {row.number: row for row in rows.select_related("unit")}


def write(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Return lines as plain JSON."""
    return [
        asdict(line) | {name: at.isoformat() for name in TIMES if (at := getattr(line, name))}
        for line in lines
    ]


def read(written: Iterable[dict[str, Any]]) -> list[Line]:
    """Return lines from what ``write`` made of them."""
    return [
        Line(**one | {
            **{name: datetime.fromisoformat(one[name]) for name in TIMES if one.get(name)},
            "contacted": Contacted(one["contacted"]), "solved": Solved(one["solved"]),
            "satisfied": Satisfied(one["satisfied"]), "standing": Standing(one["standing"]),
        })
        for one in written
    ]  # fmt: skip


def seen_by(member: Member, lines: list[Line]) -> list[Line]:
    """Keep the lines a member may see: who sees all cases all of them, a unit those charged to it.

    A case the member may not open is not told of either.
    """
    if access.sees_all(member):
        return lines
    mine = [line for line in lines if line.unit_id == member.unit_id]
    asked = [line.case for line in mine if line.case is not None]
    visible = set(access.visible_to(member).filter(pk__in=asked).values_list("pk", flat=True))
    return [line for line in mine if line.case is None or line.case in visible]


def answered(line: Line, result: Result) -> Line:
    """Return the line with what a result says."""
    return replace(
        line, unit=result.unit.name if result.unit else result.unit_text or line.unit,
        unit_id=result.unit_id or (None if result.unit_text else line.unit_id),
        person=result.person or line.person, result=result.pk, called_at=result.called_at,
        valid=result.valid, contacted=Contacted(result.contacted), solved=Solved(result.solved),
        satisfied=Satisfied(result.satisfied), outcome=result.outcome, cause=result.cause,
    )  # fmt: skip


def day_of(number: str) -> datetime | None:
    """Return noon of the day an order number carries, such as 热线-261019-020001; None where it has none."""
    found = _DAY_IN_NUMBER.search(number)
    try:
        parts = [int(part) for part in found.groups()] if found else []
        return datetime(2000 + parts[0], parts[1], parts[2], 12, tzinfo=BEIJING) if parts else None
    except ValueError:
        return None


def _blank(number: str) -> Line:
    return Line(
        number, None, NOWHERE, None, NOWHERE, NOWHERE, "", None, None, False,
        Contacted.UNKNOWN, Solved.UNKNOWN, Satisfied.UNRATED, Standing.COUNTED,
        dispatched_at=day_of(number),
    )  # fmt: skip


def _line(
    number: str, case: Case | None, result: Result | None, fact: StandingFact | None,
    units: dict[int, str], persons: dict[int, str],
) -> Line:  # fmt: skip
    line = _blank(number)
    if case is not None:
        line = replace(
            line, case=case.pk, unit=units.get(case.unit_id or 0, case.unit_text or NOWHERE),
            unit_id=case.unit_id, community=units.get(case.community_id or 0, case.community_text or NOWHERE),
            category=case.category.partition(">")[0] or NOWHERE, person=persons.get(case.pk, ""),
            dispatched_at=case.dispatched_at,
        )  # fmt: skip
    if fact is not None:
        line = replace(line, standing=Standing(fact.standing))
    return answered(line, result) if result is not None else line


def _cases(office: Office, cycle: Cycle, results: dict[str, Result]) -> dict[str, Case]:
    """Return by number the cases dispatched in the cycle and those its results speak of, newest arrival."""
    columns = (
        "number", "arrival", "unit_id", "unit_text", "community_id", "community_text", "category",
        "dispatched_at",
    )  # fmt: skip
    of_office = Case.objects.filter(office=office).only(*columns).order_by("arrival")
    found = {case.number: case for case in of_office.filter(number__in=list(results))}
    inside = of_office.filter(dispatched_at__gte=cycle.begins, dispatched_at__lt=cycle.ends)
    return found | {case.number: case for case in inside}


def _told_elsewhere(office: Office, cycle: Cycle, numbers: list[str]) -> set[str]:
    """Orders dispatched in this cycle whose result the city gave for another one."""
    rows = Result.objects.filter(office=office, number__in=numbers, corrected_by=None)
    return set(rows.exclude(cycle=cycle.code).values_list("number", flat=True))


def _persons(cases: Iterable[Case]) -> dict[int, str]:
    """Return who took each case on in its lead unit, the last one."""
    leads = Assignment.objects.filter(
        case__in=[case.pk for case in cases], part=Part.LEAD, accepted_by__isnull=False
    )
    return dict(leads.order_by("id").values_list("case_id", "accepted_by__name"))
