"""Moments and lengths in the words of the desk, made once in Python: templates only print them."""

from datetime import datetime, timedelta

from jiesu.rules.clocks import spell
from jiesu.rules.moments import BEIJING


def short(at: datetime | None, now: datetime) -> str:
    """“01:23” today, “11月22日 01:12” this year, “2025年11月22日 01:12” before."""
    if at is None:
        return ""
    at, now = at.astimezone(BEIJING), now.astimezone(BEIJING)
    clock = f"{at.hour:02d}:{at.minute:02d}"
    if at.year != now.year:
        return f"{at.year}年{at.month}月{at.day}日 {clock}"
    if (at.month, at.day) != (now.month, now.day):
        return f"{at.month}月{at.day}日 {clock}"
    return clock


def day(at: datetime | None, now: datetime) -> str:
    """“今天”, “11月22日”, “2025年11月22日”."""
    if at is None:
        return ""
    at, now = at.astimezone(BEIJING), now.astimezone(BEIJING)
    if at.date() == now.date():
        return "今天"
    return (
        f"{at.month}月{at.day}日" if at.year == now.year else f"{at.year}年{at.month}月{at.day}日"
    )


def full(at: datetime | None) -> str:
    """“2026年11月22日 01:12:05”, for a title or where seconds count."""
    if at is None:
        return ""
    at = at.astimezone(BEIJING)
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M:%S}"


def took(length: timedelta) -> str:
    """“用时 3 分”."""
    return f"用时 {spell(length)}"


def from_iso(text: object, now: datetime) -> str:
    """A moment kept in an event's facts, in short words; what is not one is returned as it is."""
    try:
        return short(datetime.fromisoformat(str(text)), now)
    except ValueError:
        return str(text)
