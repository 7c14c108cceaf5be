"""``jiesu stop``: end what runs on the data folder."""

import signal
from argparse import Namespace

import psutil

from jiesu.command import state
from jiesu.command.words import say
from jiesu.core import postgres


def stop(asked: Namespace) -> int:
    """End the supervisor with its children, then the embedded database."""
    supervisor = state.running()
    if supervisor is not None:
        supervisor.send_signal(signal.SIGTERM)
        try:
            supervisor.wait(20)
        except psutil.TimeoutExpired:
            for process in [*supervisor.children(recursive=True), supervisor]:
                process.kill()
    if not postgres.own() and postgres.running():
        postgres.stop()
    state.clear()
    say("已停止。")
    return 0
