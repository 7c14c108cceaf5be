"""What the cases do later: due times worked out again when a year's working days become known."""

import logging

from django.utils import timezone

from jiesu.cases import clocks
from jiesu.org.models import Office

log = logging.getLogger("jiesu.cases")


def holidays_adopted(office: int, years: list[int]) -> None:
    """An administrator adopted tables of working days: recompute what runs and counts by them."""
    moved = clocks.recompute(Office.objects.get(pk=office), years, timezone.now())
    log.info("tables of %s adopted, %s clocks moved", years, moved)
