"""第二意见: the office's own language model is asked about what the live model was not sure of.

Off until it is set. Asked by a job and never while a person waits; each case once; at most so many a day.
Nothing personal leaves: what is sealed is taken whole out of the text as it came, whatever of the
requester's own columns stands in it too, and every longer number; a case whose requester asked for 保密 is
never sent. What it says is shown as a second opinion, and held against what came of the case in the end.
"""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db.models import Avg, Count, Exists, OuterRef, Q, Sum
from django.utils import timezone

from jiesu.cases import sealing
from jiesu.cases.models import Case
from jiesu.core import environment, personal, vault
from jiesu.core.environment import Adviser
from jiesu.org.models import Office
from jiesu.platforms import opinions
from jiesu.platforms.opinions import Said, Silence
from jiesu.rules.moments import BEIJING
from jiesu.rules.personal_text import find
from jiesu.rules.workflow import Stage
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind
from jiesu.triage import lessons, versions, watching
from jiesu.triage.charts import percent
from jiesu.triage.models import Opinion, Suggested, Target

ROUND = 40  # seconds of asking in one round
RECENT = timedelta(days=3)  # an older case has somebody by now
SETTLING = timedelta(days=60)  # until then what came of a case may still change
WAITING = (Stage.TO_SIGN, Stage.SIGNED, Stage.TO_DISPATCH)
_NUMBER = re.compile(r"[0-9０-９〇零一二三四五六七八九]{5,}|[A-Za-z0-9]{6,}")
_MAIL = re.compile(r"[^\s，。；、：]{1,40}[@＠][^\s，。；、]{1,60}")


class NotClean(Exception):
    """What is personal cannot be taken out of this case."""


@dataclass(frozen=True, slots=True)
class Account:
    """What the second opinions of one target cost and came to."""

    asked: int
    given: int
    settled: int
    agreed: int
    mean_ms: int
    tokens: int
    silences: list[tuple[str, int]]

    @property
    def accuracy(self) -> float | None:
        """The share that was what came in the end; None: nothing has ended yet."""
        return self.agreed / self.settled if self.settled else None

    @property
    def accuracy_words(self) -> str:
        """The same in words."""
        return percent(self.accuracy)


def ask_waiting(adviser: Adviser, *, at: datetime, seconds: float = ROUND) -> int:
    """Ask about doubtful cases that wait to be dispatched, newest first; returns how many were asked about.

    Stops when the round is over, the day's number is reached, or the other side does not answer.
    """
    until, asked = time.monotonic() + seconds, 0
    left = adviser.per_day - Opinion.objects.filter(asked_at__gte=_midnight(at)).count()
    for suggested in _waiting(at)[: max(0, left)]:
        if time.monotonic() >= until:
            break
        said = _ask(adviser, suggested, at)
        asked += 1
        if said.silence in {Silence.UNREACHABLE, Silence.LATE}:
            break
    return asked


def clean(case: Case) -> str:
    """Return the text of a case without anything personal in it, as it may leave the house.

    :raises NotClean: the requester asked for 保密, the case was erased, or something personal is left
    """
    if case.confidential or case.erased_at is not None:
        raise NotClean
    try:
        came = sealing.whole(case)
    except vault.Gone:
        raise NotClean from None
    text = "\n".join(filter(None, (came["title"], came["content"])))
    own = (came[name].strip() for name in Case.PERSONAL)
    for told in sorted(
        {one for one in own if len(one) > 1} - personal.NOBODY, key=len, reverse=True
    ):
        text = text.replace(told, personal.HIDDEN)
    text = personal.hidden(text)
    for shape in (_MAIL, _NUMBER):
        text = shape.sub(personal.HIDDEN, text)
    if find(text):
        text = personal.hidden(text)
    if find(text):
        raise NotClean
    return text


