"""What the worker does for duty, each minute."""

from datetime import datetime

from jiesu.duty import attendance
from jiesu.org.models import Office


def find_gaps(at: datetime) -> int:
    """Look for shifts that run with too few, in every office; return how many gaps were opened."""
    return sum(len(attendance.find_gaps(office, at)) for office in Office.objects.order_by("pk"))
