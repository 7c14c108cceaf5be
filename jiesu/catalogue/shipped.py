"""What comes with the product as files, read once. Needs neither a database nor Django."""

from functools import lru_cache
from pathlib import Path

from jiesu.rules.holidays import WorkCalendar, parse_toml

HOLIDAYS = Path(__file__).resolve().parent.parent / "rulesets" / "holidays.toml"


@lru_cache(maxsize=1)
def work_calendar() -> WorkCalendar:
    """Return the year tables that are shipped."""
    return WorkCalendar(parse_toml(HOLIDAYS.read_text("utf-8")))
