"""Taking in call-back results (回访明细): read, matched by number, kept; a later word is a correction.

The file is one transaction. The same file twice changes nothing; another file that says otherwise of an
order is a correction, kept after what it corrects. Both stay.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from jiesu.assessment import standings
from jiesu.assessment.cycles import Almanac, almanac
from jiesu.assessment.lines import day_of
from jiesu.assessment.models import Result, ResultFile, StandingFact
from jiesu.cases import transitions
from jiesu.cases.models import Case
from jiesu.catalogue.queries import rules_at
from jiesu.core import personal
from jiesu.evidence.forms import plain_name
from jiesu.intake.naming import Names
from jiesu.org.models import Member, Office
from jiesu.platforms import callback_columns, callbacks, tables
from jiesu.platforms.callbacks import CallBack, Refused
from jiesu.rules.cycles import Cycle
from jiesu.rules.workflow import Action
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

FACTS = (
    "unit_text", "person", "called_at", "valid", "contacted", "solved", "satisfied", "outcome", "cause",
)  # fmt: skip
NOTES = 200
STEP = 20  # rows from one word about the progress to the next
FRESH = timedelta(hours=12)  # a list asked for again within one sitting is one look
Tell = Callable[[int, int], None]


@dataclass(slots=True)
class Tally:
    """What became of the rows, in the words of the ``--json`` answer."""

    rows: int = 0
    new: int = 0
    corrected: int = 0
    unchanged: int = 0
    repeated: int = 0
    refused: int = 0
    unmatched: int = 0
    cycles: dict[str, int] = field(default_factory=dict)
    unmatched_numbers: list[str] = field(default_factory=list)
    refusals: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    file: int | None = None  # the ResultFile; none for a rehearsal

    def told(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__ if name != "file"}

    def warn(self, text: str) -> None:
        if len(self.warnings) < NOTES and text not in self.warnings:
            self.warnings.append(text)


def take(
    office: Office, path: Path, *, cycle: Cycle | None, member: Member | None, at: datetime,
    name: str = "", rehearsal: bool = False, tell: Tell = lambda done, total: None,
) -> Tally:  # fmt: skip
    """Import one file of call-back results for ``cycle``, or each order by its own dispatch time.

    Who calls has had it scanned. ``tell`` hears how many rows are done, of how many.

    :raises Unreadable: the file as a whole cannot be read
    """
    source_name = plain_name(name or path.name)
    form = rules_at(office, at).order_number.pattern
    table = tables.read(path, source_name, headings=callback_columns)
    found = [one for sheet in table.sheets for one in callbacks.read(sheet, number_form=form)]
    tally = Tally(rows=len(found))
    for note in table.reading.notes:
        tally.warn(note)
    heard = _apart(found, tally)
    with transaction.atomic():
        Office.objects.select_for_update().get(pk=office.pk)  # one at a time
        _keep(_Work(office, almanac(office), cycle, member, at, tell), source_name, heard, tally)
        if rehearsal:
            tally.file = None
            transaction.set_rollback(True)
    return tally


@dataclass(slots=True)
class _Work:
    """What keeping a file needs at hand."""

    office: Office
    almanac: Almanac
    cycle: Cycle | None
    member: Member | None
    at: datetime
    tell: Tell


def _apart(found: Iterable[CallBack | Refused], tally: Tally) -> list[CallBack]:
    """Count what was refused, and of several rows about one order keep the last word."""
    last: dict[str, CallBack] = {}
    for one in found:
        if isinstance(one, Refused):
            tally.refused += 1
            tally.refusals.append({"row": one.row, "reason": personal.within(one.reason)})
            continue
        before = last.get(one.number)
        if before is None:
            last[one.number] = one
            continue
        tally.repeated += 1
        tally.warn(f"{one.number} 在文件里出现多次，以回访时间最晚的一行为准。")
        earlier = before.called_at and one.called_at and one.called_at < before.called_at
        if not earlier:
            last[one.number] = one
    return list(last.values())


def _digest(heard: list[CallBack]) -> str:
    """Return what two exports that say the same have in common, whenever and however they were written."""
    told = sorted(repr(replace(one, row=0)) for one in heard)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _keep(work: _Work, name: str, heard: list[CallBack], tally: Tally) -> None:
    office, asked = work.office, work.cycle.code if work.cycle else ""
    digest = _digest(heard)
    numbers = [one.number for one in heard]
    cases = _cases(office, numbers)
    current = _current(office, numbers)
    held = standings.held(office, numbers, work.at)
    file, made = ResultFile.objects.get_or_create(
        office=office, sha256=digest, cycle=asked,
        defaults={"name": name, "member": work.member, "at": work.at},
    )  # fmt: skip
    tally.file = file.pk
    names, news = Names(office, work.at), list[tuple[Result, Case | None]]()
    codes: dict[str, set[str]] = {}
    for code, number in current:
        codes.setdefault(number, set()).add(code)
    for one in heard:
        case = cases.get(one.number)
        if case is None:
            tally.unmatched += 1
            tally.unmatched_numbers.append(one.number)
        found = _cycle(one, case, work, tally)
        if found is None:
            continue
        tally.cycles[found.code] = tally.cycles.get(found.code, 0) + 1
        if not made:
            tally.unchanged += 1
            continue
        for other in sorted(codes.get(one.number, set()) - {found.code}):
            tally.warn(
                f"{one.number} 在考核期 {other} 已有回访结果，这次又记入 {found.code}，请核对。"
            )
        place = (found.code, one.number)
        result = _news(work, file, one, found, current.get(place), names, tally)
        if result is not None:
            news.append((result, case))
        if one.standing is not None:
            _standing(work, file, one, case, found, held.get(place), tally)
    Result.objects.bulk_create([result for result, _ in news])
    already = len(heard) - len(news)
    for place, (result, case) in enumerate(news):
        if place % STEP == 0:
            work.tell(already + place, len(heard))
        if case is not None:
            _on_record(work, case, result)
    work.tell(len(heard), len(heard))
    if made:
        ResultFile.objects.filter(pk=file.pk).update(counts=tally.told())
        leave(
            Kind.CHANGE, actor=work.member, office=office.pk, subject=f"results:{file.pk}",
            sha256=digest, cycle=asked, rows=tally.rows, new=tally.new, corrected=tally.corrected,
        )  # fmt: skip


def _news(
    work: _Work, file: ResultFile, one: CallBack, cycle: Cycle, before: Result | None, names: Names,
    tally: Tally,
) -> Result | None:  # fmt: skip
    """Return what a row tells that is not known yet, to be stored; None when it says what holds already."""
    facts = {
        "unit_text": one.unit[:80], "person": one.person[:40], "called_at": one.called_at, "valid": one.valid,
        "contacted": one.contacted.value, "solved": one.solved.value, "satisfied": one.satisfied.value,
        "outcome": one.outcome, "cause": personal.within(one.cause),
    }  # fmt: skip
    unit = names.unit(one.unit)
    if one.unit and unit is None:
        tally.warn(f"承办单位“{one.unit[:20]}”不在本街道名录，按明细写法单列。")
    if before is not None and all(getattr(before, key) == facts[key] for key in FACTS):
        tally.unchanged += 1
        return None
    if before is None:
        tally.new += 1
    else:
        tally.corrected += 1
    return Result(
        office=work.office, cycle=cycle.code, number=one.number, file=file, row=one.row, unit=unit,
        corrects=before, recorded_at=work.at, **facts,
    )  # fmt: skip


def _standing(
    work: _Work, file: ResultFile, one: CallBack, case: Case | None, cycle: Cycle,
    held: StandingFact | None, tally: Tally,
) -> None:  # fmt: skip
    assert one.standing is not None
    if standings.news(one.standing, held):
        standings.from_file(
            work.office, cycle.code, one.number, one.standing, file=file, row=one.row, case=case,
            held=held, member=work.member, at=work.at,
        )  # fmt: skip
    elif held is not None and held.standing != one.standing:
        tally.warn(
            f"{one.number} 明细标为“{one.standing.label}”，本街道登记为“{held.get_standing_display()}”，未改动，请核对。"
        )


def _on_record(work: _Work, case: Case, kept: Result) -> None:
    transitions.record(
        case, Action.UPPER_RESULT, actor=None, at=work.at, note=kept.cause, cycle=kept.cycle,
        valid=kept.valid, contacted=kept.contacted, solved=kept.solved, satisfied=kept.satisfied,
        outcome=kept.outcome, result=kept.pk, corrects=kept.corrects_id,
        called_back_at=kept.called_at.isoformat() if kept.called_at else None,
    )  # fmt: skip


def _cases(office: Office, numbers: list[str]) -> dict[str, Case]:
    """Return the newest arrival of each number that is on record."""
    found = Case.objects.filter(office=office, number__in=numbers).order_by("arrival")
    return {case.number: case for case in found.defer("tokens", "tsv", "content", "extra")}


def _current(office: Office, numbers: list[str]) -> dict[tuple[str, str], Result]:
    """Return what holds now of each order, by cycle and number."""
    rows = Result.objects.filter(office=office, number__in=numbers, corrected_by=None)
    return {(row.cycle, row.number): row for row in rows}


def _cycle(one: CallBack, case: Case | None, work: _Work, tally: Tally) -> Cycle | None:
    """The cycle a row belongs to: named for the file, else by the order's dispatch time."""
    if work.cycle is not None:
        return work.cycle
    if case is not None:
        return work.almanac.of(case.dispatched_at)
    if one.dispatched_at is not None:
        return work.almanac.of(one.dispatched_at)
    day = day_of(one.number)
    if day is not None:
        tally.warn("有工单不在本系统，按编号里的日期归入考核期；要归到别的考核期请指定后再导入。")
        return work.almanac.of(day)
    if one.called_at is not None:
        tally.warn("有工单不在本系统，编号里也没有日期，按回访时间归入考核期。")
        return work.almanac.of(one.called_at)
    tally.refused += 1
    tally.refusals.append(
        {
            "row": one.row,
            "reason": "不知道属于哪个考核期：本系统没有此工单，请先导入工单，或指定考核期",
        }
    )
    return None
