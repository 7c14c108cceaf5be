"""A database and a data folder for one simulation, gone at its end. Nothing of Django is needed here."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from jiesu.command.words import Stopped, say
from jiesu.core import postgres

LEFT_BEHIND = re.compile(r"jiesu_sim_(\d+)")


@dataclass(frozen=True, slots=True)
class Scratch:
    """Where one simulation lives."""

    name: str
    settings: Mapping[str, str]  # for the environment of the process that plays


@contextmanager
def scratch(*, keep: bool) -> Iterator[Scratch]:
    """Make an empty database on the product's server, and a folder for the files.

    It is dropped when the block ends, however it ends; ``keep`` leaves it, under a name that says so.
    What an earlier simulation on this machine left behind when it was killed is dropped as well.

    :raises Stopped: the server's user may not make databases
    """
    where = postgres.settings(owner=True)
    server = _address(where, "postgres" if not postgres.own() else where["NAME"])
    name = f"jiesu_sim_{os.getpid()}" + ("_kept" if keep else "")
    folder = Path(tempfile.mkdtemp(prefix="jiesu-sim-"))
    try:
        _sweep_up(server)
        _make(server, name)
        own = {"DATABASE_URL": _address(where, name), "JIESU_OWNER_URL": ""}
        yield Scratch(name, own | {"JIESU_DATA": str(folder)})
    finally:
        if keep:
            say(f"模拟的数据库留着：{name}，文件在 {folder}。看完请自行删除。")
        else:
            _drop(server, name)
            shutil.rmtree(folder, ignore_errors=True)


def _address(where: Mapping[str, Any], name: str) -> str:
    given = {
        "host": where["HOST"],
        "port": where["PORT"],
        "user": where["USER"],
        "password": where.get("PASSWORD", ""),
        **where["OPTIONS"],
        "dbname": name,
    }
    return make_conninfo("", **{key: value for key, value in given.items() if value})


def _make(server: str, name: str) -> None:
    here = sql.Identifier(name)
    with psycopg.connect(server, autocommit=True) as link:
        try:
            link.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(here)
            )
        except psycopg.errors.InsufficientPrivilege:
            raise Stopped(
                "模拟要新建一个临时数据库，现用的数据库用户没有这个权限。"
                "请由数据库管理员执行 ALTER ROLE … CREATEDB，或不设 DATABASE_URL 用随产品的数据库。"
            ) from None
        link.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(here))


def _drop(server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as link:
        link.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def _sweep_up(server: str) -> None:
    """Drop the databases of simulations whose process is gone. On a server of our own alone."""
    if postgres.own():
        return
    with psycopg.connect(server, autocommit=True) as link:
        found = link.execute("SELECT datname FROM pg_database WHERE datname LIKE 'jiesu_sim_%'")
        names = [row[0] for row in found.fetchall()]
    for name in names:
        past = LEFT_BEHIND.fullmatch(name)
        if past and not Path(f"/proc/{past[1]}").exists():
            _drop(server, name)
