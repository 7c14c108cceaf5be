"""时刻：the times written in work orders, read into aware moments with the precision they came in.

The forms are those of real exports: ISO, slashes and dots, 年月日 with 时分秒, full-width signs, and
Excel's serial days. What is written counts: ``2026-10-19 08:05`` says nothing about seconds, so
it is a moment to the minute, and must not replace ``08:05:11`` on record (`agrees_coarser`).
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
FIRST_YEAR, LAST_YEAR = 2000, 2099
LONGEST = 64  # characters of a written time; anything longer is not one

Precision = Literal["second", "minute", "day"]
FINENESS: dict[str, int] = {"day": 0, "minute": 1, "second": 2}

_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  (Excel's day zero has no zone)
_FIRST_SERIAL = (datetime(FIRST_YEAR, 1, 1) - _EXCEL_EPOCH).days  # noqa: DTZ001
_LAST_SERIAL = (datetime(LAST_YEAR + 1, 1, 1) - _EXCEL_EPOCH).days  # noqa: DTZ001

_WRITTEN = re.compile(
    r"(?P<year>\d{4}) ?[-/.年] ?(?P<month>\d{1,2}) ?[-/.月] ?(?P<day>\d{1,2}) ?[日号]?"
    r"(?: ?\(?(?:星期|周)[一二三四五六日天]\)?)?"
    r"(?:[T ]{0,2}(?P<half>凌晨|早上|上午|中午|下午|晚上|AM|PM)? ?"
    r"(?P<hour>\d{1,2}) ?(?:[:时点] ?(?P<minute>\d{1,2}) ?"
    r"(?:[:分] ?(?:(?P<second>\d{1,2})(?:\.\d{1,9})? ?秒?)?)?|[时点])"
    r"(?: ?(?P<zone>Z|UTC|[+-]\d{2}:?\d{2}))?)?",
    re.ASCII,
)
_RUN_TOGETHER = re.compile(r"(20\d{2})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?", re.ASCII)
_NUMERIC = re.compile(r"\d{5}(?:\.\d{1,17})?", re.ASCII)
_UNSEEN = dict.fromkeys([0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF])
_SIGNS = str.maketrans({"–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "。": ".", "∶": ":"})
_LATER_HALF = {"下午", "晚上", "PM"}


class Moment(NamedTuple):
    """A moment and how finely it was given. ``at`` is aware, in Beijing time."""

    at: datetime
    precision: Precision


class UnreadableTime(ValueError):
    """What stands there is not a time anyone here can read; the message says how to write it."""


class NoSuchDay(ValueError):
    """It reads as a time, but the calendar or the clock has no such one."""


def moment(value: object, what: str = "时间") -> Moment:
    """Return the moment that `value` (text, number, date or datetime) stands for.

    :param what: the column's name, for the sentence people see when it cannot be read
    :raises UnreadableTime: not a time in any known form, or outside 2000 to 2099
    :raises NoSuchDay: 2026-02-30, 25:00 and the like
    """
    if isinstance(value, str):
        # The form nearly every export uses, 2026-10-19 08:05:11, costs one C call.
        if (
            len(value) == 19
            and value[:2] == "20"
            and value[4] == value[7] == "-"
            and value[13] == value[16] == ":"
        ):
            try:
                return Moment(datetime.fromisoformat(value).replace(tzinfo=BEIJING), "second")
            except ValueError:
                pass
        return _written(value, what)
    if isinstance(value, datetime):
        return _from_datetime(value, what)
    if isinstance(value, date):
        return _checked(
            Moment(datetime(value.year, value.month, value.day, tzinfo=BEIJING), "day"),
            what,
            value.isoformat(),
        )
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_serial(value, what)
    raise UnreadableTime(_unreadable(what, str(value)))


def agrees_coarser(on_record: datetime, new: Moment) -> bool:
    """Return whether `new` only repeats `on_record` less finely, so that it must not replace it.

    An equal value agrees as well: there is nothing to replace.
    """
    known = on_record.astimezone(BEIJING)
    if new.precision == "day":
        return known.date() == new.at.date()
    if new.precision == "minute":
        return known.replace(second=0, microsecond=0) == new.at.replace(second=0, microsecond=0)
    return known.replace(microsecond=0) == new.at.replace(microsecond=0)


def better(on_record: datetime | None, new: Moment | None) -> datetime | None:
    """Return what the record should hold after `new` was read: no value and no coarser one wins."""
    if new is None or (on_record is not None and agrees_coarser(on_record, new)):
        return on_record
    return new.at


def _written(value: str, what: str) -> Moment:
    if len(value) > LONGEST:
        value = value.strip()
    if len(value) > LONGEST:
        raise UnreadableTime(_unreadable(what, value))
    plain = unicodedata.normalize("NFKC", value).translate(_UNSEEN).translate(_SIGNS)
    plain = " ".join(plain.split())
    if found := _WRITTEN.fullmatch(plain):
        return _from_match(found, what, plain)
    if found := _RUN_TOGETHER.fullmatch(plain):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        fine: Precision = "second" if found[6] else "minute" if found[5] else "day"
        return _checked(
            Moment(_day(year, month, day, hour, minute, second, what, plain), fine), what, plain
        )
    if _NUMERIC.fullmatch(plain):
        return _from_serial(float(plain), what)
    raise UnreadableTime(_unreadable(what, value))


def _from_match(found: re.Match[str], what: str, plain: str) -> Moment:
    hour = int(found["hour"] or 0)
    minute, second = int(found["minute"] or 0), int(found["second"] or 0)
    if (found["half"] in _LATER_HALF and hour < 12) or (found["half"] == "中午" and hour < 11):
        hour += 12
    elif found["half"] in {"凌晨", "AM"} and hour == 12:
        hour = 0
    # 24:00 is how people write the end of a day
    midnight = hour == 24 and not minute and not second
    year, month, day = int(found["year"]), int(found["month"]), int(found["day"])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise UnreadableTime(_outside(what, plain))
    at = _day(year, month, day, 0 if midnight else hour, minute, second, what, plain)
    if midnight:
        at += timedelta(days=1)
    if zone := found["zone"]:
        at = _shifted(at, zone, what, plain)
    fine: Precision = "second" if found["second"] else "minute" if found["hour"] else "day"
    return _checked(Moment(at, fine), what, plain)


def _shifted(at: datetime, zone: str, what: str, plain: str) -> datetime:
    """Return the Beijing time of a clock face that came with an explicit offset."""
    hours, minutes = (0, 0) if zone in {"Z", "UTC"} else (int(zone[1:3]), int(zone[-2:]))
    if hours > 14 or minutes > 59:
        raise UnreadableTime(_unreadable(what, plain))
    away = timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
    return at - away + timedelta(hours=8)


def _day(
    year: int, month: int, day: int, hour: int, minute: int, second: int, what: str, plain: str
) -> datetime:
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=BEIJING)
    except ValueError:
        pass
    try:
        date(year, month, day)
    except ValueError:
        raise NoSuchDay(f"没有这一天：{what}“{plain}”，请核对年月日后改正") from None
    raise NoSuchDay(f"没有这个钟点：{what}“{plain}”，请核对时分秒后改正")


def _from_serial(serial: float, what: str) -> Moment:
    """Excel counts days from 1899-12-30; the fraction is the time of day."""
    if not _FIRST_SERIAL <= serial < _LAST_SERIAL:
        raise UnreadableTime(_unreadable(what, str(serial) if abs(serial) < 1e30 else "数字"))
    at = _EXCEL_EPOCH + timedelta(seconds=round(serial * 86400))
    return _checked(_as_fine_as_it_says(at.replace(tzinfo=BEIJING)), what, str(serial))


def _from_datetime(value: datetime, what: str) -> Moment:
    if value.tzinfo is not None:
        try:
            value = value.astimezone(BEIJING)
        except (OverflowError, ValueError):
            raise UnreadableTime(_outside(what, str(value))) from None
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise UnreadableTime(_outside(what, str(value)))
    if value.microsecond >= 500_000:  # Excel's fractions of a day end in …:04.999999
        value += timedelta(seconds=1)
    at = value.replace(tzinfo=BEIJING, microsecond=0, fold=0)
    return _checked(_as_fine_as_it_says(at), what, str(value))


def _as_fine_as_it_says(at: datetime) -> Moment:
    """A date cell shows no precision of its own: zero seconds say the minute, midnight the day."""
    if at.second:
        return Moment(at, "second")
    return Moment(at, "minute" if at.hour or at.minute else "day")


def _checked(found: Moment, what: str, plain: str) -> Moment:
    if not FIRST_YEAR <= found.at.year <= LAST_YEAR:
        raise UnreadableTime(_outside(what, plain))
    return found


def _shown(text: str) -> str:
    text = "".join(c if c.isprintable() else " " for c in text[:40]).strip()
    return text if len(text) <= 30 else text[:30] + "…"


def _unreadable(what: str, text: str) -> str:
    return f"{what}“{_shown(text)}”看不懂，请写成 2026-10-19 08:05"


def _outside(what: str, text: str) -> str:
    return f"{what}“{_shown(text)}”不在 2000 年至 2099 年之间，请核对年份后改正"
