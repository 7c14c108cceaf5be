"""Orders as lessons: which unit led one, and which class it was given.

A community is learnt as one thing, the *community of the place*, and named only when the place is known:
thirty-one of them share what is said about any. Another community than that of the place cannot be
named from a text, so it is learnt as such and never answered.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from jiesu.triage.learning.reading import Reading, read

UNIT, CATEGORY = "unit", "category"  # what is learnt from orders: who leads, and the class
OWN, OTHER = "本社区", "其他社区"
LEAST = 20  # orders of a class before it is learnt as one of its own; below, it is its parent
BETWEEN = ">"


@dataclass(frozen=True, slots=True)
class Order:
    """What is known of an order before anybody has it, and what became of it."""

    title: str
    content: str
    category: tuple[str, ...] = ()
    community: str = ""
    unit: str = ""  # who led it
    unit_is_community: bool = False
    at: datetime | None = None  # when it was dispatched

    @property
    def text(self) -> str:
        """Title and content, the title once."""
        return (
            self.content if self.content.startswith(self.title) else f"{self.title}\n{self.content}"
        )

    def read(self, target: str) -> Reading:
        """Read it for a target: for a unit its class stands beside the text."""
        told = read(self.text)
        return replace(told, marks=marks(self.category)) if target == UNIT else told


@dataclass(frozen=True, slots=True)
class Lesson:
    """An order and the answer that was given."""

    label: str
    order: Order
    target: str

    @property
    def text(self) -> str:
        """What was written, never cut words."""
        return self.order.text

    def read(self) -> Reading:
        """Read the order for its target."""
        return self.order.read(self.target)


def lessons(orders: Iterable[Order], target: str, labels: Sequence[str] = ()) -> list[Lesson]:
    """Return the orders that have an answer, oldest first. ``labels`` are those of a model to be tested.

    A class with few orders is taken for its parent; with ``labels``, one not in them likewise.
    """
    told = [(order, answer(order, target)) for order in orders]
    found = [Lesson(label, order, target) for order, label in told if label]
    found.sort(key=lambda lesson: (lesson.order.at is not None, lesson.order.at))
    if target == CATEGORY:
        kept = set(labels) or _frequent(lesson.label for lesson in found)
        found = [replace(lesson, label=_upwards(lesson.label, kept)) for lesson in found]
    return found


def answer(order: Order, target: str) -> str:
    """Return the label an order teaches; empty where it teaches none."""
    if target == CATEGORY:
        return BETWEEN.join(order.category)
    if not order.unit_is_community:
        return order.unit
    return OWN if order.unit == order.community else OTHER


def marks(category: Sequence[str]) -> tuple[str, ...]:
    """Return what is known of an order's class beside its text: every level of it, or that there is none."""
    return tuple(f"分类：{path}" for path in paths(category)) or ("分类：无",)


def paths(category: Sequence[str]) -> list[str]:
    """Return a class and all above it, the highest first: 住房, 住房>物业管理, …"""
    return [BETWEEN.join(category[:n]) for n in range(1, len(category) + 1)]


def _frequent(labels: Iterable[str]) -> set[str]:
    seen = Counter(path for label in labels for path in paths(label.split(BETWEEN)))
    return {path for path, times in seen.items() if times >= LEAST}


def _upwards(label: str, kept: set[str]) -> str:
    """Return the label, or the nearest above it that is kept; the highest stands in any case."""
    above = paths(label.split(BETWEEN))
    return next((path for path in reversed(above) if path in kept), above[0])
