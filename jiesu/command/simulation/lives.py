"""What the people of the street do with a case, each step drawn by the dice of its story.

Every step is a verb of the product. Whoever is to take it must really be there; else it waits until
somebody is. Some units are slow, some leave a case lying until they are pushed.
"""

from datetime import datetime, timedelta

from jiesu.cases import clocks
from jiesu.command.simulation.street import MINUTE, Story, Street
from jiesu.desk.demo import remarks
from jiesu.dispatch import actions as dispatching
from jiesu.handling import actions as handling
from jiesu.intake import actions as signing
from jiesu.rules.clocks import ClockKind
from jiesu.rules.workflow import Stage

OFTEN_WRONG = ("urban", "enforce", "livelihood", "community", "safety")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ASTRAY, OBJECTED = 0.09, 0.05
EMPTY_DESK = 10 * MINUTE  # nobody at the desk: looked again a little later


def begin(street: Street, story: Story, at: datetime) -> None:
    """An order has come: somebody at the desk will sign it, some late, or object."""
    slow = story.rng.random() < 0.06
    wait = story.minutes(32, 90) if slow else story.minutes(1, 8 if story.urgent else 22)
    street.then(at + wait, story, object_ if story.rng.random() < OBJECTED else sign)


def sign(street: Street, story: Story, at: datetime) -> None:
    seat = street.seat(story, at)
    if seat is None:
        street.then(at + EMPTY_DESK, story, sign)
        return
    if street.do(story, signing.sign, actor=seat, at=at):
        slow = story.rng.random() < 0.05
        street.then(at + (story.minutes(31, 70) if slow else story.minutes(2, 20)), story, dispatch)


def object_(street: Street, story: Story, at: datetime) -> None:
    """退回, and the platform's answer some hours later."""
    seat = street.seat(story, at)
    if seat is None:
        street.then(at + EMPTY_DESK, story, object_)
        return
    reason = story.rng.choice(sorted(remarks.RETURNED))
    note, proof = remarks.RETURNED[reason]
    given = {"reason": reason, "proof": proof, "note": note, "actor": seat, "at": at}
    if street.do(story, signing.send_back, **given):
        street.then(at + story.minutes(90, 1100), story, answered)


def answered(street: Street, story: Story, at: datetime) -> None:
    seat = street.seat(story, at)
    if seat is None:
        street.then(at + EMPTY_DESK, story, answered)
        return
    granted = story.rng.random() < 0.6
    note = remarks.ANSWERED[granted]
    if not street.do(story, signing.answer, granted=granted, note=note, actor=seat, at=at):
        return
    if granted:
        story.over = True
    else:
        street.then(at + story.minutes(3, 20), story, dispatch)


def dispatch(street: Street, story: Story, at: datetime) -> None:
    """派转, at times to the wrong unit first."""
    seat = street.seat(story, at)
    if seat is None:
        street.then(at + EMPTY_DESK, story, dispatch)
        return
    wrong = story.turns == 0 and not story.urgent and story.rng.random() < ASTRAY
    back = (
        story.turns > 0 and bool(story.unit) and story.rng.random() < 0.5
    )  # to the same one again
    unit = story.unit if back else story.demand.lead
    if wrong:
        unit = story.rng.choice([u for u in OFTEN_WRONG if u != story.demand.lead])
    helpers = [] if wrong else [street.units[u] for u in story.demand.assisting if u != unit]
    due_at = _internal(street, story, at)
    if not street.do(
        story, dispatching.dispatch, unit=street.units[unit], assisting=helpers, due_at=due_at,
        actor=seat, at=at, note=story.rng.choice(remarks.DISPATCH_NOTES),
        community_reason="诉求人就在本社区，由社区牵头更快。",
    ):  # fmt: skip
        return
    story.turns += 1
    story.unit, story.internal = unit, due_at
    if wrong:
        _wrong(street, story, at)
        return
    for helper in helpers:
        if story.rng.random() < 0.9:
            share = story.rng.uniform(0.2, 1.1)
            _help(street, story, helper.code, at + (due_at - at) * share)
    _unit_begins(street, story, at)


def _wrong(street: Street, story: Story, at: datetime) -> None:
    """The unit gives it back, or the desk moves it on, or the unit keeps it lying."""
    after = street.when_there(story, street.crew_of(story.unit), at + story.minutes(30, 700))
    street.then(after, story, decline if story.rng.random() < 0.6 else transfer)


def decline(street: Street, story: Story, at: datetime) -> None:
    who = street.handler(story, story.unit, at)
    if who is None:
        _later(street, story, at, decline)
        return
    reason = story.rng.choice(remarks.DECLINED)
    if street.do(story, dispatching.decline, reason=reason, actor=who, at=at):
        street.then(at + story.minutes(3, 40), story, dispatch)


