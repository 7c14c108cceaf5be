"""The learner on real messages: half of them, of which a fifth is held back."""

from pathlib import Path

import numpy as np
import pytest

from jiesu.triage.learning import alike, training
from jiesu.triage.learning.measures import measure
from jiesu.triage.learning.samples import rows, samples

FILE = Path(__file__).parents[3] / "shared" / "data" / "zhzw_labeled" / "train.jsonl.gz"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="没有 shared/data/zhzw_labeled")


def test_half_of_the_messages_is_enough_for_this_much():
    found = samples(rows(FILE)[::2])
    groups = alike.groups([sample.reading for sample in found])
    held = training.folds(groups) == 0
    taught = np.flatnonzero(~held)

    model = training.train([found[i] for i in taught], groups[taught])
    asked = [found[i] for i in np.flatnonzero(held)]
    told = model.probabilities([sample.reading for sample in asked])
    measured = measure(told, model.labels, [sample.label for sample in asked])

    assert measured.macro_f1 > 0.88
    assert measured.coverage_at_97_5 > 0.5
    assert measured.ece < 0.05
    assert abs(measured.accuracy - model.about["accuracy"]) < 0.03  # what it says of itself holds
