"""What the pages of the system and the security administrator accept."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from jiesu.org.models import Contract, Member, School, Unit, UnitKind
from jiesu.org.rights import Role


class SearchForm(forms.Form):
    """The list's own filter."""

    who = forms.CharField(label="姓名、用户名、单位", required=False, max_length=40)
    role = forms.ChoiceField(label="角色", required=False, choices=[("", "全部"), *Role.choices()])
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), ("on", "启用"), ("off", "停用")]
    )


class Day(forms.DateField):
    """One day."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        said = "请选择日期，如 2026-12-31。"
        super().__init__(
            widget=widget, error_messages={"required": said, "invalid": said}, **kwargs
        )


class UnitChoice(forms.ChoiceField):
    """One unit of the office by its code; cleaned it is the unit."""

    def offer(self, office: int) -> None:
        units = list(Unit.objects.filter(office=office, active=True))
        self.units = {unit.code: unit for unit in units}
        groups: dict[str, list[tuple[str, str]]] = {}
        for unit in units:
            groups.setdefault(UnitKind.label_of(unit.kind), []).append((unit.code, unit.name))
        self.choices = [("", "请选择"), *groups.items()]

    def clean(self, value: Any) -> Unit:
        return self.units[super().clean(value)]


class ContractChoice(forms.ModelChoiceField):
    """A contract of the office, or none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            Contract.objects.none(), label="外包合同", required=False, empty_label="不是外包人员",
            help_text="外包人员的账号只在合同起止日期内能用，到期自动停。", **kwargs,
        )  # fmt: skip


class ContractForm(forms.Form):
    """A contract: with whom, from when to when."""

    party = forms.CharField(
        label="乙方", max_length=80,
        error_messages={"required": "请填写乙方名称。", "max_length": "乙方名称最多 80 个字。"},
    )  # fmt: skip
    begins_on = Day(label="合同起", help_text="当天 0 时起账号可用。")
    ends_on = Day(label="合同止", help_text="当天 24 时止，过后账号自动不能用。")
    use_required_attribute = False


class MemberForm(forms.Form):
    """Name, contract and unit of a member, and where they can be reached."""

    name = forms.CharField(
        label="姓名",
        max_length=40,
        error_messages={"required": "请填写姓名。", "max_length": "姓名最多 40 个字。"},
    )
    unit = UnitChoice(
        label="单位",
        error_messages={"required": "请选择单位。", "invalid_choice": "请选择列表里的单位。"},
    )
    contract = ContractChoice()
    phone = forms.CharField(
        label="手机", required=False, max_length=20,
        validators=[RegexValidator(r"^\+?[0-9 \-]{5,20}\Z", "手机号只写数字，如 139 开头的 11 位。")],
        help_text="告警和催办时打电话用。",
    )  # fmt: skip
    email = forms.EmailField(
        label="邮箱", required=False, help_text="提醒可以发到这里；只发工单编号和时限，不发诉求内容。",
        error_messages={"invalid": "邮箱写法不对，如 ming@example.cn。"},
    )  # fmt: skip
    messenger = forms.CharField(
        label="政务通讯账号",
        required=False,
        max_length=64,
        help_text="政务微信、京办等的账号；接好之后提醒可以发到这里。",
    )
    use_required_attribute = False

    def __init__(self, *args: Any, office: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].offer(office)
        self.fields["contract"].queryset = Contract.objects.filter(office=office)


class AddMemberForm(MemberForm):
    """A new member; the user name is for good."""

    username = forms.CharField(
        label="用户名", min_length=2, max_length=40, strip=True,
        validators=[RegexValidator(r"^[A-Za-z0-9_.\-]+\Z", "用户名只能用字母、数字、点、横线和下划线。")],
        help_text="登录时输入，建好后不能改；不要用身份证号或手机号。",
        error_messages={"required": "请填写用户名。", "min_length": "用户名至少 2 个字符。", "max_length": "用户名最多 40 个字符。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )  # fmt: skip
    field_order = ["name", "username", "unit", "contract", "phone", "email", "messenger"]

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if Member.objects.filter(username__iexact=username).exists():
            raise ValidationError("这个用户名已经有人用了，请换一个。")
        return username


class GrantForm(forms.Form):
    """The role of a member."""

    role = forms.ChoiceField(
        label="角色", choices=Role.choices,
        error_messages={"required": "请选择角色。", "invalid_choice": "请选择列表里的角色。"},
    )  # fmt: skip
    use_required_attribute = False

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


def _number(label: str, least: int, most: int, help_text: str) -> forms.IntegerField:
    said = f"请填 {least} 到 {most} 之间的整数。"
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, help_text=help_text,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), said),
    )  # fmt: skip


class AccountRulesForm(forms.Form):
    """账号规则 of the office."""

    compulsory = forms.MultipleChoiceField(
        label="必须有第二步验证的角色", required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(role, Role.label_of(role)) for role in Role if role != Role.PENDING],
        help_text="没有设的人登录后先去设，设好才能做别的。宜先从三种管理员开始。",
        error_messages={"invalid_choice": "请选择列表里的角色。"},
    )  # fmt: skip
    school = forms.ChoiceField(
        label="口令规则", choices=School.choices, widget=forms.RadioSelect,
        help_text="长口令：够长、不常见，不定期换。等保口令：三类字符，90 天一换，最近 5 个不重复。",
        error_messages={"required": "请选一种。", "invalid_choice": "请选一种。"},
    )  # fmt: skip
    idle_minutes = _number("闲置几分钟退出", 5, 240, "页面自己刷新、实时消息、自动存草稿不算操作。")
    desk_idle_minutes = _number(
        "值班席闲置几分钟退出", 5, 720, "座席和审核员用；值班席有人看着，可以放长一些。"
    )
    absolute_hours = _number("一次登录最长几小时", 1, 24, "到时一定要重新登录，不管有没有在操作。")
    use_required_attribute = False
