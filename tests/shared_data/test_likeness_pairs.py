"""Whether two orders are one matter, on pairs of real messages somebody has read and judged.

``likeness_pairs.csv`` holds only ids and the judgement. Pairs were drawn by how many rare words they share,
so that most of the different ones are hard: one campaign about many things, one form letter from many
places, one compound with two troubles. No message stands in both halves; the factors of
``rules.likeness`` and the threshold were learnt on ``tune``, and ``test`` judges them.
"""

import csv
import gzip
import json
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from jiesu.rules import grouping, likeness

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
FILES = {
    "hot": "zhzw_hot/messages_h1.jsonl.gz", "rep": "zhzw_replies/replies.jsonl.gz",
    "unl": "zhzw_unlabeled/messages.jsonl.gz", "lab": "zhzw_labeled/train.jsonl.gz",
}  # fmt: skip
COUNTED = 2  # every second message: words are counted over fewer, to save time
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not there")


def messages():
    """Yield the id, the subject and the body of every message."""
    for source, name in FILES.items():
        with gzip.open(SHARED / name, "rt") as lines:
            for row in map(json.loads, lines):
                if row.get("body"):
                    yield f"{source}:{row['oid']}", row["subject"], row["body"]


def precision_and_recall(judged):
    proposed = [same for same, told in judged if told]
    return sum(proposed) / len(proposed), sum(proposed) / sum(same for same, _ in judged)


def test_pairs_somebody_has_read():
    with (Path(__file__).parent / "likeness_pairs.csv").open() as lines:
        pairs = list(csv.DictReader(lines))
    wanted = {row[side] for row in pairs for side in ("one", "other")}
    everything = list(messages())
    told = {
        name: likeness.saying(title, text)
        for name, title, text in reversed(everything)
        if name in wanted
    }
    some = [likeness.saying(title, text) for _, title, text in everything[::COUNTED]]
    counts = Counter(word for one in some for word in one.words)
    weights = {word: likeness.weight(number, len(some)) for word, number in counts.items()}
    rules = tomllib.loads((ROOT / "jiesu/rulesets/bj-2026-haidian.toml").read_text())
    least = grouping.grouping(rules["groups"], rules["hot"]).propose
    halves = {"tune": [], "test": []}
    for row in pairs:
        measured = likeness.likeness(told[row["one"]], told[row["other"]], weights)
        halves[row["half"]].append((int(row["same"]), likeness.chance(measured) >= least))

    found = {half: precision_and_recall(judged) for half, judged in halves.items()}
    assert len(pairs) >= 300
    precision, recall = found["test"]
    assert precision > 0.88
    assert recall > 0.9
