"""The course of one invented order, as the steps its people take: plain data, no database.

A step is a verb of a stage's ``actions`` with its keyword arguments, units and people by code. The
record that comes of them is written in bulk by ``rows``; a test takes them through the real verbs.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from jiesu.desk.demo import remarks, wording
from jiesu.desk.demo.crew import Crew
from jiesu.desk.demo.rhythm import awake
from jiesu.desk.demo.texts import Demand
from jiesu.rules.clocks import internal_due
from jiesu.rules.rule_set import Limits

OFTEN_WRONG = ("urban", "enforce", "livelihood", "community", "safety")  # where misdirected ones go
WEEK = timedelta(hours=168)
MORNINGS = ((9, 0), (9, 30), (10, 0), (10, 30), (11, 0), (11, 30))


@dataclass(frozen=True, slots=True)
class Step:
    """One verb: who does it when, and with what."""

    at: datetime
    actor: str
    verb: str
    given: Mapping[str, Any]


class Ending(Enum):
    """Where a course is to stand now, whatever it would have come to by itself."""

    SIGNING = auto()
    DISPATCHING = auto()
    DECLINED = auto()  # a unit gave it back and the desk has not yet found another
    ANSWERING = auto()  # a send-back waits for the platform
    HANDLING = auto()  # with the internal due time that the script names
    DECIDING = auto()  # an extension waits for its decision
    REVIEWING = auto()


@dataclass(slots=True)
class Script:
    """A course being written: what is known, and the steps so far."""

    demand: Demand
    crew: Crew
    limits: Limits
    reasons: Sequence[str]  # codes of send-back reasons
    rng: random.Random
    now: datetime
    at: datetime
    ending: Ending | None = None
    due_at: datetime | None = None  # the internal due time a seat set by hand
    unplaced: bool = False  # the office does not know the order's word for its community
    steps: list[Step] = field(default_factory=list)

    def do(self, at: datetime, actor: str, verb: str, **given: Any) -> None:
        """Add a step, no earlier than the one before."""
        self.at = max(at, self.at + timedelta(seconds=20)).replace(microsecond=0)
        self.steps.append(Step(self.at, actor, verb, given))

    def minutes(self, least: float, most: float) -> timedelta:
        return timedelta(seconds=int(60 * self.rng.uniform(least, most)))

    def ago(self, least: float, most: float) -> datetime:
        return self.now - self.minutes(least, most)

    @property
    def works(self) -> bool:
        return remarks.works(self.demand.category)

    def by_day(self, when: datetime) -> datetime:
        """Return a moment people are at it; short orders are followed into the evening."""
        if self.demand.urgent:
            return when
        minute = self.rng.randrange(60)
        if self.demand.due_at - self.demand.dispatched_at < WEEK:
            return awake(when, minute, 7, 22)
        return awake(when, minute)


def arrived(demand: Demand, rng: random.Random, now: datetime) -> datetime:
    """Return when an order reaches the office after it was dispatched."""
    after = timedelta(seconds=rng.randrange(20, 140))
    return min(demand.dispatched_at + after, now - timedelta(seconds=5)).replace(microsecond=0)


def course(script: Script) -> tuple[Step, ...]:
    """Return the steps taken up to now."""
    if script.ending is not Ending.SIGNING:
        _whole(script)
    return tuple(step for step in script.steps if step.at <= script.now)


def _whole(script: Script) -> None:
    objected = script.ending is None and script.reasons and script.rng.random() < 0.045
    if script.ending is Ending.ANSWERING or objected:
        if not _send_back(script):
            return
    else:
        _sign(script)
    if script.ending is Ending.DISPATCHING:
        return
    unit, internal = _dispatch(script)
    if script.ending is Ending.DECLINED:
        return
    finish = _handle(script, unit, internal)
    if finish is not None:
        _conclude(script, unit, finish)


def _sign(script: Script) -> None:
    demand, rng = script.demand, script.rng
    urgent = (1, 8) if demand.urgent else (3, 24)
    wait = script.minutes(31, 50) if rng.random() < 0.03 else script.minutes(*urgent)
    at = demand.dispatched_at + wait
    if script.ending is Ending.DISPATCHING:
        at = min(at, script.ago(1, 9))
    script.do(at, script.crew.seat(rng, at), "sign")


def _send_back(script: Script) -> bool:
    """退回, and the platform's answer. True when it is refused and the order is ours after all."""
    rng, pending = script.rng, script.ending is Ending.ANSWERING
    if pending or rng.random() < 0.7:
        _sign(script)
    at = script.at + script.minutes(6, 45)
    if pending:
        at = min(at, script.ago(20, 30))
    reason = rng.choice(script.reasons)
    note, proof = remarks.RETURNED[reason]
    seat = script.crew.seat(rng, at)
    script.do(at, seat, "send_back", reason=reason, proof=proof, note=note)
    if pending:
        return False
    at = awake(at + script.minutes(90, 1100), rng.randrange(60))
    granted = rng.random() < 0.65
    seat = script.crew.seat(rng, at)
    script.do(at, seat, "answer", granted=granted, note=remarks.ANSWERED[granted])
    return not granted


