"""A rota as a test needs it: shifts made at once, with who stands them."""

from datetime import date, datetime, time, timedelta

from jiesu.duty.models import Absence, Pattern, Post, Shift
from jiesu.org.models import Member, Office
from jiesu.rules.moments import BEIJING

MONDAY = date(2026, 11, 23)
EARLY, LATE, NIGHT = (8, 16), (16, 24), (0, 8)


def hour(hours: float, day: date = MONDAY) -> datetime:
    """A moment of the day, Beijing time: 8.5 is half past eight."""
    return datetime.combine(day, time(), BEIJING) + timedelta(hours=hours)


def make_pattern(office: Office, name: str = "早班", span=EARLY, **fields: object) -> Pattern:
    values = {"minimum": 1, "holiday_minimum": 1, "place": span[0]} | fields
    return Pattern.objects.create(
        office=office, name=name, starts=time(span[0]), ends=time(span[1] % 24), **values
    )


def make_shift(
    pattern: Pattern,
    *members: Member,
    day: date = MONDAY,
    minimum: int | None = None,
    **post: object,
) -> Shift:
    """A shift of a day; the first of ``members`` leads."""
    starts = hour(pattern.starts.hour, day)
    ends = hour(pattern.ends.hour or 24, day)
    shift = Shift.objects.create(
        office=pattern.office, pattern=pattern, on=day, starts_at=starts,
        ends_at=ends if ends > starts else ends + timedelta(days=1),
        minimum=pattern.minimum if minimum is None else minimum,
    )  # fmt: skip
    for place, member in enumerate(members):
        Post.objects.create(
            shift=shift,
            member=member,
            lead=place == 0,
            planned_at=starts - timedelta(days=7),
            **post,
        )
    return shift


def make_absence(member: Member, since: datetime, until: datetime, deputy: Member | None = None):
    return Absence.objects.create(
        office=member.office,
        member=member,
        deputy=deputy,
        from_at=since,
        to_at=until,
        made_at=since,
    )
