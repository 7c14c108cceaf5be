"""Files as a form takes them: any number, each looked into, each refusal a sentence of its own."""

import re
import unicodedata
from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from jiesu.cases.forms import ActForm
from jiesu.evidence import checks
from jiesu.evidence.actions import Checked

MOST = 20
HELP = "Word、Excel、PPT、PDF、录音、视频每个不超过 20 MB，图片每个不超过 10 MB。"
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class FilesInput(forms.FileInput):
    template_name = "evidence/_files.html"
    allow_multiple_selected = True

    def __init__(self) -> None:
        endings = ",".join(f".{ending}" for ending in checks.ENDINGS)
        super().__init__(attrs={"multiple": True, "accept": endings})


class FilesField(forms.FileField):
    """Any number of files; cleaned it is a list of ``Checked``."""

    widget = FilesInput

    def __init__(
        self, label: str = "佐证文件", *, required: bool = False, help_text: str = HELP
    ) -> None:
        missing = "请选择要上传的文件。"
        wrong = dict.fromkeys(("required", "empty", "missing", "invalid"), missing)
        super().__init__(label=label, required=required, help_text=help_text, error_messages=wrong)

    def clean(self, data: Any, initial: Any = None) -> list[Checked]:
        uploads = [upload for upload in data or [] if upload]
        if self.required and not uploads:
            raise ValidationError(self.error_messages["required"])
        if len(uploads) > MOST:
            raise ValidationError(f"一次最多 {MOST} 个文件，现有 {len(uploads)} 个，请分次上传。")
        checked, wrong = [], []
        for upload in uploads:
            name = plain_name(upload.name)
            try:
                checked.append(
                    Checked(name, checks.inspect(name, upload.size, upload.file), upload)
                )
            except checks.Unacceptable as refusal:
                wrong.append(str(refusal))
        if wrong:
            again = ["其余文件没有问题，但都还没有保存，请去掉上面的再选一次。"] if checked else []
            raise ValidationError(wrong + again)
        return checked


class AddForm(ActForm):
    files = FilesField("文件", required=True)
    note = forms.CharField(
        label="说明", required=False, max_length=200, help_text="如：整改后现场照片、通话录音。",
        error_messages={"max_length": "最多 200 字，现有 %(show_value)d 字，请精简。"},
    )  # fmt: skip


def plain_name(name: str) -> str:
    """The name alone: no folders, no unseen characters, at most 200 long with its ending kept."""
    name = (
        _UNSEEN.sub("", unicodedata.normalize("NFC", name))
        .replace("\\", "/")
        .rpartition("/")[2]
        .strip()
    )
    ending = PurePosixPath(name).suffix[:12]
    return name if len(name) <= 200 else name[: 200 - len(ending)] + ending
