"""What supervision accepts: 催办 and its answer, 电话通知, 请示报告, and the narrowing of a list."""

from collections.abc import Sequence
from typing import Any

from django import forms

from jiesu.cases.filters import NONE
from jiesu.cases.forms import ActForm, Choice, Moment, Words
from jiesu.org.models import Unit
from jiesu.rules.ladder import Rung
from jiesu.supervision.queries import Origin, Unmet, level_label

OWN = "own"
READY = (
    ("due", "时限将到，请抓紧办理，并把现在办到哪一步记入进展。"),
    ("contact", "请尽快联系诉求人，说明办理情况，并登记联系结果。"),
    ("late", "此件已经超时，请立即办理，说明原因和预计办结时间。"),
)
OUTCOMES = ("本人接听，已告知", "他人接听，已转告", "短信或微信告知，对方已回复")
WAYS = ("电话", "当面", "书面", "政务通讯")


class RemindForm(ActForm):
    """催办: which unit, whom there, and the words, ready ones or one's own."""

    unit = Choice("催办哪个单位", [], "请选择催办哪个单位。")
    rung = Choice("催办谁", [(one.value, one.label) for one in Rung], "请选择催办谁。", initial=Rung.HANDLER.value)  # fmt: skip
    ready = Choice(
        "怎么说",
        [*READY, (OWN, "只发下面写的话")],
        "请选一句，或选“只发下面写的话”。",
        initial="due",
    )
    words = Words(
        "补充的话", rows=3, longest=500, help_text="跟在上面选的那句后面；对方收到的就是这些字。"
    )

    def __init__(self, *args: Any, units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = {str(unit.pk): unit for unit in units}
        if len(self.units) > 1:
            self.fields["unit"].choices = [(pk, unit.name) for pk, unit in self.units.items()]
            self.initial.setdefault("unit", next(iter(self.units)))
        else:
            del self.fields["unit"]
        if not self.units:  # nobody has it yet: the duty desk and whoever leads it
            self.fields["rung"].choices = [
                (Rung.HANDLER.value, "值班座席"), (Rung.CENTRE.value, Rung.CENTRE.label),
                (Rung.LEADER.value, Rung.LEADER.label),
            ]  # fmt: skip
        self.point()

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        ready = told.pop("ready", "")
        own = (told.get("words") or "").strip()
        if ready == OWN and not own and "words" not in self.errors:
            self.add_error("words", "请写下要说的话，或在上面选一句。")
        told["words"] = "".join(part for part in (dict(READY).get(ready, ""), own) if part)
        if told.get("rung"):
            told["rung"] = Rung(told["rung"])
        told["unit"] = self.units.get(told.get("unit", ""))
        return told


class AnswerForm(ActForm):
    """催办答复: what has been done since, in the words of whoever was asked."""

    answer = Words("答复", "请写明办到哪一步、何时办完。", rows=3, longest=1000)


class PhoneForm(ActForm):
    """电话通知 of an alarm: whom, when, with what outcome."""

    whom = forms.CharField(
        label="通知了谁", max_length=60, help_text="单位、姓名或职务，如“民生保障办公室负责人”。",
        error_messages={"required": "请写明通知了谁。", "max_length": "最多 60 字。"},
    )  # fmt: skip
    called_at = Moment("通话时间")
    outcome = Choice(
        "结果", [(one, one) for one in OUTCOMES], "请选择结果。",
        initial=OUTCOMES[0],
    )  # fmt: skip
    words = Words(
        "通话要点",
        rows=3,
        longest=1000,
        help_text="对方如何回应、约定了什么。没有人接的不算通知到，请换人再打。",
    )


class ReportUpForm(ActForm):
    """请示报告 upward: to whom, when, how, what."""

    to = forms.CharField(
        label="报告给谁", max_length=60, help_text="领导姓名或职务，如“街道值班领导”。",
        error_messages={"required": "请写明报告给谁。", "max_length": "最多 60 字。"},
    )  # fmt: skip
    reported_at = Moment("报告时间")
    channel = Choice("方式", [(one, one) for one in WAYS], "请选择报告方式。", initial=WAYS[0])
    words = Words(
        "报告内容和领导意见", "请写明报告了什么、领导有什么意见。", rows=4, longest=2000,
        help_text="有批示的照录；还没有的写明“待批示”，以后用备注补记。",
    )  # fmt: skip


class LiftForm(ActForm):
    """解除告警: why it is no threat."""

    reason = Words(
        "为什么不是扬言", "请写明为什么不是扬言。", rows=3, longest=500,
        help_text="如“说的是楼下商铺‘跳楼价’，没有过激言语，已电话核实”。写了什么、凭哪几个字告的警，都留在记录里。",
    )  # fmt: skip


class RemindersForm(forms.Form):
    """What the list of an office's reminders is narrowed to."""

    use_required_attribute = False
    state = forms.TypedChoiceField(label="缺什么", required=False, coerce=Unmet, empty_value=None)
    origin = forms.TypedChoiceField(label="来由", required=False, coerce=Origin, empty_value=None)
    level = forms.ChoiceField(label="级", required=False)
    unit = forms.ChoiceField(label="单位", required=False)
    running = forms.BooleanField(label="只看在办", required=False)

    def __init__(self, *args: Any, units: Sequence[Unit], levels: Sequence[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        everything = ("", "不限")
        self.fields["state"].choices = [everything, *Unmet.choices()]
        self.fields["origin"].choices = [everything, *Origin.choices()]
        self.fields["level"].choices = [everything, *((one, level_label(one)) for one in levels)]
        self.fields["unit"].choices = [
            everything, (NONE, "值班座席（未派）"), *((one.code, one.name) for one in units)
        ]  # fmt: skip
        for name in ("state", "origin", "level", "unit", "running"):
            self.fields[name].widget.attrs["data-autosubmit"] = ""
