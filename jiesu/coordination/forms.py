"""What the four questions, the whistle, the statements and the decision take."""

from collections.abc import Sequence
from typing import Any

from django import forms

from jiesu.cases.forms import ActForm, Choice, Moment, Words
from jiesu.dispatch.forms import DispatchForm, UnitField, UnitsField
from jiesu.evidence.forms import HELP, FilesField
from jiesu.org.models import Unit
from jiesu.rules.coordinating import Outcome, Stance, Whistle

PERSON = {"max_length": "最多 40 字。", "required": "请写明是谁说的。"}


class AbleForm(ActForm):
    """One question: who was asked, the answer, why."""

    able = Choice("答复", [("yes", "能"), ("no", "不能")], "请选择能还是不能。")
    asked = UnitsField("问了哪个单位")
    person = forms.CharField(
        label="谁答的", max_length=40, error_messages=PERSON, help_text="姓名或职务，如“社区书记”。"
    )
    words = Words("理由", "请写明能或不能的理由。", rows=3, longest=1000)

    def __init__(self, *args: Any, units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["asked"].required = True
        self.fields["asked"].error_messages["required"] = "请勾选问了哪个单位。"
        self.fields["asked"].offer(units)

    def clean_able(self) -> bool:
        return bool(self.cleaned_data["able"] == "yes")


class WhistleForm(DispatchForm):
    """吹哨: as a dispatch, with the departments and the kind of whistle."""

    whistle = Choice("哨的种类", Whistle.choices(), "请选择哨的种类。", initial=Whistle.DAILY.value)
    departments = forms.CharField(
        label="向哪些部门吹哨", max_length=200, help_text="区级部门或单位，用顿号隔开，如“区住建委、区消防救援支队”。",
        error_messages={"required": "请写明向哪些部门吹哨。", "max_length": "最多 200 字。"},
    )  # fmt: skip
    field_order = ["once", "departments", "whistle", *DispatchForm.field_order[1:]]


class ReportInForm(ActForm):
    words = Words("报到情况", "请写明谁到场、商定了什么。", rows=4, longest=2000)


class CoordinateForm(ActForm):
    question = Words(
        "难在哪里", "请写明难在哪里：涉及哪些单位、各自怎么说、缺什么依据。", rows=4, longest=2000,
        help_text="提交后进入协调队列，派转时限停止，按协调时限计；各单位的说法逐条登记，由领导或中心负责人决定。",
    )  # fmt: skip


class StateForm(ActForm):
    unit = UnitField("哪个单位", "请选择哪个单位。")
    person = forms.CharField(label="谁说的", max_length=40, error_messages=PERSON)
    stance = Choice("意见", Stance.choices(), "请选择意见。")
    words = Words("理由和依据", "请写明理由和依据。", rows=4, longest=2000)
    said_at = Moment("何时说的")
    files = FilesField("权属材料", help_text=HELP)

    def __init__(self, *args: Any, units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].offer(units)


class SettleForm(ActForm):
    """协调决定: a lead unit and what a dispatch needs, or the district."""

    outcome = Choice(
        "决定", [(one.value, one.label) for one in (Outcome.DISPATCHED, Outcome.REPORTED)],
        "请选择怎么决定。", initial=Outcome.DISPATCHED.value,
    )  # fmt: skip
    unit = UnitField("主办单位", "请选择主办单位。")
    assisting = UnitsField("协办单位")
    due_at = Moment("内部截止", required=False)
    community_reason = Words("社区主办理由", rows=2, help_text="社区主办清单外事项的，写明理由。")
    decision = Words("理由", "请写明决定的理由和依据。", rows=3, longest=2000)

    def __init__(self, *args: Any, units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].required = False
        for name in ("unit", "assisting"):
            self.fields[name].offer(units)
        self.fields["unit"].choices = [("", "（报区的不选）"), *self.fields["unit"].choices]
        code = self.fields["unit"].coerce
        self.fields["unit"].coerce = lambda value: code(value) if value else None
        self.fields["unit"].empty_value = None
