"""What the forms of all stages share: sent once, words, moments, and a decision by button."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from jiesu.core.widgets import MomentInput


class Once(forms.Field):
    """The mark that makes a repeated submit one. One that was tampered with counts as none."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> UUID | None:
        try:
            return UUID(value)
        except (TypeError, ValueError):
            return None


class ActForm(forms.Form):
    """The form of one action on one case. Its cleaned data are the action's own arguments."""

    once = Once(required=False, initial=uuid4)
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # the fields stand in their order from here on
        self.point()

    def point(self) -> None:
        """Put the focus where it is needed: the first field that is wrong, else the first."""
        seen = {name: field for name, field in self.fields.items() if not field.widget.is_hidden}
        judged = getattr(self, "_errors", None) or {}  # what is not judged yet is not wrong
        wrong = [name for name in seen if self.is_bound and name in judged]
        for name in seen:
            seen[name].widget.attrs.pop("autofocus", None)
        for name in [*wrong, *seen][:1]:
            seen[name].widget.attrs["autofocus"] = True


class Words(forms.CharField):
    """Free text of some lines. ``missing`` is the sentence when nothing stands there."""

    def __init__(
        self, label: str, missing: str = "", *, rows: int = 3, longest: int = 4000, **kwargs: Any
    ):
        too_long = f"最多 {longest} 字，现有 %(show_value)d 字，请精简。"
        super().__init__(
            label=label, required=bool(missing), error_messages={"required": missing},
            widget=forms.Textarea(attrs={"rows": rows}),
            validators=[MaxLengthValidator(longest, too_long)], **kwargs,
        )  # fmt: skip

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class Moment(forms.DateTimeField):
    """A moment to the minute, in the office's own time zone; cleaned it is aware."""

    widget = MomentInput

    def __init__(self, label: str, **kwargs: Any) -> None:
        wrong = "请填写日期和时间，如 2026-11-22 09:30。"
        super().__init__(
            label=label, error_messages={"required": wrong, "invalid": wrong},
            input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs,
        )  # fmt: skip


class Choice(forms.ChoiceField):
    """One of a few, all in sight."""

    widget = forms.RadioSelect

    def __init__(self, label: str, choices: Any, missing: str, **kwargs: Any) -> None:
        wrong = {"required": missing, "invalid_choice": missing}
        super().__init__(label=label, choices=choices, error_messages=wrong, **kwargs)


class Decision(forms.TypedChoiceField):
    """Yes or no, said by which of two buttons (``value="yes"``, ``value="no"``) is pressed."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(
            choices=[("yes", "是"), ("no", "否")], coerce=lambda value: value == "yes", required=False,
            empty_value=None,
        )  # fmt: skip

    def clean(self, value: Any) -> bool:
        told = super().clean(value)
        if told is None:
            raise ValidationError("请按页面下方的一个按钮作出决定。")
        return told


class DecideForm(ActForm):
    """A decision by button and a note. ``decided`` is the name of the action's own argument."""

    decided = "granted"
    note = Words("说明")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[self.decided] = Decision()

    def clean(self) -> dict[str, Any]:
        for error in self.errors.get(self.decided, ()):  # a hidden field has no place of its own
            self.add_error(None, error)
        return self.cleaned_data
