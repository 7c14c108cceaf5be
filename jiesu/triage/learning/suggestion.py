"""What the learner answers about one message."""

from dataclasses import dataclass

from jiesu.rules.labelled import Labelled


class Doubt(Labelled):
    """Why an answer is not sure (不确定)."""

    SHORT = "short", "内容太短"
    UNSEEN = "unseen", "用词没见过"
    CLOSE = "close", "两类接近"
    SPREAD = "spread", "几类都有可能"


@dataclass(frozen=True, slots=True)
class Choice:
    """One label and how probable it is."""

    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class Reason:
    """A word of the message that spoke for the first choice, and its share of all that did."""

    word: str
    share: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The three likeliest labels, the words that decided, and why it is in doubt, if it is.

    ``barred`` are labels that could not be the answer, with the share they keep. ``top`` may be empty then.
    """

    top: tuple[Choice, ...]
    reasons: tuple[Reason, ...]
    doubt: Doubt | None
    model: str  # the version of the model that answered
    barred: tuple[Choice, ...] = ()

    @property
    def label(self) -> str:
        """The likeliest label."""
        return self.top[0].label

    @property
    def probability(self) -> float:
        """How probable the likeliest label is."""
        return self.top[0].probability

    @property
    def sure(self) -> bool:
        """Whether it may be shown as an answer; else it is shown as 不确定, with the doubt."""
        return self.doubt is None
