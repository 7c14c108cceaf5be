"""Writing reminders: one reminder, its notices and their deliveries, told to the desks at commit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from jiesu.core import environment, live
from jiesu.rules.clocks import remaining
from jiesu.rules.ladder import Rung
from jiesu.rules.moments import BEIJING
from jiesu.supervision.models import Channel, Delivery, DeliveryState, Notice, Reminder
from jiesu.supervision.recipients import To

A_WORD = 500  # ids of one word on the wire, which holds 8,000 bytes
WHY = 120

# each level of each clock once, whoever writes it and however often
_WRITE = """
INSERT INTO supervision_reminder
    (office_id, case_id, clock_id, level, rung, at, due_at, unit_id, words, late_by)
SELECT * FROM unnest(
    %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[],
    %s::timestamptz[], %s::bigint[], %s::text[], %s::interval[]
)
ON CONFLICT DO NOTHING
RETURNING id, clock_id, level
"""


@dataclass(frozen=True, slots=True)
class Ask:
    """One level of one clock to be reminded of, and to whom."""

    office: int
    case: int
    clock: int
    level: str
    rung: Rung
    due_at: datetime | None
    unit: int | None
    to: Sequence[To]
    words: str = ""
    late_by: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What was written: the reminders by (clock, level), and the notices."""

    reminders: dict[tuple[int, str], int] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)


def remind(asks: Sequence[Ask], at: datetime) -> Made:
    """Write these levels, those written before left as they are. Four statements for any number.

    To be called in a transaction; the desks hear of it when it commits.
    """
    if not asks:
        return Made()
    columns = list(
        zip(
            *(
                (a.office, a.case, a.clock, a.level, a.rung.value, at, a.due_at, a.unit, a.words,
                 a.late_by)
                for a in asks
            ),
            strict=True,
        )
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [list(column) for column in columns])
        made = {(clock, level): pk for pk, clock, level in cursor.fetchall()}
    pairs = [
        (made[a.clock, a.level], to) for a in asks if (a.clock, a.level) in made for to in a.to
    ]
    return Made(made, notify(pairs, at))


def by_hand(
    *, office: int, case: int, rung: Rung, unit: int | None, due_at: datetime | None, asked_by: int,
    words: str, once: UUID | None, to: Sequence[To], at: datetime,
) -> Reminder:  # fmt: skip
    """Write one 催办 that somebody sends by hand."""
    made = Reminder.objects.create(
        office_id=office, case_id=case, rung=rung, unit_id=unit, due_at=due_at, words=words,
        asked_by_id=asked_by, once=once, at=at,
    )  # fmt: skip
    notify([(made.pk, one) for one in to], at)
    return made


def notify(
    pairs: Iterable[tuple[int, To]], at: datetime, *, without: Iterable[Channel] = ()
) -> list[Notice]:
    """Write a notice for each (reminder, person), by every road the person has, and tell the desks.

    ``without`` names roads not to be taken, because they are known not to work.
    """
    once = {(reminder, to.member.pk): to for reminder, to in reversed(list(pairs))}
    notices = [
        Notice(
            reminder_id=reminder, member=to.member, rung=to.rung, why=to.why[:WHY],
            climbed=to.climbed, made_at=at,
        )
        for (reminder, _), to in reversed(once.items())
    ]  # fmt: skip
    if not notices:
        return []
    Notice.objects.bulk_create(notices)
    outside = roads() - set(without)
    Delivery.objects.bulk_create([one for n in notices for one in _deliveries(n, outside, at)])
    ids = [notice.pk for notice in notices]
    for first in range(0, len(ids), A_WORD):
        live.tell("notice", n=ids[first : first + A_WORD])
    return notices


def roads() -> set[Channel]:
    """Return the channels out of the house that are set up."""
    found = set()
    if environment.smtp():
        found.add(Channel.MAIL)
    if environment.webhook():
        found.add(Channel.WEBHOOK)
    return found


def outside_words(number: str, clock: str, due_at: datetime | None, at: datetime) -> str:
    """Return all that ever leaves the house about a reminder: order number, clock and time.

    “热线-261122-045031 办理 剩 2 小时，11月23日 12:00 到期”. Never a word of the case or the requester.
    """
    if due_at is None:
        return f"{number} {clock}"
    local = due_at.astimezone(BEIJING)
    day = f"{local.month}月{local.day}日 {local:%H:%M}"
    return f"{number} {clock} {remaining(due_at, at)}，{day} 到期"


def _deliveries(notice: Notice, outside: set[Channel], at: datetime) -> Iterable[Delivery]:
    yield Delivery(
        notice=notice, channel=Channel.PAGE, state=DeliveryState.SENT, tries=1, sent_at=at
    )
    addresses = {Channel.MAIL: notice.member.email, Channel.WEBHOOK: notice.member.messenger}
    for channel, address in addresses.items():
        if channel in outside and address:
            yield Delivery(
                notice=notice, channel=channel, state=DeliveryState.WAITING, next_try_at=at
            )
