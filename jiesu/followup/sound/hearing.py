"""The engines of speech, behind one adapter: some samples in, what was said out.

A model folder says by its files which engine reads it: ``model.bin`` with ``config.json`` is a Whisper for
faster-whisper; ``tokens.txt`` beside ``*.onnx`` is one for sherpa-onnx. Both libraries are optional and
imported only here; nothing is ever fetched.
"""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from jiesu.followup.sound.decode import RATE, Samples

THREADS: Final = 2
PROMPT: Final = "以下是普通话的句子，使用简体中文。"


class NoModel(ValueError):
    """There is no engine to hear with; the message says what to do."""


class Engine(Protocol):
    """What turns sound into words."""

    name: str

    def hear(self, sound: Samples) -> str:
        """Return what is said in 16 kHz mono samples; empty when nothing is understood."""


def local(folder: str) -> Engine:
    """Return the engine of a model folder on this machine.

    :raises NoModel: there is no such folder, no model in it, or its library is not installed
    """
    place = Path(folder)
    if why := missing(place):
        raise NoModel(why)
    return Whisper(place) if _is_whisper(place) else Sherpa(place)


def missing(place: Path) -> str:
    """Return what keeps a model folder from being used, as a sentence; empty when nothing does. Loads nothing."""
    if not place.is_dir():
        return f"没有这个语音模型目录：{place}（JIESU_SPEECH_MODEL）。"
    sherpa = (place / "tokens.txt").exists() and any(place.glob("*.onnx"))
    if not sherpa and not _is_whisper(place):
        return f"{place} 里没有认得的语音模型：要有 model.bin 和 config.json，或 tokens.txt 和 onnx 文件。"
    module, package = (
        ("faster_whisper", "faster-whisper")
        if _is_whisper(place)
        else ("sherpa_onnx", "sherpa-onnx")
    )
    if find_spec(module) is None:
        return f"没有安装 {package}，请先装语音转写的可选组件（见运行手册“录音”）。"
    return ""


def _is_whisper(place: Path) -> bool:
    return (place / "model.bin").exists() and (place / "config.json").exists()


class Whisper:
    """OpenAI's Whisper in CTranslate2 form, by faster-whisper."""

    name = "faster-whisper"

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        from faster_whisper import WhisperModel  # noqa: PLC0415 - an optional library, seconds to load

        self._model = WhisperModel(
            str(folder),
            device="cpu",
            compute_type="int8",
            cpu_threads=THREADS,
            local_files_only=True,
        )

    def hear(self, sound: Samples) -> str:
        sound = np.pad(
            sound, RATE * 3 // 10
        )  # a word cut close is lost; that somebody speaks is known
        pieces, _ = self._model.transcribe(
            sound, language="zh", beam_size=5, initial_prompt=PROMPT, condition_on_previous_text=False,
            without_timestamps=True,
            no_speech_threshold=None, temperature=0.0,
        )  # fmt: skip
        return "".join(piece.text for piece in pieces).strip()


class Sherpa:
    """SenseVoice, Paraformer or a Zipformer CTC, by sherpa-onnx."""

    name = "sherpa-onnx"

    def __init__(self, folder: Path) -> None:
        self._recogniser = _recogniser(folder)

    def hear(self, sound: Samples) -> str:
        stream = self._recogniser.create_stream()
        stream.accept_waveform(RATE, sound)
        self._recogniser.decode_stream(stream)
        return str(stream.result.text).strip()


def _recogniser(folder: Path) -> Any:
    import sherpa_onnx  # noqa: PLC0415 - an optional library

    make = sherpa_onnx.OfflineRecognizer
    tokens = str(folder / "tokens.txt")
    model = str(
        sorted(folder.glob("*int8.onnx"))[0]
        if any(folder.glob("*int8.onnx"))
        else next(folder.glob("*.onnx"))
    )
    said = f"{folder.name} {Path(model).name}".lower()
    if "sense" in said:
        return make.from_sense_voice(
            model, tokens, num_threads=THREADS, language="zh", use_itn=True
        )
    if "paraformer" in said:
        return make.from_paraformer(model, tokens, num_threads=THREADS)
    return make.from_zipformer_ctc(model, tokens, num_threads=THREADS)
