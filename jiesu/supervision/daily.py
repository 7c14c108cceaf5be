"""每日关键时限清单: what is overdue, due within a day or unanswered, at the set hours, kept as it was."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from jiesu.cases import access
from jiesu.catalogue.queries import rules_at
from jiesu.core import live
from jiesu.core.announcements import announce
from jiesu.org.models import Member, Office
from jiesu.org.rights import Right, Role, may
from jiesu.rules.clocks import ClockKind, remaining
from jiesu.rules.labelled import Labelled
from jiesu.rules.moments import BEIJING
from jiesu.rules.workflow import OPEN
from jiesu.supervision import recipients
from jiesu.supervision.models import Channel, DailyList, Notice, Reminder
from jiesu.supervision.pushing import road
from jiesu.supervision.reminding import roads

HOURS = ("08:30", "17:00")  # 推定: where the rule set does not say
AHEAD = timedelta(hours=24)
STALE = timedelta(hours=6)  # a list whose hour passed longer ago is not made any more
OLDEST = timedelta(days=30)

_RUNNING = """
SELECT cases_case.id, cases_case.number, cases_case.arrival, clock.kind, clock.due_at, clock.unit_id
FROM cases_clock AS clock JOIN cases_case ON cases_case.id = clock.case_id
WHERE clock.stopped_at IS NULL AND clock.due_at <= %s AND cases_case.office_id = %s
ORDER BY clock.due_at, clock.id
"""


class KeyTime(Labelled):
    OVERDUE = "overdue", "已逾期"
    SOON = "soon", "24 小时内到期"
    UNANSWERED = "unanswered", "催办未答复"


def make(office: Office, at: datetime, *, made_at: datetime | None = None) -> DailyList:
    """Make the list of the set hour ``at``, or return the one made before.

    Each row: ``case``, ``number``, ``arrival``, ``kind`` (in words), ``unit`` (name; the duty desk's
    own where the clock has none), ``unit_id``, ``due`` (ISO), ``left`` (in words), ``level`` (`KeyTime`).
    """
    now = made_at or at
    if found := DailyList.objects.filter(office=office, at=at).first():
        return found
    made, _ = DailyList.objects.get_or_create(
        office=office, at=at, defaults={"made_at": now, "rows": rows(office, now)}
    )
    return made


def rows(office: Office, at: datetime) -> list[dict[str, Any]]:
    """Return the rows of the list as things stand at ``at``: overdue first, then soonest. Four queries."""
    units = dict(office.units.values_list("pk", "name"))
    with connection.cursor() as cursor:
        cursor.execute(_RUNNING, [at + AHEAD, office.pk])
        running = cursor.fetchall()
    found = [
        _row(
            case, number, arrival, ClockKind.label_of(kind), due, unit, units, at,
            KeyTime.OVERDUE if due <= at else KeyTime.SOON,
        )
        for case, number, arrival, kind, due, unit in running
    ]  # fmt: skip
    answered = Notice.objects.filter(reminder=OuterRef("pk"), answered_at__isnull=False)
    asked = Reminder.objects.filter(
        ~Exists(answered), office=office, asked_by__isnull=False, at__lte=at, at__gt=at - OLDEST,
        case__stage__in=[stage.value for stage in OPEN],
    )  # fmt: skip
    of_case = ("case_id", "case__number", "case__arrival", "due_at", "unit_id")
    for case, number, arrival, due, unit in asked.order_by("id").values_list(*of_case):
        row = _row(case, number, arrival, "催办", due, unit, units, at, KeyTime.UNANSWERED)
        found.append(row)
    return found


def push(made: DailyList, at: datetime) -> int:
    """Tell the lead on duty of the whole list and each unit's head of its own rows, once.

    On the page at once; by the other roads as jobs of their own, tried again while they fail.
    Returns how many people.
    """
    with transaction.atomic():
        if not DailyList.objects.filter(pk=made.pk, pushed_at=None).update(pushed_at=at):
            return 0
        made.pushed_at = at
        told = list(whom(made, at))
        live.tell("duty", o=made.office_id)
        for member, _ in told:
            for channel in sorted(roads()):
                announce(
                    "supervision.daily_made", daily_list=made.pk, member=member.pk, channel=channel
                )
    return len(told)


def whom(made: DailyList, at: datetime) -> Iterator[tuple[Member, list[dict[str, Any]]]]:
    """Yield whom the list is for, with their rows: the lead on duty all, a unit's head its own."""
    there = recipients.roster(made.office, at)
    told = set()
    for to in recipients.lead(there, ""):
        told.add(to.member.pk)
        yield to.member, made.rows
    for head in there.of(Role.HEAD):
        own = [row for row in made.rows if row["unit_id"] == head.unit_id]
        if own and head.pk not in told:
            yield head, own


def send(daily: int, member: int, channel: str, at: datetime) -> None:
    """Send one person the counts of their list by one road; the list itself is read on the page.

    :raises Unreachable: the channel does not work now; the job is tried again
    :raises Refused: the other side does not take it
    """
    made = DailyList.objects.select_related("office").get(pk=daily)
    person = Member.objects.get(pk=member)
    address = person.email if channel == Channel.MAIL else person.messenger
    if not address or not may(person, Right.BOARD):
        return
    everything = access.sees_all(person)
    own = [row for row in made.rows if everything or row["unit_id"] == person.unit_id]
    with road(Channel(channel)) as deliver:
        deliver(address, summary(made, own), f"jiesu-daily-{daily}-{member}", at)


def summary(made: DailyList, own: Sequence[dict[str, Any]]) -> str:
    """“关键时限清单 11月23日 08:30：已逾期 3 项，24 小时内到期 12 项，催办未答复 1 项”."""
    local = made.at.astimezone(BEIJING)
    counts = "，".join(
        f"{level.label} {sum(row['level'] == level for row in own)} 项" for level in KeyTime
    )
    return f"关键时限清单 {local.month}月{local.day}日 {local:%H:%M}：{counts}"


def come(office: Office, at: datetime) -> datetime | None:
    """Return the newest set hour that has come and is not stale; None when there is none."""
    told = rules_at(office, at).whole.get("reminders", {})
    today = at.astimezone(BEIJING).date()
    hours = [time.fromisoformat(text) for text in told.get("daily_hours", HOURS)]
    moments = [
        datetime.combine(day, hour, BEIJING)
        for day in (today - timedelta(days=1), today)
        for hour in hours
    ]
    return max((m for m in moments if at - STALE < m <= at), default=None)


def _row(
    case: int, number: str, arrival: int, kind: str, due: datetime | None, unit: int | None,
    units: dict[int, str], at: datetime, level: KeyTime,
) -> dict[str, Any]:  # fmt: skip
    return {
        "case": case, "number": number, "arrival": arrival, "kind": kind,
        "unit": units.get(unit, recipients.DESK) if unit else recipients.DESK, "unit_id": unit,
        "due": due.astimezone(BEIJING).isoformat() if due else "", "left": remaining(due, at) if due else "",
        "level": level.value,
    }  # fmt: skip
