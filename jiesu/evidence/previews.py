"""What a picture looks like, drawn anew by a child process that may fail without harm (`preview_child`).

Kept beside the evidence under the same random name; can be deleted at any time, it is made again.
"""

import contextlib
import os
import secrets
import subprocess
import sys
import threading
from pathlib import Path

from jiesu.core import environment
from jiesu.evidence import preview_child, storage
from jiesu.evidence.models import Evidence

PATIENCE = 30.0
_AT_ONCE = threading.Semaphore(
    2
)  # children in one web process: eight threads must not all wait for one
WAIT = 10.0


class NoPreview(Exception):
    """The picture cannot be drawn, or not now."""


def of(file: Evidence) -> Path:
    """Return the preview of a picture, made the first time.

    :raises NoPreview: no picture, a damaged or a too large one, or too many are being drawn
    """
    if not file.shown:
        raise NoPreview(file.kind)
    kept = place(file.stored)
    if kept.exists():
        return kept
    if not _AT_ONCE.acquire(timeout=WAIT):
        raise NoPreview("busy")
    try:
        _draw(storage.place(file.stored), kept)
    finally:
        _AT_ONCE.release()
    return kept


def place(stored: str) -> Path:
    """Return where the preview of that name is kept."""
    return environment.files() / f"previews/{stored.partition('/')[2]}.jpg"


def drop(stored: str) -> None:
    """Forget the preview of that name."""
    place(stored).unlink(missing_ok=True)


def _draw(source: Path, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = kept.with_name(f"{secrets.token_hex(8)}.part")
    command = [sys.executable, "-I", preview_child.__file__, str(source), str(made)]
    try:
        done = subprocess.run(  # noqa: S603 - our own file, no shell, paths of our own
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            timeout=PATIENCE, check=False, env={"PATH": os.defpath},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        done = None
    try:
        if done is None or done.returncode or not made.exists():
            raise NoPreview("not drawn")
        made.chmod(0o600)
        made.replace(kept)
    finally:
        with contextlib.suppress(OSError):
            made.unlink(missing_ok=True)
