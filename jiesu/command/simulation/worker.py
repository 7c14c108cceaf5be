"""The worker of the simulation: a process of its own that does one moment's work when told, and is killed.

It does what the product's worker does by the clock: hands on announcements, sweeps the clocks, pushes,
looks for gaps in cover, makes the daily list. It is forked from a process that has everything
loaded, so that it can be killed and replaced hundreds of times.
"""

import os
import random
import signal
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from django.db import connection

from jiesu.command.simulation import rounds
from jiesu.core.children import end_with_parent

PRELOADED = ["jiesu.command.simulation.preloaded", "jiesu.command.simulation.worker"]
LIMIT = 120.0  # seconds a moment's work may take before the simulation gives up
SPARE = 0.004  # seconds added to the usual length of a round: some kills come just after its end


class Broken(Exception):
    """The worker's own work failed: a fault of the product, with where it happened."""


def serve(wire: Connection, name: str) -> None:
    """Do one round for every moment that comes, until the wire is closed."""
    end_with_parent()
    os.environ["PGAPPNAME"] = name
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who plays
    try:
        while True:
            part, at = wire.recv()
            try:
                wire.send(("done", rounds.go(part, at)))
            except Exception:
                wire.send(("broken", traceback.format_exc()))
    except (EOFError, OSError):  # whoever plays has ended
        connection.close()


@dataclass
class Worker:
    """The one worker at a time, and how it fares. ``kill_share``: so many of the rounds are cut off.

    When a kill falls is left to real chance: whatever it hits, the record must come out the same.
    """

    kill_share: float
    kills: int = 0
    amid: int = 0  # of these, while it was at work
    rounds: int = 0
    repeated: int = 0
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = random.SystemRandom()
        self.processes = get_context("forkserver")
        self.processes.set_forkserver_preload(PRELOADED)
        self.started = 0
        self._start()

    def _start(self) -> None:
        self.started += 1
        self.name = f"jiesu_sim_worker_{os.getpid()}_{self.started}"
        self.wire, theirs = self.processes.Pipe()
        self.process = self.processes.Process(
            target=serve, args=(theirs, self.name), daemon=True, name=self.name
        )
        self.process.start()
        theirs.close()

    def work(self, part: str, at: datetime, *, may_die: bool = True) -> None:
        """Have one part of the round of ``at`` done, however many workers it takes.

        :raises Broken: it failed by itself
        """
        self.rounds += 1
        cut = may_die and self.chance.random() < self.kill_share
        while True:
            begun = time.perf_counter()
            self.wire.send((part, at))
            if cut:
                usual = self.seconds / max(1, self.rounds)
                if not self.wire.poll(self.chance.uniform(0, usual * 1.5 + SPARE)):
                    self.kill(amid=True)
                    self.repeated += 1
                    cut = self.chance.random() < 0.3  # now and then the next one dies as well
                    continue
            if not self.wire.poll(LIMIT):
                raise Broken(f"{at} 的工作 {LIMIT:.0f} 秒没有做完")
            how, told = self.wire.recv()
            self.seconds += time.perf_counter() - begun
            if how == "broken":
                raise Broken(told)
            self.counts.update(told)
            if cut:
                self.kill(amid=False)
            return

    def kill(self, *, amid: bool) -> None:
        """kill -9, and a new one as soon as the server has noticed."""
        self.process.kill()
        self.process.join()
        self.wire.close()
        self.kills += 1
        self.amid += amid
        _forgotten(self.name)
        self._start()

    def told(self) -> dict[str, Any]:
        """Return how the worker fared, for the figures."""
        return {
            "rounds": self.rounds,
            "kills": self.kills,
            "kills_amid_work": self.amid,
            "rounds_repeated": self.repeated,
        }

    def end(self) -> None:
        self.wire.close()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()


def _forgotten(name: str) -> None:
    """Wait until the server has rolled back what the killed process had begun."""
    for _ in range(2000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_stat_activity WHERE application_name = %s", [name])
            if cursor.fetchone() is None:
                return
        time.sleep(0.005)
    raise Broken("数据库 10 秒没有放开被结束的后台任务")
