"""Filling an office with the demo street: its members, and a month of cases as it stands now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from jiesu.cases.models import Case
from jiesu.catalogue.queries import calendar_of, community_duties, rules_at
from jiesu.core.announcements import TASK
from jiesu.desk.demo import (
    assessment,
    calling,
    coordinated,
    duty,
    grouped,
    lives,
    pictures,
    places,
    remarks,
    reminders,
    rows,
    wording,
)  # fmt: skip
from jiesu.desk.demo.course import Ending, Script, Step, arrived, course
from jiesu.desk.demo.hiring import Hired, hire
from jiesu.desk.demo.lives import Cast, Life
from jiesu.desk.demo.scene import Scene
from jiesu.desk.demo.texts import Demand, demands, dice, usual_burst
from jiesu.org.models import Office
from jiesu.rules.workflow import ENDED, OPEN, Stage
from jiesu.triage import marking

SEED = 20261123
DAYS = 31
BUSY_DAYS = 6  # the last ones: more orders, so that much is being handled now
BUSY = 0.32  # their share of all
AGES = (2, 6, 12, 19, 33, 24, 36, 41, 48, 55, 64, 76)  # minutes since the latest were dispatched
LATEST, TO_SIGN, TO_DISPATCH = len(AGES), 5, 5  # and how many of them stand where
WAITING = (  # at least so many wait for somebody, taken from orders so many hours old
    (Ending.DECLINED, Stage.TO_DISPATCH, 2, 5, 60),
    (Ending.ANSWERING, Stage.SEND_BACK_PENDING, 2, 2, 60),
    (Ending.DECIDING, Stage.EXTENSION_PENDING, 3, 70, 130),
    (Ending.REVIEWING, Stage.REVIEWING, 9, 20, 140),
)
DUE_IN = (
    -310,
    -140,
    -35,
    20,
    55,
    95,
    130,
    190,
    240,
    300,
    350,
    410,
    460,
)  # minutes; so each tone shows
AGAIN_OF_ENDED, AGAIN_OF_OPEN = 5, 2  # numbers the platform dispatched a second time
UNPLACED = 160  # every so manyth order names a community that nobody knows by that name


@dataclass(frozen=True, slots=True)
class Play:
    """Everything the demo is played with."""

    office: Office
    hired: Hired
    cast: Cast
    seed: int
    now: datetime


@dataclass(slots=True)
class Told:
    """One order, its course up to now, and the life that came of it."""

    demand: Demand
    arrived_at: datetime
    steps: tuple[Step, ...]
    life: Life
    unplaced: bool
    again: int | None = None  # the place of the earlier arrival in the list


@dataclass(frozen=True, slots=True)
class Loaded:
    members: int
    cases: int
    events: int


@transaction.atomic
def load(office: Office, *, at: datetime, seed: int = SEED, count: int = 900) -> Loaded:
    """Make the members and the month of cases up to ``at``. Nothing is announced: it is all past.

    The office must have no case yet. The same seed at the same moment makes the same month.

    :raises UnfitOffice: the office lacks the units the demo is played with
    """
    told = imagine(office, at=at, seed=seed, count=count)
    played = [one.life for one in told]
    rows.write(played)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_case, cases_event, cases_clock, cases_assignment")
    duty.write(office, at=timezone.localtime(at).replace(microsecond=0), rng=dice(seed + 3))
    reminders.write(office, at=timezone.localtime(at).replace(microsecond=0), rng=dice(seed + 2))
    calling.write(office, at=timezone.localtime(at).replace(microsecond=0), rng=dice(seed + 6))
    marking.mark(
        Case.objects.filter(office=office, stage__in=OPEN).only(*marking.READ),
        at=timezone.localtime(at),
    )
    pictures.write(office, at=timezone.localtime(at).replace(microsecond=0))
    places.write(office, actor=office.members.filter(role="system").first(), at=at)
    grouped.write(office, at=timezone.localtime(at).replace(microsecond=0))
    coordinated.write(office, at=timezone.localtime(at).replace(microsecond=0))
    assessment.write(office, at=timezone.localtime(at).replace(microsecond=0), rng=dice(seed + 4))
    _say_nothing()
    return Loaded(
        members=office.members.count(),
        cases=len(played),
        events=sum(len(life.events) for life in played),
    )


def _say_nothing() -> None:
    """What the real verbs have announced is past like the rest: nobody is to act on it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE status = 'todo' AND task_name = %s", [TASK]
        )


