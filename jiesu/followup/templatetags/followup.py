"""How the pages of 三率研判 spell a place in a recording."""

from django import template

from jiesu.followup.forms import spell

register = template.Library()


@register.filter
def clock(second: int | None) -> str:
    """75 → 1:15."""
    return spell(second)
