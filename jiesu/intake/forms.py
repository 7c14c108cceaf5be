"""What the intake pages accept."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from jiesu.core import virus
from jiesu.evidence.forms import plain_name


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files, none empty, none above the limit."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:  # type: ignore[override]
        files = data if isinstance(data, list | tuple) else [data]
        cleaned = [forms.FileField.clean(self, one, initial) for one in files or [None]]
        for one in cleaned:
            if one.size > settings.UPLOAD_LIMIT_MB * 2**20:
                raise forms.ValidationError(
                    f"“{one.name}”超过 {settings.UPLOAD_LIMIT_MB} MB，请按月拆分后再导入。"
                )
        for one in cleaned:
            _scan(one)
        return cleaned


def _scan(one: UploadedFile) -> None:
    try:
        virus.scan(plain_name(one.name or ""), one.chunks())
    except virus.Refused as refusal:
        raise forms.ValidationError(str(refusal)) from None
    one.seek(0)


class UploadForm(forms.Form):
    files = FilesField(
        label="工单文件",
        error_messages={
            "required": "请选择文件：平台导出的 xlsx、xls、csv，或 Word 工单（docx，可打成 zip）。",
            "empty": "文件是空的，请重新导出。",
            "invalid": "文件没有传上来，请再选一次。",
        },
    )
