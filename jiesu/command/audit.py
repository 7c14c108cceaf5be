"""``jiesu audit``: is the record still what it was, and writing down outside how far it reaches."""

import sys
from argparse import Namespace
from datetime import datetime
from pathlib import Path
from typing import Any

from jiesu.command.words import Stopped, result, say
from jiesu.core import environment
from jiesu.rules.moments import BEIJING
from jiesu.trail import anchors, chain
from jiesu.trail.report import SOURCES, TABLES, Fault, Report

SHOWN = 50  # faults written out; --json has them all


def verify(asked: Namespace) -> int:
    """Walk the chain. Returns 0 only when every row and link is as it was.

    :raises Stopped: the anchors cannot be read
    """
    held = _anchors(asked.anchors)
    terminal = sys.stderr.isatty() and not asked.json

    def tell(done: int, last: int) -> None:
        print(f"\r已核对 {done:,} / {last:,} 环", end="", file=sys.stderr, flush=True)

    found = chain.verify(first=asked.first, anchors=held, tell=tell if terminal else None)
    if terminal:
        print("\r", end="", file=sys.stderr)
    for warning in found.warnings:
        say(warning)
    if asked.json:
        result(found.told())
    else:
        print("\n".join(_words(found)))
    return 0 if found.good else 1


def anchor(asked: Namespace) -> int:
    """Write where the chain ends into a file outside.

    :raises Stopped: no file was named, or it cannot be written
    """
    path = asked.to or environment.anchors()
    if path is None:
        raise Stopped(
            "请用 --to 写明锚点文件，或设置 JIESU_ANCHORS。它应放在数据库管理员改不到的地方。"
        )
    here = chain.head()
    try:
        anchors.append(path, here)
    except OSError as broken:
        raise Stopped(f"锚点写不进 {path}：{broken.strerror}") from None
    say(f"已写入 {path}：第 {here.seq} 环，累计 {here.rows} 行，{here.hash[:16]}…")
    return 0


def _anchors(path: Path | None) -> list[anchors.Anchor]:
    """The anchors of the named file, or of the one that is set and there."""
    usual = environment.anchors()
    if path is None and (usual is None or not usual.exists()):
        return []
    try:
        return list(anchors.read(path or usual))  # type: ignore[arg-type]
    except (OSError, UnicodeDecodeError) as broken:
        raise Stopped(f"读不到锚点文件 {path or usual}：{broken}") from None
    except anchors.Unreadable as broken:
        raise Stopped(str(broken)) from None


def _words(found: Report) -> list[str]:
    """What was found, for a person."""
    lines = [_line(fault) for fault in found.faults[:SHOWN]]
    hidden = len(found.faults) - len(lines) + found.more
    if hidden:
        lines.append(f"……另有 {hidden} 处（--json 列出前 {chain.MOST} 处）")
    kinds = "，".join(f"{source.label} {found.rows[name]:,} 行" for name, source in SOURCES.items())
    since = f"从第 {found.first} 环起，" if found.first > 1 else ""
    speed = found.checked / max(found.seconds, 0.001)
    lines.append(
        f"{since}核对 {found.links:,} 环：{kinds}，用时 {found.seconds:.1f} 秒（每秒 {speed:,.0f} 行）。"
    )
    if found.erased:
        lines.append(f"依规定到期清除 {found.erased:,} 行，证明 {len(found.certificates)} 份。")
    if found.cleared:
        lines.append(f"过了保存期限已清理的操作留痕 {found.cleared:,} 行，不算问题。")
    lines += [_writer(one) for one in found.writers]
    if found.anchors:
        lines.append(f"与 {found.anchors} 个锚点比对。")
    lines.append(f"链尾：第 {found.seq} 环 {found.hash}")
    wrong = len(found.faults) + found.more
    lines.append("结论：完整，没有发现问题。" if found.good else f"结论：发现 {wrong} 处问题。")
    return lines


def _line(fault: Fault) -> str:
    where = f"{TABLES[fault.table]} {fault.table}"
    row = f" 行 {fault.row}" if fault.row is not None else ""
    seq = f" 第 {fault.seq} 环" if fault.seq is not None else ""
    return f"【{fault.wrong.label}】{where}{row}{seq}：{fault.told}"


def _writer(one: dict[str, Any]) -> str:
    who = one["role"] or "不区分"
    at = datetime.fromisoformat(one["at"]).astimezone(BEIJING)
    return (
        f"自第 {one['seq']} 环（{at:%Y-%m-%d %H:%M}）起由数据库用户 {who} 写入，{one['by']} 登记。"
    )