def _dispatch(script: Script) -> tuple[str, datetime]:
    """派转, sometimes to the wrong unit first. Returns the lead unit and its internal due time."""
    demand, rng = script.demand, script.rng
    if script.unplaced:
        at = script.at + script.minutes(1, 2)
        script.do(at, script.crew.seat(rng, at), "place", community=demand.community.code)
    at = script.at + (script.minutes(31, 55) if rng.random() < 0.03 else script.minutes(2, 25))
    verb, told = "dispatch", {}
    astray = 1.0 if demand.urgent or demand.company else rng.random()
    if astray < 0.06 or script.ending is Ending.DECLINED:
        wrong = rng.choice([unit for unit in OFTEN_WRONG if unit != demand.lead])
        script.do(at, script.crew.seat(rng, at), "dispatch", **_to(script, at, wrong, ()))
        if astray < 0.03 or script.ending is Ending.DECLINED:
            _decline(script, wrong)
            if script.ending is Ending.DECLINED:
                return wrong, script.at
            at = script.at + script.minutes(4, 26)
        else:
            at = script.by_day(script.at + script.minutes(120, 900))
            verb, told = "transfer", {"reason": rng.choice(remarks.TRANSFERRED)}
    seat = script.crew.seat(rng, at)
    to = _to(script, at, demand.lead, demand.assisting)
    script.do(at, seat, verb, **told, **to)
    return demand.lead, to["due_at"]


def _decline(script: Script, unit: str) -> None:
    """退派: the unit says it is not its matter."""
    at = script.by_day(script.at + script.minutes(40, 260))
    if script.ending is Ending.DECLINED:
        at = script.ago(4, 25)
    who = script.crew.of(script.rng, unit)
    script.do(at, who, "decline", reason=script.rng.choice(remarks.DECLINED))


def _to(script: Script, at: datetime, unit: str, assisting: tuple[str, ...]) -> dict[str, Any]:
    rng = script.rng
    dual = bool(assisting) and rng.random() < 0.05
    note = remarks.DUAL_NOTE if dual else rng.choice(remarks.DISPATCH_NOTES)
    due_at = _internal(script, at)
    return {"unit": unit, "assisting": assisting, "due_at": due_at, "note": note, "dual": dual}


def _internal(script: Script, at: datetime) -> datetime:
    """Return the internal due time a seat would set: not at night when the order leaves time."""
    demand = script.demand
    if script.due_at is not None and script.due_at > at:
        return script.due_at
    due = internal_due(demand.dispatched_at, demand.due_at, script.limits).at or demand.due_at
    if due <= at + timedelta(minutes=30):
        due = at + max((demand.due_at - at) / 2, timedelta(minutes=40))
    morning = due
    if not 9 <= due.hour < 20:
        hour, minute = script.rng.choice(MORNINGS)
        morning = awake(due, 0, 9, 20).replace(hour=hour, minute=minute)
    if morning <= demand.due_at - timedelta(hours=2):
        due = morning
    return due.replace(second=0, microsecond=0)


