"""Pushing: waiting deliveries go out by e-mail and messenger, at least once, never hammering.

A delivery is marked as tried before it is sent, so that a killed worker's is tried again; the other
side knows a repeat by its key. While a channel fails, one message at a time probes it. What cannot be
delivered in time is given up, and the reminder climbs to somebody else, once.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from jiesu.core import environment, live
from jiesu.org.models import Member, Office
from jiesu.platforms.pushes import mail, webhook
from jiesu.platforms.pushes.failures import TIMEOUT, Refused, Send, Unreachable
from jiesu.rules.clocks import ClockKind
from jiesu.rules.ladder import CLIMB, Rung, climb
from jiesu.supervision import recipients
from jiesu.supervision.models import Channel, ChannelState, Delivery, DeliveryState, Notice
from jiesu.supervision.recipients import To
from jiesu.supervision.reminding import notify, outside_words

WAITS = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10))  # 推定: between tries; then given up
PATIENCE = sum(WAITS, timedelta(0))
LEASE = timedelta(minutes=5)  # how long what a worker has in hand is left to it
BATCH, BATCHES = 20, 10  # of one channel in one round, so that a lease outlasts it
CANNOT = "发不出"

# the columns named here are all that a push ever reads of a case: its number, and a clock's kind and time
_CLAIM = """
WITH taken AS (
    SELECT delivery.id FROM supervision_delivery AS delivery
    JOIN supervision_notice AS notice ON notice.id = delivery.notice_id
    JOIN supervision_reminder AS reminder ON reminder.id = notice.reminder_id
    WHERE delivery.state = 'waiting' AND delivery.next_try_at <= %(at)s
        AND delivery.channel = %(channel)s AND reminder.office_id = %(office)s
    ORDER BY delivery.next_try_at, delivery.id LIMIT %(many)s
    FOR UPDATE OF delivery SKIP LOCKED
), marked AS (
    UPDATE supervision_delivery SET tries = tries + 1, next_try_at = %(lease)s
    WHERE id IN (SELECT id FROM taken) RETURNING id, notice_id, tries
)
SELECT marked.id, marked.tries, cases_case.number, coalesce(clock.kind, ''), reminder.due_at,
       CASE WHEN member.is_active THEN member.email ELSE '' END,
       CASE WHEN member.is_active THEN member.messenger ELSE '' END
FROM marked
JOIN supervision_notice AS notice ON notice.id = marked.notice_id
JOIN supervision_reminder AS reminder ON reminder.id = notice.reminder_id
JOIN cases_case ON cases_case.id = reminder.case_id
JOIN org_member AS member ON member.id = notice.member_id
LEFT JOIN cases_clock AS clock ON clock.id = reminder.clock_id
ORDER BY marked.id
"""


@dataclass(slots=True)
class Pushed:
    """What a round of pushing did."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0


@dataclass(frozen=True, slots=True)
class _Parcel:
    """One delivery in hand."""

    id: int
    tries: int
    number: str
    clock: str
    due_at: datetime | None
    email: str
    messenger: str

    def text(self, at: datetime) -> str:
        what = ClockKind.label_of(self.clock) if self.clock else "催办"
        return outside_words(self.number, what, self.due_at, at)


def push(at: datetime, *, timeout: float = TIMEOUT) -> Pushed:
    """Send what waits. Nothing waiting costs one look at an index."""
    done = Pushed()
    due = Delivery.objects.filter(state=DeliveryState.WAITING, next_try_at__lte=at)
    pairs = due.values_list("notice__reminder__office", "channel").distinct().order_by()
    for office, channel in list(pairs):
        _push_by(Channel(channel), office, at, timeout, done)
    return done


def key(delivery: int) -> str:
    """Return the word by which the other side knows that a message is the same one again."""
    return f"jiesu-delivery-{delivery}"


def road(channel: Channel, timeout: float = TIMEOUT) -> AbstractContextManager[Send]:
    """Open a channel out of the house.

    :raises Unreachable: it is not set up
    """
    if channel is Channel.MAIL and (server := environment.smtp()):
        return mail.session(server, timeout=timeout)
    if channel is Channel.WEBHOOK and (hook := environment.webhook()):
        return webhook.session(hook, timeout=timeout)
    raise Unreachable(f"没有设置{channel.label}")


def _push_by(channel: Channel, office: int, at: datetime, timeout: float, done: Pushed) -> None:
    """Send what waits for one channel, until nothing does or the channel fails."""
    state, _ = ChannelState.objects.get_or_create(office_id=office, channel=channel)
    for _ in range(BATCHES):
        left = _claim(channel, office, at, 1 if state.error else BATCH)
        if not left:
            return
        try:
            with road(channel, timeout) as send:
                while left:
                    _send_one(channel, left[0], send, at, done)
                    left.pop(0)
        except Unreachable as failed:
            done.failed += 1
            _put_back(left[1:], at)
            done.given_up += _failed(state, left[0], str(failed), at)
            return
        _works(state, at)


def _claim(channel: Channel, office: int, at: datetime, many: int) -> list[_Parcel]:
    """Take some deliveries in hand: marked as tried, and left to us for a while."""
    with transaction.atomic(), connection.cursor() as cursor:
        given: dict[str, Any] = {
            "at": at, "channel": channel.value, "office": office, "many": many, "lease": at + LEASE
        }  # fmt: skip
        cursor.execute(_CLAIM, given)
        return [_Parcel(*row) for row in cursor.fetchall()]


