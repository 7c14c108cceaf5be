"""When people call: the shape of a day and of a week (domain 10.3, 推: no public hourly figures)."""

import random
from bisect import bisect_left
from datetime import datetime, timedelta
from itertools import accumulate

# share of a day's calls in each hour: peaks at 9-11 and 14-16, a smaller one at 20-21, few at night
HOURS = (
    0.8, 0.6, 0.5, 0.5, 0.6, 1.0, 1.2, 2.3, 5.5, 9.0, 10.0, 7.0,
    3.8, 4.5, 9.0, 9.0, 8.0, 5.0, 3.7, 3.5, 6.5, 5.5, 1.8, 0.7,
)  # fmt: skip
WEEKDAYS = (1.15, 1.05, 1.03, 1.0, 1.0, 0.85, 0.80)
HOUR = 3600


def seconds(rng: random.Random, count: int, start: datetime, end: datetime) -> list[int]:
    """Return ``count`` moments from ``start`` to before ``end``, as seconds after ``start``, in order.

    ``start`` should stand on a full hour; then every hour has its own share.
    """
    length = int((end - start).total_seconds())
    slots = [
        (second, min(HOUR, length - second), start + timedelta(seconds=second))
        for second in range(0, length, HOUR)
    ]
    running = list(
        accumulate(
            HOURS[when.hour] * WEEKDAYS[when.weekday()] * width / HOUR for _, width, when in slots
        )
    )
    drawn = []
    for _ in range(count):
        second, width, _ = slots[bisect_left(running, rng.random() * running[-1])]
        drawn.append(second + int(rng.random() * width))
    drawn.sort()
    return drawn


def awake(when: datetime, minute: int, first: int = 8, last: int = 20) -> datetime:
    """Return ``when``, moved to the morning if it falls outside the hours people are at it."""
    if first <= when.hour < last:
        return when
    if when.hour >= last:
        when += timedelta(days=1)
    return when.replace(hour=first, minute=20 + minute % 40)
