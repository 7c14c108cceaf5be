import pytest

from jiesu.triage.learning.model import Model
from jiesu.triage.learning.samples import Row, samples
from jiesu.triage.learning.training import train
from tests.stages.triage import made_up


@pytest.fixture(scope="session")
def model() -> Model:
    """A model of four matters, learnt from 400 made-up messages of which some have a wrong label."""
    made = made_up.rows(400, wrong=0.015)
    return train(samples(Row(r["label"], r.get("text", ""), r.get("words", "")) for r in made))
