"""Cases as they arrive, and a case taken as far as a test needs it, by the real verbs."""

from datetime import datetime, timedelta
from itertools import count

from django.utils import timezone

from jiesu.cases import clocks, sealing
from jiesu.cases.models import Case, Event
from jiesu.catalogue.queries import rules_at
from jiesu.dispatch import actions as dispatching
from jiesu.intake import actions as signing
from jiesu.org.models import Member, Office, Unit
from jiesu.rules.clocks import ClockKind, is_urgent, order_due, sign_due
from jiesu.rules.workflow import Action, Stage

_number = count(1)


def make_case(office: Office, *, at: datetime | None = None, **fields: object) -> Case:
    """Return one newly arrived case, with its first event and clocks."""
    at = at or timezone.now() - timedelta(minutes=5)
    number = next(_number)
    day = timezone.localtime(at).strftime("%y%m%d")
    values = {
        "number": f"热线-{day}-{number:06d}",
        "title": f"楼道灯不亮 {number}",
        "content": "市民反映，楼道灯不亮，夜间出行不便。来电反映公共照明问题。",
        "location": "一号院 2 号楼",
        "category": "住房>物业管理>公共设施维修",
        "order_type": "求助",
        "path": "市派单",
        "tags": ["普通"],
        "requester_name": "赵女士",
        "requester_phone": f"120{number:08d}",
        "dispatched_at": at,
    } | fields
    limits = rules_at(office, at).limits
    due = order_due(values["dispatched_at"], values.get("due_at"), values["tags"], limits)
    values |= {"due_at": due.at, "due_source": due.source}
    case = Case.objects.create(
        office=office, stage=Stage.TO_SIGN, steps=1, **_sealed(office, values),
    )  # fmt: skip
    Event.objects.create(
        office=office, case=case, step=1, action=Action.ARRIVE, before=None, after=Stage.TO_SIGN,
        moved=True, at=at,
    )  # fmt: skip
    urgent = is_urgent(case.dispatched_at, case.due_at, case.tags)
    clocks.start(
        case, ClockKind.SIGN, at=case.dispatched_at,
        due=sign_due(case.dispatched_at, urgent=urgent, limits=limits),
    )  # fmt: skip
    clocks.start(case, ClockKind.HANDLE, at=case.dispatched_at, due=due)
    clocks.gather(case)
    return case


def _sealed(office: Office, values: dict[str, object]) -> dict[str, object]:
    """The columns as every writer stores them: masked, with the originals sealed."""
    came = {name: {} if name == "extra" else "" for name in sealing.COLUMNS} | {"tags": []} | values
    arrived_at = came.setdefault("arrived_at", timezone.now())
    return came | sealing.seal(
        came, office=office.pk, number=came["number"], arrival=came.get("arrival", 1),
        arrived_at=arrived_at,
    )  # fmt: skip


def signed(case: Case, seat: Member, *, at: datetime | None = None) -> Case:
    signing.sign(case, actor=seat, at=at or timezone.now())
    return case


def dispatched(
    case: Case,
    seat: Member,
    unit: Unit,
    *,
    at: datetime | None = None,
    assisting: tuple[Unit, ...] = (),
) -> Case:
    """The case signed and given to ``unit``."""
    at = at or timezone.now()
    if case.stage == Stage.TO_SIGN:
        signed(case, seat, at=at)
    dispatching.dispatch(
        case, unit=unit, assisting=assisting, due_at=at + timedelta(days=3), actor=seat, at=at
    )
    return case
