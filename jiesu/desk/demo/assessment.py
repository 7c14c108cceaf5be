"""The demo's assessment: closed cycles, the last two of them frozen, and the running one half called back.

Orders of before the demo month are known from the city's file alone, as for any office that has just begun.
"""

import csv
import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

from django.db.models import Max

from jiesu.assessment import actions, backtest, losses, queries, uploads
from jiesu.assessment.cycles import almanac
from jiesu.assessment.models import (
    Backtest,
    LossNote,
    Result,
    ResultFile,
    ResultUpload,
    StandingFact,
)
from jiesu.cases.case_query import CaseQuerySet
from jiesu.cases.models import Case, Event
from jiesu.desk.demo.rhythm import awake
from jiesu.intake.models import BatchState
from jiesu.org.models import Member, Office, Unit, UnitKind
from jiesu.org.rights import Role
from jiesu.rules.answers import Contacted, Satisfied, Solved, Standing
from jiesu.rules.cycles import Cycle
from jiesu.rules.moments import BEIJING
from jiesu.rules.rates import Basis
from jiesu.rules.workflow import ENDED, Action

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ORDERS = 320  # of a closed cycle
VALID, APART = 0.6, 0.05
UNHEARD = ("未接听", "拒绝接听", "不需要回复")
CAUSES = (
    "问题仍存在，没有人来处理", "只是打电话告知，未实际处理", "多次反映未果，要等多个部门协调", "暖气还是不热，家里只有十六度",
    "说是历史遗留，暂时解决不了", "对答复不认可，认为标准不对",
)  # fmt: skip
MEASURES = {
    "still_there": "逐件复办，办完拍照留证，再回访一次", "told_only": "不得只告知，三日内到现场，办不了的写明方案和时限",
    "coordination": "吹哨请相关部门到场会商，明确主责和完成时间", "legacy": "纳入主动治理清单，每月告知进展",
    "explanation": "由科室负责人当面解释政策依据，留书面答复", "not_contacted": "派转后 24 小时内联系，通话录音归档",
}  # fmt: skip
CLOSED, DRAWS = 5, 400
HEADS = (
    "工单编号",
    "承办单位",
    "回访时间",
    "是否有效回访",
    "是否联系",
    "是否解决",
    "是否满意",
    "未解决原因",
)
CORRECTED = "上级复核录音：诉求人当时说的是另一件事，更正为满意"


def write(office: Office, *, at: datetime, rng: Random) -> int:
    """Write results, standings and frozen cycles as they would stand at ``at``. Returns how many results."""
    days = almanac(office)
    running = days.of(at)
    closed = [days.before(running)]
    while len(closed) < CLOSED:
        closed.insert(0, days.before(closed[0]))
    told = 0
    leader = Member.objects.filter(office=office, role=Role.LEADER).order_by("pk").first()
    for cycle in closed:
        told += _cycle(office, cycle, min(at, cycle.ends + 3 * DAY + 9 * HOUR), rng, top_up=True)
        if cycle in closed[-2:]:
            frozen_at = min(at, cycle.ends + 5 * DAY + 10 * HOUR)
            actions.freeze(office, cycle.code, actor=leader, at=frozen_at)
            _causes(office, cycle, frozen_at)
    _afterwards(office, closed[-1], min(at, closed[-1].ends + 7 * DAY + 11 * HOUR))
    trials = backtest.run(backtest.on_record(office, at), draws=DRAWS)
    Backtest.objects.create(
        office=office, source="在案的考核期", told=backtest.summary(trials), at=at
    )
    return told + _cycle(office, running, at, rng, top_up=False)


