"""诉求点: what a case asks for, one point each; suggested from the text, settled by a person, on record.

The record is the only place they are kept: the last 确定诉求点 says what holds. The result must answer each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jiesu.cases import transitions
from jiesu.cases.models import Case, Event
from jiesu.org.models import Member
from jiesu.rules.demands import MOST, Point, points
from jiesu.rules.workflow import Action

LONGEST = 200  # characters of a point


class Unclear(ValueError):
    """The points cannot be taken so; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a case asks for: settled by ``by`` at ``at``, or (``by`` empty) only suggested."""

    points: tuple[str, ...]
    by: str = ""
    at: datetime | None = None

    @property
    def settled(self) -> bool:
        return self.at is not None

    @property
    def to_answer(self) -> tuple[str, ...]:
        """The points the result must answer one by one: those settled, where they are several."""
        return self.points if self.settled and len(self.points) > 1 else ()

    @property
    def unsettled(self) -> tuple[str, ...]:
        """The points the text seems to make, where they are several and nobody has settled them."""
        return self.points if not self.settled and len(self.points) > 1 else ()


def suggested(case: Case) -> list[Point]:
    """Return the points the text seems to make."""
    return points(case.title, case.content)


def asked(case: Case) -> Asked:
    """Return what a person settled last; else what the text seems to ask."""
    event = case.events.filter(action=Action.POINTS).select_related("actor").last()
    if event is None:
        return Asked(tuple(point.text for point in suggested(case)))
    return Asked(
        tuple(lines(event.facts["points"])), event.actor.name if event.actor else "系统", event.at
    )


def unanswered(case: Case, answers: Sequence[str]) -> list[str]:
    """Return the points that must be answered and have no answer, in order."""
    return [point for point, answer in _paired(asked(case), answers) if len(answer.strip()) < 2]


def answers_of(event: Event | None) -> list[str]:
    """Return the answers a submitted result gave, in the order of the points."""
    told = event.facts.get("answers") if event else None
    return str(told).split("\n") if told else []


def answered(asked: Asked, submitted: Event | None) -> list[tuple[str, str]]:
    """Return each point that must be answered with its answer; empty: none was given."""
    return _paired(asked, answers_of(submitted))


def _paired(asked: Asked, answers: Sequence[str]) -> list[tuple[str, str]]:
    given = [*answers, *[""] * len(asked.to_answer)]
    return list(zip(asked.to_answer, given, strict=False))


def settle(case: Case, *, points: str, actor: Member, at: datetime, **facts: Any) -> Event:
    """确定诉求点: one to a line, as a person wrote them.

    :raises Unclear: none, too many, or one too long
    """
    found = lines(points)
    if not found:
        raise Unclear("至少要有一个诉求点。")
    if len(found) > MOST:
        raise Unclear(f"最多 {MOST} 个诉求点，请合并。")
    if long := [one for one in found if len(one) > LONGEST]:
        raise Unclear(f"“{long[0][:20]}…”太长，每个诉求点最多 {LONGEST} 字。")
    return transitions.record(
        case, Action.POINTS, actor=actor, at=at, points="\n".join(found), **facts
    )


def lines(text: str) -> list[str]:
    """Return the lines that say something, blanks made one."""
    return [plain for line in text.splitlines() if (plain := " ".join(line.split()))]
