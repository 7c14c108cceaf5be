"""到期清除 (个人信息保护法 19、47): what is due by rule goes, once two have agreed; a certificate stays.

What goes: the seals, the look-up keys, the rows as they came, import files, drafts, evidence and recordings;
of texts and the record the masked words become ``***``. What stays: the case without its people, for figures
and ledgers. When the last case of a month is gone, the month's key is destroyed, so that older backups of the
database cannot be opened for that month either. Killed and run again, it goes on where it was.
"""

import hashlib
import json
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from jiesu.assessment.models import Result, ResultUpload
from jiesu.cases import sealing
from jiesu.cases.models import Case, Event, EventSeal
from jiesu.catalogue.queries import rules_at
from jiesu.core import environment, personal, vault
from jiesu.core.announcements import announce
from jiesu.evidence import previews, storage
from jiesu.evidence.models import Evidence
from jiesu.followup.models import CallBack, Matter, Recording
from jiesu.intake.models import Arrival, Batch
from jiesu.org.models import Member, Office
from jiesu.rules.workflow import ENDED
from jiesu.service.models import Erasure, ErasureState, Hold
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

STEP = 200
AGAIN = timedelta(days=30)  # after a refusal the schedule waits; a person may propose sooner
GONE = "已清除"


class Refused(Exception):
    """It may not be done so; the message says why."""


def rule(office: Office, at: datetime) -> tuple[timedelta, str]:
    """Return how long personal data are kept after a case has ended, and the rule in words."""
    rules = rules_at(office, at)
    days = int(rules.whole.get("retention", {}).get("keep_d", 1095))
    return timedelta(days=days), f"{rules.name}：办结后保存 {days} 天（个人信息保护法第19条）"


def due(office: Office, before: datetime) -> QuerySet[Case]:
    """Return the cases whose time is over: ended before then, not held, not erased yet."""
    held = Hold.objects.filter(lifted_at=None).values("case")
    ended = Case.objects.filter(office=office, stage__in=ENDED, erased_at=None)
    return ended.filter(closed_at__lt=before).exclude(pk__in=held)


@transaction.atomic
def propose(office: Office, *, actor: Member | None, at: datetime) -> Erasure:
    """提出清除 of all that is due now, for somebody else to agree. ``actor`` None: by the schedule.

    :raises Refused: nothing is due, or one is going already
    """
    kept, words = rule(office, at)
    if Erasure.objects.filter(office=office, state__in=("proposed", "agreed")).exists():
        raise Refused("已有一份清除申请在办，办完再提。")
    count = due(office, at - kept).count()
    if not count:
        raise Refused("没有到期的案件。")
    made = Erasure.objects.create(
        office=office, closed_before=at - kept, rule=words, cases=count, proposed_by=actor,
        proposed_at=at, state=ErasureState.PROPOSED,
    )  # fmt: skip
    leave(
        Kind.ERASE, actor=actor, office=office.pk, subject=f"erasure:{made.pk}", step="proposed",
        cases=count,
    )  # fmt: skip
    return made


def propose_due(at: datetime) -> list[Erasure]:
    """Propose, in every office, what has come due; what a person refused is left for ``AGAIN``.

    Called again the same night it changes nothing.
    """
    made = []
    for office in Office.objects.order_by("pk"):
        lately = Erasure.objects.filter(
            office=office, state=ErasureState.REFUSED, decided_at__gt=at - AGAIN
        )
        if lately.exists():
            continue
        with suppress(Refused):
            made.append(propose(office, actor=None, at=at))
    return made


@transaction.atomic
def decide(erasure: Erasure, *, agreed: bool, actor: Member, at: datetime) -> None:
    """审批: by a second person. Agreed, the worker begins.

    :raises Refused: it was decided already, or by the one who proposed it
    """
    if actor.pk == erasure.proposed_by_id:
        raise Refused("提出的人不能审批自己的申请。")
    state = ErasureState.AGREED if agreed else ErasureState.REFUSED
    waiting = Erasure.objects.filter(pk=erasure.pk, state=ErasureState.PROPOSED)
    if not waiting.update(state=state, decided_by=actor, decided_at=at):
        raise Refused("这份申请已经审批过了。")
    leave(Kind.APPROVAL, actor=actor, subject=f"erasure:{erasure.pk}", agreed=agreed)
    if agreed:
        announce("service.erasure_agreed", erasure=erasure.pk)


