"""``jiesu stop``: end what runs on the data folder."""

import signal
import time
from argparse import Namespace

import psutil

from jiesu.command import state
from jiesu.command.words import say
from jiesu.core import postgres

PATIENCE = 20.0  # seconds for what is being done to end by itself


def stop(asked: Namespace) -> int:
    """End the supervisor with its children, then the embedded database."""
    supervisor = state.running()
    if supervisor is not None:
        supervisor.send_signal(signal.SIGTERM)
        end = time.monotonic() + PATIENCE
        while _lives(supervisor) and time.monotonic() < end:
            time.sleep(0.1)
        if _lives(supervisor):
            for process in [*supervisor.children(recursive=True), supervisor]:
                process.kill()
    if not postgres.own() and postgres.running():
        postgres.stop()
    state.clear()
    say("已停止。")
    return 0


def _lives(process: psutil.Process) -> bool:
    """True while it runs: one that ended but was not yet collected by its parent does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
