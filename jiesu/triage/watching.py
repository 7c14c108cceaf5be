"""How the live models do on the record: what they said when a case arrived, and what came of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.db.models import Avg, Count, Q, QuerySet
from django.db.models.functions import TruncWeek

from jiesu.cases import access
from jiesu.cases.models import Case
from jiesu.org.models import Member, Office
from jiesu.rules.moments import BEIJING
from jiesu.triage import lessons
from jiesu.triage.learning import curves
from jiesu.triage.learning.measures import coverage, expected_calibration_error
from jiesu.triage.learning.orders import OTHER, OWN
from jiesu.triage.models import Suggested, Target

WEEKS = 12
LOOKED = 5000  # suggestions held against what came of them
SHIFTED = 0.25  # stability index from which the mix is another one
WORST = 10  # pairs shown


@dataclass(frozen=True, slots=True)
class Week:
    """One week of suggestions. ``shift`` is the stability index of its mix against what was learnt."""

    since: date
    cases: int
    doubtful: float
    sure: float  # mean probability
    shift: float | None


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often one answer stood where another would have been right."""

    said: str
    was: str
    cases: int

    @property
    def words(self) -> tuple[str, str]:
        """The pair as people read it."""
        return self.said.replace(">", " › "), self.was.replace(">", " › ")


@dataclass(frozen=True, slots=True)
class OnRecord:
    """Suggestions held against what came of them. ``right`` of the sure ones is what people relied on."""

    cases: int
    accuracy: float
    sure_cases: int
    sure_accuracy: float | None
    coverage: float
    ece: float
    curve: list[tuple[float, float]]
    bins: list[tuple[float, float, int]]


@dataclass(frozen=True, slots=True)
class Answered:
    """One suggestion and its outcome."""

    case: int
    label: str
    probability: float
    sure: bool
    outcome: str

    @property
    def right(self) -> bool:
        """True when what was said is what came of it."""
        return fits(self.label, self.outcome)


def fits(label: str, outcome: str) -> bool:
    """True when a label says what came in the end: a class fits its own and those below it."""
    return outcome == label or outcome.startswith(f"{label}>")


def weeks(office: Office, target: Target, *, at: datetime, learnt: dict[str, int]) -> list[Week]:
    """Return the last weeks in which something was suggested, oldest first."""
    found = _given(office, target).filter(at__gte=at - timedelta(weeks=WEEKS))
    found = found.annotate(week=TruncWeek("at", tzinfo=BEIJING)).order_by()
    communities = lessons.communities(office)
    mixes: dict[datetime, Counter[str]] = {}
    for week, label, cases in found.values_list("week", "label").annotate(cases=Count("pk")):
        mixes.setdefault(week, Counter())[OWN if label in communities else label] += cases
    figures = found.values("week").annotate(
        cases=Count("pk"), doubtful=Count("pk", filter=~Q(doubt="")), sure=Avg("probability")
    )
    return [
        Week(
            since=told["week"].astimezone(BEIJING).date(), cases=told["cases"],
            doubtful=told["doubtful"] / told["cases"], sure=told["sure"],
            shift=_shift(learnt, mixes[told["week"]]),
        )
        for told in figures.order_by("week")
    ]  # fmt: skip


def answered(office: Office, target: Target, *, at: datetime, version: str = "") -> list[Answered]:
    """Return the newest suggestions of which it is known what came, of one version or of all."""
    found = _given(office, target).order_by("-at", "-pk")
    if version:
        found = found.filter(version=version)
    rows = list(found.values_list("case_id", "label", "probability", "doubt")[:LOOKED])
    known = lessons.outcome([row[0] for row in rows], target, at)
    return [
        Answered(case, label, probability, not doubt, known[case])
        for case, label, probability, doubt in rows
        if case in known
    ]


def confusions(found: Iterable[Answered], most: int = WORST) -> list[Confusion]:
    """Return the pairs most often confused, most often first."""
    pairs = Counter((one.label, one.outcome) for one in found if not one.right)
    return [Confusion(said, was, many) for (said, was), many in pairs.most_common(most)]


def confused(
    member: Member, target: Target, said: str, was: str, *, at: datetime
) -> QuerySet[Case]:
    """Return the cases of one pair that the member may see, newest first."""
    found = answered(member.office, target, at=at)
    pks = [one.case for one in found if (one.label, one.outcome) == (said, was)]
    return access.visible_to(member).filter(pk__in=pks).order_by("-dispatched_at", "-pk")


def on_record(found: list[Answered]) -> OnRecord | None:
    """Hold suggestions against what came of them; None where there are none."""
    if not found:
        return None
    top = np.array([one.probability for one in found])
    right = np.array([one.right for one in found])
    sure = np.array([one.sure for one in found])
    return OnRecord(
        cases=len(found), accuracy=float(right.mean()), sure_cases=int(sure.sum()),
        sure_accuracy=float(right[sure].mean()) if sure.any() else None,
        coverage=coverage(top, right)[0], ece=expected_calibration_error(top, right),
        curve=curves.coverage_curve(top, right), bins=curves.reliability(top, right),
    )  # fmt: skip


def _given(office: Office, target: Target) -> QuerySet[Suggested]:
    return Suggested.objects.filter(case__office=office, target=target)


def _shift(learnt: dict[str, int], mix: Counter[str]) -> float | None:
    classes = sorted({*learnt, *mix} - {OTHER})  # what is never suggested is no part of the mix
    return curves.stability([learnt.get(one, 0) for one in classes], [mix[one] for one in classes])
