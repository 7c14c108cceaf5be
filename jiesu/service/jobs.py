"""What the worker does for the proof of service."""

import logging
from datetime import datetime
from typing import Any

from django.utils import timezone

from jiesu.core import sealed_files
from jiesu.service import actions, approving, copying, erasing
from jiesu.service.models import Approval, Copy, Erasure, Verification

log = logging.getLogger("jiesu.service")


def verify(verification: int, **_: Any) -> None:
    """Walk the chain (``service.verification_asked``)."""
    actions.run(Verification.objects.get(pk=verification), at=timezone.now())


def erase(erasure: int, **_: Any) -> None:
    """Erase what two have agreed on (``service.erasure_agreed``)."""
    erasing.run(Erasure.objects.get(pk=erasure), at=timezone.now())


def each_night(at: datetime) -> None:
    """Clear away what is too old, propose what has come due to be erased, write the day's anchor, walk the chain."""
    actions.clear_old()
    for erasure in erasing.propose_due(at):
        log.info("erasure %s of %s cases proposed", erasure.pk, erasure.cases)
    try:
        actions.write_anchor()
    except OSError as broken:
        log.error("the anchor cannot be written: %s", type(broken).__name__)
    actions.ask(None, at=at)


def make_copy(copy: int, **_: Any) -> None:
    """Make a package that was asked for (``service.copy_asked``)."""
    found = Copy.objects.select_related("member__unit", "member__office", "office").get(pk=copy)
    copying.make_copy(found, at=timezone.now())


def make_export(approval: int, **_: Any) -> None:
    """Write an export that was agreed (``service.export_agreed``)."""
    people = Approval.objects.select_related("asked_by__office", "decided_by")
    approving.make(people.get(pk=approval), at=timezone.now())


def each_hour(at: datetime) -> None:
    """End what nobody decided, and clear away old files."""
    approving.lapse(at)
    copying.forget(at)
    sealed_files.clear()
