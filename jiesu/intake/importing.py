"""The import of one file: read → clean → judge → store, a chunk a transaction.

A killed import leaves whole chunks and no half row. Run again, it goes on after the last whole
chunk; the same file in a new batch finds its rows seen and changes nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from jiesu.catalogue.queries import calendar_of, rules_at
from jiesu.core import environment, personal, sealed_files
from jiesu.core.announcements import announce
from jiesu.intake import arriving, changing
from jiesu.intake.ahead import ahead
from jiesu.intake.judging import Judged, OnRecord
from jiesu.intake.models import Arrival, Batch, BatchState, Sheet, Verdict
from jiesu.intake.naming import Names
from jiesu.intake.storing import Kept, keep_rows, write_fresh
from jiesu.platforms.drafts import Draft, Known, Refused, clean
from jiesu.platforms.sheets import Unreadable
from jiesu.platforms.tables import Source, read
from jiesu.rules.holidays import WorkCalendar
from jiesu.rules.rule_set import Rules

CHUNK = 2000
_ONE_AT_A_TIME = 7_306  # lock space: one chunk of an office at a time
WARNINGS = 200  # kept for people to read; the rest is counted

Progress = Callable[[int, float], None]
Item = Draft | Refused | Known
Chunk = list[tuple[str, Item]]  # with the name of the sheet


@dataclass(slots=True)
class Tally:
    """What became of the rows so far, in the words of the ``--json`` answer."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    arrived_again: int = 0
    refused: int = 0
    refusals: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def count(self, verdict: Verdict) -> None:
        self.rows += 1
        setattr(self, verdict.value, getattr(self, verdict.value) + 1)

    def warn(self, text: str) -> None:
        if text and len(self.warnings) < WARNINGS:
            text = personal.within(text)
            if text not in self.warnings:
                self.warnings.append(text)

    def told(self) -> dict[str, Any]:
        """Return the counts, for JSON."""
        names = ("rows", "new", "changed", "unchanged", "arrived_again", "refused", "refusals")
        return {name: getattr(self, name) for name in names}


@dataclass(slots=True)
class Work:
    """Everything one import needs at hand."""

    batch: Batch
    rules: Rules
    calendar: WorkCalendar
    names: Names
    at: datetime
    actor: int | None
    tally: Tally


def try_reading(batch: Batch, *, at: datetime, progress: Progress | None = None) -> Tally:
    """Judge every row of the batch's file and store nothing (试读).

    :raises Unreadable: the file as a whole cannot be read
    """
    work = _work(batch, at, Tally())
    pending = _Pending()
    for chunk, _ in _chunks(batch, work.rules, progress):
        drafts, refused = _apart(chunk, work.tally)
        for one in refused:
            _refuse(work.tally, one)
        for judged in _judge(work, drafts, pending):
            work.tally.count(judged.verdict)
            work.tally.warn(judged.warning)
    return work.tally


def run(batch: Batch, *, at: datetime, progress: Progress | None = None) -> Tally:
    """Import the batch's file; go on where an earlier run of the same batch was cut off.

    :raises Unreadable: the file as a whole cannot be read; the batch is marked 未完成
    :raises Busy: another process is importing this batch now
    """
    with _alone(batch):
        batch.refresh_from_db()
        if batch.state == BatchState.DONE:
            return _tally(batch)
        _mark(batch, state=BatchState.RUNNING, started_at=batch.started_at or at)
        skip = batch.rows_done
        work = _work(batch, at, _tally(batch) if skip else Tally())
        try:
            for chunk, done in _chunks(batch, work.rules, progress, skip=skip):
                _store(work, chunk, done)
        except Unreadable as broken:
            _mark(batch, state=BatchState.FAILED, failure=str(broken), finished_at=at)
            raise
        with transaction.atomic():
            _mark(batch, state=BatchState.DONE, finished_at=at, rows_expected=work.tally.rows)
            announce("intake.batch_finished", batch=batch.pk)
        return work.tally


class Busy(Exception):
    """Another process is importing this batch."""


