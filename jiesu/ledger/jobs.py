"""What the worker does for ledgers."""

from typing import Any

from django.utils import timezone

from jiesu.ledger import actions
from jiesu.ledger.models import Export


def make(export: int, **_: Any) -> None:
    """Write an export that was asked for (``ledger.export_queued``), and clear away old files."""
    now = timezone.now()
    actions.forget(now)
    found = Export.objects.select_related("member__unit", "member__office").get(pk=export)
    actions.make(found, at=now)
