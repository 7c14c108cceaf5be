"""What intake does later: trying a file that came by the page, and importing it once confirmed."""

from typing import Any

from django.utils import timezone

from jiesu.intake import importing
from jiesu.intake.models import Batch, BatchState
from jiesu.platforms.sheets import Unreadable


def try_batch(batch: int) -> None:
    """Try one received file: say what its rows would do, store none of them."""
    found = Batch.objects.filter(pk=batch, state=BatchState.RECEIVED).first()
    if found is None:
        return  # discarded meanwhile, or tried before a crash

    def progress(rows: int, part: float) -> None:
        Batch.objects.filter(pk=batch).update(rows_expected=rows)

    try:
        tally = importing.try_reading(found, at=timezone.now(), progress=progress)
    except Unreadable as broken:
        _mark(batch, state=BatchState.FAILED, failure=str(broken), finished_at=timezone.now())
        return
    _mark(
        batch, state=BatchState.CHECKED, counts=tally.told(), warnings=tally.warnings,
        rows_expected=tally.rows,
    )  # fmt: skip


def _mark(batch: int, **values: Any) -> None:
    Batch.objects.filter(pk=batch, state=BatchState.RECEIVED).update(**values)


def run_batch(batch: int) -> None:
    """Import one batch. Called again after a crash, it goes on where it was cut off."""
    try:
        importing.run(Batch.objects.get(pk=batch), at=timezone.now())
    except Unreadable:
        return  # said on the batch itself; trying again would not help