def _alone(batch: Batch) -> "_Alone":
    return _Alone(batch.pk)


class _Alone:
    """One importer for a batch: a session lock that PostgreSQL itself gives back when we die."""

    SPACE = 7_305

    def __init__(self, pk: int) -> None:
        self.pk = pk

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [self.SPACE, self.pk])
            if not cursor.fetchone()[0]:
                raise Busy("这份文件正在导入，请稍候查看进度。")

    def __exit__(self, *broken: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [self.SPACE, self.pk])


def _work(batch: Batch, at: datetime, tally: Tally) -> Work:
    office = batch.office
    return Work(
        batch,
        rules_at(office, at),
        calendar_of(office),
        Names(office, at),
        at,
        batch.member_id,
        tally,
    )


def _tally(batch: Batch) -> Tally:
    return Tally(**batch.counts, warnings=list(batch.warnings))


def _mark(batch: Batch, **values: Any) -> None:
    for name, value in values.items():
        setattr(batch, name, value)
    batch.save(update_fields=list(values))


def _chunks(
    batch: Batch, rules: Rules, progress: Progress | None, *, skip: int = 0
) -> Iterator[tuple[Chunk, int]]:
    """Yield chunks and how many rows are then read; the first ``skip`` rows were stored before.

    A chunk never holds one number twice with different words, so that it can be judged as one.
    """
    with sealed_files.opened(stored_file(batch)) as path:
        yield from _chunks_of(read(path, batch.name), batch, rules, progress, skip=skip)


def _chunks_of(
    source: Source, batch: Batch, rules: Rules, progress: Progress | None, *, skip: int
) -> Iterator[tuple[Chunk, int]]:
    known = _seen_in_this_very_file(batch)
    chunk: Chunk = []
    numbers: dict[str, bytes] = {}
    done = 0
    with closing(ahead(_items(source, rules, known))) as items:
        for sheet, one in items:
            again = isinstance(one, Draft) and numbers.get(one.number, one.digest) != one.digest
            if chunk and (len(chunk) >= CHUNK or again):
                yield chunk, done
                if progress:
                    progress(done, source.reading.progress)
                chunk, numbers = [], {}
            done += 1
            if done <= skip:
                continue
            chunk.append((sheet, one))
            if isinstance(one, Draft):
                numbers[one.number] = one.digest
    batch.warnings = list(dict.fromkeys([*batch.warnings, *source.reading.notes]))[:WARNINGS]
    if chunk:
        yield chunk, done
    if progress:
        progress(done, 1.0)


def _items(source: Source, rules: Rules, known: frozenset[bytes]) -> Iterator[tuple[str, Item]]:
    """Yield every line with the name of its sheet. Run in a thread of its own: no database here."""
    form = rules.order_number.pattern
    for sheet in source.sheets:
        for one in clean(sheet, number_form=form, known=known):
            yield sheet.name, one


def _seen_in_this_very_file(batch: Batch) -> frozenset[bytes]:
    """Digests of rows kept from the same bytes before: such a row is no news and need not be drafted."""
    kept = Arrival.objects.filter(
        batch__office=batch.office_id, batch__sha256=batch.sha256, case__isnull=False
    ).exclude(batch=batch)
    return frozenset(digest.bytes for digest in kept.values_list("digest", flat=True).iterator())


def _apart(chunk: Chunk, tally: Tally) -> tuple[list[Draft], list[Refused]]:
    """Part the drafts from the refused; rows known before are counted as unchanged here."""
    drafts: list[Draft] = []
    refused: list[Refused] = []
    for _, one in chunk:
        if type(one) is Draft:
            drafts.append(one)
            for warning in one.warnings:
                tally.warn(f"第 {one.row} 行：{warning}")
        elif type(one) is Refused:
            refused.append(one)
        else:
            tally.count(Verdict.UNCHANGED)
    return drafts, refused


def _refuse(tally: Tally, one: Refused) -> None:
    tally.count(Verdict.REFUSED)
    told = {"row": one.row, "reason": personal.within(one.reason)}
    tally.refusals.append(told | ({"file": one.where} if one.where else {}))


