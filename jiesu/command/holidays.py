"""``jiesu import holidays``: a file of year tables, what it changes, and its adoption."""

from argparse import Namespace
from typing import Any

from django.utils import timezone

from jiesu.cases import forecast
from jiesu.catalogue import actions, holiday_files
from jiesu.catalogue.queries import calendar_of
from jiesu.command.preparing import named_office
from jiesu.command.words import Stopped, result, say
from jiesu.rules.holidays import changes

SHOWN = 10  # changed days said one by one


def run(asked: Namespace) -> int:
    """Adopt the years of a file for an office; with --dry-run only say what would change.

    :raises Stopped: the file cannot be used
    """
    office = named_office(asked.street)
    try:
        tables = holiday_files.read(
            asked.file.name, asked.file.read_bytes(), source=asked.source,
            confirmed=not asked.tentative,
        )  # fmt: skip
    except OSError:
        raise Stopped(f"读不到节假日文件 {asked.file}，请核对路径。") from None
    except ValueError as wrong:
        raise Stopped(f"{asked.file.name}：{wrong}") from None
    at = timezone.now()
    now = calendar_of(office)
    new = now.overlaid(tables)
    wanted = [table for table in tables.values() if now.tables.get(table.year) != table]
    moving = sum(shift.total for shift in forecast.shifts(office, new, at)) if wanted else 0
    told: dict[str, Any] = {
        "years": [table.year for table in wanted],
        "changed_days": {},
        "clocks": moving,
    }
    for table in wanted:
        found = changes(now, new, table.year)
        told["changed_days"][str(table.year)] = len(found)
        state = "" if table.confirmed else "（暂定）"
        say(
            f"{table.year}年{state}：放假 {len(table.off)} 天，调休上班 {len(table.work)} 天，{len(found)} 天有变化。"
        )
        for one in found[:SHOWN]:
            say(f"  {one.day}：{one.before} → {one.after}")
        if len(found) > SHOWN:
            say(f"  …另有 {len(found) - SHOWN} 天")
    if not wanted:
        say("与现在的安排一致，没有改动。")
    elif asked.dry_run:
        say(f"以上只是试读，没有改动；正在计时的时限有 {moving} 个会变。")
    else:
        actions.adopt_holidays(office, wanted, actor=None, at=at)
        say(f"已录入，正在计时的时限有 {moving} 个会由后台重算。")
    if asked.json:
        result(told | {"adopted": bool(wanted) and not asked.dry_run})
    return 0
