"""What the player shows of a recording: its picture as a path, its sentences, and what they suggest."""

from dataclasses import dataclass

from django.urls import reverse

from jiesu.followup.forms import spell
from jiesu.followup.models import Recording, RecordingState
from jiesu.rules.answers import Contacted, Satisfied, Solved
from jiesu.rules.call_back import Attitude
from jiesu.rules.statements import Statement

HEIGHT = 60
VALUES = {
    Statement.CONTACTED: Contacted, Statement.SOLVED: Solved, Statement.SATISFIED: Satisfied,
    Statement.ATTITUDE: Attitude,
}  # fmt: skip
SIDES = {0: "", 1: "甲", 2: "乙"}


@dataclass(frozen=True, slots=True)
class Line:
    """One stretch of speech."""

    pk: int
    seconds: float
    until: float
    at: str
    side: str
    text: str
    tags: list[str]


@dataclass(frozen=True, slots=True)
class Hint:
    """One suggestion: what the machine thinks it heard, where."""

    statement: str
    label: str
    value: str
    value_label: str
    seconds: int
    at: str
    text: str
    agreed: bool | None


@dataclass(frozen=True, slots=True)
class Player:
    recording: Recording
    url: str
    path: str
    width: int
    seconds: float
    length: str
    lines: list[Line]
    hints: list[Hint]
    heard: bool
    waiting: bool
    rate: str


def of(recording: Recording) -> Player:
    """Gather the player of a recording: two queries."""
    sentences = list(recording.sentences.all())
    suggestions = list(recording.suggestions.select_related("sentence"))
    tags: dict[int, list[str]] = {}
    for one in suggestions:
        tags.setdefault(one.sentence_id, []).append(Statement.label_of(one.statement))
    lines = [
        Line(
            s.pk, s.start / 1000, s.end / 1000, spell(s.start // 1000), SIDES.get(s.side, ""), s.text,
            tags.get(s.pk, []),
        )
        for s in sentences
    ]  # fmt: skip
    hints = [_hint(one) for one in suggestions]
    heard = bool(recording.engine)
    rate = f"{recording.heard_ms / recording.ms:.2f}" if heard and recording.ms else ""
    return Player(
        recording, reverse("followup:audio", args=[recording.pk]), path(recording.peaks),
        max(len(recording.peaks), 1), recording.ms / 1000, spell(recording.seconds), lines, hints, heard,
        recording.state == RecordingState.WAITING, rate,
    )  # fmt: skip


def _hint(one: "object") -> Hint:
    statement = Statement(one.statement)  # type: ignore[attr-defined]
    value = one.value  # type: ignore[attr-defined]
    kind = VALUES.get(statement)
    start = one.sentence.start // 1000  # type: ignore[attr-defined]
    label = kind.label_of(value) if kind else "又提了别的事"
    return Hint(
        statement.value, statement.label, value, label, start, spell(start),
        one.sentence.text, one.agreed,  # type: ignore[attr-defined]
    )  # fmt: skip


def path(peaks: list[int]) -> str:
    """Return the picture as an SVG path: one upright stroke for each peak, at least a dot."""
    middle = HEIGHT / 2
    told = []
    for x, peak in enumerate(peaks):
        half = max(peak * middle / 100, 0.5)
        told.append(f"M{x + 0.5} {middle - half:.1f}V{middle + half:.1f}")
    return "".join(told)
