"""A package: workbooks of an inspector's parts, each marked, with a cover that says what, whose and its hashes."""

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from jiesu.ledger import workbook
from jiesu.ledger.actions import MASKED
from jiesu.ledger.sheets import local
from jiesu.ledger.workbook import Form, Head
from jiesu.org.models import Member
from jiesu.service.models import Copy
from jiesu.service.parts import PARTS, Part, Span

COVER = "00_封面.xlsx"
SUMS = "SHA256SUMS.txt"
COVER_HEADS = (
    Head("项目", 20), Head("内容", 40), Head("行数", 10, Form.NUMBER), Head("SHA-256", 66, Form.CODE),
)  # fmt: skip


def mark(member: Member, number: str, span: Span, at: datetime) -> str:
    """Return the words that stand on every sheet and every printed page: whose copy of what, and when."""
    who = f"{member.name}（{member.get_role_display()}）"
    return f"{member.office.name} 调阅件 {number}　{who}　{local(at):%Y-%m-%d %H:%M}　时段 {span}　不得外传"


def write(path: Path, copy: Copy, *, at: datetime, tell: Callable[[int], None]) -> list[dict[str, Any]]:  # fmt: skip
    """Write the package and return its contents: of each file the part, its rows and its SHA-256."""
    span = Span(copy.since, copy.until)
    marked = mark(copy.member, copy.number, span, at)
    contents: list[dict[str, Any]] = []
    piece = path.with_suffix(".piece")
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as package:
            for place, code in enumerate(copy.parts, 1):
                part = PARTS[code]
                rows = _part(piece, part, copy, span, marked, at)
                name = f"{place:02}_{part.title}.xlsx"
                contents.append(
                    {"file": name, "title": part.title, "rows": rows, "sha256": digest(piece)}
                )
                package.write(piece, name)
                tell(place)
            _cover(piece, copy, span, marked, contents, at)
            package.write(piece, COVER)
            sums = [*((one["sha256"], one["file"]) for one in contents), (digest(piece), COVER)]
            package.writestr(SUMS, "".join(f"{sha}  {name}\n" for sha, name in sums))
    finally:
        piece.unlink(missing_ok=True)
    path.chmod(0o600)
    return contents


def _part(path: Path, part: Part, copy: Copy, span: Span, marked: str, at: datetime) -> int:
    def notes(rows: int) -> Iterator[tuple[str, str]]:
        yield "内容", f"{copy.office.name} {part.title}"
        yield "时段", str(span)
        yield "行数", f"{rows} 行"
        yield "调阅", marked
        yield "个人信息", MASKED

    with transaction.atomic():  # one look at the data, never the whole in memory
        rows = part.rows(copy.member, span, at)
        return workbook.write(
            path, part.title, part.heads, rows, pinned=1, notes=notes, mark=marked
        )


def _cover(path: Path, copy: Copy, span: Span, marked: str, contents: list[dict[str, Any]], at: datetime) -> None:  # fmt: skip
    member = copy.member
    about = [
        ["编号", copy.number, None, ""],
        ["街道", copy.office.name, None, ""],
        ["时段", str(span), None, ""],
        ["调阅人", f"{member.name}（{member.unit.name}，{member.get_role_display()}）", None, ""],
        ["时间", f"{local(at):%Y-%m-%d %H:%M:%S}（北京时间）", None, ""],
        ["依据", "服务合同 5.1：街道可随时检查台账、日志和资料，并复制。", None, ""],
    ]
    files = [[one["title"], one["file"], one["rows"], one["sha256"]] for one in contents]

    def notes(rows: int) -> Iterator[tuple[str, str]]:
        yield "核对", f"{SUMS} 里是每个文件的 SHA-256，本封面里也有，两处应一致。"
        yield "个人信息", MASKED

    workbook.write(path, "封面", COVER_HEADS, [*about, *files], pinned=1, notes=notes, mark=marked)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
