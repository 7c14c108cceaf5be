"""Order files made for a test, of every kind that is read."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import docx
import xlsxwriter

HEADERS = [
    "工单编号",
    "标题",
    "主要内容",
    "来电时间",
    "派单时间",
    "截止时间",
    "来电人",
    "联系方式",
    "社区",
]
ROW = [
    "热线-261019-020001",
    "路灯不亮",
    "市民反映，楼前路灯三天不亮。",
    "2026-10-19 09:58:59",
    "2026-10-19 10:24:59",
    "2026-10-21 10:24:59",
    "保密",
    "13800136732",
    "普惠寺社区",
]
LABELS = ["工单编号", "标题", "派单时间", "所属社区", "主要内容"]
VALUES = ["热线-261019-020001", "路灯不亮", "2026-10-19 10:24:59", "普惠寺社区", "路灯三天不亮。"]


def make_workbook(path: Path, rows: Iterable[Sequence[object]], **sheets: list) -> Path:
    """Write rows into the first sheet and those of `sheets` into further ones."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        for name, lines in [("工单信息", rows), *sheets.items()]:
            sheet = book.add_worksheet(name)
            for at, line in enumerate(lines):
                for column, value in enumerate(line):
                    if isinstance(value, str):
                        sheet.write_string(at, column, value)
                    else:
                        sheet.write(at, column, value)
    return path


def make_text(
    path: Path, rows: Iterable[Sequence[str]], encoding: str = "utf-8", separator: str = ","
) -> Path:
    quoted = [separator.join(f'"{cell}"' if "\n" in cell else cell for cell in row) for row in rows]
    path.write_bytes(("\r\n".join(quoted) + "\r\n").encode(encoding))
    return path


def make_form(pairs: Iterable[tuple[str, str]], across: int = 2) -> bytes:
    """Return a Word form: `across` pairs of label and value in each row."""
    pairs = list(pairs)
    document = docx.Document()
    document.add_paragraph("北京市12345市民服务热线 诉求工单")
    table = document.add_table(rows=0, cols=across * 2)
    for at in range(0, len(pairs), across):
        cells = table.add_row().cells
        for place, (label, value) in enumerate(pairs[at : at + across]):
            cells[place * 2].text, cells[place * 2 + 1].text = label, value
    return _saved(document)


def make_word_list(rows: Sequence[Sequence[str]]) -> bytes:
    document = docx.Document()
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for at, row in enumerate(rows):
        for cell, text in zip(table.rows[at].cells, row, strict=True):
            cell.text = text
    return _saved(document)


def make_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def rewrite(path: Path, part: str, before: str, after: str) -> Path:
    """Replace text in one part of a package, as somebody with bad intent would."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    assert before in parts[part].decode()
    parts[part] = parts[part].decode().replace(before, after).encode()
    return make_zip(path, parts)


def _saved(document: "docx.document.Document") -> bytes:
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()
