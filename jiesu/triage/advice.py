"""What is suggested for a case, in the office's own units and classes, with reasons a person can check.

A community is suggested as lead only for what stands on its duty list (条例第17条), and only the community of
the place; a unit that is not in use never. What the rules keep out keeps its share of the probability: the
rest does not become surer by it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from jiesu.cases.models import Case
from jiesu.catalogue.queries import Entry, duty_entries, entry_for
from jiesu.org.models import Office, Unit
from jiesu.triage import queries
from jiesu.triage.learning.orders import BETWEEN, OTHER, OWN, marks
from jiesu.triage.learning.suggestion import Suggestion
from jiesu.triage.models import Target

ENOUGH = 0.1  # share from which what the rules keep out is spoken of


@dataclass(frozen=True, slots=True)
class Named:
    """A unit that could lead, and how probably it does."""

    unit: Unit
    probability: float


@dataclass(frozen=True, slots=True)
class UnitAdvice:
    """Who should lead, the likeliest first. ``community_kept_out``: what the duty list took away."""

    units: tuple[Named, ...]
    said: Suggestion
    community_kept_out: float

    @property
    def sure(self) -> bool:
        """Whether the first may be shown as an answer."""
        return self.said.sure


class Adviser:
    """The units and duty lists of an office at a moment, read once for any number of cases."""

    def __init__(self, office: Office, at: datetime) -> None:
        self.units = {unit.name: unit for unit in Unit.objects.filter(office=office, active=True)}
        self.entries = duty_entries(office, at)

    def unit(self, case: Case, category: str = "") -> UnitAdvice | None:
        """Return who should lead; None where no model answers, or none of what it says can be.

        ``category`` is taken for the case's class where it has none.
        """
        path = case.category or category
        said = queries.suggest(
            text_of(case), Target.UNIT, marks=marks(path.split(BETWEEN) if path else ()),
            admit=self._admit(case, path),
        )  # fmt: skip
        if said is None or not said.top:
            return None
        named = tuple(
            Named(self.units[self._name(one.label, case)], one.probability) for one in said.top
        )
        barred = sum(one.probability for one in said.barred if self._is_community(one.label))
        return UnitAdvice(named, said, barred)

    def label(self, case: Case) -> Suggestion | None:
        """Return which class the text is of; None where no model answers."""
        return queries.suggest(text_of(case), Target.CATEGORY)

    def entry_of(self, path: str, *, community: bool) -> Entry | None:
        """Return the line of one of the two lists that covers a class."""
        lines = [one for one in self.entries if one.community is community]
        return entry_for(path, lines) if path else None

    def _admit(self, case: Case, path: str) -> Callable[[str], bool]:
        listed = self.entry_of(path, community=True) is not None

        def admit(label: str) -> bool:
            unit = self.units.get(self._name(label, case))
            return unit is not None and (listed or not unit.is_community)

        return admit

    def _name(self, label: str, case: Case) -> str:
        if label == OTHER:
            return ""
        if label == OWN:
            return case.community.name if case.community else ""
        return label

    def _is_community(self, label: str) -> bool:
        unit = self.units.get(label)
        return label in {OWN, OTHER} or bool(unit and unit.is_community)


def text_of(case: Case) -> str:
    """Return what the models read of a case."""
    return "\n".join(filter(None, (case.title, case.content)))
