"""``jiesu import callbacks``: the city's call-back results taken in, what became of the rows said."""

from argparse import Namespace
from typing import Any

from django.utils import timezone

from jiesu.assessment import importing, uploads
from jiesu.assessment.cycles import almanac
from jiesu.assessment.importing import Tally
from jiesu.command.preparing import named_office
from jiesu.command.words import Stopped, result, say
from jiesu.core import virus
from jiesu.org.models import Office
from jiesu.platforms.sheets import Unreadable
from jiesu.rules.cycles import Cycle, NoCycle

SHOWN = 20


def run(asked: Namespace) -> int:
    """Import one file. A row that was not understood is told and does not fail the command.

    :raises Stopped: the file or the cycle cannot be used
    """
    office = named_office(asked.street)
    try:
        cycle = almanac(office).named(asked.cycle) if asked.cycle else None
        tally = _rehearse(office, asked, cycle) if asked.dry_run else _take(office, asked, cycle)
    except OSError:
        raise Stopped(f"读不到文件 {asked.file}，请核对路径。") from None
    except (NoCycle, Unreadable, virus.Refused) as wrong:
        raise Stopped(f"{asked.file.name}：{wrong}" if asked.file.name else str(wrong)) from None
    _say(asked.file.name, tally, rehearsal=asked.dry_run)
    if asked.json:
        told: dict[str, Any] = {"file": asked.file.name, "cycle": cycle.code if cycle else None}
        result(told | tally.told())
    return 0


def _take(office: Office, asked: Namespace, cycle: Cycle | None) -> Tally:
    """Keep the original sealed and import it; of a file nobody can read nothing is kept."""
    now = timezone.now()
    upload = uploads.receive_path(office, asked.file, cycle=cycle, at=now)
    try:
        tally = uploads.run(upload, at=now)
    except Unreadable:
        uploads.discard(upload)
        raise
    assert tally is not None
    return tally


def _rehearse(office: Office, asked: Namespace, cycle: Cycle | None) -> Tally:
    with asked.file.open("rb") as source:
        virus.scan(asked.file.name, iter(lambda: source.read(2**20), b""))
    return importing.take(
        office, asked.file, cycle=cycle, member=None, at=timezone.now(), rehearsal=True
    )


def _say(name: str, tally: Tally, *, rehearsal: bool) -> None:
    where = "、".join(f"{code} {many} 件" for code, many in sorted(tally.cycles.items()))
    say(
        f"{'试读' if rehearsal else '已导入'} {name}：共 {tally.rows} 行，新增 {tally.new}，更正 {tally.corrected}，"
        f"无变化 {tally.unchanged}，文件内重复 {tally.repeated}，未收 {tally.refused}。"
        + (f"归入考核期 {where}。" if where else "")
    )
    if tally.unmatched:
        some = "、".join(tally.unmatched_numbers[:SHOWN])
        more = "等" if tally.unmatched > SHOWN else ""
        say(
            f"  有 {tally.unmatched} 件不在本系统（照样计入三率，导入工单后自动对上）：{some}{more}"
        )
    for refusal in tally.refusals[:SHOWN]:
        say(f"  第 {refusal['row']} 行未收：{refusal['reason']}")
    if len(tally.refusals) > SHOWN:
        say(f"  …另有 {len(tally.refusals) - SHOWN} 行，加 --json 看全部。")
    for warning in tally.warnings[:SHOWN]:
        say(f"  提示：{warning}")
