"""``jiesu due --batch``: a question a line, the same line with its answer, order kept, on every core."""

import json
import math
import os
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import timedelta
from functools import lru_cache
from typing import Any, BinaryIO

from jiesu.command.due import pause, read_moment, shown
from jiesu.command.words import Stopped, say
from jiesu.rules.counting import Count, Hours, Limit, due_at, parse_hours
from jiesu.rules.holidays import NoTable, WorkCalendar, YearTable

PIECE = 1 << 20  # bytes of whole lines handed to a process at a time
AHEAD = 2  # pieces a process has waiting, so that a large file is never held whole
ENCODE = json.JSONEncoder(ensure_ascii=False).encode
COUNTS: dict[object, Count] = {count.value: count for count in Count}
NEWLINE = b"\n"
NUMBERS = (int, float)
MARK = b"\xef\xbb\xbf"  # that some editors put before the first line

_calendar = WorkCalendar({})


def run(name: str, calendar: WorkCalendar) -> int:
    """Answer every line of a file (``-``: standard input). Returns 0 when all could be answered.

    :raises Stopped: the file cannot be read
    """
    failed = lines = 0
    out = sys.stdout.buffer
    try:
        source = sys.stdin.buffer if name == "-" else open(name, "rb")  # noqa: SIM115
    except OSError:
        raise Stopped(f"读不到文件 {name}，请核对路径。") from None
    with source:
        for text, done, wrong in _answered(source, calendar):
            out.write(text)
            lines, failed = lines + done, failed + wrong
    out.flush()
    if failed:
        say(f"共 {lines} 行，{failed} 行没有算出来，原因见各行的 error。")
    return 1 if failed else 0


def _answered(source: BinaryIO, calendar: WorkCalendar) -> Iterator[tuple[bytes, int, int]]:
    """Yield the answers piece by piece, in order. One piece is answered here, more on every core."""
    first, second = source.readlines(PIECE), source.readlines(PIECE)
    if not second:
        _begin(dict(calendar.tables))
        yield _piece(first)
        return
    cores = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(cores, initializer=_begin, initargs=(dict(calendar.tables),)) as pool:
        waiting: deque[Future[tuple[bytes, int, int]]] = deque()
        piece = first
        while piece:
            waiting.append(pool.submit(_piece, piece))
            piece, second = second, source.readlines(PIECE) if second else []
            if len(waiting) > cores * AHEAD:
                yield waiting.popleft().result()
        for future in waiting:
            yield future.result()


def _begin(tables: dict[int, YearTable]) -> None:
    global _calendar
    _calendar = WorkCalendar(tables)


def _piece(lines: list[bytes]) -> tuple[bytes, int, int]:
    """Return the answered lines, how many they are, and how many could not be answered."""
    told, failed = [], 0
    for line in lines:
        if line.isspace():
            continue
        text, well = answer(line, _calendar)
        told.append(text)
        failed += not well
    return NEWLINE.join([*told, b""]), len(told), failed


def answer(line: bytes, calendar: WorkCalendar) -> tuple[bytes, bool]:
    """Return the line with ``due`` added, and whether it could be answered; else ``error`` says why."""
    asked: dict[str, Any] = {}
    try:
        asked = _object(line)
        asked["due"] = shown(_due(asked, calendar))
        well = True
    except (ValueError, NoTable) as wrong:
        asked["due"], asked["error"], well = None, str(wrong), False
    text = ENCODE(asked)
    try:
        return text.encode(), well
    except UnicodeEncodeError:  # half a surrogate pair can only be written escaped
        return json.dumps(asked).encode(), well


def _object(line: bytes) -> dict[str, Any]:
    try:
        read = json.loads(line.removeprefix(MARK).decode())
    except (ValueError, RecursionError):
        raise ValueError("这一行不是有效的 JSON（UTF-8），请核对") from None
    if not isinstance(read, dict):
        raise ValueError('这一行不是一个 JSON 对象，请写成 {"start": …, "limit_hours": …}')
    read.pop("error", None)
    return read


def _due(asked: dict[str, Any], calendar: WorkCalendar) -> Any:
    start, hours = asked.get("start"), asked.get("limit_hours")
    if not isinstance(start, str):
        raise ValueError("缺少 start，请写成 2026-09-30T16:00")
    if isinstance(hours, bool) or not isinstance(hours, NUMBERS) or not _sane(hours):
        raise ValueError("缺少 limit_hours 或不是数，请写小时数，如 72 或 1.5")
    count = COUNTS.get(_key(asked.get("count", "calendar")))
    if count is None:
        raise ValueError("count 要写 calendar、workday 或 service")
    limit = Limit(timedelta(hours=hours), count, _hours(asked.get("hours")))
    pauses = asked.get("pauses") or ()
    if pauses:
        pauses = [_pause(one) for one in pauses] if isinstance(pauses, list) else _pause(None)
    return due_at(read_moment(start, "start"), limit, pauses=pauses, calendar=calendar)


def _sane(hours: float) -> bool:
    return math.isfinite(hours) and abs(hours) < 1e7


def _key(told: object) -> object:
    return told if isinstance(told, str) else ""


def _hours(told: object) -> Hours:
    """Read hours as ``--hours`` writes them, or as a list of such stretches or of [from, to]."""
    if not told and (told is None or isinstance(told, str | list)):
        return ()
    stretches = told if isinstance(told, list) else [told]
    return _parsed(",".join(map(_stretch, stretches)))


def _stretch(one: object) -> str:
    match one:
        case str():
            return one
        case [str(since), str(until)]:
            return f"{since}-{until}"
    raise ValueError("hours 要写成 09:00-12:00,13:30-17:30")


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Hours:
    return parse_hours(text)


def _pause(one: object) -> Any:
    match one:
        case [str(since), str() | None as until]:
            return pause(since, until)
    raise ValueError("pauses 里每段要写成 [起, 止]，还没有恢复的止写 null")
