"""Reading ahead: in order, all of it, and what breaks is told where it broke."""

from collections.abc import Iterator
from contextlib import closing
from threading import enumerate

import pytest

from jiesu.intake.ahead import PIECE, ROOM, ahead


def test_everything_comes_in_its_order():
    assert list(ahead(iter(range(PIECE * 3 + 7)))) == list(range(PIECE * 3 + 7))


def test_what_breaks_the_source_is_raised_after_what_came_before():
    def source() -> Iterator[int]:
        yield from range(PIECE + 2)
        raise ValueError("damaged further down")

    taken: list[int] = []

    with pytest.raises(ValueError, match="damaged further down"):
        taken.extend(ahead(source()))

    assert taken == list(range(PIECE + 2))


def test_a_taker_who_stops_stops_the_source_and_no_thread_is_left():
    read = []

    def source() -> Iterator[int]:
        for item in range(PIECE * ROOM * 10):
            read.append(item)
            yield item

    with closing(ahead(source())) as items:
        assert next(items) == 0

    assert len(read) <= PIECE * (ROOM + 2)
    assert [thread for thread in enumerate() if thread.name == "reading-ahead"] == []
