"""The rota of a month as xlsx: the grid to hang on the wall, and a line for each post."""

from io import BytesIO

import xlsxwriter

from jiesu.duty.models import Post
from jiesu.duty.month import WEEKDAYS, Month
from jiesu.org.models import Member, Office
from jiesu.rules.moments import BEIJING

POSTS = ("日期", "星期", "班次", "起", "止", "姓名", "带班", "到岗", "离岗")


def rota(office: Office, month: Month, posts: list[Post], *, member: Member, made: str) -> bytes:
    """Return the file. Every cell is text, one that begins like a formula too."""
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}  # fmt: skip
    with xlsxwriter.Workbook(buffer, options) as book:
        line = {"border": 1, "valign": "vcenter", "text_wrap": True, "quote_prefix": True}
        plain, off = book.add_format(line), book.add_format(line | {"bg_color": "#EEF0F3"})
        amber = book.add_format(line | {"bg_color": "#FDF1DC"})
        head = book.add_format(line | {"bold": True, "bg_color": "#E8F0FB"})
        title = book.add_format({"bold": True, "font_size": 14, "quote_prefix": True})
        sheet = book.add_worksheet("值班表")
        said = f"{office.name} {month.first.year}年{month.first.month}月值班表"
        sheet.write_string(0, 0, said, title)
        for column, text in enumerate(("日期", "星期", *(p.name for p in month.patterns))):
            sheet.write_string(1, column, text, head)
        for place, row in enumerate(month.rows, 2):
            style = off if row.cover.off else plain
            sheet.write_string(place, 0, f"{row.on.month}月{row.on.day}日", style)
            kind = f"{row.weekday}（{row.holiday}）" if row.holiday else row.weekday
            sheet.write_string(place, 1, kind, style)
            for column, cell in enumerate(row.cells, 2):
                names = [
                    f"{n.text}{'（带班）' if n.lead else ''}{f'（{n.mark}）' if n.mark else ''}"
                    for n in cell.names
                ]
                words = "、".join(names) + (f" {cell.amber}" if cell.amber else "")
                sheet.write_string(place, column, words, amber if cell.amber else style)
        sheet.set_column(0, 1, 12)
        sheet.set_column(2, 1 + max(len(month.patterns), 1), 34)
        sheet.freeze_panes(2, 2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 1)
        _posts(book.add_worksheet("明细"), posts, head, plain)
        notes = book.add_worksheet("说明")
        for place, (name, text) in enumerate(
            (
                ("值班表", said),
                ("导出人", f"{member.name}（{member.get_role_display()}）"),
                ("导出时间", f"{made}（北京时间）"),
                ("节假日", "按已录入的放假调休安排" if month.known else "没有当年安排，按星期推算"),
            )
        ):
            notes.write_string(place, 0, name, head)
            notes.write_string(place, 1, text, plain)
        notes.set_column(0, 0, 12)
        notes.set_column(1, 1, 60)
    return buffer.getvalue()


def _posts(sheet: object, posts: list[Post], head: object, plain: object) -> None:
    for column, text in enumerate(POSTS):
        sheet.write_string(0, column, text, head)  # type: ignore[attr-defined]
    for place, post in enumerate(posts, 1):
        shift = post.shift
        moments = [
            at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if at else ""
            for at in (shift.starts_at, shift.ends_at, post.arrived_at, post.left_at)
        ]
        told = (
            shift.on.isoformat(), WEEKDAYS[shift.on.weekday()], shift.pattern.name, moments[0],
            moments[1], post.member.name, "是" if post.lead else "", moments[2], moments[3],
        )  # fmt: skip
        for column, text in enumerate(told):
            sheet.write_string(place, column, text, plain)  # type: ignore[attr-defined]
    sheet.set_column(0, len(POSTS) - 1, 16)  # type: ignore[attr-defined]
    sheet.freeze_panes(1, 0)  # type: ignore[attr-defined]
