"""Reading what an event tells."""

from datetime import datetime

from django import template

register = template.Library()


@register.filter
def moment(text: str | None) -> datetime | None:
    """Return the moment kept in an event's facts as text; the template then says it in local time."""
    return datetime.fromisoformat(text) if text else None
