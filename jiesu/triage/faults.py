"""Broken models are told once: the first process that meets a broken file opens a fault, for all of them.

A fault is withdrawn when the file answers again, and renewed when another broken file stands in its place.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from jiesu.core.announcements import announce
from jiesu.triage import queries
from jiesu.triage.models import ModelFault, Seen, Target
from jiesu.triage.serving import STUCK, Fault, FaultKind

PROBE = "暖气不热"  # any text: whether an answer comes is what is asked
_told: dict[str, Fault] = {}  # what this process has put down already


def open_faults() -> QuerySet[ModelFault]:
    """Return the faults that are not over."""
    return ModelFault.objects.filter(over_at=None)


def look_over(at: datetime) -> None:
    """Ask every model, put down what is wrong, and withdraw what is over. Each minute, by the worker."""
    for target in Target:
        queries.suggest(PROBE, target, within=STUCK + 0.5)
        found, mark = queries.fault(target), queries.mark(target)
        if mark:
            _well(target, mark, at)
        elif found or (found := _gone(target)):
            note(target, found, at)


def report(at: datetime) -> None:
    """Put down what this process has just met, if it is new to it: for whoever has asked a model."""
    for target in Target:
        found = queries.fault(target)
        if found and _told.get(target) != found:
            note(target, found, at)
        if found:
            _told[target] = found
        else:
            _told.pop(target, None)


@transaction.atomic
def note(target: str, found: Fault, at: datetime) -> ModelFault | None:
    """Open a fault and announce it; None where it stands there already, whoever has found it."""
    held = open_faults().select_for_update().filter(target=target).first()
    if held is not None:
        # a file that hangs cannot be told from the one before it once nothing can be read of it
        if (held.kind, held.mark) == (found.kind, found.mark) or not found.mark:
            return None
        ModelFault.objects.filter(pk=held.pk).update(over_at=at)
    try:
        with transaction.atomic():
            made = ModelFault.objects.create(
                target=target, kind=found.kind, mark=found.mark, said=found.said[:300], found_at=at
            )
    except IntegrityError:  # another process was quicker
        return None
    announce("triage.fault_found", fault=made.pk)
    return made


@transaction.atomic
def _well(target: str, mark: str, at: datetime) -> None:
    """It answers: remember the file, and withdraw what was wrong."""
    if not Seen.objects.filter(target=target, mark=mark).exists():
        Seen.objects.update_or_create(target=target, defaults={"mark": mark, "at": at})
    open_faults().filter(target=target).update(over_at=at)


def _gone(target: str) -> Fault | None:
    """Return the fault of a file that some process has seen and that is no more."""
    seen = Seen.objects.filter(target=target).first()
    if seen is None:
        return None
    said = f"模型文件 {target}.model 不见了。请从备份恢复，或重新训练。"
    return Fault(FaultKind.MISSING, seen.mark, said)
