"""``make bench``: measure the rows of the speed goals that the product has, and write docs/performance.md.

``make bench BENCH="--million"`` for a million cases, ``--only list`` for one part, ``--quick`` to see that
all of it runs (its figures mean nothing).
"""

import argparse
import os
import signal
import sys
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from bench import report
from bench.ground import ground
from bench.measure import ROUNDS, Figure
from jiesu.rules.moments import BEIJING

PARTS = (
    "import",
    "import-memory",
    "list",
    "deep",
    "search",
    "case",
    "dispatch",
    "ledger",
    "sweep",
    "likes",
    "live",
    "due",
    "start",
    "memory",
)
DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of everything."""

    cases: int
    small: int = 10_000
    workbook: int = 50_000
    large_workbook: int = 200_000
    pages: int = 40
    served: int = 120
    dispatches: int = 250
    pgbench_seconds: int = 10
    ledger: int = 200_000
    clocks: int = 1_000_000
    requests: int = 5_000
    due_times: int = 1_000_000
    desks: int = 200
    commits: int = 100
    notices: int = 10_000
    likes: int = 300_000  # a million takes long to fill


QUICK = Scale(
    cases=1200, small=600, workbook=400, large_workbook=800, pages=3, served=10, dispatches=16,
    pgbench_seconds=1, ledger=1000, clocks=5000, requests=200, due_times=20_000, desks=20, commits=10, notices=100, likes=9000,
)  # fmt: skip


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--cases", type=int, default=100_000, help="how many cases the record holds"
    )
    parser.add_argument("--million", action="store_true", help="the same as --cases 1000000")
    parser.add_argument(
        "--only", choices=PARTS, action="append", help="only this part; may be repeated"
    )
    parser.add_argument(
        "--quick", action="store_true", help="a few hundred rows of everything; writes nothing"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="a data folder to keep and use again"
    )
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """Measure. Returns 0 when everything could be measured, whatever the figures."""
    asked = parse(words)
    scale = QUICK if asked.quick else Scale(cases=1_000_000 if asked.million else asked.cases)
    parts = set(asked.only or PARTS)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and folders go
    began, load = datetime.now(BEIJING), os.getloadavg()[0]
    figures: list[Figure] = []

    def tell(more: list[Figure]) -> None:
        figures.extend(more)
        report.say(more)

    with ground(asked.keep) as folder:
        if parts & {"import", "import-memory"}:
            _imports(parts, scale, folder, tell)
        if parts & {"list", "deep", "search", "case", "dispatch", "ledger", "sweep"}:
            _record(parts, scale, folder, tell)
        if "likes" in parts:
            office, at = _office(), datetime.now(BEIJING)
            member, times = _part("load").seat(office), scale.served
            tell(_part("likes").measure(office, member, cases=scale.likes, times=times, at=at))
        if "live" in parts:
            live = _part("live")
            sizes = {"desks": scale.desks, "commits": scale.commits, "notices": scale.notices}
            tell(live.measure(_office(), **sizes))
        if "due" in parts:
            tell(_part("due_times").measure(folder, lines=scale.due_times))
    if parts & {"start", "memory"}:
        _started(parts, scale, tell)
    if not asked.quick and not asked.only:
        told = report.text(
            figures, cases=scale.cases, command=" ".join(["python -m bench", *words]), began=began,
            load=load, rounds=ROUNDS,
        )  # fmt: skip
        report.write(DOCUMENT, told)
    return 0


def _part(name: str) -> Any:
    """Return a module that may only be imported once Django is awake."""
    return import_module(f"bench.{name}")


def _office() -> Any:
    actions = import_module("jiesu.catalogue.actions")
    return actions.establish(actions.DEFAULT_OFFICE).office


def _imports(parts: set[str], scale: Scale, folder: Path, tell: Any) -> None:
    importing, office = _part("importing"), _office()
    importing.empty()
    if "import" in parts:
        tell(importing.measure(office, folder, rows=scale.workbook))
    if "import-memory" in parts:
        tell(importing.measure_memory(folder, rows=scale.large_workbook))
    importing.empty()


def _record(parts: set[str], scale: Scale, folder: Path, tell: Any) -> None:
    """The parts that need a record of the whole size."""
    load, pages, served = _part("load"), _part("pages"), _part("served")
    office = _office()
    at = datetime.now(BEIJING)
    member = load.seat(office)
    session = served.session_of(member)
    if (missing := scale.cases - office.cases.count()) > 0:
        small = min(scale.small, missing)
        load.load(office, small, at=at)
        load.settle()
        served.keep_small()
        print(f"loading {missing:,} cases…", file=sys.stderr, flush=True)
        load.load(office, missing - small, at=at)
        load.settle()
    if "list" in parts:
        tell(pages.measure_list(member, times=scale.pages))
        tell(served.measure(session, cases=scale.cases, times=scale.served))
    if "deep" in parts:
        tell(pages.measure_deep(member, times=scale.pages))
    if "search" in parts:
        tell(pages.measure_search(member, times=scale.pages))
    if "case" in parts:
        tell(pages.measure_case(member, at=at, times=scale.pages))
    if "dispatch" in parts:
        dispatching = _part("dispatching")
        tell(
            dispatching.measure(
                member, cases=scale.dispatches, seconds=scale.pgbench_seconds, at=at
            )
        )
    if "ledger" in parts:
        ledgers = _part("ledgers")
        tell(ledgers.measure(member, folder, rows=scale.ledger, at=at))
        tell(ledgers.measure_memory(member, rows=scale.ledger, at=at))
    if "sweep" in parts:  # last: it leaves a million clocks behind
        tell(_part("sweep").measure(office, clocks=scale.clocks, at=at))


def _started(parts: set[str], scale: Scale, tell: Any) -> None:
    started = _part("started")
    with started.data_folder() as environ:
        if "start" in parts:
            tell(started.measure_start(environ))
        if "memory" in parts:
            tell(started.measure_memory(environ, requests=scale.requests))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
