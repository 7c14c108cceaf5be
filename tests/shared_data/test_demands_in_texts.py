"""Demands told apart in real texts, against 190 judged by hand (``demands.csv``: rows and places, no words)."""

import csv
import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from jiesu.rules.demands import Point, points

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data"
LABELED = DATA / "zhzw_labeled" / "train.jsonl.gz"
HOT = DATA / "zhzw_hot" / "messages_h1.jsonl.gz"

pytestmark = pytest.mark.skipif(
    not (LABELED.exists() and HOT.exists()), reason="../shared/data/zhzw_* is not there"
)


@pytest.fixture(scope="module")
def texts() -> dict[str, tuple[str, str]]:
    found = {}
    for path, mark, key in ((LABELED, "L", "uid"), (HOT, "H", "oid")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                if row.get("body") and row.get("subject"):
                    found[f"{mark}:{row[key]}"] = (row["subject"].strip(), row["body"])
    return found


def judged(kind: str) -> list[tuple[str, list[tuple[int, int]]]]:
    lines = (HERE / "demands.csv").read_text().splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    spans = lambda told: [tuple(map(int, one.split("-"))) for one in told.split()]  # noqa: E731
    return [(row["row"], spans(row["demands"])) for row in rows if row["set"] == kind]


def hits(found: list[Point], true: list[tuple[int, int]]) -> int:
    """How many true demands are met, each by a point of its own."""
    free = list(found)
    met = 0
    for start, end in true:
        one = next((p for p in free if p.start < end and p.end > start), None)
        if one:
            free.remove(one)
            met += 1
    return met


@pytest.mark.parametrize(
    ("kind", "precision", "recall", "number"),
    [("tuned", 0.94, 0.90, 0.82), ("fresh", 0.93, 0.85, 0.83)],
)
def test_points_are_those_that_a_reader_finds(texts, kind, precision, recall, number):
    told: Counter[str] = Counter()
    for row, true in judged(kind):
        found = points(*texts[row])
        told["met"] += hits(found, true)
        told["found"] += len(found)
        told["true"] += len(true)
        told["right"] += len(found) == len(true)
        told["texts"] += 1

    assert told["texts"] >= 80
    assert told["met"] / told["found"] >= precision
    assert told["met"] / told["true"] >= recall
    assert told["right"] / told["texts"] >= number
