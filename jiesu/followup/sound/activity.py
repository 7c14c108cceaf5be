"""Voice activity: where somebody speaks. By energy above the recording's own quiet, so that silence costs nothing.

Frames of 20 ms; loud is what stands clearly above the quiet tenth of the recording. Short gaps are bridged,
clicks are dropped, and nothing is longer than what an engine takes in one piece: it is cut where it is quietest.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from jiesu.followup.sound.decode import RATE, Samples, mono

FRAME: Final = RATE // 50
ABOVE: Final = 8.0  # dB above the quiet of the recording
FLOOR: Final = -50.0  # dB of full scale: below it nothing is speech
GAP: Final = 18  # frames of quiet that belong to a sentence (0.36 s)
SHORTEST: Final = 8  # frames: a click is no speech (0.16 s)
MARGIN: Final = 6  # frames left before and after (0.12 s)
LONGEST: Final = 15 * 50  # frames


@dataclass(frozen=True, slots=True)
class Span:
    """Speech, in milliseconds. ``side`` is 1 or 2 where each side has a channel of its own, else 0."""

    start: int
    end: int
    side: int = 0


def spans(samples: Samples) -> list[Span]:
    """Return where somebody speaks, in order."""
    level = loudness(mono(samples))
    sides = _sides(samples)
    found = [part for first, last in _runs(_loud(level)) for part in _cut(level, first, last)]
    return [_span(first, last, len(level), sides) for first, last in found]


def loudness(sound: Samples) -> Any:
    """Return the level of each frame in dB of full scale."""
    whole = len(sound) // FRAME * FRAME
    if not whole:
        return np.zeros(0)
    power = np.square(sound[:whole].reshape(-1, FRAME), dtype=np.float64).mean(axis=1)
    return 10 * np.log10(power + 1e-10)


def _loud(level: Any) -> Any:
    """Above the quiet of the recording; where nothing is quiet (a clip cut close), half way to the loud."""
    if not len(level):
        return level > 0
    quiet, high = np.percentile(level, 10), np.percentile(level, 95)
    bar = min(quiet + ABOVE, high - ABOVE)
    return level > max(bar, FLOOR)


def _runs(loud: Any) -> list[tuple[int, int]]:
    """Stretches of loud frames, gaps bridged, clicks dropped."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], loud.astype(np.int8), [0]))))
    found: list[list[int]] = []
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if found and first - found[-1][1] <= GAP:
            found[-1][1] = last
        else:
            found.append([first, last])
    return [(first, last) for first, last in found if last - first >= SHORTEST]


def _cut(level: Any, first: int, last: int) -> list[tuple[int, int]]:
    """Cut what is too long where it is quietest, in the second half of what an engine takes."""
    parts = []
    while last - first > LONGEST:
        half = first + LONGEST // 2
        at = half + int(np.argmin(level[half : first + LONGEST]))
        parts.append((first, at))
        first = at
    return [*parts, (first, last)]


def _sides(samples: Samples) -> Any:
    """The level of each channel, where there are two that differ; None where both hold the same."""
    if samples.shape[0] < 2 or float(np.abs(samples[0] - samples[1]).max(initial=0)) < 1e-3:
        return None
    return np.stack([loudness(row) for row in samples[:2]])


def _span(first: int, last: int, frames: int, sides: Any) -> Span:
    side = 0
    if sides is not None:
        side = int(np.argmax(sides[:, first:last].mean(axis=1))) + 1
    start, end = max(first - MARGIN, 0), min(last + MARGIN, frames)
    return Span(start * 20, end * 20, side)
