"""What the pages of working days accept."""

from typing import Any

from django import forms
from django.core import signing

from jiesu.catalogue.holiday_files import LARGEST, read
from jiesu.core import virus
from jiesu.rules.holidays import YearTable, days_of, table_of

SALT = "jiesu.holidays"
KEPT_SECONDS = 12 * 3600  # a preview may lie open over a shift


class HolidayFileForm(forms.Form):
    """One file; cleaned it is the year tables in it, under ``tables``."""

    file = forms.FileField(
        label="节假日文件", widget=forms.FileInput(attrs={"accept": ".csv,.toml"}),
        error_messages={
            "required": "请选择节假日文件：csv 或 toml。", "empty": "文件是空的，请核对。",
            "invalid": "文件没有传上来，请再选一次。",
        },
    )  # fmt: skip
    source = forms.CharField(
        label="依据", required=False, max_length=200,
        help_text="通知的全称和文号。toml 文件里已写的，以文件为准。",
    )  # fmt: skip
    tentative = forms.BooleanField(
        label="暂定：通知还没有公布，先用着", required=False,
        help_text="算出的截止时间会注明暂定；公布后再导入一次，会重算。",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if (file := told.get("file")) is None:
            return told
        if file.size > LARGEST:
            self.add_error("file", "文件太大，不像节假日安排，请核对。")
            return told
        try:
            virus.scan(file.name, file.chunks())
            file.seek(0)
            told["tables"] = read(
                file.name, file.read(), source=told.get("source", ""),
                confirmed=not told.get("tentative"),
            )  # fmt: skip
        except ValueError as wrong:
            self.add_error("file", str(wrong))
        return told


class KeptTablesForm(forms.Form):
    """The tables that were looked at, as the preview kept them; cleaned they are tables again."""

    kept = forms.CharField(widget=forms.HiddenInput)

    def clean_kept(self) -> list[YearTable]:
        try:
            told = signing.loads(self.cleaned_data["kept"], salt=SALT, max_age=KEPT_SECONDS)
        except signing.BadSignature:
            raise forms.ValidationError("预览已过期，请重新选择文件。") from None
        return [
            table_of(one["year"], one["days"], confirmed=one["confirmed"], source=one["source"])
            for one in told
        ]


def keep(tables: list[YearTable]) -> str:
    """Return tables as a signed text for `KeptTablesForm`."""
    told = [
        {"year": t.year, "days": days_of(t), "confirmed": t.confirmed, "source": t.source}
        for t in tables
    ]
    return signing.dumps(told, salt=SALT, compress=True)
