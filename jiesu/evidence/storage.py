"""Where evidence is kept: sealed under random names below the files folder, never reached by path.

A file goes under the key of the month its case arrived in (``cases.sealing.month_of``), so that it goes with
it. Size and hash are those of the bytes that came.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jiesu.core import environment, sealed_files, vault

CHUNK = 64 * 1024
FOLDER = "evidence"


@dataclass(frozen=True, slots=True)
class Kept:
    stored: str
    size: int
    sha256: str


def keep(chunks: Iterable[bytes], *, month: str, folder: str = FOLDER) -> Kept:
    """Write the bytes sealed under a new random name (0600) and return where, how many, and their hash."""
    name = secrets.token_hex(16)
    stored = f"{folder}/{name[:2]}/{name}"
    path = place(stored)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0

    def measured() -> Iterator[bytes]:
        nonlocal size
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            yield chunk

    try:
        sealed_files.write(path, measured(), month=month)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Kept(stored, size, digest.hexdigest())


def place(stored: str) -> Path:
    """Return where the bytes of that name are."""
    return environment.files() / stored


def drop(stored: str) -> None:
    """Take back what was written for a record that did not come about, or is erased."""
    place(stored).unlink(missing_ok=True)


class Altered(Exception):
    """The bytes are not those whose hash was taken at arrival."""


@lru_cache(maxsize=4096)
def _hash(path: Path, size: int, changed: int, inode: int) -> str:
    digest = hashlib.sha256()
    for piece in sealed_files.read(path):
        digest.update(piece)
    return digest.hexdigest()


def verify(stored: str, sha256: str, *, anew: bool = False) -> None:
    """Return when the bytes are still those that arrived. Read once for each state of the file, or ``anew``.

    :raises FileNotFoundError: they are not there
    :raises Altered: they are others
    :raises vault.Gone: nobody can tell: their key is gone
    """
    path = place(stored)
    state = path.stat()
    read = _hash.__wrapped__ if anew else _hash
    try:
        found = read(path, state.st_size, state.st_mtime_ns, state.st_ino)
    except vault.Altered:
        raise Altered(stored) from None
    if found != sha256:
        raise Altered(stored)