@transaction.atomic
def hold(case: Case, *, reason: str, actor: Member, at: datetime) -> Hold:
    """保全: keep a case's personal data beyond their time.

    :raises Refused: no reason, erased already, or held already
    """
    if not reason.strip():
        raise Refused("请写明保全原因。")
    if case.erased_at:
        raise Refused("这件的个人信息已经清除。")
    if case.holds.filter(lifted_at=None).exists():
        raise Refused("这件已在保全。")
    made = Hold.objects.create(
        case=case, reason=personal.within(reason.strip()), placed_by=actor, placed_at=at
    )
    leave(
        Kind.SECURITY, actor=actor, case=case.pk, number=case.number, subject="hold", step="placed"
    )
    return made


@transaction.atomic
def lift(held: Hold, *, actor: Member, at: datetime) -> None:
    """解除保全."""
    if Hold.objects.filter(pk=held.pk, lifted_at=None).update(lifted_at=at):
        leave(
            Kind.SECURITY, actor=actor, case=held.case_id, number=held.case.number, subject="hold",
            step="lifted",
        )  # fmt: skip


def run(erasure: Erasure, *, at: datetime) -> None:
    """Erase what two have agreed on. Does nothing unless agreed; cut off, it goes on."""
    erasure.refresh_from_db()
    if erasure.state != ErasureState.AGREED:
        return
    while batch := list(due(erasure.office, erasure.closed_before).order_by("id")[:STEP]):
        _erase(erasure, batch, at)
    files = _files(erasure.office)
    keys = _keys()
    with transaction.atomic():
        erasure = Erasure.objects.select_for_update().get(pk=erasure.pk)
        erasure.counts["files"] = erasure.counts.get("files", 0) + files
        erasure.keys = sorted({*erasure.keys, *keys})
        erasure.state, erasure.finished_at = ErasureState.DONE, at
        erasure.save()
        leave(
            Kind.ERASE, actor=None, office=erasure.office_id, subject=f"erasure:{erasure.pk}",
            step="done", keys=erasure.keys, digest=erasure.digest, **erasure.counts,
        )  # fmt: skip


@transaction.atomic
def _erase(erasure: Erasure, batch: list[Case], at: datetime) -> None:
    """One batch, whole or not at all, with what it adds to the certificate."""
    erasure = Erasure.objects.select_for_update().get(pk=erasure.pk)
    pks = [case.pk for case in batch]
    events = _redact(erasure, batch)
    seals, _ = EventSeal.objects.filter(case__in=pks).delete()
    arrivals = Arrival.objects.filter(case__in=pks).update(values=None, changes={})
    held = list(Evidence.objects.filter(case__in=pks))
    heard = list(Recording.objects.filter(case__in=pks))
    Recording.objects.filter(case__in=pks).delete()
    CallBack.objects.filter(case__in=pks).update(words="", demand="", advice="")
    Matter.objects.filter(case__in=pks).update(words=personal.HIDDEN, outcome="")
    Evidence.objects.filter(case__in=pks).delete()
    for case in batch:
        for name, value in _bare(case).items():
            setattr(case, name, value)
        case.erased_at = at
        case.save(update_fields=[*_FIELDS, "erased_at"])
    added = {
        "cases": len(batch), "events": events, "event_seals": seals, "rows": arrivals, "evidence": len(held), "recordings": len(heard)
    }  # fmt: skip
    for name, many in added.items():
        erasure.counts[name] = erasure.counts.get(name, 0) + many
    numbers = "\n".join([erasure.digest, *(f"{case.number}#{case.arrival}" for case in batch)])
    erasure.digest = hashlib.sha256(numbers.encode()).hexdigest()
    erasure.save(update_fields=["counts", "digest"])
    gone = [one.stored for one in held] + [
        name for one in heard for name in (one.stored, one.plain)
    ]
    transaction.on_commit(lambda: _drop(gone))


