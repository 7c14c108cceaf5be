"""The cycles of an office, by its rule sets; and the rule set each is worked out with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from jiesu.assessment.models import Frozen, Result
from jiesu.catalogue.queries import calendar_of, rule_sets
from jiesu.org.models import Office
from jiesu.rules import cycles
from jiesu.rules.cycles import Cycle, Turn
from jiesu.rules.rule_set import Rules


@dataclass(frozen=True, slots=True)
class Almanac:
    """How an office's cycles turn: read once, asked for many moments."""

    turns: Sequence[Turn]
    sets: Sequence[tuple[datetime, Rules]]  # newest first
    works: Callable[[date], bool]

    def of(self, at: datetime) -> Cycle:
        """Return the cycle a moment belongs to."""
        return cycles.cycle_of(at, self.turns, self.works)

    def named(self, code: str) -> Cycle:
        """Return the cycle of a code like ``2026-10``.

        :raises NoCycle: it is none
        """
        return cycles.cycle(*cycles.code(code), self.turns, self.works)

    def before(self, one: Cycle) -> Cycle:
        return cycles.cycle(*cycles.before(one), self.turns, self.works)

    def rules(self, one: Cycle) -> Rules:
        """Return the rule set a cycle is worked out with: the one in force when it began."""
        for since, rules in self.sets:
            if since <= one.begins:
                return rules
        return self.sets[-1][1]


def almanac(office: Office) -> Almanac:
    """Return how the office's cycles turn."""
    sets = rule_sets(office)
    return Almanac([rules.turn for _, rules in sets], sets, calendar_of(office).is_workday)


def known(office: Office, at: datetime) -> list[str]:
    """Return the codes of the cycles there is something to say of, newest first; the running one always."""
    codes = set(Result.objects.filter(office=office).values_list("cycle", flat=True).distinct())
    codes |= set(Frozen.objects.filter(office=office).values_list("cycle", flat=True))
    return sorted(codes | {almanac(office).of(at).code}, reverse=True)
