"""The invented orders themselves: ``demands`` yields them in the order people called.

The shares are those proposed for a street of this size (domain 10.2, 推), the wording is that of the
hotline (domain 5.1). The same seed gives the same orders.
"""

import random
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import TypeVar

from jiesu.desk.demo import rhythm, wording
from jiesu.desk.demo.matters import COMMUNITY, Blanks, Matter, compounds, draw, matters_of
from jiesu.desk.demo.requesters import Requester, requester
from jiesu.desk.demo.scene import Community, Scene, scene

Choice = TypeVar("Choice")

ORDER_TYPES = {"投诉": 45, "求助": 30, "咨询": 8, "举报": 8, "建议": 6, "表扬": 3}
ORDER_TYPE_NAMES, ORDER_TYPE_RUNNING = tuple(ORDER_TYPES), list(accumulate(ORDER_TYPES.values()))
LIMIT_HOURS = {
    "2小时": 2,
    "24小时": 24,
    "企业48小时": 48,
    "普通": 168,
}  # what the city writes on it
NUMBERS_A_SECOND = 0.69  # the city's, some 60,000 a day; ours are among them
AGAIN = 0.175  # a caller known this month calls once more; about 18 % of orders in the end
SAME_MATTER = 0.6
COMPANY = 0.036
REMEMBERED = 400  # callers of the month who may call again


@dataclass(frozen=True, slots=True)
class Answers:
    """What the requester says when called back; all empty when nobody could be reached."""

    contacted: str = ""
    solved: str = ""
    satisfied: str = ""


@dataclass(frozen=True, slots=True)
class Demand:
    """One invented order, with the course it would likely take."""

    number: str
    order_type: str
    category: tuple[str, str, str]
    title: str
    content: str
    location: str
    community: Community
    requester_name: str
    phone: str
    company: str
    called_at: datetime
    dispatched_at: datetime
    due_at: datetime
    tags: tuple[str, ...]
    path: str
    month_seq: int
    lead: str
    assisting: tuple[str, ...]
    contacted_at: datetime
    finished_at: datetime
    result: str
    answers: Answers

    @property
    def urgent(self) -> bool:
        return self.tags[0] == "2小时"


@dataclass(frozen=True, slots=True)
class Burst:
    """Many callers about one matter in one community within hours."""

    category: str
    community: str
    start: datetime
    hours: float
    count: int


@dataclass(slots=True)
class Call:
    """A caller's matter, its variant and blanks, kept so that they may call about it again."""

    requester: Requester
    order_type: str
    matter: Matter
    blanks: Blanks
    community: Community
    turn: float


def dice(key: object) -> random.Random:
    """Return dice that fall the same for the same key; nothing here is a secret."""
    return random.Random(str(key))  # noqa: S311 - invented cases, no secret


def usual_burst(end: datetime) -> Burst:
    """Return the burst of a street month ending at ``end``: 供暖 in winter, 供水 in the other months."""
    start = (end - timedelta(days=9)).replace(hour=17, minute=30, second=0, microsecond=0)
    cold = start.month in (11, 12, 1, 2, 3)
    category = "公共服务>供暖>室温不达标" if cold else "公共服务>供水>停水"
    return Burst(category, "西木楼社区", start, hours=18, count=16)


