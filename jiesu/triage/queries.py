"""What triage can tell: a suggestion about a text, or nothing."""

from collections.abc import Callable
from dataclasses import replace

from jiesu.triage import places, serving
from jiesu.triage.learning.reading import read
from jiesu.triage.learning.suggestion import Suggestion


def suggest(
    text: str, target: str = "label", *, marks: tuple[str, ...] = (),
    admit: Callable[[str], bool] | None = None, within: float | None = None,
) -> Suggestion | None:  # fmt: skip
    """Return what the live model suggests; None where none answers in time, never a default.

    ``marks`` are what is known beside the text; labels that ``admit`` refuses are not suggested. A model
    put in the place of another is used from the next question on.
    """
    served = serving.served(places.model(target))
    return served.ask(serving.ask_about(replace(read(text), marks=marks), admit), within)


def fault(target: str) -> serving.Fault | None:
    """Return what is wrong with the live model as this process sees it; None where nothing is."""
    return serving.served(places.model(target)).fault


def mark(target: str) -> str:
    """Return what tells the file that answers now from the one before; empty where none answers."""
    return serving.served(places.model(target)).mark
