"""研判: everything triage reads of one case beside its class and unit, as the page shows it."""

from dataclasses import dataclass

from django.utils import timezone

from jiesu.cases.models import Case
from jiesu.catalogue.queries import places_at
from jiesu.org.models import Unit
from jiesu.rules.marks import MarkKind
from jiesu.rules.places import Answer
from jiesu.triage import asking
from jiesu.triage.addresses import live
from jiesu.triage.models import CaseMark, MarkState


@dataclass(frozen=True, slots=True)
class Placed:
    """A community that may be meant, and the words that say so. ``sure``: one and no other, beyond doubt."""

    community: Unit
    reason: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a case. ``business``: why it is taken for a 企业诉求; empty: a person's.

    ``parts``: what its place field consists of, where the office has trained a tagger of addresses.
    """

    marks: tuple[CaseMark, ...]
    taken_off: tuple[CaseMark, ...]
    asked: asking.Asked
    places: tuple[Placed, ...]
    business: str
    parts: tuple[tuple[str, str], ...]

    @property
    def said(self) -> bool:
        """True when there is something a person should look at."""
        several = len(self.asked.points) > 1 or self.asked.settled
        return bool(self.marks or self.taken_off or self.places or several or self.parts)


def reading_of(case: Case) -> Reading:
    """Return what was read of a case: three queries, four where it has no community yet."""
    marks = list(case.marks.select_related("decided_by"))
    there = [one for one in marks if one.state != MarkState.OFF]
    business = next((one.reason for one in there if one.kind == MarkKind.BUSINESS), "")
    return Reading(
        marks=tuple(there), taken_off=tuple(one for one in marks if one.state == MarkState.OFF),
        asked=asking.asked(case), places=() if case.community_id else tuple(placed(case)),
        business=business, parts=tuple(live.parts_of(case.location)),
    )  # fmt: skip


def placed(case: Case) -> list[Placed]:
    """Return the communities a case may lie in, best first: by its place field, else by its words."""
    places = places_at(case.office, timezone.now())
    where, found = "点位", places.in_location(case.location)
    if not found.offered:
        where, found = "正文", places.in_text(f"{case.title}。{case.content}")
    return _offered(case, where, found)


def _offered(case: Case, where: str, found: Answer) -> list[Placed]:
    codes = {one.word.community for one in found.offered}
    units = {unit.code: unit for unit in case.office.units.filter(code__in=codes)} if codes else {}
    told: dict[str, Placed] = {}
    for one in found.offered:
        unit = units[one.word.community]
        if unit.code not in told:
            reason = f"{where}写的“{one.said}”是它的{one.word.kind.label}"
            told[unit.code] = Placed(unit, reason, found.community == unit.code)
    return list(told.values())
