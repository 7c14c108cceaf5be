"""The way forward: a stage announces what happened, and whoever stands later picks it up.

An announcement is a job in the same database and the same transaction: if the transaction rolls
back, nothing was announced. Who listens is one list in ``jiesu.desk.jobs``.
"""

from typing import Any

from procrastinate.contrib.django import app

TASK = "jiesu.announcement"


def announce(name: str, **facts: Any) -> None:
    """Put one announcement in the queue. ``facts`` must be plain JSON: ids, never personal data."""
    app.configure_task(TASK, queue="announcements", allow_unknown=True).defer(
        name=name, facts=facts
    )
