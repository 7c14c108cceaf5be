"""Playing a month from its empty database to its verdict."""

import os
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta

from django.core.management import call_command

from jiesu.command.simulation import ground, orders
from jiesu.command.simulation.month import Dead, Month
from jiesu.command.simulation.sinks import HANGS, REFUSES, Sinks
from jiesu.command.simulation.worker import Worker, told
from jiesu.command.words import say
from jiesu.desk.demo.texts import dice

KILL_SHARE = 0.03


def play(
    *, days: int, orders_count: int, seed: int, start: str, as_json: bool, record: str | None
) -> int:
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    begun = time.monotonic()
    first = ground.first_day(start)
    laid = ground.lay(seed, first, days)
    rows = orders.draw(seed, orders_count, first, days, laid.hired.scene)
    with closing(Sinks()) as sinks:
        _point_to(sinks)
        worker = Worker(KILL_SHARE)
        month = Month(laid, worker, sinks, first, rows, _dead(seed, first, days))
        try:
            month.play(lambda *a: None)
        finally:
            worker.end()
    say(f"{time.monotonic() - begun:.1f} s")
    say(str(laid.street.done)); say(str(laid.street.refused)); say(str(told(worker)))
    return 0


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
