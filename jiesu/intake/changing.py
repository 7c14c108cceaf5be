"""A row that says more, or otherwise, of a case on record: corrected, with what was before, masked."""

from datetime import datetime
from typing import Any

from jiesu.cases import clocks, sealing, transitions
from jiesu.cases.models import Case
from jiesu.intake.judging import Judged
from jiesu.intake.models import Batch
from jiesu.intake.naming import Names
from jiesu.intake.storing import Kept
from jiesu.rules.clocks import ClockKind, Due
from jiesu.rules.workflow import Action


def change(batch: Batch, judged: Judged, kept: Kept, *, names: Names, at: datetime) -> None:
    """Write the changes of a row onto its case, and the correction onto the record."""
    assert judged.case is not None
    assert judged.changes
    case = Case.objects.select_for_update().get(pk=judged.case.pk)
    before = {name: getattr(case, name) for name in judged.changes}
    came = {
        field: after for field, (_, after) in judged.changes.items() if field in sealing.COLUMNS
    }
    if "extra" in came:
        came["extra"] = {**sealing.known(case)["extra"], **came["extra"]}
    fields = set(judged.changes)
    for field, (_, after) in judged.changes.items():
        if field not in came:
            setattr(case, field, after)
    if came or "tags" in fields:  # a tag may ask for 保密
        fields |= set(sealing.amend(case, **came))
    told = {
        field: [_plain(_part(before[field], pair[1])), _plain(_part(getattr(case, field), pair[1]))]
        for field, pair in judged.changes.items()
    }
    transitions.record(
        case, Action.CORRECT, actor=batch.member, at=at, changes=told, batch=batch.pk, row=kept.row
    )
    case.save(update_fields=fields)
    if "due_at" in judged.changes and case.is_open:
        clocks.start(
            case,
            ClockKind.HANDLE,
            at=case.dispatched_at,
            due=Due(case.due_at, case.due_source, fixed=True),
        )
        clocks.gather(case)
    kept.case, kept.changes = case.pk, told


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _part(value: Any, changed: Any) -> Any:
    """Of the other columns, those that changed; masked, as all that is told of a change."""
    return {key: value.get(key, "") for key in changed} if isinstance(changed, dict) else value
