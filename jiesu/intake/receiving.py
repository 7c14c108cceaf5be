"""Taking a file in: kept whole, sealed, under a random name with its hash, before anything reads it."""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.db import transaction

from jiesu.core import environment, sealed_files, virus
from jiesu.core.announcements import announce
from jiesu.core.sealed_fields import this_month
from jiesu.evidence.forms import plain_name
from jiesu.intake.models import Batch, BatchState
from jiesu.org.models import Member, Office

FOLDER = "imports"


def receive(office: Office, name: str, pieces: Iterable[bytes], *, member: Member | None) -> Batch:
    """Keep a file as it came and return its batch, not yet imported. Who calls has had it scanned."""
    folder = environment.files() / FOLDER
    folder.mkdir(exist_ok=True, mode=0o700)
    stored = f"{FOLDER}/{secrets.token_hex(16)}{_ending(name)}"
    hashed, size = hashlib.sha256(), 0

    def measured() -> Iterator[bytes]:
        nonlocal size
        for piece in pieces:
            hashed.update(piece)
            size += len(piece)
            yield piece

    sealed_files.write(environment.files() / stored, measured(), month=this_month())
    return Batch.objects.create(
        office=office, member=member, name=plain_name(name), stored=stored,
        sha256=hashed.hexdigest(), size=size, state=BatchState.RECEIVED,
    )  # fmt: skip


def receive_path(office: Office, path: Path) -> Batch:
    """Keep a file of the command line.

    :raises OSError: it cannot be read
    :raises virus.Refused: the virus scanner did not pass it
    """
    with path.open("rb") as source:
        virus.scan(path.name, iter(lambda: source.read(2**20), b""))
        source.seek(0)
        return receive(office, path.name, iter(lambda: source.read(2**20), b""), member=None)


@transaction.atomic
def take(office: Office, name: str, pieces: Iterable[bytes], *, member: Member) -> Batch:
    """Keep a file that came by the page, and have it tried (试读) in the queue."""
    batch = receive(office, name, pieces, member=member)
    announce("intake.batch_received", batch=batch.pk)
    return batch


@transaction.atomic
def confirm(batch: Batch) -> None:
    """Queue a tried batch for import. Confirmed twice, it is queued once."""
    tried = Batch.objects.filter(pk=batch.pk, state=BatchState.CHECKED)
    if tried.update(state=BatchState.QUEUED):
        announce("intake.batch_queued", batch=batch.pk)


def discard(batch: Batch) -> bool:
    """Forget a batch that was only received or tried, with its file. False when it went further."""
    idle = (BatchState.RECEIVED, BatchState.CHECKED, BatchState.FAILED)
    gone, _ = Batch.objects.filter(pk=batch.pk, state__in=idle, rows_done=0).delete()
    if gone:
        (environment.files() / batch.stored).unlink(missing_ok=True)
    return bool(gone)


def _ending(name: str) -> str:
    ending = Path(name).suffix.lower()
    return ending if ending in {".xlsx", ".xls", ".csv", ".txt", ".docx", ".zip"} else ""
