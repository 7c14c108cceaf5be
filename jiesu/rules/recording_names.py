"""What a recording's file name tells: an order's number, a phone, the moment of the call (推定: 各系统写法不一)."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from jiesu.rules.moments import BEIJING

_NUMBER = re.compile(r"([\u4e00-\u9fa5A-Za-z]{0,8}-)?(?<!\d)(\d{6}-\d{4,8})(?!\d)")
_PHONE = re.compile(r"(?<!\d)(1\d{10}|0\d{2,3}-?\d{7,8})(?!\d)")
_AT = re.compile(
    r"(?<!\d)(20\d{2})[-_.年]?(\d{2})[-_.月]?(\d{2})[日Tt _-]{0,2}(\d{2})[-_.:：时]?(\d{2})(?:[-_.:：分]?(\d{2}))?秒?(?!\d)"
)


@dataclass(frozen=True, slots=True)
class Named:
    """What was found; empty for what was not."""

    number: str = ""
    phone: str = ""
    at: datetime | None = None


def read(name: str) -> Named:
    """Return what the name says. The moment is taken out first: its digits look like half a phone."""
    rest = PurePath(name).stem
    at = None
    for found in _AT.finditer(rest):
        at = _moment([int(part or 0) for part in found.groups()])
        if at is not None:
            rest = rest[: found.start()] + " " + rest[found.end() :]
            break
    number = _NUMBER.search(rest)
    if number:
        rest = rest[: number.start()] + " " + rest[number.end() :]
    phone = _PHONE.search(rest)
    told = f"{number[1] or '热线-'}{number[2]}" if number else ""
    return Named(told, phone[1].replace("-", "") if phone else "", at)


def _moment(parts: list[int]) -> datetime | None:
    try:
        return datetime(*parts, tzinfo=BEIJING)  # type: ignore[misc,arg-type]
    except ValueError:
        return None
