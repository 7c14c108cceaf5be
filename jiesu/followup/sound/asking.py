"""Asking the child (``child``): with time and memory limits, and no environment but what it needs."""

import io
import json
import os
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import jiesu

HOUSE = str(Path(jiesu.__file__).resolve().parents[1])
PATIENCE = 180.0  # seconds for looking at one recording
HEARING = 6.0  # and for hearing it, per second of sound, beside that


class Failed(ValueError):
    """The recording could not be read; the message says why in Chinese."""


def look(content: bytes) -> dict[str, Any]:
    """Return length (``ms``), ``channels``, ``peaks`` and ``spans`` (start, end, side) of a recording.

    :raises Failed: it cannot be decoded
    """
    return _told(_ask(["look"], content, PATIENCE))


def hear(content: bytes, folder: str, *, ms: int) -> dict[str, Any]:
    """Return what ``look`` does and the ``texts`` of the spans, the ``engine`` and its ``seconds``.

    :raises Failed: it cannot be decoded, or there is no model
    """
    return _told(_ask(["hear", folder], content, PATIENCE + HEARING * ms / 1000))


def wav(content: bytes) -> bytes:
    """Return the sound as WAV.

    :raises Failed: it cannot be decoded
    """
    done = _ask(["wav"], content, PATIENCE)
    if done.returncode:
        _told(done)
    return done.stdout


def stretch(whole: bytes, start: int, end: int) -> bytes:
    """Return a WAV of some milliseconds of a WAV that ``wav`` gave."""
    with wave.open(io.BytesIO(whole)) as source:
        rate = source.getframerate()
        source.setpos(min(start * rate // 1000, source.getnframes()))
        frames = source.readframes((end - start) * rate // 1000)
        out = io.BytesIO()
        with wave.open(out, "wb") as target:
            target.setnchannels(source.getnchannels())
            target.setsampwidth(source.getsampwidth())
            target.setframerate(rate)
            target.writeframes(frames)
    return out.getvalue()


def _ask(what: list[str], content: bytes, patience: float) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "jiesu.followup.sound.child", *what]
    env = {"PATH": os.defpath, "PYTHONPATH": HOUSE, "OMP_NUM_THREADS": "2", "HF_HUB_OFFLINE": "1"}
    try:
        return subprocess.run(  # noqa: S603 - our own module, no shell
            command, input=content, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env,
            timeout=patience, check=False, cwd="/",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Failed("这个录音处理得太久，已停下；请核对文件，或分段后再传。") from None


def _told(done: "subprocess.CompletedProcess[bytes]") -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise Failed("这个录音打不开，可能已损坏，请重新导出后再传。") from None
    if "failed" in told:
        raise Failed(str(told["failed"]))
    return told
