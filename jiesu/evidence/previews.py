"""What a picture looks like, drawn anew by a child process that may fail without harm (`preview_child`).

Kept sealed beside the evidence under the same random name; can be deleted at any time, it is made again.
What the child reads and writes lies in memory alone.
"""

import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO

from jiesu.cases import sealing
from jiesu.core import environment, sealed_files, vault
from jiesu.evidence import preview_child, storage
from jiesu.evidence.models import Evidence

PATIENCE = 30.0
_AT_ONCE = threading.Semaphore(
    2
)  # children in one web process: eight threads must not all wait for one
WAIT = 10.0


class NoPreview(Exception):
    """The picture cannot be drawn, or not now."""


def of(file: Evidence) -> bytes:
    """Return the preview of a picture, made the first time.

    :raises NoPreview: no picture, a damaged or a too large one, or too many are being drawn
    :raises vault.Gone: the key of the picture is gone
    """
    if not file.shown:
        raise NoPreview(file.kind)
    with suppress(FileNotFoundError, vault.Gone):
        return b"".join(sealed_files.read(place(file.stored)))
    if not _AT_ONCE.acquire(timeout=WAIT):
        raise NoPreview("busy")
    try:
        seen = _draw(storage.place(file.stored))
    finally:
        _AT_ONCE.release()
    kept = place(file.stored)
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sealed_files.put(kept, [seen], month=sealing.month_of(file.case.arrived_at))
    return seen


def place(stored: str) -> Path:
    """Return where the preview of that name is kept."""
    return folder() / f"{stored.partition('/')[2]}.jpg"


def folder() -> Path:
    """Return where previews are."""
    return environment.files() / "previews"


def drop(stored: str) -> None:
    """Forget the preview of that name."""
    place(stored).unlink(missing_ok=True)


def drop_open() -> None:
    """Forget what was drawn before previews were sealed; it is drawn again, sealed, when looked at."""
    for drawn in folder().glob("*/*"):
        if not sealed_files.is_sealed(drawn):
            drawn.unlink()


def _draw(source: Path) -> bytes:
    with _in_memory() as picture, _in_memory() as drawn:
        for piece in sealed_files.read(source):
            picture.write(piece)
        picture.seek(0)
        try:
            done = subprocess.run(  # noqa: S603 - our own file, no shell, nothing of a stranger's
                [sys.executable, "-I", preview_child.__file__], stdin=picture, stdout=drawn,
                stderr=subprocess.DEVNULL, timeout=PATIENCE, check=False, env={"PATH": os.defpath},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise NoPreview("too long") from None
        drawn.seek(0)
        seen = drawn.read()
    if done.returncode or not seen:
        raise NoPreview("not drawn")
    return seen


def _in_memory() -> IO[bytes]:
    """A file that is on no disk."""
    return os.fdopen(os.memfd_create("picture"), "w+b")
