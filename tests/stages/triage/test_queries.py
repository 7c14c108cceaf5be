"""A model that is missing or spoiled means no suggestion; a new one is used at once."""

import logging
import subprocess
import sys

import pytest

from jiesu.triage import places, queries, serving
from jiesu.triage.learning import files

TEXT = "居民反映暖气不热，热力公司的锅炉房今年没有解决"


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("JIESU_DATA", str(tmp_path))
    monkeypatch.setattr(serving, "DEADLINE", 30.0)  # the machine of a test may be busy
    return places.model("label")


def test_no_model_no_suggestion_and_nothing_made(place):
    assert queries.suggest(TEXT) is None
    assert not place.parent.exists()


def test_a_kept_model_answers_until_it_is_removed(place, model):
    kept = files.keep(model, place)
    told = queries.suggest(TEXT)
    place.unlink()

    assert (told.label, told.model) == ("供暖", kept.version)
    assert queries.suggest(TEXT) is None


def test_a_spoiled_model_is_no_suggestion_and_said_once(place, model, caplog):
    files.keep(model, place)
    place.write_bytes(place.read_bytes()[:-1])

    with caplog.at_level(logging.ERROR):
        told = [queries.suggest(TEXT) for _ in range(3)]

    assert told == [None, None, None]
    assert [record.getMessage().count("损坏") for record in caplog.records] == [1]


def test_a_model_in_the_place_of_a_spoiled_one_is_used_at_once(place, model):
    place.parent.mkdir()
    place.write_bytes(b"")
    before = queries.suggest(TEXT)
    files.keep(model, place)

    assert before is None
    assert queries.suggest(TEXT).label == "供暖"


def test_the_desk_needs_no_heavy_library_to_answer():
    ran = subprocess.run(
        [sys.executable, "-c", "import jiesu.triage.queries, sys; print('scipy' in sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )

    assert ran.stdout.strip() == "False"
