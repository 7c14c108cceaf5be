"""What grouping can tell: groups and their members as somebody may see them, and what a case comes back to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.http import Http404

from jiesu.cases import access
from jiesu.cases.models import Case, Event
from jiesu.groups.models import Belonging, Earlier, Group
from jiesu.org.models import Member
from jiesu.org.rights import Right, may
from jiesu.rules.grouping import REMINDER_WORDS, GroupState
from jiesu.rules.workflow import Action

PAGE = 50
RESULT = 600


@dataclass(frozen=True, slots=True)
class One:
    """A case in a group as its page shows it."""

    case: Case
    why: str
    added_at: datetime
    added_by: str


@dataclass(frozen=True, slots=True)
class Back:
    """复诉: what was asked before and what was answered, as far as the member may see it.

    ``may_tell``: a reminder instead of a new order is proposed, with ``ground``, the words of the rule.
    """

    link: Earlier
    earlier: Case
    result: str
    may_tell: bool
    may_deny: bool
    ground: str


@dataclass(frozen=True, slots=True)
class OnCase:
    """The piece of the case page: the group it is in and what it comes back to."""

    group: Group | None
    count: int
    others: Sequence[Case]
    back: Back | None


def _seen(member: Member) -> QuerySet[Belonging]:
    return Belonging.objects.filter(access.visible_through(member, "case"), left_at=None)


def groups_of(member: Member, *, state: str = "") -> QuerySet[Group]:
    """Return the standing groups of which the member sees a case, those to be confirmed first."""
    mine = _seen(member).filter(group=OuterRef("pk"))
    found = Group.objects.filter(Exists(mine), office=member.office_id).exclude(
        state=GroupState.ENDED
    )
    if state:
        found = found.filter(state=state)
    seen = Q(belongings__left_at=None) & access.visible_through(member, "belongings__case")
    return (
        found.select_related("owner").annotate(
            seen=Count("belongings", filter=seen, distinct=True),
            proposed_first=Q(state=GroupState.PROPOSED),
        ).order_by(F("proposed_first").desc(), "-id")
    )  # fmt: skip


def get_group(member: Member, pk: int) -> Group:
    """Return a group of which the member sees a case; a foreign one and a missing one look alike.

    :raises Http404: there is none
    """
    found = Group.objects.filter(pk=pk, office=member.office_id).filter(
        Exists(
            Belonging.objects.filter(access.visible_through(member, "case"), group=OuterRef("pk"))
        )
    )
    group = found.select_related("owner", "made_by", "confirmed_by", "planned_by").first()
    if group is None:
        raise Http404("没有这组案件，或者它不归您看。")
    return group


def members_of(group: Group, member: Member) -> list[One]:
    """Return who is in the group now, as far as the member may see them, oldest first."""
    rows = (
        _seen(member)
        .filter(group=group)
        .select_related("case__unit", "case__community", "added_by")
    )
    rows = rows.defer("case__tokens", "case__tsv").order_by("case__dispatched_at", "id")
    return [
        One(row.case, row.why, row.added_at, row.added_by.name if row.added_by else "系统")
        for row in rows
    ]


def course(group: Group, ones: Sequence[One]) -> list[Event]:
    """Return the progress that was written for the whole group, one line for each time, newest first."""
    ids = [one.case.pk for one in ones]
    events = Event.objects.filter(case__in=ids, action=Action.PROGRESS, facts__group=group.pk)
    found: dict[tuple[datetime, int | None], Event] = {}
    for event in events.select_related("actor").order_by("id"):
        found.setdefault((event.at, event.actor_id), event)
    return list(reversed(found.values()))


def on_case(case: Case, member: Member) -> OnCase:
    """Return what the case page shows: two queries for a case that is in no group and comes back to none."""
    standing = (
        Belonging.objects.filter(case=case, left_at=None).select_related("group__owner").first()
    )
    others: list[Case] = []
    if standing is not None:
        mates = _seen(member).filter(group=standing.group).exclude(case=case)
        others = [
            row.case
            for row in mates.select_related("case__unit").order_by("-case__dispatched_at")[:50]
        ]
    return OnCase(
        group=standing.group if standing else None, count=len(others) + 1, others=others[:5],
        back=_back(case, member),
    )  # fmt: skip


def _back(case: Case, member: Member) -> Back | None:
    link = Earlier.objects.filter(case=case, denied_at=None).select_related("told_by").first()
    if link is None:
        return None
    earlier = access.visible_to(member).filter(pk=link.earlier_id).select_related("unit").first()
    if earlier is None:
        return None
    centre = may(member, Right.SUPERVISE)
    return Back(
        link=link, earlier=earlier, result=earlier.result[:RESULT],
        may_tell=centre and link.told_at is None and access.may_do(member, Action.TELL_PROGRESS, case),
        may_deny=centre and link.told_at is None, ground=REMINDER_WORDS,
    )  # fmt: skip


def is_proposed(group: Group | None) -> bool:
    return group is not None and group.proposed


def waiting(member: Member) -> int:
    """Return how many groups wait to be confirmed by somebody like the member."""
    if not may(member, Right.SUPERVISE):
        return 0
    return Group.objects.filter(office=member.office_id, state=GroupState.PROPOSED).count()
