"""Files as a form takes them: any number, each looked into, each refusal a sentence of its own."""

import unicodedata
from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from jiesu.cases.forms import ActForm
from jiesu.cases.models import Case
from jiesu.catalogue.queries import rules_at
from jiesu.core import virus
from jiesu.evidence import checks, queries
from jiesu.evidence.actions import Checked
from jiesu.org.models import Member
from jiesu.rules.attachments import MB, FileLimits

LONGEST_NAME = 200
_NOT_IN_NAMES = str.maketrans(dict.fromkeys('<>:"|?*', "_"))


def help_of(limits: FileLimits) -> str:
    """Say how large a file may be, in one line."""
    sizes: dict[int, list[str]] = {}
    labels = {
        "document": "Word、Excel、PPT、PDF",
        "recording": "录音",
        "video": "视频",
        "picture": "图片",
    }
    for name, label in labels.items():
        sizes.setdefault(getattr(limits, name), []).append(label)
    return (
        "，".join(f"{'、'.join(of)}每个不超过 {size // MB} MB" for size, of in sizes.items()) + "。"
    )


HELP = help_of(checks.USUAL)


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
        self.limits = checks.USUAL
        self.there = self.today = 0  # bytes of the case, and of this member since midnight

    def suit(self, case: Case, member: Member) -> None:
        """Take the limits of the rule set in force, and what case and member have already."""
        now = timezone.now()
        before, self.limits = help_of(self.limits), rules_at(case.office, now).files
        self.help_text = str(self.help_text).replace(before, help_of(self.limits))
        self.there = queries.size_of(case)
        self.today = queries.size_today(member, now)

    def clean(self, data: Any, initial: Any = None) -> list[Checked]:
        uploads = [upload for upload in data or [] if upload]
        if self.required and not uploads:
            raise ValidationError(self.error_messages["required"])
        if len(uploads) > self.limits.at_once:
            raise ValidationError(
                f"一次最多 {self.limits.at_once} 个文件，现有 {len(uploads)} 个，请分次上传。"
            )
        self._fit(sum(upload.size for upload in uploads))
        checked, wrong = [], []
        for upload in uploads:
            name = plain_name(upload.name)
            try:
                kind = checks.inspect(name, upload.size, upload.file, self.limits)
                virus.scan(name, upload.chunks())
                upload.file.seek(0)
                checked.append(Checked(name, kind, upload))
            except (checks.Unacceptable, virus.Refused) as refusal:
                wrong.append(str(refusal))
        if wrong:
            again = ["其余文件没有问题，但都还没有保存，请去掉上面的再选一次。"] if checked else []
            raise ValidationError(wrong + again)
        return checked

    def _fit(self, size: int) -> None:
        most = self.limits
        if size and self.there + size > most.case:
            raise ValidationError(
                f"一件案件的佐证合计不超过 {most.case // MB} MB，这件已有 {self.there / MB:.0f} MB，"
                "请压缩后再传，或只传必要的。"
            )
        if size and self.today + size > most.member_day:
            raise ValidationError(
                f"一人一天上传合计不超过 {most.member_day // MB} MB，请明天再传，或请同事上传。"
            )


class AddForm(ActForm):
    files = FilesField("文件", required=True)
    note = forms.CharField(
        label="说明", required=False, max_length=200, help_text="如：整改后现场照片、通话录音。",
        error_messages={"max_length": "最多 200 字，现有 %(show_value)d 字，请精简。"},
    )  # fmt: skip


def plain_name(name: str) -> str:
    """The name alone: no folders, nothing unseen, nothing a file system takes for more than a letter.

    At most 200 long with its ending kept; what has no letter left is called 未命名.
    """
    shown = "".join(c for c in unicodedata.normalize("NFC", name) if _seen(c))
    last = shown.replace("\\", "/").rpartition("/")[2].translate(_NOT_IN_NAMES)
    plain = " ".join(last.split()).strip(". ")
    if not plain:
        return "未命名"
    ending = PurePosixPath(plain).suffix[:12]
    if len(plain) <= LONGEST_NAME:
        return plain
    return plain[: LONGEST_NAME - len(ending)] + ending


def _seen(character: str) -> bool:
    """False for controls, marks of direction and width, half characters, lines and unassigned ones."""
    kind = unicodedata.category(character)
    return not kind.startswith("C") and kind not in {"Zl", "Zp"}
