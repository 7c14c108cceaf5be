"""What was suggested is written down when a case arrives, once: lessons, drift and accuracy are told by it."""

from collections.abc import Iterable
from datetime import datetime

from jiesu.cases.models import Case
from jiesu.triage import faults
from jiesu.triage.advice import Adviser
from jiesu.triage.models import Suggested, Target

AT_ONCE = 500


def record(cases: Iterable[Case], *, at: datetime) -> int:
    """Ask the live models about cases and keep their first answers; returns how many were given.

    No model is no answer. A case that was asked about before keeps what it was told then.
    """
    advisers: dict[int, Adviser] = {}
    told = []
    for case in cases:
        if case.office_id not in advisers:
            advisers[case.office_id] = Adviser(case.office, at)
        told += _answers(case, advisers[case.office_id], at)
    Suggested.objects.bulk_create(told, AT_ONCE, ignore_conflicts=True)
    faults.report(at)
    return len(told)


def _answers(case: Case, adviser: Adviser, at: datetime) -> list[Suggested]:
    unit, label = adviser.unit(case), adviser.label(case)
    said = [(Target.UNIT, unit.said, unit.units[0].unit.name)] if unit else []
    said += [(Target.CATEGORY, label, label.label)] if label else []
    return [
        Suggested(
            case=case, target=target, label=name[:200], probability=told.probability,
            doubt=told.doubt or "", version=told.model, at=at,
        )
        for target, told, name in said
    ]  # fmt: skip
