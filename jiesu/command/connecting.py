"""The way to the database, for the verbs that need it: the server up, Django awake, tables current."""

import os
import subprocess
from argparse import Namespace
from importlib import import_module

import django
import psycopg
from django.db import OperationalError

from jiesu.command.words import Stopped
from jiesu.core import environment, postgres


def do(asked: Namespace) -> int:
    """Run a verb with the database behind it.

    :raises Stopped: the database cannot be reached, or went away
    """
    try:
        connect()
        module = import_module(f"jiesu.command.{asked.module}")
        if asked.prepares:
            import_module("jiesu.command.preparing").prepare()
        return int(getattr(module, asked.verb)(asked))
    except OperationalError as lost:
        raise Stopped(
            f"与数据库的连接断了：{lost}\n已入库的不受影响，数据库恢复后再运行一次。"
        ) from None


def connect() -> None:
    """Start the embedded server if need be and wake Django.

    :raises Stopped: the database cannot be reached, or a setting is wrong
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiesu.config.settings")
    try:
        postgres.ensure()
        if postgres.own():
            psycopg.connect(os.environ["DATABASE_URL"]).close()
        django.setup()
    except subprocess.SubprocessError:  # its own words stand above, on standard error
        raise Stopped(
            f"内置数据库没有起来，原因见上面的输出和 {environment.data() / 'pg' / 'log'}。"
            "刚断过电的，等一两分钟再运行一次。"
        ) from None
    except (psycopg.Error, OSError) as broken:
        where = "DATABASE_URL" if postgres.own() else str(environment.data() / "pg" / "log")
        raise Stopped(f"数据库没有起来：{broken}\n请核对 {where}。") from None
    except ValueError as wrong:
        raise Stopped(str(wrong)) from None
