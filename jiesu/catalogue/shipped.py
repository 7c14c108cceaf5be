"""What comes with the product as files, read once. Needs neither a database nor Django."""

from functools import lru_cache
from pathlib import Path

from jiesu.rules import marks
from jiesu.rules.holidays import WorkCalendar, parse_toml

RULESETS = Path(__file__).resolve().parent.parent / "rulesets"
HOLIDAYS = RULESETS / "holidays.toml"
MARKS = RULESETS / "marks.toml"


@lru_cache(maxsize=1)
def work_calendar() -> WorkCalendar:
    """Return the year tables that are shipped."""
    return WorkCalendar(parse_toml(HOLIDAYS.read_text("utf-8")))


@lru_cache(maxsize=1)
def mark_rules() -> tuple[marks.MarkRule, ...]:
    """Return which words make which mark."""
    return marks.read(MARKS.read_text("utf-8"))