def demands(
    rng: random.Random,
    count: int,
    *,
    start: datetime,
    end: datetime,
    place: Scene | None = None,
    bursts: Sequence[Burst] = (),
) -> Iterator[Demand]:
    """Yield ``count`` orders called in from ``start`` to before ``end``, and the bursts among them.

    ``start`` and ``end`` are aware and in local time; they shape the hours people call at. The
    bursts are part of the count. Numbers are unique within one call.
    """
    place = place or scene()
    chance = rng.random
    homes = [(c, name) for c in place.communities for name in compounds(c.name)]
    by_name = {c.name: c for c in place.communities}
    sudden = _sudden(rng, bursts, start, end)
    ordinary = rhythm.seconds(rng, count - len(sudden), start, end)
    known: list[Call] = []
    month, serial, prefix = 0, 0, ""
    day: date | None = None
    for second, burst in _merged(ordinary, sudden):
        called_at = start + timedelta(seconds=second)
        if called_at.month != month:
            month = called_at.month
            known.clear()
        if called_at.date() != day:
            day, serial = called_at.date(), 0
            prefix = f"热线-{called_at:%y%m%d}-"
        clock = called_at.hour * 3600 + called_at.minute * 60 + called_at.second
        serial = max(serial + 1, int(clock * NUMBERS_A_SECOND))
        if burst:
            matter = _pick(chance, matters_of(burst.category))
            home = _home(chance, homes, by_name[burst.community])
            call = _new_call(chance, _order_type(chance, matter), matter, home)
        else:
            call = _call(chance, homes, known, month)
        _remember(chance, known, call)
        yield _demand(chance, call, called_at, f"{prefix}{serial:06d}", place)


def _demand(
    chance: Callable[[], float], call: Call, called_at: datetime, number: str, place: Scene
) -> Demand:
    matter, who, blanks, order_type = call.matter, call.requester, call.blanks, call.order_type
    dispatched_at = called_at + timedelta(seconds=120 + int(chance() * 2300))
    hours = LIMIT_HOURS[matter.limit]
    due_at = dispatched_at + timedelta(hours=hours)
    contacted_at, finished_at = _course(chance, dispatched_at, hours)
    answers = _answers(chance)
    solved = answers.solved != "否" or chance() < 0.5
    lead = matter.lead
    if lead == COMMUNITY:
        silent = call.community.code in place.silent
        lead = "community" if silent else call.community.code
    assisting = tuple(
        unit
        for unit in _assisting(chance, matter, call.community.code, lead)
        if unit not in place.silent
    )
    path = chance()
    return Demand(
        number,
        order_type,
        matter.category,
        wording.title(matter, blanks, call.turn),
        wording.content(chance, matter, order_type, blanks, who, call.turn),
        wording.location(chance, matter, blanks),
        call.community,
        who.name,
        who.phone,
        who.company,
        called_at,
        dispatched_at,
        due_at,
        (matter.limit, "重点人") if chance() < 0.006 else (matter.limit,),
        "市派单" if path < 0.70 else "区分转" if path < 0.95 else "街道录入",
        who.calls,
        lead,
        assisting,
        contacted_at,
        finished_at,
        wording.result(
            chance,
            matter,
            order_type,
            blanks,
            wording.reached(place.units[lead], contacted_at, who),
            call.turn,
            solved=solved,
        ),
        answers,
    )


def _call(
    chance: Callable[[], float],
    homes: list[tuple[Community, str]],
    known: list[Call],
    month: int,
) -> Call:
    """Somebody new calls, or somebody known calls again about the same or another matter."""
    again = _pick(chance, known) if known and chance() < AGAIN else None
    if again and chance() < SAME_MATTER:
        again.requester.calls += 1
        return again
    company = bool(again.requester.company) if again else chance() < COMPANY
    order_type = ORDER_TYPE_NAMES[bisect(ORDER_TYPE_RUNNING, chance() * 100)]
    matter = draw(chance, order_type, month, company)
    if again:
        again.requester.calls += 1
        blanks = Blanks(chance, again.community.name, again.blanks["小区"], matter)
        if company:
            blanks["企业"] = again.requester.company
        return Call(again.requester, order_type, matter, blanks, again.community, chance())
    return _new_call(chance, order_type, matter, _pick(chance, homes))


def _new_call(
    chance: Callable[[], float], order_type: str, matter: Matter, home: tuple[Community, str]
) -> Call:
    community, compound = home
    blanks = Blanks(chance, community.name, compound, matter)
    who = requester(chance, blanks["企业"] if matter.company else "")
    who.calls = 1
    return Call(who, order_type, matter, blanks, community, chance())


