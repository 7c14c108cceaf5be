"""Decoding by FFmpeg's libraries (PyAV): whatever came becomes 16 kHz samples, one row for each channel."""

from typing import Any, BinaryIO, Final

import av
import numpy as np

RATE: Final = 16_000
LONGEST: Final = 3 * 3600  # seconds; a call is never longer
CHANNELS: Final = 2  # a telephone recording has one, or one for each side

Samples = np.ndarray[Any, np.dtype[np.float32]]


class Unreadable(ValueError):
    """It cannot be decoded; the message says so in Chinese."""


def decode(file: BinaryIO) -> Samples:
    """Return the sound of a file as floats between -1 and 1, shaped (channels, samples).

    :raises Unreadable: no sound in it, damaged from the beginning, or longer than any call
    """
    try:
        with av.open(file, mode="r", metadata_errors="ignore") as container:
            if not container.streams.audio:
                raise Unreadable("文件里没有声音，请核对是不是录音。")
            rows = _frames(container)
    except av.error.FFmpegError:
        raise Unreadable("这个录音打不开，可能已损坏，请重新导出后再传。") from None
    if not rows:
        raise Unreadable("录音里没有内容，请核对后再传。")
    return np.concatenate(rows, axis=1).astype(np.float32) / 32768.0


def _frames(container: Any) -> list[Any]:
    """Frame by frame; what is cut off at the end leaves what was before it."""
    stream = container.streams.audio[0]
    channels = min(max(stream.codec_context.layout.nb_channels, 1), CHANNELS)
    layout = "mono" if channels == 1 else "stereo"
    sampler = av.AudioResampler(format="s16p", layout=layout, rate=RATE)
    rows: list[Any] = []
    length = 0
    try:
        for frame in container.decode(stream):
            for piece in sampler.resample(frame):
                rows.append(piece.to_ndarray())
                length += rows[-1].shape[1]
            if length > LONGEST * RATE:
                raise Unreadable("录音超过 3 小时，请分段后再传。")
    except av.error.FFmpegError:
        if not rows:
            raise
    rows += [piece.to_ndarray() for piece in sampler.resample(None)]
    return rows


def mono(samples: Samples) -> Samples:
    """Return both sides of a call as one."""
    return samples.mean(axis=0).astype(np.float32)
