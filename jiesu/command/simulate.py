"""``jiesu simulate``: a month played on the product itself, in a database of its own, and checked."""

import json
import os
import signal
import subprocess
import sys
from argparse import Namespace

from jiesu.command.simulation.scratch import scratch
from jiesu.command.words import Stopped
from jiesu.core import postgres

LONGEST, MOST = 92, 20_000


def run(asked: Namespace) -> int:
    """Play the month in a process of its own. Returns 0 only when every check held.

    :raises Stopped: the figures asked for make no sense, or no database can be made
    """
    if not 1 <= asked.days <= LONGEST or not 1 <= asked.orders <= MOST:
        raise Stopped(f"--days 写 1 至 {LONGEST}，--orders 写 1 至 {MOST}。")
    postgres.ensure()
    told = {
        "days": asked.days, "orders_count": asked.orders, "seed": asked.seed, "start": asked.start,
        "as_json": asked.json, "record": str(asked.record.resolve()) if asked.record else None,
    }  # fmt: skip
    for ended in (signal.SIGINT, signal.SIGTERM):  # politely: clears up, in the background as well
        signal.signal(ended, signal.default_int_handler)
    with scratch(keep=asked.keep) as where:
        playing = subprocess.Popen(  # noqa: S603 - own words
            [sys.executable, "-W", "ignore", "-m", "jiesu.command.simulation", json.dumps(told)],
            env=os.environ | where.settings,
        )
        try:
            return playing.wait()
        finally:
            if playing.poll() is None:
                playing.terminate()
                playing.wait()
