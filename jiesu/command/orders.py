"""``jiesu import orders``: each file read, judged, stored; what became of its rows said and written."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from jiesu.command.preparing import named_office
from jiesu.command.words import Stopped, result, say
from jiesu.core import virus
from jiesu.intake import importing, receiving, refusals
from jiesu.intake.importing import Tally
from jiesu.intake.models import Batch
from jiesu.org.models import Office
from jiesu.platforms.sheets import Unreadable

COUNTS = ("rows", "new", "changed", "unchanged", "arrived_again", "refused")


def run(asked: Namespace) -> int:
    """Import the files one after the other. Returns 0 only when every file was read to its end.

    A refused row does not fail the command: it is told with its reason, and written out on request.
    """
    office = named_office(asked.street)
    missing = [str(path) for path in asked.files if not path.is_file()]
    if missing:
        raise Stopped(f"找不到文件：{'、'.join(missing)}")
    told: list[dict[str, Any]] = []
    failed = False
    for path in asked.files:
        try:
            tally = _one(office, path, asked)
        except (Unreadable, virus.Refused) as broken:
            say(f"{path.name}：{broken}")
            told.append({"file": path.name, "error": str(broken)})
            failed = True
            continue
        told.append({"file": path.name, **tally.told()})
        _say(path, tally, rehearsal=asked.dry_run)
    if asked.json:
        result(told[0] if len(told) == 1 else _together(told))
    return 1 if failed else 0


def _one(office: Office, path: Path, asked: Namespace) -> Tally:
    batch = receiving.receive_path(office, path)
    at = timezone.now()
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]} 行"),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(f"{'试读' if asked.dry_run else '导入'} {path.name}", total=1.0, rows=0)

        def progress(rows: int, part: float) -> None:
            bar.update(task, completed=part, rows=rows)

        work = importing.try_reading if asked.dry_run else importing.run
        try:
            tally = work(batch, at=at, progress=progress)
        finally:
            if asked.dry_run:
                receiving.discard(batch)
    if asked.refused and tally.refused and not asked.dry_run:
        _write_refused(batch, asked.refused, path)
    return tally


def _write_refused(batch: Batch, folder: Path, path: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{path.stem}-未收.xlsx"
    refusals.write(batch, target)
    say(f"未收的 {batch.counts['refused']} 行已写入 {target}")


def _say(path: Path, tally: Tally, *, rehearsal: bool) -> None:
    head = "试读" if rehearsal else "已导入"
    say(
        f"{head} {path.name}：共 {tally.rows} 行，新增 {tally.new}，有变化 {tally.changed}，"
        f"无变化 {tally.unchanged}，再次到达 {tally.arrived_again}，未收 {tally.refused}。"
    )
    for refusal in tally.refusals[:20]:
        say(f"  第 {refusal['row']} 行未收：{refusal['reason']}")
    if len(tally.refusals) > 20:
        say(
            f"  …另有 {len(tally.refusals) - 20} 行，加 --json 看全部，加 --refused 目录 写成文件。"
        )
    for warning in tally.warnings[:20]:
        say(f"  提示：{warning}")


def _together(told: list[dict[str, Any]]) -> dict[str, Any]:
    """Several files: the sums, each file's own beneath."""
    whole: dict[str, Any] = {name: sum(one.get(name, 0) for one in told) for name in COUNTS}
    whole["refusals"] = [
        {"file": one["file"], **refusal} for one in told for refusal in one.get("refusals", [])
    ]
    return whole | {"files": told}
