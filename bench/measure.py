"""What a measurement is, and the few ways to take one."""

import os
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from jiesu.rules.labelled import Labelled

ROUNDS = 3


class Sense(Labelled):
    MOST = "most", "≤"
    LEAST = "least", "≥"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report. ``goal`` and ``stretch`` are None for what is told but not judged."""

    key: str
    what: str
    ours: str
    beside: str
    ratio: float | None
    sense: Sense = Sense.MOST
    goal: float | None = None
    stretch: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.ratio is None or self.goal is None:
            return "told"
        if self.stretch is not None and self._meets(self.stretch):
            return "stretch met"
        return "met" if self._meets(self.goal) else "MISSED"

    def _meets(self, mark: float) -> bool:
        assert self.ratio is not None
        return self.ratio <= mark if self.sense is Sense.MOST else self.ratio >= mark


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds a thing took: by the clock, and of this process's own CPU."""

    wall: float
    cpu: float


def once(do: Callable[[], object]) -> Took:
    """Do it once and say how long it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    do()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


def each(do: Callable[[], object], times: int) -> Took:
    """Return the mean of doing it so many times."""
    took = once(lambda: [do() for _ in range(times)])
    return Took(took.wall / times, took.cpu / times)


def walls(do: Callable[[], object], times: int) -> list[float]:
    """Return how long each of so many times took by the clock."""
    return [once(do).wall for _ in range(times)]


def middle(takes: list[Took]) -> Took:
    return Took(median(t.wall for t in takes), median(t.cpu for t in takes))


def p95(taken: list[float]) -> float:
    return sorted(taken)[max(0, round(len(taken) * 0.95) - 1)]


def in_turns(rounds: int, *does: Callable[[], Took]) -> list[Took]:
    """Take measurements in turns, so that a busy minute falls on all of them; return the medians."""
    taken = [[do() for do in does] for _ in range(rounds)]
    return [middle([one[i] for one in taken]) for i in range(len(does))]


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 10 else f"{seconds:.1f} s"


def memory(processes: list[psutil.Process]) -> int:
    """Return the bytes processes hold, pages they share counted once (PSS)."""
    return sum(p.memory_full_info().pss for p in processes)


def family(pid: int) -> list[psutil.Process]:
    """Return a process and all below it, the database's own left out."""
    parent = psutil.Process(pid)
    found = [parent, *parent.children(recursive=True)]
    return [p for p in found if p.is_running() and "postgres" not in p.name()]


def peak_of_child(child: subprocess.Popen) -> int:
    """Wait for a child to end well; return the most memory it held, in bytes.

    Asked of the kernel while it lives: what ``wait4`` tells of a child counts its parent's memory too.
    """
    peak = 0
    while child.poll() is None:
        told = Path(f"/proc/{child.pid}/status").read_text()
        if found := re.search(r"VmHWM:\s+(\d+) kB", told):  # gone while it is being taken down
            peak = int(found[1]) * 1024
        time.sleep(0.05)
    if child.returncode:
        raise RuntimeError(f"the child ended with {child.returncode}")
    return peak


def machine() -> str:
    """Return in a line what was measured on."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory_gb = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores ({model}), {memory_gb:.0f} GB"
