"""未遮盖导出: asked with a reason for a few rows, agreed by somebody else, made once for who asked."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl
from uuid import uuid4

from django.db import transaction

from jiesu.cases.filters import Filter
from jiesu.core import environment, personal
from jiesu.core.announcements import announce
from jiesu.ledger import queries, workbook
from jiesu.ledger.register import SHEETS
from jiesu.ledger.sheets import local
from jiesu.org.models import Member
from jiesu.org.rights import Right, may
from jiesu.service.copying import folder
from jiesu.service.models import Approval, ApprovalState
from jiesu.service.originals import originals
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

KINDS = ("cases",)  # ledgers that have anything to unmask
PATIENCE = timedelta(days=7)
NUMBERS = 200  # of cases named in the trail


def most() -> int:
    """Return how many rows may be asked for at once."""
    return environment.number("JIESU_UNMASKED_ROWS", 200)


class TooMany(ValueError):
    """More rows than may leave unmasked."""

    def __init__(self, rows: int) -> None:
        super().__init__(f"一次最多 {most()} 行，现在有 {rows} 行，请把筛选条件收窄后再申请。")


class NothingThere(ValueError):
    """The filter finds nothing."""

    def __init__(self) -> None:
        super().__init__("按这个条件没有案件，不用申请。")


class NotAnother(Exception):
    """Who decides must be another person, and may approve."""

    def __init__(self) -> None:
        super().__init__("审批须由另一位街道领导来做，不能审批自己的申请。")


class Decided(Exception):
    """Somebody decided first, or the week is over."""

    def __init__(self, one: Approval) -> None:
        super().__init__(f"这份申请已是“{one.get_state_display()}”，没有重复审批。")


@transaction.atomic
def ask(member: Member, kind: str, wanted: Filter, *, reason: str, at: datetime) -> Approval:
    """Ask for a ledger with nothing masked.

    :raises TooMany: more than ``most`` rows; :raises NothingThere: none
    """
    found = queries.count(queries.lines(SHEETS[kind], member, wanted, at)).number
    if found > most():
        raise TooMany(found)
    if not found:
        raise NothingThere
    made = Approval.objects.create(
        office_id=member.office_id, asked_by=member, kind=kind, query=wanted.query(), reason=reason, rows=found,
        words=personal.within(queries.described(wanted)), state=ApprovalState.WAITING, asked_at=at,
    )  # fmt: skip
    _trace(member, made, "asked", reason=personal.within(reason))
    return made


@transaction.atomic
def decide(one: Approval, *, granted: bool, note: str, actor: Member, at: datetime) -> None:
    """同意 or 不同意.

    :raises NotAnother: who asked decides, or somebody who may not; :raises Decided: too late
    """
    if (
        actor.pk == one.asked_by_id
        or actor.office_id != one.office_id
        or not may(actor, Right.APPROVE)
    ):
        raise NotAnother
    held = Approval.objects.select_for_update().get(pk=one.pk)
    if held.state != ApprovalState.WAITING or held.asked_at + PATIENCE <= at:
        raise Decided(held)
    held.state = ApprovalState.AGREED if granted else ApprovalState.REFUSED
    held.decided_by, held.decided_at, held.answer = actor, at, note
    held.save(update_fields=["state", "decided_by", "decided_at", "answer"])
    _trace(actor, held, "agreed" if granted else "refused", note=personal.within(note))
    if granted:
        announce("service.export_agreed", approval=held.pk)


def make(one: Approval, *, at: datetime) -> None:
    """Write what was agreed, once; nothing when it was made, or a right was lost meanwhile."""
    if one.state != ApprovalState.AGREED:
        return
    known = Approval.objects.filter(pk=one.pk)
    if not may(one.asked_by, Right.ASK) or one.decided_by is None:
        known.update(state=ApprovalState.FAILED, answer="申请人已没有这项权限。")
        return
    stored = f"{uuid4().hex}.xlsx"
    path = folder() / f"{uuid4().hex}.part"
    try:
        numbers = _write(one, path, at)
    except TooMany as refusal:
        known.update(state=ApprovalState.FAILED, answer=str(refusal))
        return
    path.chmod(0o600)
    os.replace(path, folder() / stored)
    with transaction.atomic():
        known.update(state=ApprovalState.MADE, stored=stored, made_at=at, rows=len(numbers))
        leave(
            Kind.EXPORT, actor=one.asked_by, subject=f"unmasked:{one.pk}", rows=len(numbers), words=one.words,
            numbers=numbers[:NUMBERS], agreed_by=one.decided_by.username,
        )  # fmt: skip


def _write(one: Approval, path: Path, at: datetime) -> list[str]:
    """Write the workbook and return the numbers of its cases."""
    member, sheet = one.asked_by, SHEETS[one.kind]
    wanted = queries.read_filter(dict(parse_qsl(one.query)), member)
    with transaction.atomic():
        lines = list(queries.raw(sheet, queries.chosen(member, wanted, at), at)[: most() + 1])
        if len(lines) > most():
            raise TooMany(len(lines))
        whole = originals(line[0] for line in lines)
    places = [(i, column.source) for i, column in enumerate(sheet.columns)]
    rows = []
    for line, row in zip(lines, queries.cells(sheet, lines), strict=True):
        told = whole.get(line[0], {})
        rows.append([told.get(source, row[i]) if source else row[i] for i, source in places])
    number = next(i for i, source in places if source == "number")

    def notes(count: int) -> Iterator[tuple[str, str]]:
        yield "台账", f"{member.office.name} {sheet.title}（未遮盖）"
        yield "筛选条件", one.words
        yield "行数", f"{count} 行"
        yield "用途", one.reason
        yield "申请、审批", mark(one)

    workbook.write(
        path, sheet.title, [column.head for column in sheet.columns], rows, pinned=sheet.pinned, notes=notes,
        mark=mark(one),
    )  # fmt: skip
    return [row[number] for row in rows]


def mark(one: Approval) -> str:
    """Return the words on every sheet: who asked, who agreed, when, why."""
    by = one.decided_by.name if one.decided_by else ""
    when = f"{local(one.decided_at):%Y-%m-%d %H:%M}" if one.decided_at else ""
    return f"未遮盖，限申请用途　申请 {one.asked_by.name}　同意 {by} {when}　用途：{one.reason}"


def lapse(at: datetime) -> int:
    """End what nobody decided in a week. Returns how many."""
    old = Approval.objects.filter(state=ApprovalState.WAITING, asked_at__lte=at - PATIENCE)
    with transaction.atomic():
        found = list(old.select_for_update(of=("self",)).select_related("asked_by"))
        for one in found:
            one.state, one.decided_at = ApprovalState.LAPSED, at
            one.save(update_fields=["state", "decided_at"])
            leave(
                Kind.APPROVAL, actor=None, office=one.office_id, subject=f"unmasked:{one.pk}", what="lapsed",
                asked_by=one.asked_by.username,
            )  # fmt: skip
    return len(found)


def seen(member: Member, at: datetime) -> None:
    """Who asked has read what came of it."""
    over = {
        state
        for state in ApprovalState
        if state not in {ApprovalState.WAITING, ApprovalState.AGREED}
    }
    Approval.objects.filter(asked_by=member, told_at=None, state__in=over).update(told_at=at)


def news(member: Member) -> int:
    """How many answers a member has not read yet."""
    told = Approval.objects.filter(asked_by=member, told_at=None)
    return told.exclude(state__in=(ApprovalState.WAITING, ApprovalState.AGREED)).count()


def waiting(member: Member) -> int:
    """How many wait for this member's decision."""
    found = Approval.objects.filter(office=member.office_id, state=ApprovalState.WAITING)
    return found.exclude(asked_by=member).count()


def _trace(actor: Member, one: Approval, what: str, **facts: str) -> None:
    leave(
        Kind.APPROVAL, actor=actor, subject=f"unmasked:{one.pk}", what=what, kind_of=one.kind, words=one.words,
        rows=one.rows, **facts,
    )  # fmt: skip