def _handle(script: Script, unit: str, internal: datetime) -> datetime | None:
    """接单, 联系, and what lies between. Returns when the result is submitted; None: not in this course."""
    demand, rng = script.demand, script.rng
    given_at, who = script.at, script.crew.of(rng, unit)
    call = max(demand.contacted_at, script.at + script.minutes(9, 30))
    contacted_at = script.by_day(call).replace(second=0, microsecond=0)
    script.do(
        max(contacted_at - script.minutes(5, 45), script.at + timedelta(minutes=1)), who, "accept"
    )
    if demand.phone and rng.random() < 0.1:
        tried = max(contacted_at - script.minutes(4, 20), script.at).replace(microsecond=0)
        _contact(script, who, tried, "no_answer", "无人接听，稍后再拨。")
    contacted_at = max(contacted_at, script.at).replace(microsecond=0)
    _contact(script, who, contacted_at, "reached" if demand.phone else "confidential", "")
    script.at = max(script.at, contacted_at)
    finish = _finish(script, given_at, internal)
    if script.ending is Ending.REVIEWING:
        finish = script.ago(3, 170)
    if script.ending is Ending.HANDLING:
        finish = script.now + script.minutes(20, 300)
    between = _between(script, unit, who, finish)
    if script.ending is Ending.DECIDING:
        asked = script.ago(20, 380)
        _take(script, [step for step in between if step.at < asked])
        _extend(script, who, asked, internal)
        return None
    if script.ending is None and _long(demand) and rng.random() < 0.09:
        asked = script.by_day(script.at + (finish - script.at) * rng.uniform(0.5, 0.8))
        _take(script, [step for step in between if step.at < asked])
        finish = _extension(script, who, asked, internal, finish)
    else:
        _take(script, between)
    return None if script.ending is Ending.HANDLING else finish


def _long(demand: Demand) -> bool:
    return demand.due_at - demand.dispatched_at >= WEEK


def _contact(script: Script, who: str, contacted_at: datetime, outcome: str, note: str) -> None:
    at = max(contacted_at, script.at) + script.minutes(2, 9)
    script.do(
        at, who, "contact", contacted_at=contacted_at, channel="phone", outcome=outcome, note=note
    )


def _finish(script: Script, given_at: datetime, internal: datetime) -> datetime:
    rng = script.rng
    share = rng.uniform(1.02, 1.2) if rng.random() < 0.04 else rng.uniform(0.35, 0.96)
    if script.demand.urgent:
        return max(
            given_at + (internal - given_at) * min(share, 0.9), script.at + script.minutes(8, 20)
        )
    finish = script.by_day(given_at + (internal - given_at) * share)
    return max(finish, script.at + script.minutes(15, 50))


def _between(script: Script, unit: str, who: str, finish: datetime) -> list[Step]:
    """What happens between contact and result, in order of time."""
    rng, start, demand = script.rng, script.at, script.demand
    steps = []

    def at(least: float, most: float) -> datetime:
        when = script.by_day(start + (finish - start) * rng.uniform(least, most))
        return when.replace(microsecond=0)

    for helper in demand.assisting:
        if rng.random() < 0.92:
            assistant = script.crew.of(rng, helper)
            steps.append(Step(at(0.02, 0.2), assistant, "accept", {}))
            note = rng.choice(remarks.ASSISTED)
            steps.append(Step(at(0.3, 0.85), assistant, "assist_report", {"note": note}))
    if rng.random() < (0.6 if script.works else 0.15):
        seen = at(0.1, 0.6).replace(second=0)
        steps.append(
            Step(
                seen + script.minutes(10, 50), who, "visit",
                {"visited_at": seen, "place": demand.location, "note": rng.choice(remarks.VISITS)},
            )
        )  # fmt: skip
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        steps.append(
            Step(
                at(0.2, 0.95),
                who,
                "progress",
                {"note": rng.choice(remarks.PROGRESS[script.works])},
            )
        )
    if _long(demand) and not demand.assisting and rng.random() < 0.04:
        helper = rng.choice([other for other in OFTEN_WRONG if other != unit])
        when = at(0.05, 0.3)
        steps.append(
            Step(
                when, script.crew.seat(rng, when), "add_assisting",
                {"unit": helper, "due_at": finish.replace(second=0, microsecond=0), "note": "请配合主办单位办理。"},
            )
        )  # fmt: skip
    return sorted((step for step in steps if step.at < finish), key=lambda step: step.at)


