"""Playing a month from its empty database to its verdict."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.core.management import call_command
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from jiesu.command.simulation import checks, ground, orders, report
from jiesu.command.simulation import record as chronicle
from jiesu.command.simulation.month import Dead, Month
from jiesu.command.simulation.sinks import HANGS, REFUSES, Sinks
from jiesu.command.simulation.worker import Worker
from jiesu.command.words import result, say
from jiesu.desk.demo.texts import dice
from jiesu.rules.moments import BEIJING

KILL_SHARE = 0.03


def play(
    *, days: int, orders_count: int, seed: int, start: str, as_json: bool, record: str | None
) -> int:
    """Play the month in the empty database of the settings. Returns 0 only when every check held."""
    try:
        first = ground.first_day(start)
    except ValueError:
        say(f"--start 写成“{start}”，看不懂；请写成 2026-09-19。")
        return 2
    begun = time.monotonic()
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    laid = ground.lay(seed, first, days)
    rows = orders.draw(seed, orders_count, first, days, laid.hired.scene)
    with closing(Sinks()) as sinks:
        _point_to(sinks)
        worker = Worker(KILL_SHARE)
        month = Month(laid, worker, sinks, first, rows, _dead(seed, first, days))
        try:
            with _bar(first, days) as progress:
                month.play(progress)
        finally:
            worker.end()
        verdict = checks.judge(month)
        lines = chronicle.lines()
    if record:
        chronicle.write(lines, Path(record))
    figures = report.figures(verdict, lines, worker, seconds=time.monotonic() - begun)
    figures = {"days": days, "seed": seed, "start": start} | figures
    for line in report.words(verdict, figures):
        say(line)
    if as_json:
        result(figures)
    return 0 if verdict.held else 1


@contextmanager
def _bar(start: datetime, days: int) -> Iterator[Callable[[datetime, int], None]]:
    """Show on a terminal how far the month is."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[orders]} 件"),
        TimeElapsedColumn(),
    )  # fmt: skip
    whole = timedelta(days=days)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(f"{start:%m月%d日}", total=1.0, orders=0)

        def progress(at: datetime, arrived: int) -> None:
            local = at.astimezone(BEIJING)
            bar.update(
                task, completed=(at - start) / whole, orders=arrived,
                description=f"{local:%m月%d日 %H:%M}",
            )  # fmt: skip

        yield progress


def _point_to(sinks: Sinks) -> None:
    """The product's channels lead to the receivers of this process."""
    os.environ |= {
        "JIESU_SMTP_HOST": "127.0.0.1", "JIESU_SMTP_PORT": str(sinks.mail_port),
        "JIESU_SMTP_TLS": "none", "JIESU_SMTP_FROM": "jiesu@example.invalid",
        "JIESU_WEBHOOK_URL": sinks.webhook_url, "JIESU_WEBHOOK_SECRET": "a-simulated-month",
    }  # fmt: skip


def _dead(seed: int, start: datetime, days: int) -> Sequence[Dead]:
    """The messenger is dead for a day and a half and hangs once; mail dies in the midst of it."""
    rng = dice(f"{seed} channels")
    span = timedelta(days=days)
    hour = timedelta(hours=1)
    since = start + span * rng.uniform(0.2, 0.4)
    long = min(36 * hour, span / 4)
    hangs = start + span * rng.uniform(0.7, 0.8)
    whole = [
        Dead("webhook", since, since + long, REFUSES),
        Dead("mail", since + long / 3, since + long * 2 / 3, REFUSES),
        Dead("webhook", hangs, hangs + min(3 * hour, span / 20), HANGS),
    ]
    return [
        Dead(d.channel, orders.whole_minute(d.since), orders.whole_minute(d.until), d.mode)
        for d in whole
    ]
