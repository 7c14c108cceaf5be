"""Reading ahead: a file is unpacked and cleaned in a second thread while the database stores.

The reader computes and the storer mostly waits, so the two share the interpreter well; what was read
but not stored is bounded.
"""

from collections.abc import Generator, Iterable
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")
PIECE = 500
ROOM = 4  # pieces read and not yet taken


def ahead(items: Iterable[T]) -> Generator[T, None, None]:
    """Yield the items in their order, taken from their source by a thread of its own.

    What the source raises is raised here, after the items before it. The source must not use the
    database: its thread has no connection. When the taker stops early, so does the source.
    """
    pieces: Queue[list[T] | BaseException | None] = Queue(ROOM)
    given_up = Event()

    def put(piece: list[T] | BaseException | None) -> None:
        while not given_up.is_set():
            try:
                return pieces.put(piece, timeout=0.2)
            except Full:
                continue

    def read() -> None:
        piece: list[T] = []
        end: BaseException | None = None
        try:
            for item in items:
                piece.append(item)
                if len(piece) == PIECE:
                    put(piece)
                    piece = []
                    if given_up.is_set():
                        return
        except BaseException as broken:
            end = broken
        put(piece)
        put(end)

    reader = Thread(target=read, name="reading-ahead", daemon=True)
    reader.start()
    try:
        while isinstance(piece := pieces.get(), list):
            yield from piece
        if piece is not None:
            raise piece
    finally:
        given_up.set()
        reader.join()
