"""值班日志 (domain 5.4): one row for each shift that was handed over, read from duty's record."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.contrib.postgres.aggregates import JSONBAgg
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from jiesu.cases import access
from jiesu.cases.models import Case
from jiesu.duty.models import CoverGap, DutyNote, Handover, NoteKind, Post
from jiesu.duty.month import said_missing
from jiesu.ledger import actions, workbook
from jiesu.ledger.duty_sheet import DUTY
from jiesu.ledger.models import Export, ExportState
from jiesu.ledger.sheets import local, words
from jiesu.org.models import Member

SIZE = 60


def may_read(member: Member) -> bool:
    """The log speaks of cases of every unit: for those who see them all."""
    return access.sees_all(member)


def rows(member: Member, since: date | None, until: date | None) -> QuerySet[Handover]:
    """Return the handovers of the office between two days of shifts, newest first: one query."""
    found = Handover.objects.filter(office=member.office_id, taken_at__isnull=False)
    if since:
        found = found.filter(shift__on__gte=since)
    if until:
        found = found.filter(shift__on__lte=until)
    posts = Post.objects.filter(shift=OuterRef("shift"), released_at=None).order_by()
    told = JSONObject(name="member__name", lead="lead", arrived="arrived_at", id="id")
    notes = DutyNote.objects.filter(shift=OuterRef("shift")).order_by()
    note = JSONObject(kind="kind", text="text", number="case_number", id="id")
    gaps = CoverGap.objects.filter(shift=OuterRef("shift")).order_by()
    gap = JSONObject(
        present="present", minimum="minimum", missing="missing", found="found_at",
        closed="closed_at", id="id",
    )  # fmt: skip
    came = Case.objects.filter(
        office=OuterRef("office"), dispatched_at__gte=OuterRef("shift__starts_at"),
        dispatched_at__lt=OuterRef("shift__ends_at"),
    ).order_by()  # fmt: skip
    return (
        found.select_related("shift__pattern", "given_by", "taken_by")
        .annotate(
            posts=_of(posts, told, "shift"),
            notes=_of(notes, note, "shift"),
            gaps=_of(gaps, gap, "shift"),
            received=Coalesce(
                Subquery(came.values("office").annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0
            ),
        )
        .order_by("-shift__starts_at", "-id")
    )  # fmt: skip


def _of(found: QuerySet[Any], told: Any, key: str) -> Subquery:
    """The lines of one handover's shift as a list of plain facts, oldest first; None for none."""
    return Subquery(found.values(key).annotate(all=JSONBAgg(told, order_by="id")).values("all"))


def cells(found: Iterable[Handover], first: int = 1) -> Iterator[list[Any]]:
    """Yield the cells of each handover in the order of the sheet's columns."""
    for number, one in enumerate(found, first):
        posts = one.posts or []  # type: ignore[attr-defined]
        notes = one.notes or []  # type: ignore[attr-defined]
        matters = [*([one.words] if one.words else []), *_texts(notes, NoteKind.MATTER)]
        unusual = [*map(_gap, one.gaps or []), *_texts(notes, NoteKind.UNUSUAL)]  # type: ignore[attr-defined]
        yield [
            number,
            one.shift.on.isoformat(),
            one.shift.pattern.name,
            "、".join(post["name"] for post in posts if post["lead"]),
            "、".join(post["name"] for post in posts),
            _attendance(posts, one.shift.minimum),
            one.received,  # type: ignore[attr-defined]
            words("；".join(unusual)),
            words("；".join(matters)),
            words("；".join(_texts(notes, NoteKind.INSTRUCTION))),
            one.given_by.name if one.given_by else "",
            one.taken_by.name if one.taken_by else "",
            local(one.taken_at) if one.taken_at else None,
        ]


def _texts(notes: list[dict[str, Any]], kind: NoteKind) -> list[str]:
    return [
        f"{note['text']}（{note['number']}）" if note["number"] else note["text"]
        for note in notes
        if note["kind"] == kind
    ]


def _attendance(posts: list[dict[str, Any]], minimum: int) -> str:
    came = [post for post in posts if post["arrived"]]
    missing = "、".join(post["name"] for post in posts if not post["arrived"])
    said = f"排班 {len(posts)} 人，到岗 {len(came)} 人"
    return f"{said}；{missing}未到" if missing else said


def _gap(gap: dict[str, Any]) -> str:
    found = local(datetime.fromisoformat(gap["found"]))
    closed = f"至 {local(datetime.fromisoformat(gap['closed'])):%H:%M}" if gap["closed"] else "起"
    who = said_missing(gap["missing"])
    return f"缺岗 {found:%H:%M} {closed}（应到 {gap['minimum']} 实到 {gap['present']}，{who}）"


def said(since: date | None, until: date | None) -> str:
    """Return the days that were asked for, in words."""
    told = [f"自 {since.isoformat()}" if since else "", f"至 {until.isoformat()}" if until else ""]
    return "，".join(word for word in told if word) or "全部"


def take(
    member: Member, since: date | None, until: date | None, *, at: datetime
) -> tuple[Export, Path]:
    """Write the log as xlsx at once. Returns its trace and the file, which is the caller's to remove."""
    asked = f"since={since or ''}&until={until or ''}"
    made = Export.objects.create(
        office_id=member.office_id, member=member, kind=DUTY.code, query=asked,
        words=said(since, until), state=ExportState.RUNNING, made_at=at,
    )  # fmt: skip

    def notes(done: int) -> Iterator[tuple[str, str]]:
        yield "台账", f"{member.office.name} {DUTY.title}"
        yield "日期", said(since, until)
        yield "行数", f"{done} 行（不含表头），每行一次交接，从新到旧"
        yield "导出人", f"{member.name}（{member.unit.name}，{member.get_role_display()}）"
        yield "导出时间", f"{local(at):%Y-%m-%d %H:%M:%S}（北京时间）"
        yield "个人信息", actions.MASKED

    path = actions.folder() / f"{uuid4().hex}.part"
    lines = cells(rows(member, since, until))
    heads = [column.head for column in DUTY.columns]
    done = workbook.write(path, DUTY.title, heads, lines, pinned=DUTY.pinned, notes=notes)
    path.chmod(0o600)
    made.state, made.rows_done, made.rows_total, made.finished_at = ExportState.DONE, done, done, at
    made.save(update_fields=["state", "rows_done", "rows_total", "finished_at"])
    actions.trace(made, done)
    return made, path
