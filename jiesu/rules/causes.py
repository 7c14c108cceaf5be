"""失分成因 as a tree of two levels, read from data; what the text of a call-back suggests of it. No decision."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause. ``words`` only suggest it."""

    code: str
    label: str
    branch: str
    words: tuple[str, ...]

    @property
    def path(self) -> str:
        return f"{self.branch} › {self.label}"


def parse(text: str) -> tuple[Cause, ...]:
    """Read the tree from its TOML text.

    :raises KeyError: a branch or a cause lacks what it must have
    """
    told = tomllib.loads(text)
    return tuple(
        Cause(one["code"], one["label"], branch["name"], tuple(one.get("words", ())))
        for branch in told["branch"]
        for one in branch["causes"]
    )


def suggest(texts: Iterable[str], causes: Sequence[Cause]) -> tuple[Cause, str] | None:
    """Return the cause whose longest word stands in the texts, with that word; None when none does.

    An earlier text weighs more than a later one, a longer word more than a shorter.
    """
    for text in texts:
        found = [
            (len(word), -place, cause, word)
            for place, cause in enumerate(causes)
            for word in cause.words
            if word in text
        ]
        if found:
            _, _, cause, word = max(found, key=lambda one: one[:2])
            return cause, word
    return None
