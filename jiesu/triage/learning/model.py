"""A trained model: what it answers about a message, how sure it is, and which words decided."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jiesu.triage.learning.calibration import Calibration
from jiesu.triage.learning.measures import Floats
from jiesu.triage.learning.reading import Reading, grams, words_of_characters
from jiesu.triage.learning.suggestion import Choice, Doubt, Reason, Suggestion
from jiesu.triage.learning.vectors import Vocabulary

SHOWN, REASONS = 3, 5
FEW = 4  # characters; a message below this is short
STRANGE = 0.5  # below this share of known n-grams, the words are unseen
NEAR = 0.75  # two choices that hold this much between them are a matter of two
AT_ONCE = 2000  # messages


@dataclass(frozen=True)
class Model:
    """Labels, and for each n-gram of the vocabulary what it says for and against each of them."""

    labels: tuple[str, ...]
    vocabulary: Vocabulary
    weights: NDArray[np.float32]
    bias: Floats
    calibration: Calibration
    threshold: float  # probability from which an answer is sure; infinity: never
    about: dict[str, Any] = field(default_factory=dict)  # how it was trained, for people
    version: str = ""  # given when it is kept

    def scores(self, readings: Sequence[Reading]) -> Floats:
        """Return the raw score of every label, one row a message."""
        return np.asarray(self.vocabulary.rows(readings).times(self.weights) + self.bias)

    def probabilities(self, readings: Sequence[Reading]) -> Floats:
        """Return the probability of every label, one row a message."""
        pieces = (readings[i : i + AT_ONCE] for i in range(0, len(readings), AT_ONCE))
        told = [self.calibration.probabilities(self.scores(piece)) for piece in pieces]
        return np.concatenate(told) if told else np.empty((0, len(self.labels)))

    def suggest(self, reading: Reading, admit: Callable[[str], bool] | None = None) -> Suggestion:
        """Answer about one message. Labels that ``admit`` refuses are not answered; they keep their share."""
        told = self.probabilities([reading])[0]
        out = np.array([admit is not None and not admit(label) for label in self.labels])
        barred = tuple(Choice(self.labels[i], float(told[i])) for i in np.flatnonzero(out))
        order = [i for i in np.argsort(-told, kind="stable") if not out[i]][:SHOWN]
        top = tuple(Choice(self.labels[i], float(told[i])) for i in order)
        if not top:
            return Suggestion((), (), Doubt.SPREAD, self.version, barred)
        reasons = self._reasons(reading, int(order[0]))
        return Suggestion(top, reasons, self._doubt(reading, top), self.version, barred)

    def _doubt(self, reading: Reading, top: tuple[Choice, ...]) -> Doubt | None:
        found = grams(reading)
        known = self.vocabulary.knows(found.ids[found.sizes > 0])
        if known.any() and top[0].probability >= self.threshold:
            return None
        if len(reading.chars) < FEW:
            return Doubt.SHORT
        if known.mean() < STRANGE:
            return Doubt.UNSEEN
        two = sum(choice.probability for choice in top[:2])
        return Doubt.CLOSE if two >= NEAR else Doubt.SPREAD

    def spoken(self, reading: Reading, label: int) -> dict[str, float]:
        """Return what each word and mark says for the label; all together the score without the bias.

        An n-gram's part goes in equal shares to its characters, and a word has those of its own.
        """
        row, found = self.vocabulary.rows([reading]), grams(reading)
        ids, which, times = np.unique(found.ids, return_inverse=True, return_counts=True)
        parts = np.zeros(len(ids))
        parts[np.searchsorted(ids, self.vocabulary.ids[row.columns])] = (
            row.values * self.weights[row.columns, label]
        )
        each = (parts / times)[which] / np.maximum(found.sizes, 1)
        of_character = np.zeros(len(reading.chars))
        for step in range(found.sizes.max(initial=0)):
            reaching = found.sizes > step
            np.add.at(of_character, found.starts[reaching] + step, each[reaching])
        of_word = np.bincount(words_of_characters(reading), of_character, len(reading.words))
        spoken: dict[str, float] = {}
        said = [*zip(reading.words, of_word, strict=True)]
        said += zip(reading.marks, each[len(each) - len(reading.marks) :], strict=True)
        for word, part in said:
            spoken[word] = spoken.get(word, 0.0) + float(part)
        return spoken

    def _reasons(self, reading: Reading, label: int) -> tuple[Reason, ...]:
        """Return the words that said most for the label."""
        spoke = {word: part for word, part in self.spoken(reading, label).items() if part > 0}
        first = sorted(spoke, key=lambda word: -spoke[word])[:REASONS]
        return tuple(Reason(word, spoke[word] / sum(spoke.values())) for word in first)
