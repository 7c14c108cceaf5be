"""Recordings made by code: tones that stand for speech, with silence between, in every format that is taken."""

import io
import struct

import av
import numpy as np

RATE = 8000


def tones(*stretches: tuple[float, float], length: float, rate: int = RATE) -> np.ndarray:
    """Return int16 samples that sound from each start to each end (seconds) and are quiet elsewhere."""
    at = np.arange(int(length * rate)) / rate
    sound = np.random.default_rng(1).normal(0, 0.0005, len(at))
    for start, end in stretches:
        inside = (at >= start) & (at < end)
        tune = 0.3 * np.sin(2 * np.pi * 220 * at) + 0.15 * np.sin(2 * np.pi * 660 * at)
        sound = sound + inside * tune * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * at))
    return (np.clip(sound, -1, 1) * 32767).astype(np.int16)


def wav(*channels: np.ndarray, rate: int = RATE) -> bytes:
    """Return a WAV file with these channels."""
    data = np.stack(channels, axis=1).astype("<i2").tobytes()
    wide = 2 * len(channels)
    head = struct.pack("<4sI8sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVEfmt ", 16, 1, len(channels), rate, rate * wide, wide, 16, b"data", len(data))  # fmt: skip
    return head + data


def encoded(samples: np.ndarray, kind: str, codec: str, rate: int = 16000) -> bytes:
    """Return the samples as a file of another format."""
    out = io.BytesIO()
    with av.open(out, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = rate
        sampler = av.AudioResampler(format=stream.format, layout="mono", rate=rate, frame_size=stream.frame_size or 1024)  # fmt: skip
        for piece in [*sampler.resample(frame), *sampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return out.getvalue()


def amr(seconds: int = 1) -> bytes:
    """Return an AMR file of quiet frames, as old telephone systems write them."""
    return b"#!AMR\n" + (b"\x04" + bytes(12)) * (50 * seconds)