def transfer(street: Street, story: Story, at: datetime) -> None:
    """转派: another unit, whose clock starts anew; now and then the same one, whose clock goes on."""
    seat = street.seat(story, at)
    if seat is None:
        street.then(at + EMPTY_DESK, story, transfer)
        return
    unit = story.unit if story.rng.random() < 0.15 else story.demand.lead
    due_at = _internal(street, story, at)
    if street.do(
        story, dispatching.transfer, reason=story.rng.choice(remarks.TRANSFERRED),
        unit=street.units[unit], due_at=due_at, actor=seat, at=at,
        community_reason="经会商由社区牵头。",
    ):  # fmt: skip
        story.unit, story.internal = unit, due_at
        story.turns += 1
        _unit_begins(street, story, at)


def _internal(street: Street, story: Story, at: datetime) -> datetime:
    """The internal due time a seat writes: a day before the order's own, or half of what is left."""
    due = street.case(story).due_at or story.demand.due_at
    left = due - at
    if left <= HOUR:
        return at + max(left / 2, 40 * MINUTE)
    return (at + max(left - DAY, left / 2)).replace(second=0, microsecond=0)


def _unit_begins(street: Street, story: Story, at: datetime) -> None:
    assert story.internal is not None
    story.who = story.rng.choice(street.crew_of(story.unit)[:2])
    whole = max(story.internal - at, 30 * MINUTE)
    if story.asleep:
        wait = whole * story.rng.uniform(1.0, 1.6)
    elif story.urgent:
        wait = story.minutes(4, 20)
    else:
        wait = min(story.minutes(20, 600), whole / 4)
    street.then(at + wait, story, accept)


def accept(street: Street, story: Story, at: datetime) -> None:
    who = street.handler(story, story.unit, at)
    if who is None:
        _later(street, story, at, accept)
        return
    street.do(story, handling.accept, actor=who, at=at)  # a second time it says so, and that is all
    street.then(at + story.minutes(3, 30 if story.urgent else 400), story, contact)


def contact(street: Street, story: Story, at: datetime) -> None:
    """联系诉求人: some cannot be reached at first."""
    who = street.handler(story, story.unit, at)
    if who is None:
        _later(street, story, at, contact)
        return
    missed = story.rng.random() < 0.12
    outcome = "no_answer" if missed else "reached" if story.demand.phone else "confidential"
    given = {"contacted_at": at - MINUTE, "channel": "phone", "outcome": outcome}
    street.do(story, handling.contact, actor=who, at=at, **given)
    if missed and story.rng.random() < 0.8:
        street.then(at + story.minutes(20, 300), story, contact)
        return
    assert story.internal is not None
    left = max(story.internal - at, 20 * MINUTE)
    late = story.rng.random() < 0.06
    finish = at + left * (story.rng.uniform(1.0, 1.35) if late else story.rng.uniform(0.2, 0.9))
    for _ in range(story.rng.choice((0, 0, 1, 1, 2))):
        street.then(at + (finish - at) * story.rng.uniform(0.1, 0.9), story, progress)
    turn = story.rng.random()
    long = left > 2 * DAY
    if long and turn < 0.10:
        street.then(at + (finish - at) * story.rng.uniform(0.4, 0.9), story, extend)
    elif long and turn < 0.20:
        street.then(at + (finish - at) * story.rng.uniform(0.2, 0.6), story, pause)
    street.then(finish, story, submit)


def progress(street: Street, story: Story, at: datetime) -> None:
    who = street.handler(story, story.unit, at)
    if who is not None and street.case(story).stage == Stage.HANDLING:
        note = story.rng.choice(remarks.PROGRESS[remarks.works(story.demand.category)])
        street.do(story, handling.progress, note=note, actor=who, at=at)


def _help(street: Street, story: Story, unit: str, at: datetime) -> None:
    """An assisting unit reports, if it still assists when somebody of it is there."""

    def report(street: Street, story: Story, at: datetime) -> None:
        crowd = street.crew_of(unit)
        here = [who for who in crowd if street.presence.at_work(who, at)]
        if not here:
            street.then(street.when_there(story, crowd, at), story, report)
            return
        case = street.case(story)
        helping = case.assignments.filter(
            unit=street.units[unit], ended_at=None, reported_at=None, part="assisting"
        )
        if case.stage in {Stage.HANDLING, Stage.REVIEWING} and helping.exists():
            note = story.rng.choice(remarks.ASSISTED)
            who = street.members[here[0]]
            street.do(story, handling.assist_report, note=note, actor=who, at=at)

    street.then(at, story, report)


