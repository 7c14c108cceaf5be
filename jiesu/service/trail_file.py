"""The trail as a file, by the ledgers' one writer."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from django.db import transaction

from jiesu.ledger import workbook
from jiesu.ledger.actions import folder
from jiesu.ledger.sheets import local
from jiesu.ledger.workbook import Form, Head
from jiesu.org.models import Member
from jiesu.service import trail_queries as queries
from jiesu.service.trail_queries import Wanted
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

MOST = 50_000  # rows of one file; more is taken out by stretches of time
CHUNK = 1000
HEADS = (
    Head("序号", 10, Form.NUMBER), Head("时间", 20, Form.MOMENT), Head("谁", 22), Head("角色", 12),
    Head("做了什么", 14), Head("工单编号", 22, Form.CODE), Head("对象", 22), Head("详情", 60, Form.WRAPPED),
    Head("来自", 16), Head("会话", 18, Form.CODE),
)  # fmt: skip


def write(member: Member, wanted: Wanted, *, at: datetime) -> tuple[Path, int]:
    """Write the wanted entries, newest first; the taking out stands in the trail itself.

    Returns the file, which is the caller's to remove, and how many rows it holds.
    """
    path = folder() / f"{uuid4().hex}.part"

    def notes(rows: int) -> Iterator[tuple[str, str]]:
        yield "内容", f"{member.office.name} 操作留痕"
        yield "筛选条件", wanted.words()
        yield "行数", f"{rows} 行（不含表头），从新到旧"
        yield "导出人", f"{member.name}（{member.unit.name}，{member.get_role_display()}）"
        yield "导出时间", f"{local(at):%Y-%m-%d %H:%M:%S}（北京时间）"
        yield "核对", "序号是留痕的行号；是否被改动以 jiesu audit verify 的结果为准"

    try:
        with transaction.atomic():
            done = workbook.write(
                path, "操作留痕", HEADS, _rows(member, wanted), pinned=2, notes=notes
            )
            leave(Kind.EXPORT, actor=member, subject="trail", words=wanted.words(), rows=done)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    path.chmod(0o600)
    return path, done


def _rows(member: Member, wanted: Wanted) -> Iterator[list[object]]:
    found = queries.entries(member, wanted).order_by("-id")
    some = []
    for entry in found[:MOST].iterator(chunk_size=CHUNK):
        some.append(entry)
        if len(some) == CHUNK:
            yield from map(_cells, queries.said(some))
            some = []
    yield from map(_cells, queries.said(some))


def _cells(line: queries.Line) -> list[object]:
    return [
        line.pk, local(line.at), line.who, line.role, line.kind, line.number, line.what, line.facts,
        line.address, line.session,
    ]  # fmt: skip
