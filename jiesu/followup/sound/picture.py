"""How a recording looks: so many peaks, each from 0 to 100."""

from itertools import pairwise
from typing import Final

import numpy as np

from jiesu.followup.sound.decode import Samples, mono

WIDTH: Final = 600


def peaks(samples: Samples, width: int = WIDTH) -> list[int]:
    """Return the peaks of equal pieces; the loudest is 100, and all are 0 where nothing is heard."""
    sound = np.abs(mono(samples))
    if not len(sound):
        return [0] * width
    edges = np.linspace(0, len(sound), width + 1).astype(int)
    high = [float(sound[a : max(b, a + 1)].max(initial=0)) for a, b in pairwise(edges)]
    top = max(high)
    return [round(100 * one / top) for one in high] if top > 1e-4 else [0] * width
