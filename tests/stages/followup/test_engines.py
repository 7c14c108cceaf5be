"""An engine on this machine really hears, in the child that decodes; and a model's parts become one folder."""

import sys
from pathlib import Path

import pytest

from jiesu.core import environment
from jiesu.followup import speech
from jiesu.followup.sound import asking, hearing, weights
from tests.factories import ears, sounds

WAV = sounds.wav(sounds.tones((1, 2), (3.5, 5), length=6))


def test_a_model_of_the_machine_hears_each_stretch_of_speech(tmp_path):
    told = asking.hear(WAV, str(ears.zipformer(tmp_path / "ears")), ms=6000)

    assert told["engine"] == "sherpa-onnx"
    assert [set(text) for text in told["texts"]] == [{"好"}] * 2
    assert told["seconds"] > 0


def test_silence_costs_the_engine_nothing(tmp_path):
    silence = sounds.wav(sounds.tones(length=6))

    told = asking.hear(silence, str(ears.zipformer(tmp_path / "ears")), ms=6000)

    assert told["texts"] == []


def test_the_model_in_the_data_folder_is_used_without_a_setting(monkeypatch, tmp_path):
    monkeypatch.setenv("JIESU_DATA", str(tmp_path))
    monkeypatch.delenv("JIESU_SPEECH_MODEL", raising=False)
    assert "没有装语音模型" in speech.available()

    ears.zipformer(environment.speech_home())

    assert speech.available() == ""


@pytest.fixture
def packages(monkeypatch, tmp_path):
    """The two packages that carry a model, with a few bytes instead of its weights."""
    for number, name in enumerate(weights.PARTS, 1):
        data = tmp_path / "site" / name / "data"
        data.mkdir(parents=True)
        (data.parent / "__init__.py").touch()
        (data / f"model.bin.part{number}").write_bytes(f"half {number} ".encode())
        for beside in weights.BESIDE:
            (data / beside).write_text("{}")
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(tmp_path / "site")


def test_the_parts_of_a_model_become_one_folder(packages, tmp_path):
    home = tmp_path / "data" / "speech"

    weights.place(home)
    weights.place(home)

    assert (home / "model.bin").read_bytes() == b"half 1 half 2 "
    assert {path.name for path in home.parent.iterdir()} == {"speech"}
    assert hearing.missing(home) in {"", "没有安装 faster-whisper，请先装语音转写的可选组件（见运行手册“录音”）。"}  # fmt: skip


def test_without_its_packages_the_way_to_get_them_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(weights, "PARTS", ("no_such_package", "nor_this"))

    with pytest.raises(hearing.NoModel, match="make speech"):
        weights.place(Path(tmp_path / "speech"))

    assert list(tmp_path.iterdir()) == []
