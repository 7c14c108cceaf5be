"""What the trail can be asked for."""

from typing import Any

from django import forms

from jiesu.cases.filters import Day
from jiesu.trail.models import Kind


class TrailForm(forms.Form):
    """Cleans a filter of the trail; what cannot be used is said and ignored."""

    who = forms.CharField(required=False, max_length=40, label="谁（姓名或用户名）")
    kind = forms.ChoiceField(
        required=False, choices=[("", "不限"), *Kind.choices()], label="做了什么",
        error_messages={"invalid_choice": "没有这种操作，已忽略。"},
    )  # fmt: skip
    number = forms.CharField(required=False, max_length=80, label="工单编号")
    address = forms.CharField(required=False, max_length=45, label="来自地址")
    since = Day(label="自")
    until = Day(label="至")

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("since") and told.get("until") and told["since"] > told["until"]:
            self.add_error("until", "“至”早于“自”，请改一下日期。")
        return told
