"""怎么算的: how the due time of one clock came about, in words for the phone and span by span."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jiesu.cases import access, clocks
from jiesu.cases.models import Case, Clock
from jiesu.desk import words
from jiesu.org.rights import Right, right
from jiesu.rules import counting
from jiesu.rules.counting import Count
from jiesu.rules.holidays import NoTable
from jiesu.rules.moments import BEIJING


@dataclass(frozen=True, slots=True)
class Line:
    """One span in words."""

    since: str
    until: str
    counted: bool
    why: str


@dataclass(frozen=True, slots=True)
class Explained:
    told: list[str]
    spans: list[Line]


def explain(case: Case, clock: Clock) -> Explained:
    """Return how a clock's due time comes about; what cannot be worked out says why not."""
    if clock.fixed and clock.due_at:
        told = f"截止时间由派单方确定：{words.full(clock.due_at)}。"
        return Explained([told, "条例第13条：以工单注明的时限为准，本系统不推算、不改动。"], [])
    try:
        found = clocks.reckoning(case.office, clock)
    except NoTable as missing:
        return Explained([str(missing)], [])
    if found is None:
        return Explained(["没有时限，只记等了多久。"] if clock.due_at is None else [], [])
    reckoning, limit = found
    if len(reckoning.spans) == 1 and reckoning.due and limit.count is Count.CALENDAR:
        length = limit.length - limit.length % timedelta(minutes=1) or limit.length
        told = [
            f"{words.full(clock.started_at)} 起，按自然日连续计 {counting.spell(length)}，"
            f"到 {words.full(reckoning.due)} 截止。节假日照常计时，没有暂停过。"
        ]
    else:
        told = counting.sentences(reckoning, limit)
    if clock.due_at and reckoning.due and reckoning.due != clock.due_at:
        told.append(f"逾期的事实不再改动，仍以 {words.full(clock.due_at)} 为准。")
    lines = [Line(_when(s.since), _when(s.until), s.counted, s.why) for s in reckoning.spans]
    return Explained(told, lines)


def _when(at: datetime) -> str:
    local = at.astimezone(BEIJING)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


@right(Right.SEE_CASES)
@require_safe
def why(request: HttpRequest, number: str, clock: int) -> HttpResponse:
    """The explanation of one clock of a case, as a page or as the piece that opens in place."""
    case = access.get_case(request.user, number)
    found = get_object_or_404(
        Clock.objects.select_related("unit").prefetch_related("pauses"),
        access.visible_through(request.user, "case"), pk=clock, case__number=case.number,
    )  # fmt: skip
    at = timezone.now()
    context = {
        "case": case, "clock": found, "one": explain(case, found),
        "since": words.short(found.started_at, at),
        "until": words.short(found.due_at, at) if found.due_at else "无时限",
        "shell": "cases/bare.html" if request.htmx else "core/page.html",
    }  # fmt: skip
    return render(request, "desk/why.html", context)