class _Pending:
    """What a dry run would have stored so far: numbers with their newest dispatch time, and words seen."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self.numbers: dict[str, datetime | None] = {}


def _judge(work: Work, drafts: list[Draft], pending: _Pending | None) -> Iterator[Judged]:
    """Judge drafts in order; a word-for-word repeat within the chunk is unchanged."""
    record = OnRecord(work.batch.office, drafts)
    here: set[bytes] = set()
    for draft in drafts:
        known = pending.seen if pending else here
        if draft.digest in known:
            yield Judged(draft, Verdict.UNCHANGED, None)
            continue
        known.add(draft.digest)
        judged = record.judge(draft, work.names)
        if pending and judged.verdict is Verdict.NEW:
            judged = arriving.rehearse(judged, pending.numbers)
        if draft.community and work.names.community(draft.community) is None:
            work.tally.warn(f"社区“{draft.community}”不在本街道名录，已收下，请在案件页选定社区。")
        yield judged


@transaction.atomic
def _store(work: Work, chunk: Chunk, done: int) -> None:
    """Store one chunk, its rows, and how far the batch is: all or nothing.

    One chunk of an office at a time: of two people who import the same export at once, the second
    finds the rows of the first.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, %s)", [_ONE_AT_A_TIME, work.batch.office_id]
        )
    batch, tally = work.batch, work.tally
    sheets = _sheets(work, chunk)
    drafts, refused = _apart(chunk, tally)
    of_sheet = {id(one): sheets.get(name) for name, one in chunk}
    kept: list[Kept] = []
    news: list[tuple[Judged, Kept]] = []
    for judged in _judge(work, drafts, None):
        tally.count(judged.verdict)
        tally.warn(judged.warning)
        if judged.verdict is Verdict.UNCHANGED:
            continue
        row = _kept(judged.draft, judged.verdict, of_sheet[id(judged.draft)])
        if judged.verdict is Verdict.CHANGED:
            changing.change(work.batch, judged, row, names=work.names, at=work.at)
        else:
            if judged.verdict is Verdict.ARRIVED_AGAIN and judged.case is not None:
                arriving.end(judged.case, at=work.at)
            news.append((judged, row))
        kept.append(row)
    fresh = (
        arriving.fresh(
            batch, judged, row, work.rules, work.names, at=work.at, calendar=lambda: work.calendar
        )
        for judged, row in news
    )
    write_fresh(batch, len(news), fresh, actor=work.actor, at=work.at)
    if made := [row.case for _, row in news if row.case is not None]:
        announce("intake.arrived", batch=batch.pk, first=min(made), last=max(made))
    for one in refused:
        _refuse(tally, one)
        row = _kept(one, Verdict.REFUSED, of_sheet[id(one)])
        row.reason = one.reason
        kept.append(row)
    keep_rows(batch, kept)
    _mark(
        batch, rows_done=done, counts=tally.told(), warnings=list(tally.warnings),
        rows_expected=max(batch.rows_expected, done),
    )  # fmt: skip


def _sheets(work: Work, chunk: Chunk) -> dict[str, int]:
    """Return the sheets of a chunk by name, kept with their headers when they are first met."""
    made = {sheet.name: sheet.pk for sheet in work.batch.sheets.all()}
    for name, one in chunk:
        if name not in made and not isinstance(one, Known):
            sheet = Sheet.objects.create(batch=work.batch, name=name, headers=list(one.headers))
            made[name] = sheet.pk
    return made


def _kept(one: Draft | Refused, verdict: Verdict, sheet: int | None) -> Kept:
    draft = one if isinstance(one, Draft) else None
    return Kept(
        sheet=sheet, row=one.row, where=one.where[:200], number=draft.number[:80] if draft else "",
        digest=UUID(bytes=draft.digest) if draft else None, verdict=verdict,
        values=list(one.texts),
    )  # fmt: skip


def stored_file(batch: Batch) -> Path:
    """Return where the original file lies."""
    return environment.files() / batch.stored
