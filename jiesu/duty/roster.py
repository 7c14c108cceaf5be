"""What stands against somebody taking a turn: the refusals, worked out from two queries for any number."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jiesu.duty.models import Absence, Post, Shift
from jiesu.duty.queries import in_force
from jiesu.org.models import Member
from jiesu.org.rights import Right, roles_with
from jiesu.rules.moments import BEIJING
from jiesu.rules.rota import Turn, overlapping, said_rest, too_close


class Refused(ValueError):
    """Duty says no; the message says why and what to do."""


class NotPlanner(Refused):
    """Only who plans duty for the office may do this."""


class NotEntitled(Refused):
    """The member does not stand duty."""


class Away(Refused):
    """The member is absent in that time."""


class Overlaps(Refused):
    """The member stands another shift in that time."""


class TooLittleRest(Refused):
    """Too little rest between two shifts of one member."""


class CoverTooLow(Refused):
    """Fewer than the minimum would be left on the shift."""


class AlreadyOn(Refused):
    """The member is on that shift already, or it has its lead."""


class Over(Refused):
    """The shift is over, or the matter is settled."""


def turn_of(shift: Shift) -> Turn:
    return Turn(shift.starts_at, shift.ends_at, shift.pattern.name)


def said_span(since: datetime, until: datetime) -> str:
    """“11月23日 08:00 至 11月24日 24:00”."""
    since, until = since.astimezone(BEIJING), until.astimezone(BEIJING)
    end = until - timedelta(days=1) if not (until.hour or until.minute) else until
    last = "24:00" if end is not until else f"{until:%H:%M}"
    return f"{since.month}月{since.day}日 {since:%H:%M} 至 {end.month}月{end.day}日 {last}"


@dataclass(frozen=True, slots=True)
class Roster:
    """The turns and absences of some members in a stretch of time."""

    turns: dict[int, list[tuple[int, Turn]]]  # by member: (post, turn)
    absences: dict[int, list[Absence]]
    rest: timedelta

    def away(self, member_id: int, turn: Turn) -> Absence | None:
        """Return the absence of a member that touches the turn."""
        return next(
            (
                a
                for a in self.absences.get(member_id, ())
                if a.from_at < turn.until and (a.ended_at or a.to_at) > turn.since
            ),
            None,
        )

    def refusals(
        self, member: Member, turn: Turn, *, without: Iterable[int] = (), plus: Sequence[Turn] = ()
    ) -> list[Refused]:
        """Return everything against the member standing the turn; [] when nothing is.

        :param without: posts not to look at, for they are given up for this one
        :param plus: turns the same plan gives them
        """
        if member.role not in roles_with(Right.STAND_DUTY):
            return [NotEntitled(f"{member.name}不是座席或审核员，不能值班，请另选人。")]
        if not member.works_at(turn.since):
            return [NotEntitled(f"{member.name}的账号那时已停用或不在合同期内，请另选人。")]
        said: list[Refused] = []
        if gone := self.away(member.pk, turn):
            when = said_span(gone.from_at, gone.ended_at or gone.to_at)
            said.append(Away(f"{member.name} {when}请假，请另选人。"))
        given_up = set(without)
        others = [t for post, t in self.turns.get(member.pk, ()) if post not in given_up]
        others += plus
        if other := overlapping(turn, others):
            said.append(Overlaps(f"{member.name}已排{other}，时间重叠，请另选人。"))
        elif close := too_close(turn, others, self.rest):
            said.append(
                TooLittleRest(f"{member.name}{said_rest(*close, self.rest)}，请另选人或错开。")
            )
        return said

    def covered(self, posts: Iterable[Post], turn: Turn) -> set[int]:
        """Return the ids of the members who will really stand a turn: deputies for those away."""
        here = [post.member_id for post in posts if post.released_at is None]
        there = {pk for pk in here if self.away(pk, turn) is None}
        for pk in here:
            gone = self.away(pk, turn)
            deputy = gone.deputy if gone else None
            if (
                deputy is not None
                and deputy.role in roles_with(Right.STAND_DUTY)
                and deputy.works_at(turn.since)
                and self.away(deputy.pk, turn) is None
            ):
                there.add(deputy.pk)
        return there


def load(
    office_id: int, since: datetime, until: datetime, rest: timedelta, *, posts: bool = True
) -> Roster:
    """Return the roster of an office from ``since`` to ``until`` and as far around as rest reaches."""
    turns: dict[int, list[tuple[int, Turn]]] = defaultdict(list)
    if posts:
        near = Post.objects.filter(
            shift__office=office_id, released_at=None,
            shift__starts_at__lt=until + rest, shift__ends_at__gt=since - rest,
        )  # fmt: skip
        for post in near.select_related("shift__pattern").order_by("shift__starts_at", "id"):
            turns[post.member_id].append((post.pk, turn_of(post.shift)))
    absences: dict[int, list[Absence]] = defaultdict(list)
    gone = Absence.objects.filter(in_force(since, until), office=office_id)
    for absence in gone.select_related("member", "deputy__contract").order_by("id"):
        absences[absence.member_id].append(absence)
    return Roster(turns, absences, rest)
