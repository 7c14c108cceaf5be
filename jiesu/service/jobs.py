"""What the worker does for the proof of service."""

import logging
from datetime import datetime
from typing import Any

from django.utils import timezone

from jiesu.service import actions, erasing
from jiesu.service.models import Erasure, Verification

log = logging.getLogger("jiesu.service")


def verify(verification: int, **_: Any) -> None:
    """Walk the chain (``service.verification_asked``)."""
    actions.run(Verification.objects.get(pk=verification), at=timezone.now())


def erase(erasure: int, **_: Any) -> None:
    """Erase what two have agreed on (``service.erasure_agreed``)."""
    erasing.run(Erasure.objects.get(pk=erasure), at=timezone.now())


def each_night(at: datetime) -> None:
    """Clear away what is too old, write the day's anchor where one is set, and have the chain walked."""
    actions.clear_old()
    try:
        actions.write_anchor()
    except OSError as broken:
        log.error("the anchor cannot be written: %s", type(broken).__name__)
    actions.ask(None, at=at)
