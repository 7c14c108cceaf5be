"""Files sealed as a whole: pieces of a megabyte, each bound to its file, its place in it, and its being the last."""

import fcntl
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from jiesu.core import environment, vault

MAGIC = b"JSF1"
PIECE = 2**20
_RECORD = (
    5 + vault.HEAD + vault.NONCE + PIECE + vault.TAG
)  # of a whole piece: its head, and what sealing adds
FOLDER = "open"  # below the files folder: plain copies, there only while somebody reads them
FRESH = 60  # seconds in which a copy may not be locked yet


def write(path: Path, pieces: Iterable[bytes], *, month: str, name: str = "") -> None:
    """Write pieces of plain bytes as a sealed file that must not be there yet (0600); it is on the disk then."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(MAGIC)
        for number, (piece, last) in enumerate(_even(pieces)):
            sealed = vault.seal(piece, place=_place(name or path.name, number, last), month=month)
            out.write(bytes([last]) + len(sealed).to_bytes(4, "big") + sealed)
        out.flush()
        os.fsync(out.fileno())


def read(path: Path) -> Iterator[bytes]:
    """Yield the plain bytes of a file; one that was never sealed is given as it is.

    :raises vault.Gone: its key was destroyed
    :raises vault.Altered: the file was cut or altered
    """
    with path.open("rb") as source:
        if source.read(len(MAGIC)) != MAGIC:
            source.seek(0)
            yield from iter(lambda: source.read(PIECE), b"")
            return
        number, last = 0, False
        while head := source.read(5):
            last = bool(head[0])
            sealed = source.read(int.from_bytes(head[1:], "big"))
            yield vault.unseal(sealed, place=_place(path.name, number, last))
            number += 1
        if not last:
            raise vault.Altered("文件不完整，尾部缺失。")


def length(path: Path) -> int:
    """Return how many plain bytes a file holds, sealed or not; nothing of it is opened."""
    size = path.stat().st_size
    if not is_sealed(path):
        return size
    pieces = -(-(size - len(MAGIC)) // _RECORD)
    return size - len(MAGIC) - pieces * (_RECORD - PIECE)


class Reader:
    """A sealed file read from any place in it: only the pieces that are asked for are opened."""

    def __init__(self, path: Path) -> None:
        self._path, self._at, self._held = path, 0, (-1, b"")
        self._sealed = is_sealed(path)
        self._file = path.open("rb")
        self._pieces = 0
        if self._sealed:
            body = path.stat().st_size - len(MAGIC)
            self._pieces = -(-body // _RECORD)

    def seek(self, place: int) -> None:
        """Go to a place, in plain bytes."""
        self._at = place

    def read(self, size: int) -> bytes:
        """Return up to so many plain bytes from here; fewer at the end of a piece, none at the end.

        :raises vault.Gone: the key was destroyed
        :raises vault.Altered: the file was cut or altered
        """
        if not self._sealed:
            self._file.seek(self._at)
            plain = self._file.read(size)
        else:
            number, inside = divmod(self._at, PIECE)
            plain = self._piece(number)[inside : inside + size] if number < self._pieces else b""
        self._at += len(plain)
        return plain

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def _piece(self, number: int) -> bytes:
        if self._held[0] != number:
            self._file.seek(len(MAGIC) + number * _RECORD)
            head = self._file.read(5)
            sealed = self._file.read(int.from_bytes(head[1:], "big"))
            last = number == self._pieces - 1
            if bool(head[0]) != last:
                raise vault.Altered("文件不完整，尾部缺失。")
            place = _place(self._path.name, number, last)
            self._held = (number, vault.unseal(sealed, place=place))
        return self._held[1]


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """Give a plain copy to whoever needs a file by its path; it is gone afterwards.

    The copy is locked as long as it is needed, so that ``clear`` knows one that a killed process left.
    """
    folder = environment.files() / FOLDER
    folder.mkdir(exist_ok=True, mode=0o700)
    plain = folder / f"{secrets.token_hex(16)}{path.suffix}"
    try:
        with os.fdopen(os.open(plain, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            fcntl.flock(out, fcntl.LOCK_EX)
            for piece in read(path):
                out.write(piece)
            out.flush()
            yield plain
    finally:
        plain.unlink(missing_ok=True)


def clear() -> int:
    """Remove the plain copies that killed processes left. Returns how many."""
    gone = 0
    for plain in (environment.files() / FOLDER).glob("*"):
        with suppress(FileNotFoundError, BlockingIOError), plain.open("rb") as left:
            if time.time() - os.fstat(left.fileno()).st_mtime < FRESH:
                continue
            fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
            plain.unlink()
            gone += 1
    return gone


def replace(path: Path, *, month: str) -> None:
    """Seal a file anew, or for the first time; it is whole at any moment."""
    put(path, read(path), month=month)


def put(path: Path, pieces: Iterable[bytes], *, month: str) -> None:
    """Write a sealed file in the place of whatever is there; it is whole at any moment."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        write(part, pieces, month=month, name=path.name)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def is_sealed(path: Path) -> bool:
    """True for a file that was written here."""
    with path.open("rb") as source:
        return source.read(len(MAGIC)) == MAGIC


def key_of(path: Path) -> int:
    """Return the number of the data key a sealed file is under."""
    with path.open("rb") as source:
        return vault.key_of(source.read(len(MAGIC) + 5 + vault.HEAD)[len(MAGIC) + 5 :])


def _place(name: str, number: int, last: bool) -> str:
    return f"file:{name}:{number}:{last:d}"


def _even(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield pieces of even size, the last one marked; an empty file is one empty piece."""
    held = b""
    for piece in pieces:
        held += piece
        while len(held) > PIECE:
            yield held[:PIECE], False
            held = held[PIECE:]
    yield held, True