def imagine(office: Office, *, at: datetime, seed: int = SEED, count: int = 900) -> list[Told]:
    """Make the members and work out the month, in the order the cases arrived; no case is written."""
    now = timezone.localtime(at).replace(microsecond=0)
    hired = hire(office)
    duties = tuple(community_duties(office, at))
    tables = calendar_of(office)
    cast = Cast(hired.units, hired.members, rules_at(office, at), duties, lambda: tables)
    play = Play(office, hired, cast, seed, now)
    month = list(_month(dice(seed), count, now, hired.scene))
    told = [
        _tell(play, demand, unplaced=place % UNPLACED == UNPLACED // 2)
        for place, demand in enumerate(month[:-LATEST])
    ]
    for place, (age, demand) in enumerate(zip(AGES, reversed(month[-LATEST:]), strict=True)):
        soon = Ending.DISPATCHING if place < TO_SIGN + TO_DISPATCH else None
        lately = _moved(demand, now - timedelta(minutes=age))
        ending = Ending.SIGNING if place < TO_SIGN else soon
        told.append(_tell(play, lately, ending, unplaced=place == TO_SIGN))
    _keep_some_waiting(play, told)
    _some_again(play, told)
    return _in_order(told)


def _moved(demand: Demand, at: datetime) -> Demand:
    """Return the order as if it had been dispatched at ``at``, if it was called in by then."""
    later = max(at, demand.called_at + timedelta(minutes=2)) - demand.dispatched_at
    contacted_at = demand.contacted_at + later
    said, says = wording.moment(demand.contacted_at), wording.moment(contacted_at)
    return replace(
        demand,
        dispatched_at=demand.dispatched_at + later,
        due_at=demand.due_at + later,
        contacted_at=contacted_at,
        finished_at=demand.finished_at + later,
        result=demand.result.replace(said, says),
    )


def _month(rng: Random, count: int, now: datetime, place: Scene) -> Iterator[Demand]:
    """Yield the orders of the month: an ordinary part, a busy week, and the last hour and a half."""
    end = now - timedelta(minutes=100)
    busy = (now - timedelta(days=BUSY_DAYS)).replace(hour=0, minute=0, second=0)
    start = busy - timedelta(days=DAYS - BUSY_DAYS)
    many = int(count * BUSY)
    burst = [usual_burst(now)]
    yield from demands(rng, count - many - LATEST, start=start, end=busy, place=place, bursts=burst)
    yield from demands(rng, many, start=busy, end=end, place=place)
    last = now - timedelta(minutes=42)  # what is dispatched later than called must not be to come
    soon = end + timedelta(minutes=1)  # so that no number of before can come again
    yield from demands(rng, LATEST, start=soon, end=last, place=place)


def _tell(
    play: Play,
    demand: Demand,
    ending: Ending | None = None,
    *,
    again: int = 1,
    due_at: datetime | None = None,
    unplaced: bool = False,
) -> Told:
    """Work out one order's course and life."""
    rng = dice(f"{play.seed} {demand.number} {again}")
    arrived_at = arrived(demand, rng, play.now)
    rules = play.cast.rules
    known = {reason.code for reason in rules.send_back_reasons}
    script = Script(
        demand=demand,
        crew=play.hired.crew,
        limits=rules.limits,
        reasons=[code for code in remarks.RETURNED if code in known],
        rng=rng,
        now=play.now,
        at=arrived_at,
        ending=ending,
        due_at=due_at,
        unplaced=unplaced,
    )
    steps = course(script)
    life = Life(play.cast, _columns(play, demand, arrived_at, again))
    if unplaced:
        life.columns |= {
            "community_id": None,
            "community_text": rng.choice(remarks.UNKNOWN_COMMUNITIES),
        }
    lives.arrive(life, arrived_at)
    for step in steps:
        lives.take(life, step)
    return Told(demand, arrived_at, steps, life, unplaced)


def _keep_some_waiting(play: Play, told: list[Told]) -> None:
    """Give some courses another ending, so that every decision has somebody waiting for it."""
    rng = dice(play.seed)
    now, hour = play.now, timedelta(hours=1)

    def standing(stage: Stage) -> int:
        return sum(one.life.standing is stage for one in told)

    def turn(ending: Ending, wanted: int, fits: list[int]) -> None:
        for place in rng.sample(fits, max(0, min(wanted, len(fits)))):
            before = told[place]
            told[place] = _tell(play, before.demand, ending, unplaced=before.unplaced)

    def handled(least: timedelta, most: timedelta) -> list[int]:
        return [
            place
            for place, one in enumerate(told)
            if one.life.standing is Stage.HANDLING
            and least < now - one.demand.dispatched_at < most
            and "contact" in {step.verb for step in one.steps}
            and one.demand.tags[0] == "普通"
        ]

    for ending, stage, wanted, least, most in WAITING:
        turn(ending, wanted - standing(stage), handled(least * hour, most * hour))
    fits = handled(30 * hour, 130 * hour)
    for minutes, place in zip(DUE_IN, rng.sample(fits, min(len(DUE_IN), len(fits))), strict=False):
        due_at = (now + timedelta(minutes=minutes)).replace(second=0)
        before = told[place]
        told[place] = _tell(
            play, before.demand, Ending.HANDLING, due_at=due_at, unplaced=before.unplaced
        )


def _some_again(play: Play, told: list[Told]) -> None:
    """Let the platform dispatch some numbers a second time: ended ones, and a few still open."""
    rng = dice(play.seed + 1)
    day = timedelta(days=1)
    ended, open_ = [], []
    for place, one in enumerate(told):
        age = play.now - max(step.at for step in one.steps) if one.steps else timedelta()
        if one.life.standing in ENDED and 2 * day < age < 15 * day:
            ended.append(place)
        elif one.life.standing is Stage.HANDLING and 2 * day < play.now - one.arrived_at < 5 * day:
            open_.append(place)
    sent_back = [place for place in ended if told[place].life.standing is Stage.SENT_BACK]
    ended = [*sent_back[: AGAIN_OF_ENDED - 1], *rng.sample(ended, min(8, len(ended)))]
    for place in list(dict.fromkeys(ended))[:AGAIN_OF_ENDED]:
        since = max(step.at for step in told[place].steps)
        told.append(_tell_again(play, told, place, since + rng.uniform(0.3, 1.6) * day))
    for place in rng.sample(open_, min(AGAIN_OF_OPEN, len(open_))):
        told.append(_tell_again(play, told, place, play.now - rng.uniform(0.2, 0.9) * day))


def _tell_again(play: Play, told: list[Told], place: int, at: datetime) -> Told:
    """Work out the second arrival of an order, and end the first if it was still open."""
    first = told[place]
    demand = _moved(first.demand, at.replace(microsecond=0))
    second = _tell(play, demand, again=2)
    second.again = place
    steps = tuple(step for step in first.steps if step.at < second.arrived_at)
    columns = _columns(play, first.demand, first.arrived_at, 1)
    if first.unplaced:
        columns |= {"community_id": None, "community_text": first.life.columns["community_text"]}
    first.life = Life(play.cast, columns)
    first.steps = steps
    lives.arrive(first.life, first.arrived_at)
    for step in steps:
        lives.take(first.life, step)
    lives.arrive_again(first.life, second.arrived_at)
    return second


def _in_order(told: Sequence[Told]) -> list[Told]:
    """Return all by their arrival, and let each second arrival name where its first now stands."""
    order = sorted(range(len(told)), key=lambda place: told[place].arrived_at)
    now_at = {place: position for position, place in enumerate(order)}
    for one in told:
        if one.again is not None:
            one.again = one.life.columns["previous_id"] = now_at[one.again]
    return [told[place] for place in order]


def _columns(play: Play, demand: Demand, arrived_at: datetime, arrival: int) -> dict[str, Any]:
    """Return the case's own columns, as the import would read them from an export."""
    return {
        "office_id": play.office.pk,
        "number": demand.number,
        "arrival": arrival,
        "previous_id": None,
        "order_type": demand.order_type,
        "path": demand.path,
        "category": ">".join(demand.category),
        "tags": list(demand.tags),
        "title": demand.title,
        "content": demand.content,
        "location": demand.location,
        "district": play.office.district,
        "street": play.office.name,
        "community_id": play.cast.units[demand.community.code].pk,
        "community_text": demand.community.name,
        "requester_name": demand.requester_name,
        "requester_phone": demand.phone,
        "requester_address": "",
        "company": demand.company,
        "month_seq": demand.month_seq,
        "year_seq": demand.month_seq,
        "extra": {},
        "called_at": demand.called_at,
        "dispatched_at": demand.dispatched_at,
        "due_at": demand.due_at,
        "due_source": "工单自带",
        "arrived_at": arrived_at,
        "signed_at": None,
        "responded_at": None,
        "closed_at": None,
        "result": "",
    }