def extend(street: Street, story: Story, at: datetime) -> None:
    who = street.handler(story, story.unit, at)
    if who is None or street.case(story).stage != Stage.HANDLING:
        return
    now_due = street.case(story).assignments.get(part="lead", ended_at=None).due_at or at
    until = (max(now_due, at) + story.rng.choice((2, 3, 5)) * DAY).replace(second=0, microsecond=0)
    reason = story.rng.choice(remarks.EXTENSIONS[remarks.works(story.demand.category)])
    given = {"until": until, "reason": reason, "told_requester": True}
    if street.do(story, handling.extend, actor=who, at=at, **given):
        street.then(at + story.minutes(30, 900), story, decide)


def decide(street: Street, story: Story, at: datetime) -> None:
    who = street.of_role("reviewer", at) or street.of_role("leader", at)
    if who is None:
        _reviewers_later(street, story, at, decide)
        return
    granted = story.rng.random() < 0.8
    note = remarks.EXTENSION_GRANTED[0] if granted else remarks.EXTENSION_REFUSED[0]
    done = street.do(story, handling.decide_extension, granted=granted, note=note, actor=who, at=at)
    if done and granted:
        story.internal = street.case(story).assignments.get(part="lead", ended_at=None).due_at


def pause(street: Street, story: Story, at: datetime) -> None:
    """暂停计时: a reviewer lets the unit's clock rest, and it goes on some days later."""
    who = street.of_role("reviewer", at)
    case = street.case(story)
    clock = case.clocks.filter(kind=ClockKind.INTERNAL, stopped_at=None).first()
    if who is None or clock is None or case.stage != Stage.HANDLING:
        return
    cause = "等待产权单位书面意见"
    rests = street.doing(
        "pause", story, at, lambda: clocks.pause(case, clock, cause=cause, actor=who, at=at)
    )
    if rests:
        street.then(at + story.minutes(300, 4000), story, resume)


def resume(street: Street, story: Story, at: datetime) -> None:
    who = street.of_role("reviewer", at)
    if who is None:
        _reviewers_later(street, story, at, resume)
        return
    case = street.case(story)
    clock = case.clocks.filter(kind=ClockKind.INTERNAL, stopped_at=None).first()
    if clock is not None and clock.pauses.filter(to_at=None).exists():
        street.doing("resume", story, at, lambda: clocks.resume(case, clock, actor=who, at=at))


def submit(street: Street, story: Story, at: datetime) -> None:
    """提交结果, once nothing else is being waited for."""
    if street.case(story).stage == Stage.EXTENSION_PENDING:
        street.then(at + story.minutes(60, 400), story, submit)
        return
    who = street.handler(story, story.unit, at)
    if who is None:
        _later(street, story, at, submit)
        return
    if street.do(story, handling.submit, result=story.demand.result, actor=who, at=at):
        slow = story.rng.random() < 0.05
        wait = story.minutes(500, 900) if slow else story.minutes(10, 240)
        street.then(at + wait, story, review)


def review(street: Street, story: Story, at: datetime) -> None:
    who = street.of_role("reviewer", at)
    if who is None:
        _reviewers_later(street, story, at, review)
        return
    passed = story.rng.random() > 0.1
    note = story.rng.choice(remarks.PASSED if passed else remarks.REJECTED)
    if not street.do(story, handling.review, passed=passed, note=note, actor=who, at=at):
        return
    if passed:
        street.then(at + story.minutes(10, 500), story, close)
    else:
        street.then(at + story.minutes(60, 1500), story, submit)


def close(street: Street, story: Story, at: datetime) -> None:
    seat = street.seat(story, at)
    if seat is None:
        street.then(at + EMPTY_DESK, story, close)
        return
    if street.do(story, handling.close, actor=seat, at=at) and story.rng.random() < 0.02:
        street.then(at + story.minutes(1400, 5000), story, reopen)


def reopen(street: Street, story: Story, at: datetime) -> None:
    who = street.of_role("reviewer", at)
    if who is None:
        _reviewers_later(street, story, at, reopen)
        return
    if street.do(story, handling.reopen, note=remarks.REOPENED, actor=who, at=at):
        street.then(at + story.minutes(200, 1500), story, submit)


def _later(street: Street, story: Story, at: datetime, deed: object) -> None:
    when = street.when_there(story, street.crew_of(story.unit), at)
    street.then(when, story, deed)  # type: ignore[arg-type]


def _reviewers_later(street: Street, story: Story, at: datetime, deed: object) -> None:
    crowd = [p.username for p in street.presence.people.values() if p.role == "reviewer"]
    street.then(street.when_there(story, crowd, at), story, deed)  # type: ignore[arg-type]