def _cycle(office: Office, cycle: Cycle, at: datetime, rng: Random, *, top_up: bool) -> int:
    """One file of results: the orders on record that have ended, and others to fill a closed cycle."""
    file = _file(office, f"{cycle.label}考核明细.xlsx", cycle.code, at)
    ended = _quiet_since(at).filter(
        office=office, stage__in=ENDED, unit__isnull=False, closed_at__lt=at - 6 * HOUR,
        dispatched_at__gte=cycle.begins, dispatched_at__lt=cycle.ends,
    ).select_related("unit").order_by("pk")  # fmt: skip
    cases = {case.number: case for case in ended}
    orders = [(case.number, case.unit, case.closed_at) for case in cases.values()]
    if top_up:
        orders += _others(office, cycle, rng, ORDERS - len(orders))
    made = []
    for row, (number, unit, ended_at) in enumerate(orders, 3):
        called_at = min(awake(ended_at + rng.uniform(4, 70) * HOUR, rng.randrange(60)), at - HOUR)
        made.append(_result(office, cycle, file, row, number, unit, called_at, at, rng))
    Result.objects.bulk_create(made)
    _standings(office, cycle, file, made, at, rng)
    Event.objects.bulk_create(
        _event(cases[one.number], one, at) for one in made if one.number in cases
    )
    counts = {
        "rows": len(made), "new": len(made), "corrected": 0, "unchanged": 0, "refused": 0,
        "unmatched": len(made) - len(cases), "cycles": {cycle.code: len(made)},
        "unmatched_numbers": [one.number for one in made if one.number not in cases],
    }  # fmt: skip
    _came(file, made, counts)
    return len(made)


def _came(file: ResultFile, made: list[Result], counts: dict[str, Any]) -> None:
    """What became of a file, and the file itself as it came: a list the city might have sent."""
    counts = {"repeated": 0, "unmatched_numbers": [], "refusals": [], "warnings": [], **counts}
    ResultFile.objects.filter(pk=file.pk).update(counts=counts)
    rows = [
        [one.number, one.unit_text, f"{one.called_at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}" if one.called_at else "",
         "是" if one.valid else "否", Contacted(one.contacted).label, Solved(one.solved).label,
         Satisfied(one.satisfied).label if one.valid else one.outcome, one.cause]
        for one in made
    ]  # fmt: skip
    out = StringIO()
    csv.writer(out).writerows([HEADS, *rows])
    upload = uploads.receive(
        file.office, f"{Path(file.name).stem}.csv", [out.getvalue().encode("utf-8-sig")],
        cycle=almanac(file.office).named(file.cycle), member=file.member, at=file.at,
    )  # fmt: skip
    ResultUpload.objects.filter(pk=upload.pk).update(
        state=BatchState.DONE, counts=counts, rows_expected=len(made), rows_done=len(made), file=file,
        finished_at=file.at + timedelta(seconds=4),
    )  # fmt: skip


def _quiet_since(at: datetime) -> CaseQuerySet:
    """Cases nothing happened to later, so that what is told at ``at`` comes last on their record."""
    found = Case.objects.defer("tokens", "tsv").annotate(last=Max("events__at"))
    return found.filter(last__lte=at)


def _file(office: Office, name: str, cycle: str, at: datetime) -> ResultFile:
    digest = hashlib.sha256(f"demo {office.pk} {name}".encode()).hexdigest()
    reviewer = Member.objects.filter(office=office, role=Role.REVIEWER).order_by("pk").first()
    return ResultFile.objects.create(
        office=office, name=name, sha256=digest, cycle=cycle, member=reviewer, at=at
    )


def _others(
    office: Office, cycle: Cycle, rng: Random, many: int
) -> Iterator[tuple[str, Unit, datetime]]:
    """Orders that were handled before this product came: their numbers, units and when they ended."""
    units = list(office.units.filter(active=True))
    weights = [1 if unit.kind == UnitKind.COMMUNITY else 6 for unit in units]
    length = cycle.ends - cycle.begins
    for place in range(max(0, many)):
        at = cycle.begins + length * (place / max(1, many))
        number = f"热线-{at:%y%m%d}-{900000 + place:06d}"
        yield number, rng.choices(units, weights)[0], at + rng.uniform(20, 110) * HOUR


def _result(
    office: Office, cycle: Cycle, file: ResultFile, row: int, number: str, unit: Unit,
    called_at: datetime, at: datetime, rng: Random,
) -> Result:  # fmt: skip
    """What was heard of one order; units differ a little in how well they are spoken of."""
    valid = rng.random() < VALID
    weak = 0.02 + 0.012 * (unit.pk % 6)
    solved = (
        Solved.UNKNOWN if not valid else Solved.UNSOLVED if rng.random() < weak else Solved.SOLVED
    )
    if not valid:
        satisfied = Satisfied.UNRATED
    elif solved is Solved.UNSOLVED:
        satisfied = Satisfied.UNSATISFIED if rng.random() < 0.8 else Satisfied.BASIC
    else:
        satisfied = rng.choices(
            (Satisfied.SATISFIED, Satisfied.BASIC, Satisfied.UNSATISFIED), (0.90, 0.07, 0.03)
        )[0]
    contacted = (
        Contacted.UNKNOWN if not valid else Contacted.NO if rng.random() < 0.006 else Contacted.YES
    )
    bad = solved is Solved.UNSOLVED or satisfied is Satisfied.UNSATISFIED
    return Result(
        office=office, cycle=cycle.code, number=number, file=file, row=row, unit=unit,
        unit_text=unit.name, called_at=called_at if valid else None, valid=valid, contacted=contacted,
        solved=solved, satisfied=satisfied, outcome="" if valid else rng.choice(UNHEARD),
        cause=rng.choice(CAUSES) if bad else "", recorded_at=at,
    )  # fmt: skip


