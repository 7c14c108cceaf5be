"""Making an export: it is asked for, written in one pass, and leaves its trace."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from django.db import connection, transaction

from jiesu.cases.filters import Filter
from jiesu.core import environment, personal
from jiesu.core.announcements import announce
from jiesu.ledger import queries, workbook
from jiesu.ledger.models import Export, ExportState
from jiesu.ledger.register import ALL, SHEETS
from jiesu.ledger.sheets import Sheet, local
from jiesu.org.models import Member
from jiesu.org.rights import Right, may
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

AT_ONCE = 20_000  # rows written while the browser waits: some three seconds
KEPT = timedelta(hours=24)
TOLD_EVERY = 2000
MASKED = "诉求人、联系电话和文字中的电话、身份证号已脱敏；需要原文请在系统内按权限查看，查看留痕。"


@transaction.atomic
def ask(member: Member, sheet: Sheet, wanted: Filter, *, rows: int, at: datetime) -> Export:
    """Ask the worker for an export. The same one asked for twice while it is being made is one."""
    query = wanted.query()
    running = Export.objects.filter(
        member=member,
        kind=sheet.code,
        query=query,
        state__in=(ExportState.QUEUED, ExportState.RUNNING),
    ).exclude(stored="")
    if found := running.first():
        return found
    made = Export.objects.create(
        office_id=member.office_id, member=member, kind=sheet.code, query=query,
        words=queries.described(wanted), state=ExportState.QUEUED, rows_total=rows,
        stored=f"{uuid4().hex}.xlsx", made_at=at,
    )  # fmt: skip
    announce("ledger.export_queued", export=made.pk)
    trace(made, rows)
    return made


def take(member: Member, sheet: Sheet, wanted: Filter, *, at: datetime) -> tuple[Export, Path]:
    """Write an export at once. Returns its trace and the file, which is the caller's to remove."""
    made = Export.objects.create(
        office_id=member.office_id, member=member, kind=sheet.code, query=wanted.query(),
        words=queries.described(wanted), state=ExportState.RUNNING, made_at=at,
    )  # fmt: skip
    path = folder() / f"{uuid4().hex}.part"
    _write(made, path, at=at)
    trace(made, made.rows_done)
    return made, path


def trace(export: Export, rows: int) -> None:
    """导出 in the trail: what, by which words, how many rows (asked of the worker: as counted then)."""
    leave(
        Kind.EXPORT, actor=export.member, subject=f"ledger:{export.kind}", export=export.pk,
        words=personal.within(export.words), rows=rows,
    )  # fmt: skip


def make(export: Export, *, at: datetime) -> None:
    """Write an export that was asked for, unless the member lost the right meanwhile.

    Called again, it changes nothing once done; one that broke is tried anew.
    """
    if export.state == ExportState.DONE:
        return
    if not may(export.member, Right.EXPORT):
        _fail(export, "您已没有导出台账的权限。", at)
        return
    path = folder() / f"{uuid4().hex}.part"
    Export.objects.filter(pk=export.pk).update(state=ExportState.RUNNING, rows_done=0)
    with closing(connection.copy()) as beside:  # the rows are read in one long transaction

        def tell(done: int) -> None:
            with beside.cursor() as cursor:
                cursor.execute(
                    "UPDATE ledger_export SET rows_done = %s WHERE id = %s", [done, export.pk]
                )

        _write(export, path, at=at, tell=tell)
    os.replace(path, folder() / export.stored)


def _write(
    export: Export, path: Path, *, at: datetime, tell: Callable[[int], None] | None = None
) -> None:
    member, sheet = export.member, SHEETS[export.kind]
    wanted = queries.read_filter(dict(parse_qsl(export.query)), member)

    def notes(rows: int) -> Iterator[tuple[str, str]]:
        moment = local(at)
        yield "台账", f"{member.office.name} {sheet.title}"
        yield "筛选条件", queries.described(wanted)
        yield "行数", f"{rows} 行（不含表头），{sheet.order}从新到旧"
        yield "导出人", f"{member.name}（{member.unit.name}，{member.get_role_display()}）"
        yield "导出时间", f"{moment:%Y-%m-%d %H:%M:%S}（北京时间），“剩余”按此刻计算"
        yield "个人信息", MASKED

    try:
        with transaction.atomic():  # one cursor, one look at the data, never the whole in memory
            lines = queries.raw(sheet, queries.chosen(member, wanted, at), at)
            rows = queries.cells(sheet, lines.iterator(chunk_size=queries.CHUNK))
            done = workbook.write(
                path, sheet.title, [column.head for column in sheet.columns],
                _told(rows, tell) if tell else rows, pinned=sheet.pinned, notes=notes,
            )  # fmt: skip
    except BaseException:
        path.unlink(missing_ok=True)
        _fail(export, "生成文件时出错，请重试；仍不行请联系管理员。", at)
        raise
    path.chmod(0o600)
    export.state, export.rows_done, export.rows_total = ExportState.DONE, done, done
    export.finished_at, export.failure = at, ""
    export.save(update_fields=["state", "rows_done", "rows_total", "finished_at", "failure"])


def _told(rows: Iterable[Any], tell: Callable[[int], None]) -> Iterator[Any]:
    for number, row in enumerate(rows, 1):
        if number % TOLD_EVERY == 0:
            tell(number)
        yield row


def _fail(export: Export, why: str, at: datetime) -> None:
    Export.objects.filter(pk=export.pk).update(
        state=ExportState.FAILED, failure=why, finished_at=at
    )


def folder() -> Path:
    """Return the folder of exports, made if absent."""
    made = environment.files() / "exports"
    made.mkdir(exist_ok=True, mode=0o700)
    return made


def file_of(export: Export) -> Path | None:
    """Return the file of a finished export that is still kept."""
    if export.state != ExportState.DONE or not export.stored:
        return None
    path = folder() / export.stored
    return path if path.exists() else None


def file_name(export: Export) -> str:
    """诉求总台账_2026-11-23_912行.xlsx"""
    return f"{ALL[export.kind].title}_{local(export.made_at):%Y-%m-%d}_{export.rows_done}行.xlsx"


def forget(at: datetime) -> int:
    """Remove files older than a day; the traces stay. Returns how many went."""
    old = Export.objects.filter(made_at__lt=at - KEPT).exclude(stored="")
    gone = 0
    for export in old:
        (folder() / export.stored).unlink(missing_ok=True)
        gone += 1
    old.update(stored="")
    for part in folder().glob("*.part"):  # of a process that was killed
        with suppress(FileNotFoundError):
            if part.stat().st_mtime < (at - KEPT).timestamp():
                part.unlink()
    return gone
