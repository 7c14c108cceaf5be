"""What 派转, 转派, 退派, 增加协办 and 选定社区 take."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from jiesu.cases.forms import ActForm, Moment, Words
from jiesu.cases.models import Case
from jiesu.core.initials import initials
from jiesu.core.widgets import PickOne, PickSome
from jiesu.org.models import Unit, UnitKind
from jiesu.rules.clocks import Due

FILTER = "输入名称、简称或拼音首字母，回车选中"


class UnitField(forms.TypedChoiceField):
    """One unit out of a list read once. Cleaned it is the unit itself."""

    def __init__(self, label: str, missing: str) -> None:
        wrong = {"required": missing, "invalid_choice": missing}
        super().__init__(label=label, widget=PickOne, error_messages=wrong)

    def offer(self, units: Sequence[Unit]) -> None:
        _offer(self, units)


class UnitsField(forms.TypedMultipleChoiceField):
    """Any number of units out of a list read once."""

    def __init__(self, label: str) -> None:
        wrong = {"invalid_choice": "有一个协办单位不在名单里，请重新勾选。"}
        super().__init__(label=label, widget=PickSome, required=False, error_messages=wrong)

    def offer(self, units: Sequence[Unit]) -> None:
        _offer(self, units)


def _offer(field: Any, units: Sequence[Unit]) -> None:
    by_code = {unit.code: unit for unit in units}
    field.choices = _grouped(units)
    field.coerce = by_code.__getitem__
    field.widget.filter_words = FILTER
    field.widget.find = {unit.code: _ways_to_say(unit) for unit in units}


def _grouped(units: Iterable[Unit]) -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {kind: [] for kind in UnitKind}
    for unit in units:
        groups[unit.kind].append((unit.code, unit.name))
    return [(UnitKind.label_of(kind), group) for kind, group in groups.items() if group]


def _ways_to_say(unit: Unit) -> str:
    names = [unit.name, *unit.aliases]
    return " ".join([*names, *map(initials, names)])


class DueForm(ActForm):
    """What has an internal due time: later than now, and not later than the order's own."""

    due_at = Moment("内部截止")

    def __init__(self, *args: Any, case: Case, at: datetime, due: Due, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case, self.at = case, at
        self.fields["due_at"].initial = due.at
        order = (
            f"工单时限 {spell_moment(case.due_at)}（{case.due_source}）。" if case.due_at else ""
        )
        self.fields["due_at"].help_text = f"默认按“{due.source}”。{order}"

    def clean_due_at(self) -> datetime:
        due, order = self.cleaned_data["due_at"], self.case.due_at
        if due <= self.at:
            raise ValidationError(f"内部截止要晚于现在（{spell_moment(self.at)}）。")
        if order and self.at < order < due:
            raise ValidationError(f"内部截止不能晚于工单时限 {spell_moment(order)}。")
        return due


class DispatchForm(DueForm):
    unit = UnitField("主办单位", "请选择主办单位。")
    community_reason = Words(
        "社区主办理由", rows=2, help_text="社区主办清单外事项的理由，将记录在案。"
    )
    assisting = UnitsField("协办单位")
    dual = forms.BooleanField(
        label="双派单", required=False,
        help_text="主责单位吹哨，第一个协办单位共同负责；须至少勾选一个协办单位。",
    )  # fmt: skip
    note = Words("办理要求", rows=2)
    shown = forms.CharField(widget=forms.HiddenInput, required=False, max_length=4000)
    field_order = ["once", "unit", "community_reason", "assisting", "due_at", "dual", "note"]

    def __init__(self, *args: Any, units: Sequence[Unit], duty: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("unit", "assisting"):
            self.fields[name].offer(units)
        self.fields["unit"].help_text = duty

    def point(self) -> None:
        super().point()
        if self._errors and self.asks_reason:
            self.fields["community_reason"].required = True  # as shown: no longer 选填

    @property
    def asks_reason(self) -> bool:
        """True once a community was picked for what is outside its list."""
        return bool(self.errors.get("community_reason") or self["community_reason"].value())


class TransferForm(DispatchForm):
    reason = Words("转派理由", "请写明为何转派，原单位和新单位都会看到。", rows=2)
    field_order = ["once", "unit", "community_reason", "reason", *DispatchForm.field_order[3:]]


class DeclineForm(ActForm):
    reason = Words(
        "退派理由", "请写明退派理由，座席据此改派。",
        help_text="写明不属于本单位的依据（职责条目、点位归属），并建议由谁承办。",
    )  # fmt: skip


class AssistForm(DueForm):
    unit = UnitField("协办单位", "请选择协办单位。")
    note = Words("协办要求", rows=2)
    field_order = ["once", "unit", "due_at", "note"]

    def __init__(self, *args: Any, units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].offer(units)


class PlaceForm(ActForm):
    community = UnitField("社区", "请选择社区。")

    def __init__(self, *args: Any, units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["community"].offer(units)


class PolicyForm(forms.Form):
    """自动派转: on or off, and how sure it must be."""

    on = forms.BooleanField(label="开启自动派转", required=False)
    percent = forms.IntegerField(
        label="把握不低于（%）", min_value=80, max_value=100, initial=95,
        help_text="80 至 100。模型自己没把握的，不论几成都不派。",
        error_messages={
            "required": "请填写 80 至 100 的整数。", "invalid": "请填写 80 至 100 的整数。",
            "min_value": "不能低于 80。", "max_value": "不能高于 100。",
        },
    )  # fmt: skip


def spell_moment(at: datetime) -> str:
    """11月22日 01:12 in the office's time."""
    here = timezone.localtime(at)
    return f"{here.month}月{here.day}日 {here:%H:%M}"
