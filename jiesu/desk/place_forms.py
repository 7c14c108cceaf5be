"""What the page of 社区地名 accepts: one word by hand, or a table of them."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django import forms

from jiesu.catalogue.keeping_places import ROWS, Entry, Unfit, entry, read_rows
from jiesu.core import virus
from jiesu.org.models import Office, UnitKind
from jiesu.platforms.cells import as_text
from jiesu.platforms.csv_files import read_text
from jiesu.platforms.sheets import Limits, Reading, Unreadable
from jiesu.platforms.workbooks import read_workbook
from jiesu.rules.places import PlaceKind

LARGEST = 4 * 2**20
LIMITS = Limits(file_bytes=LARGEST, unpacked_bytes=64 * 2**20, rows=ROWS + 10, columns=50)
SHOWN = 8  # wrong rows told at once


class PlaceForm(forms.Form):
    """One word; cleaned it is an entry, under ``entry``."""

    community = forms.ChoiceField(label="社区", error_messages={"required": "请选择社区。"})
    word = forms.CharField(
        label="写法", max_length=60, help_text="群众和来单怎么写它：小区名、院名、老地名、简称。",
        error_messages={"required": "请填写写法。", "max_length": "最多 60 字。"},
    )  # fmt: skip
    kind = forms.ChoiceField(
        label="种类", choices=[(k.value, k.label) for k in PlaceKind if k is not PlaceKind.NAME],
        initial=PlaceKind.COMPOUND.value,
    )  # fmt: skip
    buildings = forms.CharField(
        label="楼号", required=False, max_length=120,
        help_text="一个小区分属几个社区时填，如 1-6,9；全部楼都归它的，不填。",
    )  # fmt: skip
    source = forms.CharField(label="依据", required=False, max_length=200)

    def __init__(self, *args: Any, office: Office, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = office.units.filter(kind=UnitKind.COMMUNITY, active=True)
        self._units = {unit.code: unit for unit in units}
        self.fields["community"].choices = [("", "请选择"), *((u.code, u.name) for u in units)]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not self.errors:
            community = self._units[told["community"]]
            try:
                told["entry"] = entry(
                    community, told["word"], told["kind"], told["buildings"], told["source"]
                )
            except Unfit as why:
                self.add_error("buildings" if "楼号" in str(why) else "word", str(why))
        return told


class PlaceFileForm(forms.Form):
    """One table; cleaned it is entries, under ``entries``. All rows are right, or none is taken."""

    file = forms.FileField(
        label="地名表", widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={
            "required": "请选择地名表：xlsx 或 csv。", "empty": "文件是空的，请核对。",
            "invalid": "文件没有传上来，请再选一次。",
        },
    )  # fmt: skip

    def __init__(self, *args: Any, office: Office, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._office = office

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if (file := told.get("file")) is None:
            return told
        try:
            virus.scan(file.name, file.chunks())
            file.seek(0)
            told["entries"] = self._entries(file)
        except (ValueError, Unreadable) as wrong:
            self.add_error("file", str(wrong))
        return told

    def _entries(self, file: Any) -> list[Entry]:
        if file.size > LARGEST:
            raise ValueError("文件太大，不像地名表，请核对。")
        kind = Path(file.name).suffix.lower()
        if kind not in {".xlsx", ".csv"}:
            raise ValueError("地名表要用 .xlsx 或 .csv；旧的 .xls 请另存为 .xlsx 再导入。")
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"places{kind}"
            path.write_bytes(file.read())
            entries, wrong = read_rows(self._office, _rows(path))
        if wrong:
            more = f"\n还有 {len(wrong) - SHOWN} 行" if len(wrong) > SHOWN else ""
            raise ValueError("没有导入，请改好再传：\n" + "\n".join(wrong[:SHOWN]) + more)
        return entries


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    reading = Reading()
    read = (
        read_workbook(path, LIMITS, reading)
        if path.suffix == ".xlsx"
        else read_text(path, LIMITS, reading, lambda rows: max(map(len, rows), default=0))
    )
    for grid in read:
        if not grid.hidden:
            for line in grid.rows:
                if line.fault:
                    raise ValueError(f"第 {line.row} 行：{line.fault}")
                yield line.row, [as_text(value) for value in line.values]
            return
