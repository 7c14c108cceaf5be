"""What reading cases leaves in the trail: who opened which one, and who looked for what.

A page that a person opens is one entry. A page that keeps itself fresh leaves one only when its session
has none of the last hours, so that nothing can be read past the trail by asking for the piece alone.
"""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest

from jiesu.cases.filters import Filter
from jiesu.cases.models import Case
from jiesu.core import personal
from jiesu.org.models import Member
from jiesu.trail.actions import leave, leave_unless_lately
from jiesu.trail.models import Kind

FRESH = timedelta(hours=12)  # a session's longest life: what it opened, it may keep on its screen
PLACES = frozenset({"stage", "order"})  # a list of the rail, and how it is sorted: no search


def read(member: Member, case: Case, *, opened: bool) -> None:
    """查看案件. ``opened``: by a person, not by a page that keeps itself fresh."""
    facts = {"arrival": case.arrival} if case.arrival > 1 else {}
    told: dict[str, Any] = {"actor": member, "case": case.pk, "number": case.number, **facts}
    if opened:
        leave(Kind.READ, **told)
    else:
        leave_unless_lately(Kind.READ, within=FRESH, **told)


def searched(member: Member, wanted: Filter, where: str, *, asked: bool) -> None:
    """查找, when a list is narrowed by more than its place in the rail. ``asked``: by a person."""
    if wanted.asked.keys() <= PLACES:
        return
    facts: dict[str, Any] = {
        name: personal.within(str(word)) for name, word in wanted.asked.items()
    }
    if asked:
        leave(Kind.SEARCH, actor=member, subject=where, **facts)
    else:
        leave_unless_lately(Kind.SEARCH, actor=member, within=FRESH, subject=where, **facts)


def by_a_person(request: HttpRequest) -> bool:
    """True when somebody asked for this page, with htmx or without; false for a page kept fresh."""
    htmx = request.htmx  # type: ignore[attr-defined]
    return not htmx or htmx.boosted or htmx.target in {"case", "sheet"}
