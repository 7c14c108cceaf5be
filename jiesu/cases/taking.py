"""认领: “我来办”. A claim says who is at a case; it keeps nobody out, and ends by itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from jiesu.cases import transitions
from jiesu.cases.models import Case, Event
from jiesu.catalogue.queries import rules_at
from jiesu.org.models import Member, Office
from jiesu.rules.clocks import remaining
from jiesu.rules.workflow import Action

MINUTES = 20  # where the rule set does not say (推定)
# a step after which the same hand goes on; after any other the case is in other hands
OWN_STEPS = frozenset({Action.SIGN, Action.TRIAGE})


class Taken(ValueError):
    """Somebody else was quicker and has the case."""

    def __init__(self, holder: "Holder | None") -> None:
        self.holder = holder
        who = f"{holder.name} 已认领（{holder.until}前）" if holder else "刚被他人认领"
        super().__init__(f"{who}。需要由您来办时，请再按“接手”。")


class NotTaken(ValueError):
    """There is no claim of one's own to let go."""

    def __init__(self) -> None:
        super().__init__("此案件不在您的认领之下，不用放下。")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has taken a case: ``until`` in words, ``iso`` for the page that counts down."""

    pk: int
    name: str
    until: str
    left: str
    iso: str
    mine: bool


def length(office: Office, at: datetime) -> timedelta:
    """How long a claim lasts: ``[desk] take_min`` of the rule set."""
    told = rules_at(office, at).whole.get("desk", {})
    return timedelta(minutes=int(told.get("take_min", MINUTES)))


def holder(case: Case, member: Member, at: datetime) -> Holder | None:
    """Return who has taken the case, None when nobody has or it ran out."""
    if case.taken_by_id is None or case.taken_until is None or case.taken_until <= at:
        return None
    until = timezone.localtime(case.taken_until)
    mine = case.taken_by_id == member.pk
    name = member.name if mine else case.taken_by.name if case.taken_by else ""
    return Holder(
        case.taken_by_id,
        name,
        f"{until:%H:%M}",
        remaining(until, at),
        until.isoformat(timespec="seconds"),
        mine,
    )


def by_another(case: Case, member: Member) -> Holder | None:
    """Return the holder where it is somebody else: what a form warns of."""
    found = holder(case, member, timezone.now())
    return None if found is None or found.mine else found


@transaction.atomic
def take(
    case: Case, *, actor: Member, at: datetime, instead_of: int | None = None,
    once: UUID | None = None,
) -> Event:  # fmt: skip
    """认领: claim the case, or claim it longer. ``instead_of`` is whose claim is knowingly taken over.

    :raises Taken: somebody else has it
    :raises access.NotYours: the case is not for this member
    """
    free = Q(taken_by=None) | Q(taken_until__lte=at) | Q(taken_by__in=[actor.pk, instead_of or 0])
    until = at + length(actor.office, at)
    before = holder(case, actor, at)
    won = Case.objects.filter(free, pk=case.pk).update(taken_by=actor, taken_until=until)
    if not won:
        case.refresh_from_db(fields=["taken_by", "taken_until"])
        raise Taken(holder(case, actor, at))
    case.taken_by, case.taken_until = actor, until
    given_up = {"instead_of": before.name} if before and not before.mine else {}
    return transitions.record(
        case, Action.TAKE, actor=actor, at=at, once=once, until=until.isoformat(), **given_up
    )


@transaction.atomic
def release(case: Case, *, actor: Member, at: datetime, once: UUID | None = None) -> Event:
    """放下: let the claim go before its time.

    :raises NotTaken: it is not the member's
    """
    mine = Case.objects.filter(pk=case.pk, taken_by=actor, taken_until__gt=at)
    if not mine.update(taken_by=None, taken_until=None):
        raise NotTaken
    case.taken_by, case.taken_until = None, None
    return transitions.record(case, Action.RELEASE, actor=actor, at=at, once=once)


def go_on(case: Case, actor: Member, *, at: datetime) -> None:
    """After an action of the holder: the claim goes on while the case stays in the same hand, else it ends.

    Nothing is written where the case is not taken by ``actor``.
    """
    if case.taken_by_id != actor.pk or case.taken_until is None or case.taken_until <= at:
        return
    moved, action = case.events.order_by("-id").values_list("moved", "action")[0]
    if action == Action.TAKE:
        return
    handed_on = moved and action not in OWN_STEPS
    case.taken_until = None if handed_on else at + length(actor.office, at)
    case.taken_by = None if handed_on else actor
    Case.objects.filter(pk=case.pk, taken_by=actor).update(
        taken_by=case.taken_by, taken_until=case.taken_until
    )