def _drop(stored: list[str]) -> None:
    for one in filter(None, stored):
        storage.drop(one)
        previews.drop(one)


_FIELDS = (*sealing.COLUMNS, "sealed", "phone_keys", "tokens")


def _bare(case: Case) -> dict[str, Any]:
    """The columns of a case without its people: nothing of them is left, not even masked."""
    nobody = sealing.known(case) | {"requester_name": "保密"}
    stored = sealing.seal(
        nobody, office=case.office_id, number=case.number, arrival=case.arrival,
        arrived_at=case.arrived_at,
    )  # fmt: skip
    return {name: stored[name] for name in _FIELDS} | {
        "requester_name": GONE, "requester_phone": "", "requester_address": "", "sealed": b"", "phone_keys": [],
    }  # fmt: skip


def _redact(erasure: Erasure, batch: list[Case]) -> int:
    """The words of the record lose their people, by the one road the chain knows."""
    ids, notes, facts = [], [], []
    for case in batch:
        told = {event.pk: hidden for event, hidden in _opened(case)}
        for event in Event.objects.filter(case=case, pk__in=told):
            came = told[event.pk]
            ids.append(event.pk)
            notes.append(personal.hidden(came.get("note", event.note)))
            rest = {key: personal.hidden(text) for key, text in came.items() if key != "note"}
            facts.append(json.dumps(_without(event.facts | rest), ensure_ascii=False))
        for event in Event.objects.filter(case=case, facts__has_key="changes").exclude(pk__in=told):
            ids.append(event.pk)
            notes.append(event.note)
            facts.append(json.dumps(_without(event.facts), ensure_ascii=False))
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT trail_redact_events(%s::bigint[], %s::text[], %s::jsonb[], %s)",
                [ids, notes, facts, erasure.pk],
            )
    return len(ids)


def _opened(case: Case) -> list[tuple[Event, dict[str, Any]]]:
    try:
        return sealing.of_events(case)
    except vault.Gone:
        return []


def _without(facts: dict[str, Any]) -> dict[str, Any]:
    """What a correction changed is told no longer where it was about a person."""
    changes = facts.get("changes")
    if not isinstance(changes, dict):
        return facts
    kept = {name: ["", ""] if name in sealing.COLUMNS else pair for name, pair in changes.items()}
    return facts | {"changes": kept}


def _files(office: Office) -> int:
    """Import files all of whose cases are erased go. Returns how many went."""
    alive = Arrival.objects.filter(case__erased_at=None, case__isnull=False).values("batch")
    erased = Arrival.objects.filter(case__erased_at__isnull=False).values("batch")
    gone = 0
    for batch in Batch.objects.filter(office=office, pk__in=erased).exclude(pk__in=alive):
        path = environment.files() / batch.stored
        if path.exists():
            path.unlink()
            gone += 1
        batch.arrivals.exclude(values=None).update(values=None)
    return gone + _result_files(office)


def _result_files(office: Office) -> int:
    """Files of call-back results go as import files do; what was heard stays, for the figures."""
    gone = 0
    for upload in ResultUpload.objects.filter(office=office).exclude(stored=""):
        told = Result.objects.filter(file=upload.file_id).values("number")
        cases = Case.objects.filter(office=office, number__in=told)
        if upload.file_id and cases and all(case.erased_at for case in cases.only("erased_at")):
            storage.drop(upload.stored)
            upload.stored = ""
            upload.save(update_fields=["stored"])
            gone += 1
    return gone


def _keys() -> list[int]:
    """Destroy the keys of months nobody of whom is left. Returns their numbers."""
    erased = Case.objects.filter(erased_at__isnull=False)
    months = {sealing.month_of(at) for at in erased.values_list("arrived_at", flat=True).iterator()}
    alive = {
        sealing.month_of(at)
        for at in Case.objects.filter(erased_at=None)
        .values_list("arrived_at", flat=True)
        .iterator()
    }
    held = vault.ring().data.values()
    return vault.destroy([key.number for key in held if key.month in months - alive])
