"""What every command needs: tables current, an office in it. Imported when Django is awake."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from jiesu.catalogue.actions import DEFAULT_OFFICE, BadOffice, establish
from jiesu.command.words import Stopped, say
from jiesu.core import environment
from jiesu.org.models import Member, Office
from jiesu.org.rights import Role

LOCK = 7_305_001  # one preparing at a time for a database
FIRST_PASSWORD = "first-password.txt"  # noqa: S105 - a file name


def prepare(office_file: Path | None = None) -> Office:
    """Bring an empty or old data folder up to date and return the office that ``office_file`` names.

    Without a file: the first office there is, or the default one made now. Safe to run twice and
    by two commands at once.

    :raises Stopped: the file is no good
    """
    with _alone():
        if _behind():
            say("正在准备数据库…")
            call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        if office_file is None and (there := Office.objects.order_by("pk").first()):
            return there
        try:
            made = establish(office_file or DEFAULT_OFFICE)
        except BadOffice as wrong:
            raise Stopped(str(wrong)) from None
        say(
            f"{'已建立' if made.made else '已更新'}{made.office.name}："
            f"{made.units} 个单位、{made.communities} 个社区。"
        )
        return made.office


def named_office(code: str | None) -> Office:
    """Return the office of that code or name, or the only one.

    :raises Stopped: there is none such, or several and none was named
    """
    offices = list(Office.objects.order_by("pk"))
    if code is not None:
        offices = [office for office in offices if code in {office.code, office.name}]
        if not offices:
            raise Stopped(f"没有代码或名称为“{code}”的街道。")
    if len(offices) > 1:
        names = "、".join(f"{office.name}（{office.code}）" for office in offices)
        raise Stopped(f"本机有多个街道：{names}。请用 --street 写明代码。")
    return offices[0]


def first_administrator(office: Office) -> None:
    """Somebody must be able to let the others in: one administrator, the password kept 0600."""
    if Member.objects.filter(office=office).exists():
        return
    unit = office.units.filter(role_code="GENERAL").first() or office.units.first()
    taken = Member.objects.filter(username="admin").exists()
    username = f"admin{office.code}" if taken else "admin"
    password = secrets.token_urlsafe(9)
    Member.objects.create_member(
        office=office, unit=unit, username=username, name="管理员", role=Role.SYSTEM,
        password=password,
    )  # fmt: skip
    kept = environment.data() / FIRST_PASSWORD
    with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as out:
        out.write(f"{office.name} {username} {password}\n")
    say(f"管理员账号 {username}，初始密码在 {kept}，登录后请修改密码并删除该文件。")


def _behind() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def _alone() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
