"""The one program that opens an .xls file: run as a process of its own, with little to spend.

The old format is read by a native library that a single altered byte can make ask for all the
memory there is, or abort. So that neither ends the product, this file is started as a script (it
imports nothing of the house), reads the workbook named by its argument, and prints JSON lines: the
sheets first, then [sheet, row, values] for every row with something in it.
"""

import datetime
import json
import resource
import sys

import python_calamine

MEMORY = 1536 * 2**20
SECONDS = 60
LOCKED = 3  # exit status


def main(path: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        book = python_calamine.load_workbook(path)
    except python_calamine.PasswordError:
        return LOCKED
    sheets = [
        (number, sheet)
        for number, sheet in enumerate(book.sheets_metadata)
        if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
    ]
    visible = python_calamine.SheetVisibleEnum.Visible
    put = sys.stdout.write
    put(json.dumps([[sheet.name, sheet.visible != visible] for _, sheet in sheets]) + "\n")
    for order, (number, _) in enumerate(sheets):
        sheet = book.get_sheet_by_index(number)
        if sheet.end is None:
            continue
        for row, values in enumerate(sheet.iter_rows(), start=1):
            while values and values[-1] == "":
                values.pop()
            if values:
                put(json.dumps([order, row, values], default=_timely) + "\n")
    return 0


def _timely(value: object) -> object:
    """Say dates so that the other side can tell them from text."""
    if isinstance(value, datetime.datetime | datetime.date):
        return {"at": value.isoformat()}
    return str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
