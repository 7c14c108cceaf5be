"""A small street as the reminders need it: a unit, the duty desk, the leaders, and clocks to watch."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from jiesu.cases.models import Case, Clock
from jiesu.org.models import Member, Office, Unit
from jiesu.rules.clocks import ClockKind
from jiesu.supervision.models import Notice, Reminder
from tests.factories.orders import make_case
from tests.factories.people import make_member
from tests.stages.duty.making import hour, make_pattern, make_shift

NOON = hour(12)  # Monday 2026-11-23 12:00, Beijing time


@dataclass(frozen=True)
class Street:
    """Who is there: 带班 and 座席 from 8 to 16 o'clock on Monday."""

    office: Office
    unit: Unit
    handler: Member
    other: Member
    head: Member
    lead: Member
    seat: Member
    leader: Member


def make_street(office: Office, **fields: object) -> Street:
    """The people, with ``fields`` (addresses) for each of them."""

    def one(role: str, name: str) -> Member:
        own = {key: value.format(name) for key, value in fields.items()}
        return make_member(office, role, name=name, username=name, **own)

    street = Street(
        office=office, unit=office.units.get(role_code="LIVELIHOOD"),
        handler=one("handler", "hanan"), other=one("handler", "heping"), head=one("head", "touren"),
        lead=one("reviewer", "daiban"), seat=one("seat", "zuoxi"), leader=one("leader", "lingdao"),
    )  # fmt: skip
    make_shift(make_pattern(office), street.lead, street.seat)
    return street


def make_clock(
    street: Street, kind: ClockKind = ClockKind.INTERNAL, *, hours: float = 48,
    since: datetime = NOON, case: Case | None = None, unit: Unit | None = None, **fields: object,
) -> Clock:  # fmt: skip
    """A clock of ``hours`` from ``since``, watched from its first level on; the case's own are stopped."""
    if case is None:
        case = make_case(street.office, at=since)
        case.clocks.update(stopped_at=since, watch_at=None)
    due = since + timedelta(hours=hours)
    return Clock.objects.create(
        case=case, kind=kind, unit=unit, started_at=since, due_at=due,
        **({"watch_at": since + timedelta(seconds=1)} | fields),
    )  # fmt: skip


def told(reminder: Reminder | None = None) -> list[tuple[str, str, str, bool]]:
    """Return (name, rung, why, climbed) of the notices, of all reminders or of one."""
    found = Notice.objects.filter(reminder=reminder) if reminder else Notice.objects.all()
    return list(found.order_by("id").values_list("member__name", "rung", "why", "climbed"))


def names(reminder: Reminder | None = None) -> list[str]:
    return [name for name, *_ in told(reminder)]
