"""What coordination hears of: a case that went on by another road is no longer coordinated."""

from typing import Any

from jiesu.cases.models import Event
from jiesu.coordination import actions
from jiesu.rules.workflow import Stage

WAITS = {Stage.SIGNED, Stage.TO_DISPATCH}


def moved(event: int, **_: Any) -> None:
    """A case moved (``case.moved``)."""
    found = Event.objects.filter(pk=event).select_related("case__office").first()
    if found is not None and found.after not in WAITS and found.case.stage not in WAITS:
        actions.moved_on(found.case, at=found.at)
