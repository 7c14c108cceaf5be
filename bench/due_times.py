"""A million due times through ``jiesu due --batch`` on two cores, beside the minute it may take."""

import json
import os
import random
import resource
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from bench.measure import Figure, Took, in_turns
from jiesu.rules.moments import BEIJING

GOAL, STRETCH = 60, 20  # seconds for a million, the promise and ours
ROUNDS, CORES = 2, 2
HOURS = ("09:00-12:00,13:30-17:30", "08:30-11:30,13:00-18:00", "00:00-24:00")
LIMITS = (2, 24, 48, 72, 168, 360, 0.5)
ALONE = """
import json, sys
told = json.JSONEncoder(ensure_ascii=False).encode
with open(sys.argv[1], encoding="utf-8") as source:
    sys.stdout.writelines(told(json.loads(line)) + "\\n" for line in source)
"""


def write(path: Path, *, lines: int) -> None:
    """Write questions of every kind of counting, a half with pauses, limits up to 15 days."""
    chance = random.Random(2026)
    first = datetime(2018, 1, 1, tzinfo=BEIJING)
    with path.open("w", encoding="utf-8") as out:
        for number in range(lines):
            start = first + timedelta(minutes=chance.randrange(60 * 24 * 365 * 8))
            count = chance.choice(("calendar", "workday", "service"))
            asked = {
                "id": number, "start": _text(start), "limit_hours": chance.choice(LIMITS),
                "count": count, "hours": chance.choice(HOURS) if count == "service" else None,
                "pauses": [_pause(start, chance) for _ in range(chance.choice((0, 0, 1, 2)))],
            }  # fmt: skip
            out.write(json.dumps(asked) + "\n")


def _pause(start: datetime, chance: random.Random) -> list[str]:
    since = start + timedelta(minutes=chance.randrange(-600, 14_400))
    return [_text(since), _text(since + timedelta(minutes=chance.randrange(1, 4000)))]


def _text(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="minutes")


def measure(folder: Path, *, lines: int) -> list[Figure]:
    """Return how long so many due times take on two cores, everything of the command in it.

    CPU is what counts: by the clock it is as slow as the machine is busy.
    """
    asked = folder / "due.jsonl"
    write(asked, lines=lines)
    answers = folder / "answers.jsonl"
    try:
        ours, alone = in_turns(
            ROUNDS,
            lambda: _took([sys.executable, "-m", "jiesu", "due", "--batch", str(asked)], answers, lines),
            lambda: _took([sys.executable, "-c", ALONE, str(asked)], answers, lines),
        )  # fmt: skip
    finally:
        asked.unlink()
        answers.unlink(missing_ok=True)
    seconds = ours.cpu / CORES
    return [
        Figure(
            key="due", what=f"{lines:,} due times, JSON in and out (CPU ÷ two cores)",
            ours=f"{seconds:.1f} s", beside=f"{GOAL} s a million",
            ratio=seconds * 1_000_000 / lines / GOAL, goal=1.0, stretch=round(STRETCH / GOAL, 2),
            note=f"a third each by calendar, workdays and service hours, a half with pauses, limits to"
            f" 15 days; by the clock {ours.wall:.1f} s on a machine shared with others; the same lines"
            f" only read and written as JSON take {alone.cpu:.1f} s of one core",
        )
    ]  # fmt: skip


def _took(words: list[str], out: Path, lines: int) -> Took:
    """Run to the end on two cores; every line must have come back."""
    cores = set(sorted(os.sched_getaffinity(0))[:CORES])
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with out.open("wb") as target:
        subprocess.run(
            words, stdout=target, check=True, env={**os.environ, "DATABASE_URL": ""},
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )  # fmt: skip
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    with out.open("rb") as told:
        if (found := sum(1 for _ in told)) != lines:
            raise RuntimeError(f"{found} answers to {lines} questions")
    return Took(took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
