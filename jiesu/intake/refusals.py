"""Refused rows as a file somebody can put right and hand in again: as they came, reason in the last column."""

from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

from jiesu.intake.models import Arrival, Batch, Verdict

REASON = "未收原因"


def rows(batch: Batch) -> Iterator[Arrival]:
    """Yield the refused rows of a batch in the order of the file."""
    refused = batch.arrivals.filter(verdict=Verdict.REFUSED).select_related("sheet")
    return refused.order_by("id").iterator(chunk_size=1000)


def write(batch: Batch, target: Path) -> int:
    """Write the refused rows as xlsx, one sheet a sheet. Returns how many.

    Everything is written as text: a formula in a cell stays the characters it is.
    """
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False,
    }  # fmt: skip
    count = 0
    with xlsxwriter.Workbook(str(target), options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True})
        sheets: dict[str, tuple[xlsxwriter.worksheet.Worksheet, list[str], int]] = {}
        for arrival in rows(batch):
            texts: list[str] = arrival.values
            name = arrival.sheet.name if arrival.sheet else "未收"
            if name not in sheets:
                headers = arrival.sheet.headers if arrival.sheet else []
                sheet = book.add_worksheet(_sheet_name(name, len(sheets)))
                for column, header in enumerate([*headers, REASON]):
                    sheet.write_string(0, column, header, bold)
                sheet.freeze_panes(1, 0)
                sheets[name] = (sheet, headers, 0)
            sheet, headers, line = sheets[name]
            line += 1
            for column, text in enumerate(texts):
                sheet.write_string(line, column, text[:32_000])
            sheet.write_string(line, max(len(headers), len(texts)), arrival.reason)
            sheets[name] = (sheet, headers, line)
            count += 1
        if not sheets:
            book.add_worksheet("未收").write_string(0, 0, "没有未收的行")
    return count


def _sheet_name(name: str, number: int) -> str:
    clean = "".join(sign for sign in name if sign not in r"[]:*?/\'")[:24]
    return f"{clean or '未收'}{number + 1 if number else ''}"
