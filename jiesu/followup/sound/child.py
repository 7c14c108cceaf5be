"""The child that decodes: ``look`` tells length, peaks and speech as JSON, ``wav`` gives plain sound to play,
``hear FOLDER`` tells what is said as well. The file comes by standard input; nothing of it touches the disk.
"""

import io
import json
import resource
import struct
import sys
import time

import numpy as np

from jiesu.followup.sound import hearing
from jiesu.followup.sound.activity import Span, spans
from jiesu.followup.sound.decode import RATE, Samples, Unreadable, decode, mono
from jiesu.followup.sound.picture import peaks

MEMORY = 6 * 2**30


def main(asked: list[str]) -> int:
    """Do what is asked; 3: it cannot be read, and the reason is told."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        samples = decode(io.BytesIO(sys.stdin.buffer.read()))
        if asked[0] == "wav":
            sys.stdout.buffer.write(wav(samples))
            return 0
        told = look(samples)
        if asked[0] == "hear":
            told |= hear(samples, asked[1])
    except (Unreadable, hearing.NoModel) as reason:
        json.dump({"failed": str(reason)}, sys.stdout)
        return 3
    json.dump(told, sys.stdout)
    return 0


def look(samples: Samples) -> dict[str, object]:
    """Return what is seen of a recording."""
    return {
        "ms": round(samples.shape[1] * 1000 / RATE), "channels": samples.shape[0],
        "peaks": peaks(samples), "spans": [(one.start, one.end, one.side) for one in spans(samples)],
    }  # fmt: skip


def hear(samples: Samples, folder: str) -> dict[str, object]:
    """Return what is said in each span, and how long the engine took for it."""
    engine = hearing.local(folder)
    found = spans(samples)
    begun = time.perf_counter()
    texts = [engine.hear(cut(samples, one)) for one in found]
    return {"texts": texts, "seconds": time.perf_counter() - begun, "engine": engine.name}


def cut(samples: Samples, span: Span) -> Samples:
    """Return one span's sound: the side that speaks, where sides are apart."""
    first, last = span.start * RATE // 1000, span.end * RATE // 1000
    whole = samples[span.side - 1] if span.side else mono(samples)
    return np.ascontiguousarray(whole[first:last], dtype=np.float32)


def wav(samples: Samples) -> bytes:
    """Return the sound as 16-bit WAV: what every browser plays."""
    data = (np.clip(samples.T, -1, 1) * 32767).astype("<i2").tobytes()
    channels = samples.shape[0]
    head = b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack(
        "<IHHIIHH", 16, 1, channels, RATE, RATE * 2 * channels, 2 * channels, 16
    )  # fmt: skip
    return head + b"data" + struct.pack("<I", len(data)) + data


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
