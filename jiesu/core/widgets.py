"""Widgets met in more than one stage: a list to pick from, a moment."""

from collections.abc import Mapping
from typing import Any

from django import forms


class _Listed:
    """What both lists share: words to find an option by, and a hint that stands below it."""

    filter_words = ""
    find: Mapping[str, str] = {}
    hints: Mapping[str, str] = {}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)  # type: ignore[misc]
        context["widget"] |= {
            "filter": self.filter_words,
            "invalid": context["widget"]["attrs"].get("aria-invalid"),
        }
        return context

    def create_option(
        self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        option = super().create_option(name, value, label, *args, **kwargs)  # type: ignore[misc]
        if option["index"] not in {"0", "0_0"}:  # one field is focused, not each of its options
            option["attrs"].pop("autofocus", None)
        option["find"] = self.find.get(str(value), str(label)).lower()
        option["hint"] = self.hints.get(str(value), "")
        return option


class PickOne(_Listed, forms.RadioSelect):
    """A list to pick one from. With ``filter_words`` set, typing narrows it and Enter picks the first."""

    template_name = "core/_picks.html"


class PickSome(_Listed, forms.CheckboxSelectMultiple):
    """The same, to pick any number from."""

    template_name = "core/_picks.html"


class MomentInput(forms.DateTimeInput):
    """The browser's own date and time field, to the minute."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")