def _take(script: Script, steps: list[Step]) -> None:
    for step in steps:
        script.do(step.at, step.actor, step.verb, **step.given)


def _extend(script: Script, who: str, asked: datetime, internal: datetime) -> datetime:
    days = script.rng.choice((3, 5, 7))
    until = (max(internal, asked) + timedelta(days=days)).replace(hour=18, minute=0, second=0)
    reason = script.rng.choice(remarks.EXTENSIONS[script.works])
    script.do(asked, who, "extend", until=until, reason=reason, told_requester=True)
    return until


def _extension(
    script: Script, who: str, asked: datetime, internal: datetime, finish: datetime
) -> datetime:
    """延期 and its decision. Returns when the result is submitted then."""
    rng = script.rng
    until = _extend(script, who, asked, internal)
    granted = rng.random() < 0.85
    note = rng.choice(remarks.EXTENSION_GRANTED if granted else remarks.EXTENSION_REFUSED)
    at = script.by_day(script.at + script.minutes(25, 300))
    script.do(at, script.crew.decider(rng), "decide_extension", granted=granted, note=note)
    if not granted:
        return max(finish, script.by_day(script.at + script.minutes(60, 600)))
    return script.by_day(script.at + (until - script.at) * rng.uniform(0.4, 0.95))


def _conclude(script: Script, unit: str, finish: datetime) -> None:
    """提交, 审核, 办结, and now and then 驳回 or 重新办理."""
    rng, who = script.rng, script.crew.of(script.rng, unit)
    result = _result(script)
    _submit(script, who, finish, result)
    if script.ending is Ending.REVIEWING:
        return
    if rng.random() < 0.08:
        at = script.by_day(script.at + script.minutes(15, 240))
        reviewer = script.crew.reviewer(rng)
        script.do(at, reviewer, "review", passed=False, note=rng.choice(remarks.REJECTED))
        again = script.by_day(script.at + script.minutes(60, 900))
        _submit(script, who, again, f"{result}（补充：现场照片及联系时间已上传。）")
    _accepted(script)
    if rng.random() < 0.012:
        at = script.by_day(script.at + script.minutes(1500, 5000))
        script.do(at, script.crew.reviewer(rng), "reopen", note=remarks.REOPENED)
        at = script.by_day(script.at + script.minutes(60, 400))
        script.do(
            at,
            who,
            "progress",
            note=rng.choice(remarks.PROGRESS[script.works]),
        )
        at = script.by_day(script.at + script.minutes(400, 2400))
        _submit(script, who, at, f"{result}（再次办理：已现场复查并向诉求人反馈。）")
        _accepted(script)


def _submit(script: Script, who: str, at: datetime, result: str) -> None:
    script.do(at, who, "submit", result=result)


def _accepted(script: Script) -> None:
    rng, reviewer = script.rng, script.crew.reviewer(script.rng)
    at = script.by_day(script.at + script.minutes(12, 260))
    script.do(at, reviewer, "review", passed=True, note=rng.choice(remarks.PASSED))
    at = script.by_day(script.at + script.minutes(6, 80))
    who = reviewer if rng.random() < 0.5 else script.crew.seat(rng, at)
    script.do(at, who, "close", note=rng.choice(remarks.CLOSED))


def _result(script: Script) -> str:
    """The demand's result, with the moment the requester was really called."""
    called = next(
        step.given["contacted_at"]
        for step in reversed(script.steps)
        if step.verb == "contact" and step.given["outcome"] != "no_answer"
    )
    said = wording.moment(script.demand.contacted_at)
    return script.demand.result.replace(said, wording.moment(called))
