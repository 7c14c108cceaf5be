"""What evidence a case has."""

from datetime import datetime

from django.db.models import QuerySet, Sum
from django.utils import timezone

from jiesu.cases.models import Case
from jiesu.evidence.models import Evidence
from jiesu.org.models import Member


def files_of(case: Case) -> QuerySet[Evidence]:
    """Return the files of a case, oldest first, with who added them."""
    return case.evidence.select_related("added_by__unit")


def size_of(case: Case) -> int:
    """Return how many bytes of evidence a case has."""
    return case.evidence.aggregate(all=Sum("size"))["all"] or 0


def size_today(member: Member, at: datetime) -> int:
    """Return how many bytes the member has added since midnight, whichever the case."""
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    mine = Evidence.objects.filter(added_by=member, added_at__gte=midnight)
    return mine.aggregate(all=Sum("size"))["all"] or 0
