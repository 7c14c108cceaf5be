"""What was suggested is written down when a case arrives, once: lessons, drift and accuracy are told by it."""

from collections.abc import Iterable
from datetime import datetime

from jiesu.cases.models import Case
from jiesu.triage import queries
from jiesu.triage.learning.orders import OTHER, OWN
from jiesu.triage.models import Suggested, Target

AT_ONCE = 500


def record(cases: Iterable[Case], *, at: datetime) -> int:
    """Ask the live models about cases and keep their first answers; returns how many were given.

    No model is no answer. A case that was asked about before keeps what it was told then.
    """
    told = [
        Suggested(
            case=case, target=target, label=label[:200], probability=said.probability,
            doubt=said.doubt or "", version=said.model, at=at,
        )
        for case in cases
        for target in Target
        if (said := queries.suggest(text_of(case), target)) and (label := _named(said.label, case))
    ]  # fmt: skip
    Suggested.objects.bulk_create(told, AT_ONCE, ignore_conflicts=True)
    return len(told)


def _named(label: str, case: Case) -> str:
    """Return a label in the office's own words: the community of the place by its name, another by none."""
    if label == OWN:
        return case.community.name if case.community else ""
    return "" if label == OTHER else label


def text_of(case: Case) -> str:
    """Return what the models read of a case."""
    return "\n".join(filter(None, (case.title, case.content)))
