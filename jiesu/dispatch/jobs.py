"""What dispatch does by the clock."""

import logging
from datetime import datetime

from jiesu.dispatch import automatic
from jiesu.org.models import Office

log = logging.getLogger("jiesu.dispatch")


def each_minute(at: datetime) -> None:
    """Dispatch automatically where an office wishes it."""
    for office in Office.objects.order_by("pk"):
        done = automatic.run(office, at)
        if done:
            log.info("dispatched by itself: %s", done)
