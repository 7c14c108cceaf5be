"""The ``jiesu`` command: grouped verbs, each a door to a module of ``jiesu.command``."""

import os
import subprocess
import sys
import warnings
from argparse import Namespace
from importlib import import_module
from pathlib import Path

import django
import psycopg
from django.db import OperationalError

from jiesu import __version__
from jiesu.command.words import Parser, Stopped, result, say
from jiesu.core import environment, postgres


def parser() -> Parser:
    """Return the parser of all verbs. Nothing of Django is needed to show help."""
    top = Parser(prog="jiesu", description="接诉：接诉即办案件全流程工作台")
    top.add_argument("--version", action="version", version=__version__, help="显示版本")
    verbs = top.add_subparsers(title="命令", metavar="命令", required=True)

    run = verbs.add_parser("run", help="启动网页和后台任务（Ctrl-C 结束）")
    run.add_argument("--demo", action="store_true", help="空库时先装入演示街道（一个月的虚构案件）")
    run.set_defaults(module="running", verb="run", prepares=False)

    stop = verbs.add_parser("stop", help="结束本数据目录上运行的一切（网页、后台任务、数据库）")
    stop.set_defaults(module="stopping", verb="stop", prepares=None)

    init = verbs.add_parser("init", help="准备数据目录：建库、建街道和单位；可反复运行")
    init.add_argument(
        "--office", type=Path, metavar="文件", help="街道文件（TOML），默认羊坊店街道"
    )
    init.add_argument("--demo", action="store_true", help="装入演示成员和案件")
    init.set_defaults(module="initial", verb="init", prepares=False)

    importing = verbs.add_parser("import", help="导入").add_subparsers(
        title="导入什么", metavar="种类", required=True
    )
    orders = importing.add_parser("orders", help="导入工单：xlsx、xls、csv、docx 或其 zip")
    orders.add_argument("files", nargs="+", type=Path, metavar="文件")
    orders.add_argument("--dry-run", action="store_true", help="只试读，不入库")
    orders.add_argument("--json", action="store_true", help="最后一行输出 JSON 结果")
    orders.add_argument("--street", metavar="代码", help="导入哪个街道（本机只有一个时可不写）")
    orders.add_argument("--refused", type=Path, metavar="目录", help="把未收的行写成文件放到此目录")
    orders.set_defaults(module="orders", verb="run", prepares=True)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one verb. Returns 0 only when all of it was done."""
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")  # of the embedded server's package
    asked = parser().parse_args(argv)
    try:
        return _do(asked)
    except Stopped as why:
        return _fail(asked, str(why))
    except OperationalError as lost:
        return _fail(
            asked, f"与数据库的连接断了：{lost}\n已入库的不受影响，数据库恢复后再运行一次。"
        )
    except KeyboardInterrupt:
        say("已中断。已入库的行不受影响，再运行一次会接着做完。")
        return 130


def _fail(asked: Namespace, why: str) -> int:
    if getattr(asked, "json", False):
        result({"error": why})
    say(why)
    return 1


def _do(asked: Namespace) -> int:
    if asked.prepares is not None:
        connect()
    module = import_module(f"jiesu.command.{asked.module}")
    if asked.prepares:
        import_module("jiesu.command.preparing").prepare()
    return int(getattr(module, asked.verb)(asked))


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


if __name__ == "__main__":
    sys.exit(main())
