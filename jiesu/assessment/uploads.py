"""A file of call-back results on its way in: kept whole and sealed, tried, confirmed, imported at once or not at all."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from jiesu.assessment import importing
from jiesu.assessment.cycles import almanac
from jiesu.assessment.importing import Tally
from jiesu.assessment.models import ResultUpload
from jiesu.cases import sealing
from jiesu.core import sealed_files, virus
from jiesu.core.announcements import announce
from jiesu.evidence import storage
from jiesu.evidence.forms import plain_name
from jiesu.intake.models import BatchState
from jiesu.org.models import Member, Office
from jiesu.platforms.sheets import Unreadable
from jiesu.rules.cycles import Cycle

FOLDER = "results"
IDLE = (BatchState.RECEIVED, BatchState.CHECKED, BatchState.FAILED)


def receive(
    office: Office, name: str, pieces: Iterable[bytes], *, cycle: Cycle | None,
    member: Member | None, at: datetime,
) -> ResultUpload:  # fmt: skip
    """Keep a file as it came, sealed, and return its upload, not yet imported. Who calls has had it scanned."""
    kept = storage.keep(pieces, month=sealing.month_of(at), folder=FOLDER)
    try:
        return ResultUpload.objects.create(
            office=office, member=member, name=plain_name(name), cycle=cycle.code if cycle else "",
            stored=kept.stored, sha256=kept.sha256, size=kept.size, state=BatchState.RECEIVED, made_at=at,
        )  # fmt: skip
    except BaseException:
        storage.drop(kept.stored)
        raise


def receive_path(
    office: Office, path: Path, *, cycle: Cycle | None, at: datetime
) -> ResultUpload:  # fmt: skip
    """Keep a file of the command line.

    :raises OSError: it cannot be read
    :raises virus.Refused: the virus scanner did not pass it
    """
    with path.open("rb") as source:
        virus.scan(path.name, iter(lambda: source.read(2**20), b""))
        source.seek(0)
        pieces = iter(lambda: source.read(2**20), b"")
        return receive(office, path.name, pieces, cycle=cycle, member=None, at=at)


@transaction.atomic
def take(
    office: Office, name: str, pieces: Iterable[bytes], *, cycle: Cycle | None, member: Member,
    at: datetime,
) -> ResultUpload:  # fmt: skip
    """Keep a file that came by the page, and have it tried (试读) in the queue."""
    made = receive(office, name, pieces, cycle=cycle, member=member, at=at)
    announce("assessment.upload_received", upload=made.pk)
    return made


@transaction.atomic
def confirm(upload: ResultUpload) -> None:
    """Queue a tried file for import. Confirmed twice, it is queued once."""
    tried = ResultUpload.objects.filter(pk=upload.pk, state=BatchState.CHECKED)
    if tried.update(state=BatchState.QUEUED):
        announce("assessment.upload_queued", upload=upload.pk)


def discard(upload: ResultUpload) -> bool:
    """Forget a file that was only received or tried. False when it went further."""
    gone, _ = ResultUpload.objects.filter(pk=upload.pk, state__in=IDLE).delete()
    if gone:
        storage.drop(upload.stored)
    return bool(gone)


def try_reading(upload: ResultUpload, *, at: datetime) -> None:
    """Say on the upload what its rows would do; none of them is stored."""
    waiting = ResultUpload.objects.filter(pk=upload.pk, state=BatchState.RECEIVED)
    try:
        with _telling(upload) as tell:
            tally = _import(upload, at=at, rehearsal=True, tell=tell)
    except Unreadable as broken:
        waiting.update(state=BatchState.FAILED, failure=str(broken), finished_at=at)
        return
    waiting.update(
        state=BatchState.CHECKED, counts=tally.told(), rows_expected=tally.rows, rows_done=0
    )


def run(upload: ResultUpload, *, at: datetime) -> Tally | None:
    """Import the file, the whole in one transaction with the word that it is done. None: it was done already.

    :raises Unreadable: the file as a whole cannot be read; the upload is marked 未完成
    """
    mine = ResultUpload.objects.filter(pk=upload.pk)
    mine.exclude(state=BatchState.DONE).update(state=BatchState.RUNNING, rows_done=0)
    try:
        with _telling(upload) as tell, transaction.atomic():
            Office.objects.select_for_update().get(pk=upload.office_id)  # one at a time
            if mine.filter(state=BatchState.DONE).exists():
                return None
            tally = _import(upload, at=at, rehearsal=False, tell=tell)
            mine.update(
                state=BatchState.DONE, counts=tally.told(), rows_expected=tally.rows,
                rows_done=tally.rows, file=tally.file, finished_at=at,
            )  # fmt: skip
            return tally
    except Unreadable as broken:
        mine.update(state=BatchState.FAILED, failure=str(broken), finished_at=at)
        raise


def _import(upload: ResultUpload, *, at: datetime, rehearsal: bool, tell: importing.Tell) -> Tally:
    office = upload.office
    named = almanac(office).named(upload.cycle) if upload.cycle else None
    with sealed_files.opened(storage.place(upload.stored)) as path:
        return importing.take(
            office, path, cycle=named, member=upload.member, at=at, name=upload.name,
            rehearsal=rehearsal, tell=tell,
        )  # fmt: skip


@contextmanager
def _telling(upload: ResultUpload) -> Iterator[Callable[[int, int], None]]:
    """Say how far it is on a connection of its own: nobody sees into the transaction before its end."""
    with closing(connection.copy()) as beside:

        def tell(done: int, total: int) -> None:
            with beside.cursor() as cursor:
                cursor.execute(
                    "UPDATE assessment_resultupload SET rows_done = %s, rows_expected = %s WHERE id = %s",
                    [done, total, upload.pk],
                )

        yield tell