def _remember(chance: Callable[[], float], known: list[Call], call: Call) -> None:
    """Keep a caller with a phone among those who may call again."""
    if not call.requester.phone or call.requester.calls > 1:
        return
    if len(known) < REMEMBERED:
        known.append(call)
    else:
        known[int(chance() * REMEMBERED)] = call


def _order_type(chance: Callable[[], float], matter: Matter) -> str:
    """Return one of the matter's types, by how common it is among all orders."""
    if len(matter.types) == 1:
        return matter.types[0]
    running = list(accumulate(ORDER_TYPES[kind] for kind in matter.types))
    return matter.types[bisect(running, chance() * running[-1])]


def _course(
    chance: Callable[[], float], dispatched_at: datetime, hours: int
) -> tuple[datetime, datetime]:
    """Return when the requester is called and the matter done; a few are late."""
    limit = timedelta(hours=hours)
    if hours <= 2:
        contacted = dispatched_at + limit * (0.15 + 0.2 * chance())
        return contacted, contacted + limit * (0.2 + 0.3 * chance())
    minute = int(chance() * 60)
    contacted = dispatched_at + timedelta(minutes=50 + 320 * chance() ** 2)
    contacted = rhythm.awake(contacted, minute)
    share = 1.02 + 0.15 * chance() if chance() < 0.02 else 0.25 + 0.6 * chance()
    finished = rhythm.awake(dispatched_at + limit * share, minute)
    return contacted, max(finished, contacted + timedelta(minutes=25 + minute))


def _answers(chance: Callable[[], float]) -> Answers:
    """Return the three answers: valid for some 60 %, then contacted, solved and satisfied."""
    if chance() > 0.6:
        return Answers(satisfied="未接听") if chance() < 0.5 else Answers()
    solved = "是" if chance() < 0.955 else "否"
    mood = chance()
    if solved == "否":
        satisfied = "不满意" if mood < 0.8 else "基本满意"
    else:
        satisfied = "满意" if mood < 0.92 else "基本满意" if mood < 0.98 else "不满意"
    return Answers("是" if chance() < 0.997 else "否", solved, satisfied)


def _assisting(
    chance: Callable[[], float], matter: Matter, community: str, lead: str
) -> tuple[str, ...]:
    """Return the assisting units: the first one often, the next ones seldom."""
    named = (community if unit == COMMUNITY else unit for unit in matter.assist)
    return tuple(
        unit
        for place, unit in enumerate(named)
        if unit != lead and chance() < (0.6, 0.3, 0.2)[min(place, 2)]
    )


def _sudden(
    rng: random.Random, bursts: Sequence[Burst], start: datetime, end: datetime
) -> list[tuple[int, Burst]]:
    """Return the moments of the bursts, in order; what would fall outside the month is left out."""
    length = int((end - start).total_seconds())
    moments = [
        (
            int((burst.start - start).total_seconds() + rng.random() ** 1.5 * burst.hours * 3600),
            burst,
        )
        for burst in bursts
        for _ in range(burst.count)
    ]
    return sorted(
        (moment for moment in moments if 0 <= moment[0] < length), key=lambda moment: moment[0]
    )


def _merged(
    ordinary: list[int], sudden: list[tuple[int, Burst]]
) -> Iterator[tuple[int, Burst | None]]:
    """Yield all moments in order, each with the burst it belongs to."""
    waiting = iter(sudden)
    following = next(waiting, None)
    for second in ordinary:
        while following and following[0] <= second:
            yield following
            following = next(waiting, None)
        yield second, None
    while following:
        yield following
        following = next(waiting, None)


def _home(
    chance: Callable[[], float], homes: list[tuple[Community, str]], community: Community
) -> tuple[Community, str]:
    return _pick(chance, [home for home in homes if home[0] == community])


def _pick(chance: Callable[[], float], choices: Sequence[Choice]) -> Choice:
    return choices[int(chance() * len(choices))]
