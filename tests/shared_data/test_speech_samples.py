"""The six clips of real speech go the whole road: decoded, voice found, segments, player, moments; heard where a model is."""

import csv
import json
import os
from pathlib import Path

import pytest
from django.utils import timezone

from jiesu.__main__ import main
from jiesu.followup import jobs, players, recordings
from jiesu.followup.sound import hearing
from tests.house.tracked import ROOT

CLIPS = ROOT.parent / "shared" / "data" / "zh_speech_samples"
pytestmark = pytest.mark.skipif(not CLIPS.is_dir(), reason="the shared data is not on this machine")
MODEL = os.environ.get("JIESU_SPEECH_MODEL", "")


def clips() -> list[Path]:
    with (CLIPS / "transcripts.csv").open(encoding="utf-8-sig", newline="") as file:
        return [CLIPS / row["file"] for row in csv.DictReader(file)]


@pytest.mark.django_db
def test_the_six_clips_through_the_audio_path(office, monkeypatch):
    monkeypatch.delenv("JIESU_SPEECH_MODEL", raising=False)
    seen = []
    for clip in clips():
        with clip.open("rb") as file:
            made = recordings.take(
                office, clip.name, file, clip.stat().st_size, actor=None, at=timezone.now()
            ).recording
        jobs.prepare(made.pk)
        made.refresh_from_db()
        seen.append((made, players.of(made)))

    assert [made.state for made, _ in seen] == ["ready"] * 6
    for made, player in seen:
        spoken = sum(line.until - line.seconds for line in player.lines)
        assert 0.6 < spoken / player.seconds <= 1, made.name
        assert max(made.peaks) == 100
        assert player.path.count("M") == 600
        assert not player.heard


def test_without_a_model_the_command_says_so(capsys, monkeypatch):
    monkeypatch.delenv("JIESU_SPEECH_MODEL", raising=False)

    status = main(["transcribe", str(clips()[3]), "--json"])

    out, said = capsys.readouterr()
    told = json.loads(out.splitlines()[-1])
    assert (status, told["transcribed"], len(told["files"][0]["lines"])) == (1, False, 1)
    assert "没有语音模型" in said


@pytest.mark.skipif(
    not MODEL or bool(hearing.missing(Path(MODEL))),
    reason="no speech model is set (JIESU_SPEECH_MODEL)",
)
def test_with_a_model_they_are_heard_and_scored(capsys):
    files = [str(clip) for clip in clips()]

    status = main(["transcribe", *files, "--evaluate", str(CLIPS / "transcripts.csv"), "--json"])

    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert status == 0
    assert told["characters"] > 100
    assert told["error_rate"] < 0.35
