"""A cell of a part as the page shows it."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jiesu.rules.clocks import spell

register = template.Library()
LONG = 30


@register.simple_tag
def told_cell(value: Any) -> SafeString:
    """Return a table cell: moments and numbers as such, a length in words, all text escaped."""
    if value is None or value == "":
        return format_html("<td></td>")
    if isinstance(value, datetime):
        return format_html('<td class="num nowrap">{}</td>', value.isoformat(" ", "minutes"))
    if isinstance(value, timedelta):
        word = "超 " if value < timedelta(0) else ""
        return format_html('<td class="nowrap">{}{}</td>', word, spell(abs(value)))
    if isinstance(value, int | float):
        return format_html('<td class="r num">{}</td>', value)
    if len(str(value)) > LONG:
        return format_html('<td class="long"><div class="long-text">{}</div></td>', value)
    return format_html("<td>{}</td>", value)