def _send_one(channel: Channel, parcel: _Parcel, send: Send, at: datetime, done: Pushed) -> None:
    """Send one. A message the other side does not take is given up at once; the channel goes on."""
    address = parcel.email if channel is Channel.MAIL else parcel.messenger
    mine = Delivery.objects.filter(pk=parcel.id)
    try:
        if not address:
            raise Refused(f"没有登记{channel.label}地址")
        send(address, parcel.text(at), key(parcel.id), at)
    except Refused as refused:
        done.failed += 1
        done.given_up += _give_up([parcel.id], str(refused), at)
        return
    mine.update(state=DeliveryState.SENT, sent_at=at, next_try_at=None, error="")
    done.sent += 1


def _put_back(parcels: Sequence[_Parcel], at: datetime) -> None:
    """What was not even tried waits a minute, its tries uncounted."""
    mine = Delivery.objects.filter(pk__in=[p.id for p in parcels], state=DeliveryState.WAITING)
    mine.update(tries=F("tries") - 1, next_try_at=at + WAITS[0])


@transaction.atomic
def _works(state: ChannelState, at: datetime) -> None:
    was_dead = state.dead_since is not None
    state.last_ok_at, state.dead_since, state.error = at, None, ""
    state.save(update_fields=["last_ok_at", "dead_since", "error"])
    if was_dead:
        live.tell("channel", o=state.office_id)


@transaction.atomic
def _failed(state: ChannelState, parcel: _Parcel, why: str, at: datetime) -> int:
    """The channel failed with this one: it is tried again later, or given up with all as old as it."""
    why = why[:200]
    state.error = why
    state.save(update_fields=["error"])
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING)
    if parcel.tries <= len(WAITS):
        wait = WAITS[parcel.tries - 1]
        waiting.filter(pk=parcel.id).update(next_try_at=at + wait, error=why)
    old = waiting.filter(
        channel=state.channel, notice__reminder__office=state.office_id,
        notice__made_at__lte=at - PATIENCE,
    )  # fmt: skip
    ids = set(old.values_list("pk", flat=True))
    if parcel.tries > len(WAITS):
        ids.add(parcel.id)
    if not ids:
        return 0
    if state.dead_since is None:
        made = Notice.objects.filter(deliveries__in=ids).order_by("made_at")
        state.dead_since = made.values_list("made_at", flat=True).first() or at
        state.save(update_fields=["dead_since"])
        live.tell("channel", o=state.office_id)
    return _give_up(ids, why, at)


@transaction.atomic
def _give_up(ids: Iterable[int], why: str, at: datetime) -> int:
    """Mark deliveries as not to be made, and let their reminders climb to somebody else."""
    waiting = Delivery.objects.filter(pk__in=list(ids), state=DeliveryState.WAITING)
    given = list(waiting.select_for_update().values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=given).update(
        state=DeliveryState.GIVEN_UP, next_try_at=None, error=why[:200]
    )
    _climb(given, at)
    return len(given)


def _climb(given: Sequence[int], at: datetime) -> None:
    """Tell somebody higher of what did not reach its people, once for a reminder.

    Whoever has seen it on the page, or gets it by another road, was reached.
    """
    lost = Notice.objects.filter(deliveries__in=given, seen_at=None, answered_at=None)
    other = Delivery.objects.exclude(channel=Channel.PAGE).exclude(state=DeliveryState.GIVEN_UP)
    reached = other.filter(notice__deliveries__in=given).values("notice")
    notices = list(lost.exclude(pk__in=reached).select_related("member", "reminder").distinct())
    lost_of: dict[int, Notice] = {}
    for notice in sorted(notices, key=lambda n: CLIMB.index(Rung(n.rung))):
        lost_of[notice.reminder_id] = notice  # the highest that was not reached
    known: dict[int, set[int]] = {pk: set() for pk in lost_of}
    before = Notice.objects.filter(reminder__in=lost_of.keys())
    for reminder, member, why in before.values_list("reminder", "member", "why"):
        known[reminder].add(member)
        if CANNOT in why:
            lost_of.pop(reminder, None)
    failed = {
        Channel(c) for c in Delivery.objects.filter(pk__in=given).values_list("channel", flat=True)
    }
    label = "、".join(sorted(channel.label for channel in failed))
    offices = Office.objects.filter(pk__in={n.reminder.office_id for n in lost_of.values()})
    rosters = {office.pk: recipients.roster(office, at) for office in offices}
    pairs = [
        (reminder, _because(to, notice.member, label))
        for reminder, notice in lost_of.items()
        for to in _higher(rosters[notice.reminder.office_id], notice, known[reminder])
    ]
    notify(pairs, at, without=failed)


def _higher(there: recipients.Roster, notice: Notice, known: set[int]) -> list[To]:
    """Return whom it climbs to: the next rung that has somebody new, at last whoever leads the duty."""
    rung = climb(Rung(notice.rung))
    while rung is not None:
        found = recipients.find(there, rung, notice.reminder.unit_id)
        if fresh := [to for to in found if to.member.pk not in known]:
            return fresh
        rung = climb(rung)
    found = [*recipients.lead(there, "值班带班"), *recipients.on_duty(there, "值班在岗")]
    return [to for to in recipients.once_each(found) if to.member.pk not in known]


def _because(to: To, member: Member, label: str) -> To:
    why = f"{member.name}的{label}{CANNOT}，上提至{to.rung.label}，请电话告知"
    return To(to.member, to.rung, why, climbed=True)


def dead_channels(office: Office) -> list[ChannelState]:
    """Return the channels that do not work, for the duty screen."""
    return list(ChannelState.objects.filter(office=office, dead_since__isnull=False))
