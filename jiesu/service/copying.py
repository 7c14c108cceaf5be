"""Taking a copy home, and asking for what is masked: who may, what is left on record, when it goes."""

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import transaction

from jiesu.core import environment
from jiesu.core.announcements import announce
from jiesu.ledger.models import ExportState
from jiesu.ledger.sheets import local
from jiesu.org.models import Member, Office
from jiesu.org.rights import Right, may
from jiesu.service import packages
from jiesu.service.models import Approval, ApprovalState, Copy
from jiesu.service.parts import Span
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

KEPT = timedelta(hours=24)
LONGEST = timedelta(days=366)


@transaction.atomic
def ask_copy(member: Member, span: Span, parts: Sequence[str], *, at: datetime) -> Copy:
    """Ask the worker for a package of ``parts`` (codes). The same asked twice while it is made is one."""
    Office.objects.select_for_update().get(pk=member.office_id)  # numbers follow one another
    running = Copy.objects.filter(
        member=member, since=span.since, until=span.until, parts=list(parts),
        state__in=(ExportState.QUEUED, ExportState.RUNNING),
    )  # fmt: skip
    if found := running.first():
        return found
    day = f"{local(at):%Y%m%d}"
    place = Copy.objects.filter(office=member.office_id, number__startswith=f"JY-{day}-").count()
    made = Copy.objects.create(
        office_id=member.office_id, member=member, number=f"JY-{day}-{place + 1:03}", since=span.since,
        until=span.until, parts=list(parts), state=ExportState.QUEUED, stored=f"{uuid4().hex}.zip", made_at=at,
    )  # fmt: skip
    leave(
        Kind.EXPORT, actor=member, subject=f"copy:{made.number}", since=span.since.isoformat(),
        until=span.until.isoformat(), parts=list(parts),
    )  # fmt: skip
    announce("service.copy_asked", copy=made.pk)
    return made


def make_copy(copy: Copy, *, at: datetime) -> None:
    """Make the package, unless the member lost the right meanwhile. Called again, it changes nothing."""
    if copy.state == ExportState.DONE:
        return
    known = Copy.objects.filter(pk=copy.pk)
    if not may(copy.member, Right.INSPECT):
        known.update(state=ExportState.FAILED, failure="您已没有调阅的权限。", finished_at=at)
        return
    known.update(state=ExportState.RUNNING, done=0)
    path = folder() / f"{uuid4().hex}.part"
    try:
        contents = packages.write(path, copy, at=at, tell=lambda done: _tell(copy, done))
    except BaseException:
        path.unlink(missing_ok=True)
        failure = "生成文件时出错，请重试；仍不行请联系管理员。"
        known.update(state=ExportState.FAILED, failure=failure, finished_at=at)
        raise
    sha256 = packages.digest(path)
    os.replace(path, folder() / copy.stored)
    known.update(
        state=ExportState.DONE, contents=contents, sha256=sha256, finished_at=at, failure=""
    )


def _tell(copy: Copy, done: int) -> None:
    Copy.objects.filter(pk=copy.pk).update(done=done)


def downloaded(member: Member, subject: str, **facts: Any) -> None:
    """下载 in the trail."""
    leave(Kind.DOWNLOAD, actor=member, subject=subject, **facts)


def folder() -> Path:
    """Return the folder of copies, made if absent."""
    made = environment.files() / "copies"
    made.mkdir(exist_ok=True, mode=0o700)
    return made


def file_of(one: Copy | Approval) -> Path | None:
    """Return the file that is still kept."""
    if not one.stored or one.state not in {ExportState.DONE, ApprovalState.MADE}:
        return None
    path = folder() / one.stored
    return path if path.exists() else None


def forget(at: datetime) -> int:
    """Remove files older than a day; the lines stay. Returns how many went."""
    copies = Copy.objects.filter(made_at__lt=at - KEPT).exclude(stored="")
    made = Approval.objects.filter(made_at__lt=at - KEPT).exclude(stored="")
    gone = [*copies.values_list("stored", flat=True), *made.values_list("stored", flat=True)]
    for stored in gone:
        (folder() / stored).unlink(missing_ok=True)
    copies.update(stored="")
    made.update(stored="", state=ApprovalState.GONE)
    for left in [
        *folder().glob("*.part"),
        *folder().glob("*.piece"),
    ]:  # of a process that was killed
        with suppress(FileNotFoundError):
            if left.stat().st_mtime < (at - KEPT).timestamp():
                left.unlink()
    return len(gone)
