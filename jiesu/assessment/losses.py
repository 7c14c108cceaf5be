"""失分: every point lost, order by order and question by question; its cause, measure, owner and due day.

The points are worked out, never kept; what people decide about them is kept, the last word holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from django.db import transaction

from jiesu.assessment.lines import Line
from jiesu.assessment.models import LossNote
from jiesu.assessment.queries import Book
from jiesu.org.models import Member, Office, Unit
from jiesu.rules import causes, rates
from jiesu.rules.causes import Cause
from jiesu.rules.rates import Basis, Question
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

CAUSES = Path(__file__).resolve().parent.parent / "rulesets" / "causes.toml"
NOT_CONTACTED = "not_contacted"
OPEN = "待定成因"


class NoCause(ValueError):
    """A lost point was to be noted without a cause that is one."""


@dataclass(frozen=True, slots=True)
class Loss:
    """One lost point. ``cause`` is a person's word, ``hint`` only what the text suggests."""

    line: Line
    question: Question
    points: Fraction
    note: LossNote | None
    cause: Cause | None
    hint: Cause | None
    word: str

    @property
    def label(self) -> str:
        return self.cause.label if self.cause else OPEN


@dataclass(frozen=True, slots=True)
class Group:
    """The lost points of one cause: how many orders, how much, whose mostly, what is done about it."""

    cause: Cause | None
    label: str
    orders: int
    points: Fraction
    unit: str
    before: int
    measures: tuple[str, ...]
    share: int


@lru_cache(maxsize=1)
def tree() -> tuple[Cause, ...]:
    """Return the tree of causes that is shipped."""
    return causes.parse(CAUSES.read_text("utf-8"))


def of_book(book: Book, basis: Basis) -> list[Loss]:
    """Return every lost point of a cycle, the dearest first. One query."""
    whole, notes = book.rates(basis), noted(book.office, book.cycle.code)
    known = {cause.code: cause for cause in tree()}
    found = []
    for line in book.lines:
        for question, points in rates.lost(line, whole, book.method, basis).items():
            note = notes.get((line.number, question.value))
            hint, word = _hint(line, question)
            cause = known.get(note.cause) if note else None
            found.append(Loss(line, question, points, note, cause, hint, word))
    return sorted(found, key=lambda loss: (-loss.points, loss.line.number, loss.question))


def noted(office: Office, cycle: str) -> dict[tuple[str, str], LossNote]:
    """Return what people last decided of each lost point of a cycle."""
    rows = LossNote.objects.filter(office=office, cycle=cycle).select_related("owner", "member")
    return {(row.number, row.question): row for row in rows.order_by("pk")}


def _hint(line: Line, question: Question) -> tuple[Cause | None, str]:
    if question is Question.RESPONSE:
        return next(cause for cause in tree() if cause.code == NOT_CONTACTED), "是否联系"
    return causes.suggest((line.cause, line.outcome), tree()) or (None, "")


def groups(losses: Iterable[Loss], before: Iterable[Loss] = ()) -> list[Group]:
    """Return lost points by cause, the dearest cause first; ``before`` are those of the cycle before."""
    now, then = _by_cause(losses), _by_cause(before)
    most = max((sum(loss.points for loss in part) for part in now.values()), default=Fraction(1))
    found = []
    for label, part in now.items():
        points = sum((loss.points for loss in part), Fraction())
        units = [loss.line.unit for loss in part]
        measures = dict.fromkeys(
            loss.note.measure for loss in part if loss.note and loss.note.measure
        )
        found.append(
            Group(
                part[0].cause, label, len({loss.line.number for loss in part}), points,
                max(set(units), key=lambda unit: (units.count(unit), unit)),
                len({loss.line.number for loss in then.get(label, ())}), tuple(measures),
                int(points * 100 / most),
            )
        )  # fmt: skip
    return sorted(found, key=lambda group: (group.cause is None, -group.points))


def _by_cause(losses: Iterable[Loss]) -> dict[str, list[Loss]]:
    found: dict[str, list[Loss]] = {}
    for loss in losses:
        found.setdefault(loss.label, []).append(loss)
    return found


@dataclass(frozen=True, slots=True)
class Pattern:
    """One cause over several cycles: orders and points of each, oldest first."""

    label: str
    cells: list[tuple[int, str]]


def patterns(books: list[Book], basis: Basis) -> list[Pattern]:
    """Return each cause over the cycles, the dearest in all first."""
    told = [_by_cause(of_book(book, basis)) for book in books]
    labels = {label for part in told for label in part}
    rows = []
    for label in labels:
        parts = [part.get(label, []) for part in told]
        sums = [sum((loss.points for loss in part), Fraction()) for part in parts]
        cells = [
            (len({loss.line.number for loss in part}), rates.shown(points, 2))
            for part, points in zip(parts, sums, strict=True)
        ]
        rows.append((label == OPEN, -sum(sums), Pattern(label, cells)))
    return [pattern for *_, pattern in sorted(rows, key=lambda row: row[:2])]


@transaction.atomic
def note(
    office: Office, cycle: str, number: str, questions: Iterable[Question], *, cause: str, measure: str,
    owner: Unit | None, due_on: date | None, actor: Member, at: datetime,
) -> list[LossNote]:  # fmt: skip
    """Say why points were lost and what is done about it; what was said before stays on the record.

    :raises NoCause: the cause is none of the tree
    """
    if cause not in {one.code for one in tree()}:
        raise NoCause("请选择成因。")
    kept = [
        LossNote.objects.create(
            office=office, cycle=cycle, number=number, question=question.value, cause=cause,
            measure=measure.strip(), owner=owner, due_on=due_on, member=actor, at=at,
        )
        for question in questions
    ]  # fmt: skip
    leave(
        Kind.CHANGE, actor=actor, number=number, subject=f"loss:{cycle}",
        cause=cause, questions=[note.question for note in kept],
    )  # fmt: skip
    return kept
