"""A row that says more, or otherwise, of a case on record: corrected, with what was before."""

from datetime import datetime
from typing import Any

from jiesu.cases import clocks, search, transitions
from jiesu.cases.models import Case
from jiesu.intake.judging import Judged
from jiesu.intake.models import Batch
from jiesu.intake.naming import Names
from jiesu.intake.storing import Kept
from jiesu.rules.clocks import ClockKind, Due
from jiesu.rules.workflow import Action

INDEXED = {"title", "content", "location"}


def change(batch: Batch, judged: Judged, kept: Kept, *, names: Names, at: datetime) -> None:
    """Write the changes of a row onto its case, and the correction onto the record."""
    assert judged.case is not None
    assert judged.changes
    case = Case.objects.select_for_update().get(pk=judged.case.pk)
    told = {
        field: [_plain(before), _plain(after)] for field, (before, after) in judged.changes.items()
    }
    transitions.record(
        case, Action.CORRECT, actor=batch.member, at=at, changes=told, batch=batch.pk, row=kept.row
    )
    for field, (_, after) in judged.changes.items():
        setattr(case, field, {**case.extra, **after} if field == "extra" else after)
    fields = set(judged.changes)
    if fields & INDEXED:
        case.tokens = search.index_text(case.number, case.title, case.content, case.location)
        fields.add("tokens")
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
