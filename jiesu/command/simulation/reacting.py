"""What people do about what the product tells them: they read, wake up, push by hand, answer, call."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.db import connection

from jiesu.cases.models import Case
from jiesu.command.simulation import duties, lives
from jiesu.command.simulation.ground import Ground
from jiesu.command.simulation.street import MINUTE, Story
from jiesu.desk.demo.texts import dice
from jiesu.rules.workflow import Stage
from jiesu.supervision import actions as supervision
from jiesu.supervision.actions import Answered, NotYourNotice
from jiesu.supervision.actions import Incomplete as Unsaid
from jiesu.supervision.models import Notice

WAKES = 0.6  # of the units that left a case lying, when they read a reminder
PUSHED_BY_HAND = 0.5  # of cases whose unit is late
HOURS_TO_CLIMB = 2

_NEW = """
SELECT notice.id, member.username, reminder.level, reminder.rung, c.number, c.arrival,
       coalesce(clock.kind, '')
FROM supervision_notice notice
JOIN supervision_reminder reminder ON reminder.id = notice.reminder_id
JOIN cases_case c ON c.id = reminder.case_id
JOIN org_member member ON member.id = notice.member_id
LEFT JOIN cases_clock clock ON clock.id = reminder.clock_id
WHERE notice.id > %s ORDER BY c.number, c.arrival, reminder.at, member.username, reminder.level
"""


@dataclass
class Readers:
    """Everybody who is told something, and when they will look."""

    ground: Ground
    newest: int = 0
    looks: set[str] = field(default_factory=set)  # who has a look planned already
    pushed: set[tuple[str, int]] = field(default_factory=set)
    wakes: list[datetime] = field(default_factory=list)  # when a 催办 unanswered may climb

    def hear(self, at: datetime) -> None:
        """Plan what comes of the notices made since last time."""
        with connection.cursor() as cursor:
            cursor.execute(_NEW, [self.newest])
            rows = cursor.fetchall()
        for pk, who, level, _rung, number, arrival, kind in rows:
            self.newest = max(self.newest, pk)
            if who not in self.looks:
                self.looks.add(who)
                self.ground.street.at(duties.reads(self.ground, who, at), partial(self._look, who))
            story = self.ground.street.stories.get((number, arrival))
            if story is not None:
                self._react(story, who, level, kind, at)

    def _look(self, who: str, at: datetime) -> None:
        self.looks.discard(who)
        member = self.ground.street.members[who]
        unseen = Notice.objects.filter(member=member, seen_at=None).values_list("pk", flat=True)
        supervision.seen(member, list(unseen), at)
        self.ground.street.done["seen"] += 1

    def _react(self, story: Story, who: str, level: str, kind: str, at: datetime) -> None:
        street = self.ground.street
        rng = dice(f"{street.seed} {story.number} {story.arrival} {level} {kind} {who}")
        in_unit = self.ground.presence.people[who].unit == story.unit
        if in_unit and story.asleep and rng.random() < WAKES:
            story.asleep = False
            when = street.when_there(story, street.crew_of(story.unit), at)
            street.then(when + 15 * MINUTE, story, _wake)
        key = (story.number, story.arrival)
        if level == "overdue" and kind == "internal" and key not in self.pushed:
            self.pushed.add(key)
            if rng.random() < PUSHED_BY_HAND:
                street.then(at + timedelta(minutes=rng.randrange(5, 60)), story, self._push_by_hand)

    def _push_by_hand(self, street: object, story: Story, at: datetime) -> None:
        """催办: a seat asks in words; most are answered, the others climb."""
        here = self.ground.street
        seat = here.seat(story, at)
        case = here.case(story)
        if seat is None or case.stage != Stage.HANDLING:
            return
        words = "该件已超内部时限，请尽快办理并说明情况。"
        made = supervision.remind(case, words=words, actor=seat, at=at)
        here.done["remind_by_hand"] += 1
        self.wakes += [at + timedelta(hours=HOURS_TO_CLIMB * n) for n in (1, 2, 3, 4)]
        if story.rng.random() < 0.7:
            later = at + story.minutes(10, 400)
            when = here.when_there(story, here.crew_of(story.unit), later)
            here.at(when, partial(self._answer, story, made.pk))

    def _answer(self, story: Story, reminder: int, at: datetime) -> None:
        here = self.ground.street
        notices = Notice.objects.filter(reminder=reminder).select_related("member")
        for notice in notices.order_by("member__username"):
            who = notice.member.username
            if self.ground.presence.there(who, at):
                try:
                    supervision.answer(
                        notice, answer="已安排专人办理，今日反馈进展。", actor=notice.member, at=at
                    )
                except (Answered, NotYourNotice, Unsaid) as why:
                    here.refused[f"答复：{type(why).__name__}"] += 1
                    return
                here.done["answer_by_hand"] += 1
                return


def _wake(street: object, story: Story, at: datetime) -> None:
    lives.accept(street, story, at)  # type: ignore[arg-type]


def alarmed(ground: Ground, case: Case, story: Story, kind: str, at: datetime) -> None:
    """电话通知 or 请示报告, which an alarm demands of the desk: mostly in time."""
    street = ground.street
    rng = dice(f"{street.seed} {case.number} {case.arrival} {kind}")
    late = rng.random() < 0.08
    least, most = ((1, 8), (4, 26))[kind == "report_up"]
    wait = rng.uniform(35, 80) if late else rng.uniform(least, most)
    street.then(at + timedelta(seconds=int(60 * wait)), story, partial(_call, kind))


def _call(kind: str, street: object, story: Story, at: datetime) -> None:
    from_desk = street.seat(story, at)  # type: ignore[attr-defined]
    if from_desk is None:
        street.then(at + lives.EMPTY_DESK, story, partial(_call, kind))  # type: ignore[attr-defined]
        return
    if kind == "phone":
        street.do(  # type: ignore[attr-defined]
            story, supervision.phone, called_at=at - MINUTE, whom="街道值班领导", outcome="已接通，知悉",
            actor=from_desk, at=at,
        )  # fmt: skip
    else:
        street.do(  # type: ignore[attr-defined]
            story, supervision.report_up, reported_at=at - MINUTE, to="区接诉即办专班",
            channel="电话", actor=from_desk, at=at,
        )  # fmt: skip
