"""Where evidence is kept: under random names below the files folder, never reached by path."""

import hashlib
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
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


class Altered(Exception):
    """The bytes are not those whose hash was taken at arrival."""


@lru_cache(maxsize=4096)
def _hash(path: Path, size: int, changed: int, inode: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def verify(stored: str, sha256: str, *, anew: bool = False) -> None:
    """Return when the bytes are still those that arrived. Read once for each state of the file, or ``anew``.

    :raises FileNotFoundError: they are not there
    :raises Altered: they are others
    """
    path = place(stored)
    state = path.stat()
    read = _hash.__wrapped__ if anew else _hash
    if read(path, state.st_size, state.st_mtime_ns, state.st_ino) != sha256:
        raise Altered(stored)
