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
from jiesu.core import environment, vault
from jiesu.org.models import Member, Office
from jiesu.org.rights import Role
from jiesu.service import resealing
from jiesu.trail import roles
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

LOCK = 7_305_001  # one preparing at a time for a database
FIRST_PASSWORD = "first-password.txt"  # noqa: S105 - a file name


def prepare(office_file: Path | None = None) -> Office:
    """Bring an empty or old data folder up to date and return the office that ``office_file`` names.

    Without a file: the first office there is, or the default one made now. Safe to run twice and
    by two commands at once.

    :raises Stopped: the file is no good
    """
    with roles.as_owner(), _alone():
        if _behind():
            say("正在准备数据库…")
            call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        roles.grant()
    try:
        vault.ring()
    except vault.Unsafe as unsafe:
        raise Stopped(str(unsafe)) from None
    with _alone():
        if resealing.in_the_clear():
            say("正在加密以前的案件和佐证，多时要几分钟…")
            say(f"已加密 {resealing.seal_old():,} 件。密钥文件：{environment.keys()}，请另行备份。")
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


# 三员: user name, name and role of those an office begins with
FIRST = (
    ("admin", "系统管理员", Role.SYSTEM),
    ("anquan", "安全管理员", Role.SECURITY),
    ("shenji", "审计管理员", Role.AUDITOR),
)


def first_administrators(office: Office) -> None:
    """Make whom of the three administrators an office lacks; each password stands in a file kept 0600.

    A new office lacks all three; one from before there were three has its 系统管理员 and lacks the others.
    """
    with _alone():
        there = set(Member.objects.filter(office=office).values_list("role", flat=True))
        missing = [one for one in FIRST if one[2] not in there]
        if not missing:
            return
        unit = office.units.filter(role_code="GENERAL").first() or office.units.first()
        kept = environment.data() / FIRST_PASSWORD
        for stem, name, role in missing:
            taken = Member.objects.filter(username__iexact=stem).exists()
            username = f"{stem}{office.code}" if taken else stem
            password = secrets.token_urlsafe(9)
            with os.fdopen(
                os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a"
            ) as out:
                out.write(f"{office.name} {name} {username} {password}\n")
            made = Member.objects.create_member(
                office=office,
                unit=unit,
                username=username,
                name=name,
                role=role,
                password=password,
                must_change=True,
            )
            leave(
                Kind.ACCOUNT, actor=None, office=office.pk, subject=f"member:{made.pk}",
                what="first", after={"role": role},
            )  # fmt: skip
    made_now = "、".join(name for _, name, _ in missing)
    if there:
        say(f"管理员分为三员，{office.name}还没有{made_now}，已补建。")
    say(
        f"已建{made_now}账号，用户名和初始密码在 {kept}（每行一个）。"
        "请分别交给三个人，登录后各自改掉密码，再删除该文件。"
    )


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
