"""A candidate is trained on what was known, tested on what came later and on a fixed set, beside the live one.

What is tested is what would go live: the later rows stay out of its training for good. Near-duplicates of
the fixed rows are left out of training too. ``main`` is the same as a process of its own, so that a long
training takes neither time nor memory from whoever asked for it: JSON in, lines of JSON out.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from jiesu.core import children
from jiesu.triage.learning import alike, curves, files
from jiesu.triage.learning.comparison import Compared, compare
from jiesu.triage.learning.learnt import learn
from jiesu.triage.learning.measures import Flags, Floats, measure
from jiesu.triage.learning.model import Model
from jiesu.triage.learning.orders import OTHER, Lesson, Order, lessons
from jiesu.triage.learning.training import TooLittle

LEAST = 50  # later rows without which nothing is said about a candidate
HONEST = 0.1  # 推定: calibration error on the later rows from which its probabilities mean nothing
NICE = 10
Told = Callable[[int], None]  # percent done


@dataclass(frozen=True, slots=True)
class Task:
    """What to learn from, what to test on, where the live model stands and where the candidate goes."""

    target: str
    learn: Sequence[Order]
    later: Sequence[Order]
    fixed: Sequence[Order]
    live: Path
    out: Path


@dataclass(frozen=True, slots=True)
class Outcome:
    """One test: the measures, what is drawn, and the comparison with the live model (or the plainest one)."""

    measures: dict[str, Any]
    curve: list[tuple[float, float]]
    bins: list[tuple[float, float, int]]
    compared: dict[str, Any]
    better: bool
    worse: bool


@dataclass(frozen=True, slots=True)
class Examined:
    """A candidate and its tests. ``against``: version of the live model, empty where there was none."""

    digest: str
    version: str
    classes: dict[str, int]
    rows: int
    threshold: float | None
    against: str
    later: Outcome
    fixed: Outcome | None
    better: bool
    honest: bool

    def told(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return asdict(self)


def examine(task: Task, told: Told = lambda percent: None) -> Examined:
    """Train a candidate, keep it at ``task.out``, and test it.

    It is better when, on the later rows, it was right more often than chance explains and its probabilities
    held, and on the fixed rows it was not worse by the same measure.

    :raises TooLittle: there is too little to learn from, or fewer later rows than say anything
    """
    if len(task.later) < LEAST:
        raise TooLittle(
            f"后几周只有 {len(task.later)} 件可供检验，至少要 {LEAST} 件，请过些日子再训练。"
        )
    told(5)
    known, fixed = lessons(task.learn, task.target), lessons(task.fixed, task.target)
    groups = alike.groups([one.read() for one in (*known, *fixed)])
    apart = ~np.isin(groups[: len(known)], groups[len(known) :])
    taught = [known[i] for i in np.flatnonzero(apart).tolist()]
    told(30)
    model = files.keep(learn(taught), task.out)
    told(80)
    live, classes = _live(task.live), Counter(lesson.label for lesson in taught)
    plainest = classes.most_common(1)[0][0]
    later = _test(model, live, plainest, task.later, task.target)
    told(95)
    held = _test(model, live, plainest, task.fixed, task.target) if task.fixed else None
    honest = later.measures["ece"] <= HONEST
    return Examined(
        digest=_digest(task.out),
        version=model.version,
        classes=dict(classes),
        rows=len(taught),
        threshold=model.threshold if np.isfinite(model.threshold) else None,
        against=live.version if live else "",
        later=later,
        fixed=held,
        better=later.better and honest and not (held and held.worse),
        honest=honest,
    )


def _digest(path: Path) -> str:
    """Return the hash that the first line of a model's file says of the rest."""
    with path.open("rb") as kept:
        return kept.readline().split()[-1].decode()


def _live(path: Path) -> Model | None:
    try:
        return files.load(path)
    except (files.NoModel, files.Spoiled):
        return None


def _test(
    model: Model, live: Model | None, plainest: str, orders: Sequence[Order], target: str
) -> Outcome:
    """Test on orders. Each model is asked for the classes it knows: a class it does not is taken for its parent."""
    asked = lessons(orders, target, model.labels)
    told, right = _answers(model, asked)
    if live:
        _, other = _answers(live, lessons(orders, target, live.labels))
    else:
        other = np.array([one.label == plainest for one in asked])
    compared: Compared = compare(right, other)
    top = told.max(axis=1)
    return Outcome(
        measures=asdict(measure(told, model.labels, [one.label for one in asked])),
        curve=curves.coverage_curve(top, right),
        bins=curves.reliability(top, right),
        compared=asdict(compared),
        better=compared.better,
        worse=compared.worse,
    )


def _answers(model: Model, asked: Sequence[Lesson]) -> tuple[Floats, Flags]:
    """Return the probabilities and which first answers are right; nobody is answered by “another community”."""
    told = model.probabilities([one.read() for one in asked])
    told[:, [label == OTHER for label in model.labels]] = 0.0
    truth = np.array([one.label for one in asked])
    return told, np.asarray(np.array(model.labels)[told.argmax(axis=1)] == truth)


def order(told: dict[str, Any]) -> Order:
    """Return an order from plain data."""
    at = datetime.fromisoformat(told["at"]) if told["at"] else None
    return Order(**told | {"category": tuple(told["category"]), "at": at})


def main() -> int:
    """Read a task, say how far it is in lines of ``[percent]``, at last the outcome or why there is none."""
    children.end_with_parent()
    os.nice(NICE)
    given = json.load(sys.stdin)
    rows = {name: [order(row) for row in given[name]] for name in ("learn", "later", "fixed")}
    task = Task(given["target"], **rows, live=Path(given["live"]), out=Path(given["out"]))

    def say(what: object) -> None:
        print(json.dumps(what, ensure_ascii=False), flush=True)

    try:
        say(examine(task, lambda percent: say([percent])).told())
    except TooLittle as why:
        say(str(why))
    return 0


if __name__ == "__main__":
    sys.exit(main())
