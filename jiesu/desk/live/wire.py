"""Hears the database and tells the hub; comes back by itself when the database was away."""

import asyncio
import json
import logging
import time
from typing import Any

import psycopg
from django.db import connection as django_connection
from psycopg import AsyncConnection

from jiesu.core.live import CHANNEL
from jiesu.desk.live import facts
from jiesu.desk.live.audience import Audience, Everyone
from jiesu.desk.live.hub import Hub
from jiesu.desk.live.messages import Message

log = logging.getLogger("jiesu.live")

FIRST, LONGEST = 0.2, 5.0  # seconds between tries
SWEEP = 15.0  # how often pages that were never closed are looked for
AT_ONCE = 500  # ids asked for in one query
PLAIN = ("duty", "channel")


def address() -> dict[str, Any]:
    """Return where the database is, as psycopg takes it; noticed within half a minute when it dies."""
    told = django_connection.settings_dict
    given = {
        "host": told["HOST"], "port": told["PORT"], "user": told["USER"], "password": told["PASSWORD"],
        "dbname": told["NAME"],
    }  # fmt: skip
    alive = {
        "keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
        "connect_timeout": 5,
    }  # fmt: skip
    given = alive | {k: v for k, v in given.items() if v} | told["OPTIONS"]
    return given | {"application_name": "jiesu live"}


async def _connect() -> AsyncConnection:
    return await AsyncConnection.connect(**address(), autocommit=True)


async def listen(hub: Hub, ready: asyncio.Event) -> None:
    """Hear for ever. ``ready`` is set while nothing can be missed; after a gap every desk looks anew."""
    pause = FIRST
    while not hub.ending:
        try:
            async with await _connect() as ear, await _connect() as mouth:
                await ear.execute(f"LISTEN {CHANNEL}")
                hub.present = await facts.present(mouth)
                hub.resync()
                ready.set()
                pause = FIRST
                await _hear(hub, ear, mouth)
        except (psycopg.Error, OSError, TimeoutError) as broken:
            if ready.is_set():
                log.warning("数据库连接中断，正在重连：%s", type(broken).__name__)
        finally:
            ready.clear()
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST)


async def _hear(hub: Hub, ear: AsyncConnection, mouth: AsyncConnection) -> None:
    """Take what has come, all of it at once, and tell it, until the connection breaks."""
    swept = time.monotonic()
    while not hub.ending:
        left = max(0.0, swept + SWEEP - time.monotonic())
        heard = [one.payload async for one in ear.notifies(timeout=left, stop_after=1)]
        await tell(hub, mouth, heard)
        if time.monotonic() - swept >= SWEEP:
            swept = time.monotonic()
            hub.tell_present(None, await facts.present(mouth))
        await asyncio.sleep(0)  # the desks' turn


async def tell(hub: Hub, mouth: AsyncConnection, heard: list[str]) -> None:
    """Tell the hub what a burst of notices says; runs of one kind are asked for together.

    Asked even while no desk is open: one that was cut off a moment ago reads it when it is back.
    """
    kind = ""
    ids: list[int] = []

    async def flush() -> None:
        for first in range(0, len(ids), AT_ONCE):
            some = ids[first : first + AT_ONCE]
            if kind == "presence":
                hub.tell_present(some, await facts.present(mouth, some))
                continue
            ask = facts.events if kind == "case" else facts.notices
            for message in await ask(mouth, some):
                hub.tell(message)

    for payload in heard:
        told = json.loads(payload)
        if told["k"] != kind:
            await flush()
            kind, ids = told["k"], []
        if kind == "case":
            ids += told["e"]
        elif kind == "notice":
            ids += told["n"]
        elif kind == "presence":
            ids.append(told["c"])
        elif kind == "sittings":
            hub.doubt.set()
        elif kind == "many" or kind in PLAIN:
            hub.tell(Message(kind, Everyone(told["o"]), {}))
        elif kind == "daily":
            for member in told["m"]:
                hub.tell(Message(kind, Audience(told["o"], member=member), {"list": told["l"]}))
    await flush()
