"""What the assessment can tell of a cycle: figures on both bases, by whatever one asks, and the orders behind."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from jiesu.assessment import lines as reading
from jiesu.assessment.cycles import almanac
from jiesu.assessment.lines import Line
from jiesu.assessment.models import Frozen
from jiesu.org.models import Office
from jiesu.rules import rates
from jiesu.rules.cycles import Cycle
from jiesu.rules.labelled import Labelled
from jiesu.rules.rates import Basis, Method, Rates
from jiesu.rules.rule_set import Rules, parse


class By(Labelled):
    """What figures are told apart by."""

    STREET = "street", "街道"
    UNIT = "unit", "承办单位"
    COMMUNITY = "community", "社区"
    CATEGORY = "category", "问题分类"
    PERSON = "person", "承办人"


NAMES: dict[By, Callable[[Line], str]] = {
    By.STREET: lambda line: "",
    By.UNIT: lambda line: line.unit,
    By.COMMUNITY: lambda line: line.community,
    By.CATEGORY: lambda line: line.category,
    By.PERSON: lambda line: line.person or reading.NOWHERE,
}


@dataclass(frozen=True)
class Book:
    """One cycle of one office: its rule set and its lines. ``frozen``: what was closed and signed, if it was."""

    office: Office
    cycle: Cycle
    rules: Rules
    lines: list[Line]
    frozen: Frozen | None
    at: datetime

    @property
    def method(self) -> Method:
        return self.rules.method

    def rates(self, basis: Basis) -> Rates:
        """Return the figures of the street."""
        return rates.rates(self.lines, self.method, basis)

    def by(self, what: By, basis: Basis) -> dict[str, Rates]:
        """Return the figures told apart, by name."""
        parts = grouped(self.lines, what)
        return {name: rates.rates(part, self.method, basis) for name, part in parts.items()}

    def only(self, lines: list[Line]) -> "Book":
        """Return the same cycle with some of its lines: what a member may see of it."""
        return replace(self, lines=lines)

    @cached_property
    def corrected(self) -> "Book | None":
        """A frozen cycle with what came later laid over it; None when nothing did."""
        if self.frozen is None:
            return None
        later = reading.after(self.frozen, self.at)
        if later == self.lines:
            return None
        return Book(self.office, self.cycle, self.rules, later, None, self.at)


def book(office: Office, code: str, at: datetime) -> Book:
    """Return a cycle as it stands at ``at``: as it was frozen, or worked out from the record now.

    :raises NoCycle: the code is none
    """
    days = almanac(office)
    cycle = days.named(code)
    found = Frozen.objects.filter(office=office, cycle=cycle.code)
    frozen = found.select_related("member", "office").first()
    return as_frozen(frozen, at) if frozen else live(office, cycle, days.rules(cycle), at)


def as_frozen(frozen: Frozen, at: datetime) -> Book:
    """Return a frozen cycle as it was closed, under the rule set it was closed with."""
    cycle = almanac(frozen.office).named(frozen.cycle)
    return Book(frozen.office, cycle, parse(frozen.rules), reading.read(frozen.lines), frozen, at)


def live(office: Office, cycle: Cycle, rules: Rules, at: datetime) -> Book:
    """Return a cycle worked out from the record, whether it was frozen or not."""
    return Book(office, cycle, rules, reading.of_cycle(office, cycle, at), None, at)


def grouped(lines: Iterable[Line], what: By) -> dict[str, list[Line]]:
    """Return the lines under the names they belong to, in the order of the names."""
    name, found = NAMES[what], dict[str, list[Line]]()
    for line in lines:
        found.setdefault(name(line), []).append(line)
    return dict(sorted(found.items(), key=lambda part: (part[0] == reading.NOWHERE, part[0])))


def told(one: Rates, decimals: int = 4) -> dict[str, Any]:
    """Return figures for a program: counts, and percentages with that many decimals."""
    return {
        "valid": one.valid, "contact": one.contact, "solved": one.solved,
        "satisfied": one.satisfied, "basic": one.basic,
        "response": _number(one.response * 100, decimals),
        "solution": _number(one.solution * 100, decimals),
        "satisfaction": _number(one.satisfaction * 100, decimals),
        "score": _number(one.score, decimals),
    }  # fmt: skip


def _number(value: Any, decimals: int) -> float:
    return float(rates.shown(value, decimals))
