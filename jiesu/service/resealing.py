"""Sealing what was kept before there were keys, and sealing everything anew under new ones.

Both go in batches, each its own transaction, and go on where they were cut off.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from jiesu.assessment.models import ResultUpload
from jiesu.cases import sealing
from jiesu.cases.models import Case, Event, EventSeal
from jiesu.core import environment, sealed_files, vault
from jiesu.core.personal import ShortWordsField, WordsField, within
from jiesu.evidence import previews, storage
from jiesu.evidence.models import Evidence
from jiesu.followup.models import Recording
from jiesu.intake.models import Arrival, Batch

STEP = 300
UPGRADE = 0  # the certificate of events whose words were masked when sealing came
Tell = Callable[[int, int], None]
Files = Iterator[tuple[Path, str]]  # each with the month whose key it goes under


def in_the_clear() -> bool:
    """True while something kept before sealing came waits for ``seal_old``."""
    cases, files = (
        Case.objects.filter(sealed__isnull=True),
        Evidence.objects.filter(is_sealed=False),
    )
    return cases.exists() or files.exists()


def seal_old(tell: Tell = lambda done, total: None) -> int:
    """Seal and mask cases, their record, files and words kept before. Returns how many cases and files."""
    return _seal_cases(tell) + _seal_evidence(tell)


def _seal_cases(tell: Tell) -> int:
    waiting = Case.objects.filter(sealed__isnull=True)
    total, done = waiting.count(), 0
    if not total:
        return 0
    while batch := list(waiting.order_by("id")[:STEP]):
        with transaction.atomic():
            for case in batch:
                case.sealed = b""
                fields = sealing.amend(case, **sealing.whole(case))
                Case.objects.filter(pk=case.pk).update(
                    **{name: getattr(case, name) for name in fields}
                )
            _mask_events({case.pk: case for case in batch})
        done += len(batch)
        tell(done, total)
    _mask_words()
    for path, month in _imports():
        if not sealed_files.is_sealed(path):
            sealed_files.replace(path, month=month)
    return done


def _seal_evidence(tell: Tell) -> int:
    """Seal evidence from before, and what else lies in its folder: an upload that was cut off."""
    waiting = Evidence.objects.filter(is_sealed=False)
    total, done = waiting.count(), 0
    if not total:
        return 0
    while batch := list(waiting.select_related("case").order_by("id")[:STEP]):
        for file in batch:
            path = storage.place(file.stored)
            if path.exists() and not sealed_files.is_sealed(path):
                sealed_files.replace(path, month=sealing.month_of(file.case.arrived_at))
        waiting.filter(pk__in=[file.pk for file in batch]).update(is_sealed=True)
        done += len(batch)
        tell(done, total)
    for left in storage.place(storage.FOLDER).glob("*/*"):
        if not sealed_files.is_sealed(left):
            sealed_files.replace(left, month=sealing.month_of(timezone.now()))
    previews.drop_open()
    return done


def reseal(tell: Tell = lambda done, total: None) -> int:
    """Seal everything under the newest key of its month. Returns how many were sealed anew."""
    jobs: tuple[tuple[Any, str], ...] = (
        (Case, "sealed"),
        (EventSeal, "sealed"),
        (Arrival, "values"),
    )
    total = sum(model.objects.count() for model, _ in jobs)
    seen = done = 0
    for model, column in jobs:
        for pks, raw in _pages(model, column):
            with transaction.atomic():
                for pk, blob in zip(pks, raw, strict=True):
                    if blob and (new := _anew(model, pk, bytes(blob))):
                        _put(model, column, pk, new)
                        done += 1
            seen += len(pks)
            tell(seen, total)
    for path, month in chain(_imports(), _evidence(), _recordings()):
        if sealed_files.is_sealed(path) and not _current(sealed_files.key_of(path)):
            sealed_files.replace(path, month=month)
            done += 1
    return done


def _imports() -> Files:
    for batch in Batch.objects.order_by("id").iterator():
        yield from _there([batch.stored], batch.made_at)
    for upload in ResultUpload.objects.order_by("id").iterator():
        yield from _there([upload.stored], upload.made_at)


def _evidence() -> Files:
    """Evidence, and what it looks like."""
    for file in Evidence.objects.select_related("case").order_by("id").iterator():
        drawn = previews.place(file.stored).relative_to(environment.files())
        yield from _there([file.stored, str(drawn)], file.case.arrived_at)


def _recordings() -> Files:
    """Recordings, and the copies to listen to; one that is evidence is met there."""
    for one in Recording.objects.select_related("case").order_by("id").iterator():
        names = [one.plain] if one.evidence_id else [one.stored, one.plain]
        yield from _there(names, one.case.arrived_at if one.case else one.added_at)


def _there(names: Iterable[str], at: datetime) -> Files:
    for name in filter(None, names):
        path = environment.files() / name
        if path.exists():
            yield path, sealing.month_of(at)


def _pages(model: Any, column: str) -> Any:
    names = {
        "table": sql.Identifier(model._meta.db_table), "key": sql.Identifier(model._meta.pk.column),
        "column": sql.Identifier(column),
    }  # fmt: skip
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL(
                    "SELECT {key}, {column} FROM {table} WHERE {key} > %s ORDER BY {key} LIMIT %s"
                ).format(**names),
                [last, STEP],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        last = rows[-1][0]
        yield [row[0] for row in rows], [row[1] for row in rows]


def _put(model: Any, column: str, pk: int, blob: bytes) -> None:
    names = {
        "table": sql.Identifier(model._meta.db_table), "key": sql.Identifier(model._meta.pk.column),
        "column": sql.Identifier(column),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("UPDATE {table} SET {column} = %s WHERE {key} = %s").format(**names), [blob, pk]
        )


def _anew(model: Any, pk: int, blob: bytes) -> bytes | None:
    """The same under the newest key of its month; None when it is, or can no longer be opened."""
    number = vault.key_of(blob)
    if _current(number):
        return None
    month = vault.ring().data[number].month
    if model is Case:
        place = sealing.place(
            *Case.objects.values_list("office_id", "number", "arrival").get(pk=pk)
        )
    elif model is EventSeal:
        place = f"event:{EventSeal.objects.values_list('case_id', flat=True).get(pk=pk)}:{pk}"
    else:
        place = "intake_arrival.values"
    return vault.seal(vault.unseal(blob, place=place), place=place, month=month)


def _current(number: int) -> bool:
    """True where there is nothing to renew: the newest key of its month, or one that opens no more."""
    ring = vault.ring()
    key = ring.data.get(number)
    return key is None or key.secret is None or ring.newest.get(key.month) == number


def _mask_events(cases: dict[int, Case]) -> None:
    """The words of the record are masked by the one road there is; the chain says that they were."""
    ids, notes, facts = [], [], []
    for event in Event.objects.filter(case__in=cases, seal=None).order_by("id"):
        note, told, plain = sealing.seal_event(event.note, event.facts)
        told = told | _changes(told)
        if note == event.note and told == event.facts:
            continue
        sealing.keep_event(cases[event.case_id], event, plain or b"{}")
        ids.append(event.pk)
        notes.append(note)
        facts.append(json.dumps(told, ensure_ascii=False))
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT trail_redact_events(%s::bigint[], %s::text[], %s::jsonb[], %s)",
                [ids, notes, facts, UPGRADE],
            )


def _changes(facts: dict[str, Any]) -> dict[str, Any]:
    changes = facts.get("changes")
    if not isinstance(changes, dict):
        return {}
    shown = {}
    for name, pair in changes.items():
        mask = Case.PERSONAL.get(name, within)
        shown[name] = (
            [mask(one) if isinstance(one, str) else one for one in pair]
            if isinstance(pair, list)
            else pair
        )
    return {"changes": shown}


def _mask_words() -> None:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if not isinstance(field, (WordsField, ShortWordsField)):
                continue
            for pk, text in model._default_manager.values_list("pk", field.attname).iterator():
                if text and within(text) != text:
                    model._default_manager.filter(pk=pk).update(**{field.attname: text})
