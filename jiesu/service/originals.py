"""What an agreed export is of: the personal columns as they came. One place, so that there is one to look at."""

from collections.abc import Iterable

from jiesu.cases import access, sealing
from jiesu.cases.models import Case
from jiesu.core import vault


def originals(ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Return the texts of each case by field, as they came.

    Of who asked for 保密, and of what was erased, nothing is told: those stay as they are stored.
    """
    told: dict[int, dict[str, str]] = {}
    for case in Case.objects.filter(pk__in=list(ids)).defer("tokens", "tsv"):
        if access.is_confidential(case):
            continue
        try:
            hidden = sealing.originals(case)
        except vault.Gone:
            continue
        told[case.pk] = {name: text for name, text in hidden.items() if isinstance(text, str)}
    return told