def settle(*, at: datetime) -> int:
    """Hold opinions against what is known of their cases by now; returns how many changed."""
    changed = 0
    for target in Target:
        found = Opinion.objects.filter(target=target, asked_at__gte=at - SETTLING).exclude(label="")
        told = list(found)
        known = lessons.outcome([one.case_id for one in told], target, at)
        for one in told:
            outcome = known.get(one.case_id, "")
            agreed = watching.fits(one.label, outcome) if outcome else None
            if (outcome, agreed) != (one.outcome, one.agreed):
                one.outcome, one.agreed = outcome[:200], agreed
                one.save(update_fields=["outcome", "agreed"])
                changed += 1
    return changed


def of_case(case: Case) -> list[Opinion]:
    """Return what was said of a case, the unit first; what was not said is not shown."""
    return sorted(
        Opinion.objects.filter(case=case).exclude(label=""),
        key=lambda one: one.target != Target.UNIT,
    )


def account(office: Office, target: Target) -> Account | None:
    """Return what second opinions cost and came to; None where nobody was ever asked."""
    found = Opinion.objects.filter(case__office=office, target=target)
    told = found.aggregate(
        asked=Count("pk"), given=Count("pk", filter=~Q(label="")),
        settled=Count("pk", filter=Q(agreed__isnull=False)), agreed=Count("pk", filter=Q(agreed=True)),
        ms=Avg("took_ms"), tokens_in=Sum("tokens_in"), tokens_out=Sum("tokens_out"),
    )  # fmt: skip
    if not told["asked"]:
        return None
    why = found.exclude(silence="").order_by().values_list("silence").annotate(many=Count("pk"))
    return Account(
        asked=told["asked"], given=told["given"], settled=told["settled"], agreed=told["agreed"],
        mean_ms=round(told["ms"]), tokens=told["tokens_in"] + told["tokens_out"],
        silences=[(Silence.label_of(one), many) for one, many in why.order_by("-many")],
    )  # fmt: skip


def _ask(adviser: Adviser, suggested: Suggested, at: datetime) -> Said:
    """Ask about one, and write down what came of it; that it left stands in the trail before it does."""
    case, target = suggested.case, Target(suggested.target)
    try:
        text = clean(case)
    except NotClean:
        said = Said(silence=Silence.PERSONAL)
    else:
        leave(
            Kind.EXPORT, actor=None, office=case.office_id, case=case.pk, number=case.number,
            subject=f"opinion:{urlsplit(adviser.url).hostname}", model=adviser.model,
            characters=min(len(text), opinions.LONGEST),
        )  # fmt: skip
        said = opinions.ask(adviser, text, _labels(case, target), what=target.label)
    Opinion.objects.get_or_create(
        case=case, target=target,
        defaults={
            "model": adviser.model, "label": said.label[:200], "silence": said.silence or "", "asked_at": at,
            "took_ms": said.took_ms, "tokens_in": said.tokens_in, "tokens_out": said.tokens_out,
        },
    )  # fmt: skip
    return said


def _waiting(at: datetime) -> Iterable[Suggested]:
    asked = Opinion.objects.filter(case=OuterRef("case"), target=OuterRef("target"))
    found = Suggested.objects.exclude(doubt="").filter(~Exists(asked), at__gte=at - RECENT)
    found = found.filter(case__stage__in=WAITING).select_related("case__office", "case__community")
    return found.defer("case__tokens", "case__tsv").order_by("-at", "-pk")


def _labels(case: Case, target: Target) -> list[str]:
    """What may be answered: the classes that are learnt; the sections, and the community of the place."""
    if target is Target.CATEGORY:
        live = versions.seen(case.office, target)
        return sorted(live.classes) if live else []
    units = case.office.units.filter(active=True)
    own = case.community.name if case.community else ""
    return [unit.name for unit in units if not unit.is_community or unit.name == own]


def _midnight(at: datetime) -> datetime:
    return timezone.localtime(at, BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)


def ask_now(at: datetime) -> int:
    """Ask whom the settings name; nobody where they name nobody."""
    adviser = environment.adviser()
    return ask_waiting(adviser, at=at) if adviser else 0
