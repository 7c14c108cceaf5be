"""How often: buckets that fill by the minute and are emptied by asking.

They stand in the memory of each web process. A line in the database for every search would cost more
than the search, and the limit has to hold when the database is what is slow; several processes let
through that many times as much, which is still a limit.
"""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Rate:
    """``burst`` at once, and ``minute`` more each minute. ``what``: the words of the refusal."""

    what: str
    burst: int
    minute: int

    def times(self, factor: int) -> "Rate":
        return Rate(self.what, self.burst * factor, self.minute * factor)


class Buckets:
    """One bucket a key. Full ones are forgotten, so that their number is that of who asked lately."""

    MOST = 20_000

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: dict[Hashable, tuple[float, float, Rate]] = {}
        self._lock = threading.Lock()

    def take(self, key: Hashable, rate: Rate) -> int:
        """Take one. Returns 0, or the whole seconds to wait when there is none left."""
        now = self._clock()
        with self._lock:
            left = self._now(key, rate, now)
            if left >= 1:
                self._left[key] = (left - 1, now, rate)
                return 0
            self._left[key] = (left, now, rate)
            return max(1, ceil((1 - left) * 60 / rate.minute))

    def clear(self) -> None:
        with self._lock:
            self._left.clear()

    def _now(self, key: Hashable, rate: Rate, now: float) -> float:
        if key not in self._left:
            if len(self._left) >= self.MOST:
                self._forget(now)
            return float(rate.burst)
        left, since, _ = self._left[key]
        return min(float(rate.burst), left + (now - since) * rate.minute / 60)

    def _forget(self, now: float) -> None:
        full = [
            key for key, (left, since, rate) in self._left.items()
            if left + (now - since) * rate.minute / 60 >= rate.burst
        ]  # fmt: skip
        for key in full or list(self._left)[: self.MOST // 2]:
            del self._left[key]
