"""Where evidence is kept: under random names below the files folder, never reached by path."""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jiesu.core import environment

CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    stored: str
    size: int
    sha256: str


def keep(chunks: Iterable[bytes]) -> Kept:
    """Write the bytes under a new random name (0600) and return where, how many, and their hash."""
    name = secrets.token_hex(16)
    stored = f"evidence/{name[:2]}/{name}"
    path = place(stored)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            for chunk in chunks:
                digest.update(chunk)
                size += out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Kept(stored, size, digest.hexdigest())


def place(stored: str) -> Path:
    """Return where the bytes of that name are."""
    return environment.files() / stored


def drop(stored: str) -> None:
    """Take back what was written for a record that did not come about."""
    place(stored).unlink(missing_ok=True)


def read(stored: str, start: int, length: int) -> Iterator[bytes]:
    """Yield ``length`` bytes from ``start`` on, in chunks.

    :raises FileNotFoundError: the bytes are not there (before anything is yielded)
    """
    file = place(stored).open("rb")
    return _chunks(file, start, length)


def _chunks(file, start: int, length: int) -> Iterator[bytes]:  # type: ignore[no-untyped-def]
    with file:
        file.seek(start)
        while length and (chunk := file.read(min(CHUNK, length))):
            length -= len(chunk)
            yield chunk