def _standings(
    office: Office, cycle: Cycle, file: ResultFile, made: list[Result], at: datetime, rng: Random
) -> None:
    kinds = (Standing.EXEMPT, Standing.EXEMPT, Standing.RESPONSE_ONLY, Standing.SET_ASIDE)
    StandingFact.objects.bulk_create(
        StandingFact(
            office=office, cycle=cycle.code, number=one.number, standing=(kind := rng.choice(kinds)),
            since=at, reason=f"上级明细标为“{kind.label}”", reference=f"{file.name} 第 {one.row} 行",
            file=file, recorded_at=at,
        )
        for one in made
        if rng.random() < APART
    )  # fmt: skip


def _causes(office: Office, cycle: Cycle, at: datetime) -> None:
    """What the reviewer decided of most lost points: the cause, and what is done about it."""
    reviewer = Member.objects.filter(office=office, role=Role.REVIEWER).order_by("pk").first()
    book = queries.book(office, cycle.code, at)
    LossNote.objects.bulk_create(
        LossNote(
            office=office, cycle=cycle.code, number=loss.line.number, question=loss.question.value,
            cause=loss.hint.code, measure=MEASURES.get(loss.hint.code, ""), owner_id=loss.line.unit_id,
            due_on=(at + 10 * DAY).date(), member=reviewer, at=at,
        )
        for place, loss in enumerate(losses.of_book(book, Basis.FULL))
        if loss.hint and place % 9
    )  # fmt: skip


def _afterwards(office: Office, cycle: Cycle, at: datetime) -> None:
    """What came after the freeze: the city corrects one answer, and takes one order out."""
    bad = Result.objects.filter(
        office=office, cycle=cycle.code, satisfied=Satisfied.UNSATISFIED, valid=True
    ).order_by("pk")
    first, second = bad[0], bad[1]
    file = _file(office, f"{cycle.label}复核结果.xlsx", cycle.code, at)
    corrected = Result.objects.create(
        office=office, cycle=cycle.code, number=first.number, file=file, row=2, unit=first.unit,
        unit_text=first.unit_text, called_at=first.called_at, valid=True, contacted=Contacted.YES,
        solved=Solved.SOLVED, satisfied=Satisfied.SATISFIED, cause=CORRECTED, recorded_at=at,
        corrects=first,
    )  # fmt: skip
    for case in _quiet_since(at).filter(office=office, number=first.number):
        _event(case, corrected, at).save()
    counts = {"rows": 1, "corrected": 1, "cycles": {cycle.code: 1}}
    _came(
        file, [corrected], dict.fromkeys(("new", "unchanged", "refused", "unmatched"), 0) | counts
    )
    StandingFact.objects.create(
        office=office, cycle=cycle.code, number=second.number, standing=Standing.EXEMPT, since=at,
        reason="申诉采纳：诉求已进入诉讼程序（清单 E01）", reference=f"{cycle.code} 考核申诉第 1 号",
        recorded_at=at,
    )  # fmt: skip


def _event(case: Case, one: Result, at: datetime) -> Event:
    """The fact on the case's record, as the import leaves it."""
    facts = {
        "cycle": one.cycle, "valid": one.valid, "contacted": one.contacted, "solved": one.solved,
        "satisfied": one.satisfied, "outcome": one.outcome, "result": one.pk, "corrects": one.corrects_id,
        "called_back_at": one.called_at.isoformat() if one.called_at else None,
    }  # fmt: skip
    return Event(
        office_id=case.office_id, case=case, step=case.steps, action=Action.UPPER_RESULT,
        before=case.stage, after=case.stage, moved=False, at=at, recorded_at=at, note=one.cause,
        facts=facts,
    )  # fmt: skip
