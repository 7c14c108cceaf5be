"""What evidence a case has."""

from django.db.models import QuerySet

from jiesu.cases.models import Case
from jiesu.evidence.models import Evidence


def files_of(case: Case) -> QuerySet[Evidence]:
    """Return the files of a case, oldest first, with who added them."""
    return case.evidence.select_related("added_by__unit")
