"""Who should lead, put to the test on the last cycles of a history: ours beside two plain ways.

Everything is learnt on what was dispatched before those cycles. A community is right only when it is the
one that led; another community than that of the place can be nobody's answer, and is missed by all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from jiesu.rules.duties import on_community_list
from jiesu.rules.moments import BEIJING
from jiesu.triage.learning import plain, samples
from jiesu.triage.learning.learnt import RIGHT_UNIT, learn
from jiesu.triage.learning.measures import (
    Flags,
    Floats,
    coverage,
    expected_calibration_error,
)
from jiesu.triage.learning.orders import BETWEEN, OTHER, OWN, UNIT, Lesson, Order, answer, lessons

TOP = 3


@dataclass(frozen=True, slots=True)
class Rules:
    """What an office's file says: words of each unit, who takes the rest, what a community may lead."""

    words: Mapping[str, Sequence[str]]
    otherwise: str
    duties: Sequence[tuple[str, str]]


def last_cycles(orders: Sequence[Order], count: int, start_day: int) -> datetime:
    """Return when the last so many cycles of the orders begin; a cycle begins on that day of a month."""
    newest = max(order.at for order in orders if order.at).astimezone(BEIJING)
    months = newest.year * 12 + newest.month - 1 - (newest.day < start_day) - (count - 1)
    return datetime(months // 12, months % 12 + 1, start_day, tzinfo=BEIJING)


def compare(orders: Sequence[Order], since: datetime, rules: Rules) -> dict[str, Any]:
    """Learn on orders before a moment, test on those since, and return the figures of every way.

    :raises TooLittle: there is not enough before
    """
    known = [order for order in orders if order.unit and order.at]
    before = [order for order in known if order.at and order.at < since]
    asked = [order for order in known if order.at and order.at >= since]
    model = learn(lessons(before, UNIT))
    truth = [Lesson(answer(order, UNIT), order, UNIT) for order in asked]
    told = model.probabilities([one.reading for one in samples.samples(truth)])
    told[:, [label == OTHER for label in model.labels]] = 0.0
    right = np.array([lesson.label for lesson in truth])
    listed = np.array([_listed(order, rules) for order in asked])
    barred = told.copy()
    barred[np.ix_(~listed, [label == OWN for label in model.labels])] = 0.0
    by_words = plain.linear(before)
    names = np.array([order.unit for order in asked])
    sure = told.max(axis=1) >= model.threshold
    hits = np.array(model.labels)[told.argmax(axis=1)] == right
    outside = np.array([order.unit_is_community for order in asked]) & ~listed
    return {
        "learnt": len(before),
        "tested": len(asked),
        "since": since.date().isoformat(),
        "until": max(order.at for order in asked if order.at).date().isoformat(),
        "ways": {
            "keywords": _keywords(asked, names, rules),
            "linear": figures(by_words.probabilities(asked), by_words.labels, names),
            "jiesu": figures(told, model.labels, right),
            "jiesu_within_duty_list": figures(barred, model.labels, right),
        },
        "threshold": round(model.threshold, 4) if np.isfinite(model.threshold) else None,
        "sure": round(float(sure.mean()), 4),
        "sure_accuracy": round(float(hits[sure].mean()), 4) if sure.any() else None,
        "other_communities": round(float((right == OTHER).mean()), 4),
        "led_outside_duty_list": round(float(outside.mean()), 4),
    }


def _listed(order: Order, rules: Rules) -> bool:
    return on_community_list(BETWEEN.join(order.category), rules.duties) is not None


def _keywords(asked: Sequence[Order], names: np.ndarray, rules: Rules) -> dict[str, float | None]:
    """Keywords come without a probability: neither coverage nor calibration can be told of them."""
    told = [plain.by_keywords(order, rules.words, rules.otherwise) for order in asked]
    first = [name == one[0] for name, one in zip(names, told, strict=True)]
    three = [name in one[:TOP] for name, one in zip(names, told, strict=True)]
    return {"top1": _share(first), "top3": _share(three), "coverage_at_95": None, "ece": None}


def figures(told: Floats, labels: Sequence[str], truth: np.ndarray) -> dict[str, float | None]:
    """Return how often the first is right, how often one of three, coverage at 95 %, and calibration."""
    order = np.argsort(-told, axis=1, kind="stable")[:, :TOP]
    named = np.array(labels)[order]
    right: Flags = named[:, 0] == truth
    top = told.max(axis=1)
    return {
        "top1": _share(right),
        "top3": _share((named == truth[:, None]).any(axis=1)),
        "coverage_at_95": round(coverage(top, right, RIGHT_UNIT)[0], 4),
        "ece": round(expected_calibration_error(top, right), 4),
    }


def _share(flags: Any) -> float:
    return round(float(np.mean(flags)), 4)
