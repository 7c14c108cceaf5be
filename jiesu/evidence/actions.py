"""上传佐证: files with their hash at arrival, each recorded on the case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from jiesu.cases import access, sealing, transitions
from jiesu.cases.models import Case
from jiesu.evidence import storage
from jiesu.evidence.checks import Kind
from jiesu.evidence.models import Evidence
from jiesu.org.models import Member
from jiesu.rules.workflow import Action


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was looked into: its name, what it is, and its bytes (``chunks()``)."""

    name: str
    kind: Kind
    upload: Any


def add(
    case: Case, files: Sequence[Checked], *, actor: Member, at: datetime, note: str = "",
    once: UUID | None = None,
) -> list[Evidence]:  # fmt: skip
    """Keep the files and record each. All or none; call it last in a longer transaction.

    :raises NotYours: as ``transitions.record``
    :raises SentTwice: the same form came before
    """
    access.require(actor, Action.ADD_EVIDENCE, case)
    month = sealing.month_of(case.arrived_at)
    written: list[storage.Kept] = []
    made: list[Evidence] = []
    try:
        with transaction.atomic():
            for number, file in enumerate(files):
                written.append(storage.keep(file.upload.chunks(), month=month))
                mark = once if number == 0 else None
                made.append(
                    _record(case, file, written[-1], actor=actor, at=at, note=note, once=mark)
                )
    except BaseException:
        for kept in written:
            storage.drop(kept.stored)
        raise
    return made


def _record(
    case: Case, file: Checked, kept: storage.Kept, *, actor: Member, at: datetime, note: str,
    once: UUID | None,
) -> Evidence:  # fmt: skip
    made = Evidence.objects.create(
        case=case, name=file.name, stored=kept.stored, kind=file.kind.mime, size=kept.size,
        sha256=kept.sha256, is_sealed=True, note=note, added_by=actor, added_at=at,
    )  # fmt: skip
    transitions.record(
        case, Action.ADD_EVIDENCE, actor=actor, at=at, note=note, evidence=made.pk, name=file.name,
        kind=file.kind.mime, size=kept.size, sha256=kept.sha256, once=once,
    )  # fmt: skip
    return made
