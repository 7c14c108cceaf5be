"""``jiesu due``: when something is due and why, alone or many at a time. Starts no database."""

import os
import re
from argparse import Namespace
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from jiesu.catalogue import holiday_files
from jiesu.catalogue.shipped import work_calendar
from jiesu.command.words import Stopped, result
from jiesu.core import environment
from jiesu.rules.counting import (
    Count,
    Limit,
    Pause,
    Reckoning,
    parse_hours,
    reckon,
    sentences,
)
from jiesu.rules.holidays import NoTable, WorkCalendar
from jiesu.rules.moments import BEIJING, FIRST_YEAR, LAST_YEAR, moment

_PIECE = re.compile(
    r"(\d{1,7}(?:\.\d{1,9})?)\s*(d|天|h|小时|min|m|分钟|分|s|秒)", re.ASCII | re.IGNORECASE
)
_SECONDS = {
    "d": 86400, "天": 86400, "h": 3600, "小时": 3600, "min": 60, "m": 60, "分钟": 60, "分": 60,
    "s": 1, "秒": 1,
}  # fmt: skip


def run(asked: Namespace) -> int:
    """Answer one question, or a file of them. Returns 0 only when every one was answered.

    :raises Stopped: the question cannot be answered; the message says what to write
    """
    if asked.batch is not None:
        batch = import_module("jiesu.command.due_batch")
        return int(batch.run(asked.batch, _calendar(asked)))
    if not (asked.start and asked.limit):
        raise Stopped("请写明 --start 开始时间和 --limit 时限；许多题一起算用 --batch 文件。")
    try:
        limit = Limit(
            _length(asked.limit),
            Count(asked.count),
            parse_hours(asked.hours) if asked.hours else (),
        )
        pauses = [_pause(text) for text in asked.pause]
        start = read_moment(asked.start, "--start")
        found = reckon(start, limit, pauses=pauses, calendar=_calendar(asked))
    except (ValueError, NoTable) as wrong:
        raise Stopped(str(wrong)) from None
    if asked.json:
        result(_told(found, limit, explain=asked.explain))
    else:
        print(_words(found, limit, explain=asked.explain))
    return 0


def read_moment(text: str, what: str) -> datetime:
    """Return the Beijing time of a written moment; one without an offset is Beijing's already.

    :raises ValueError: it cannot be read (said in Chinese)
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return moment(text, what).at
    if at.tzinfo is not None:
        at = at.astimezone(BEIJING)
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"{what}“{text}”不在 2000 年至 2099 年之间，请核对年份后改正")
    return at.replace(tzinfo=BEIJING)


def shown(at: datetime | None) -> str | None:
    """Return a moment as it is told: to the minute, finer only when it has more."""
    if at is None:
        return None
    plain = at.replace(tzinfo=None)
    return plain.isoformat() if at.second or at.microsecond else plain.isoformat(timespec="minutes")


def pause(since: str, until: str | None, cause: str = "") -> Pause:
    """Read a pause from its two texts; an empty end is a pause that lasts.

    :raises ValueError: one cannot be read, or it ends before it begins
    """
    read = Pause(
        read_moment(since, "暂停开始"), read_moment(until, "暂停结束") if until else None, cause
    )
    if read.until is not None and read.until < read.since:
        raise ValueError(f"暂停“{since}/{until}”的结束早于开始，请核对")
    return read


def _pause(text: str) -> Pause:
    pieces = text.split("/")
    if len(pieces) % 2 or not pieces[0].strip():
        raise ValueError(f"暂停“{text}”看不懂，请写成 2026-10-08T09:00/2026-10-08T12:00")
    half = len(pieces) - 1 if not pieces[-1].strip() else len(pieces) // 2
    return pause("/".join(pieces[:half]).strip(), "/".join(pieces[half:]).strip())


def _length(text: str) -> timedelta:
    pieces = _PIECE.findall(text)
    if not pieces or _PIECE.sub("", text).strip():
        raise ValueError(f"时限“{text}”看不懂，请写成 72h、90m、1.5h 或 3d")
    return timedelta(seconds=sum(float(n) * _SECONDS[unit.lower()] for n, unit in pieces))


def _calendar(asked: Namespace) -> WorkCalendar:
    """The shipped years, the office's own where a database is up, and those of a file.

    :raises Stopped: the file cannot be used
    """
    calendar = work_calendar()
    up = os.environ.get("DATABASE_URL") or (environment.place() / "pg" / "postmaster.pid").exists()
    if up or asked.street is not None:
        days = import_module("jiesu.command.office_days")
        calendar = calendar.overlaid(days.adopted(asked.street))
    if asked.holidays is None:
        return calendar
    return calendar.overlaid(_file(asked.holidays))


def _file(path: Path) -> dict[int, Any]:
    try:
        return holiday_files.read(path.name, path.read_bytes())
    except OSError:
        raise Stopped(f"读不到节假日文件 {path}，请核对路径。") from None
    except ValueError as wrong:
        raise Stopped(f"{path.name}：{wrong}") from None


def _told(found: Reckoning, limit: Limit, *, explain: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "due": shown(found.due),
        "spans": [
            {"from": shown(s.since), "to": shown(s.until), "counted": s.counted, "why": s.why}
            for s in found.spans
        ],
    }
    if found.held is not None:
        told["held"] = {"from": shown(found.held.since), "cause": found.held.cause}
    if found.unconfirmed:
        told["unconfirmed"] = list(found.unconfirmed)
    if explain:
        told["sentences"] = sentences(found, limit)
    return told


def _words(found: Reckoning, limit: Limit, *, explain: bool) -> str:
    due = shown(found.due) or "暂停还没有恢复，恢复后才能算出截止时间"
    if not explain:
        return due
    lines = [
        f"{shown(s.since)} → {shown(s.until)}  {'计入' if s.counted else '不计'}  {s.why}"
        for s in found.spans
    ]
    return "\n".join([due, "", *lines, "", *sentences(found, limit)])
