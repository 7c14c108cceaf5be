"""Proposing, confirming, adding to, splitting and dissolving groups; their plan and their progress; 复诉.

Every step is written on the record of each case it touches; a case is in one group at a time, and its
stage, clocks, reply and rates stay its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from jiesu.cases import access, transitions
from jiesu.cases.models import Case, Event
from jiesu.groups.models import Belonging, Earlier, Group
from jiesu.handling import actions as handling
from jiesu.org.models import Member, Unit
from jiesu.rules.grouping import GroupKind, GroupState
from jiesu.rules.workflow import Action
from jiesu.supervision import actions as supervision

TITLE = 120


class Ungrouped(ValueError):
    """The group cannot be changed like this; the message says why and what to do."""


@dataclass(slots=True)
class Written:
    """Where a word of progress was written, and where it could not be and why."""

    on: list[Case] = field(default_factory=list)
    not_on: list[tuple[Case, str]] = field(default_factory=list)


@transaction.atomic
def found(
    cases: Sequence[Case], *, kind: GroupKind, why: str, actor: Member | None, at: datetime,
    sure: bool = False, once: UUID | None = None,
) -> Group:  # fmt: skip
    """Make a group of cases. Proposed when the product does it, unless the rule set is ``sure`` enough.

    :raises Ungrouped: fewer than two, of another office, or one is in a group already
    """
    if len({case.pk for case in cases}) < 2:
        raise Ungrouped("至少两件才能并案。")
    _require(actor, Action.GROUP, cases)
    confirmed = sure or actor is not None
    group = Group.objects.create(
        office=cases[0].office, kind=kind, title=cases[0].title[:TITLE], made_at=at, made_by=actor,
        state=GroupState.CONFIRMED if confirmed else GroupState.PROPOSED,
        confirmed_at=at if confirmed else None, confirmed_by=actor,
    )  # fmt: skip
    for case in cases:
        _take_in(group, case, why=why, actor=actor, at=at, once=once)
        once = None
    _mark(group)
    return group


@transaction.atomic
def add(
    group: Group, case: Case, *, actor: Member | None, at: datetime, why: str = "", once: UUID | None = None
) -> Belonging:  # fmt: skip
    """Take one more case into a group.

    :raises Ungrouped: the group was dissolved, the case is of another office, or in a group already
    """
    _alive(group)
    _require(actor, Action.GROUP, [case])
    made = _take_in(group, case, why=why, actor=actor, at=at, once=once)
    _mark(group)
    return made


@transaction.atomic
def confirm(group: Group, *, actor: Member, at: datetime, once: UUID | None = None) -> None:
    """A person says that what was proposed is one matter.

    :raises Ungrouped: it is confirmed already, or dissolved
    """
    _alive(group)
    group.refresh_from_db(from_queryset=Group.objects.select_for_update())
    if not group.proposed:
        raise Ungrouped("这组已经确认过了。")
    _require(actor, Action.GROUP, members(group))
    group.state, group.confirmed_at, group.confirmed_by = GroupState.CONFIRMED, at, actor
    group.save(update_fields=["state", "confirmed_at", "confirmed_by"])
    for case in members(group):
        _say(group, case, Action.GROUP, actor=actor, at=at, how="confirmed", once=once)
        once = None
    _mark(group)


@transaction.atomic
def take_out(
    group: Group, cases: Iterable[Case], *, reason: str, actor: Member, at: datetime,
    together: bool = False, once: UUID | None = None,
) -> Group | None:  # fmt: skip
    """Take cases out of a group: they are something else. ``together``: they make a group of their own.

    A group of which one or none is left is dissolved. Returns the new group.

    :raises Ungrouped: no reason, or none of the cases is in the group
    """
    _alive(group)
    if not reason.strip():
        raise Ungrouped("请写明移出的理由，理由记在每一件上。")
    chosen = {case.pk for case in cases}
    leaving = [case for case in members(group) if case.pk in chosen]
    if not leaving:
        raise Ungrouped("请选出要移出的案件。")
    _require(actor, Action.LEAVE_GROUP, leaving)
    if together and len(leaving) < 2:
        raise Ungrouped("另成一组至少要选两件；只移出一件的，不用另成一组。")
    for case in leaving:
        _let_go(group, case, reason=reason, actor=actor, at=at, once=once)
        once = None
    left = members(group)
    if len(left) < 2:
        _end(group, left, reason="组内只剩一件", actor=actor, at=at)
    else:
        _mark(group)
    if together:
        return found(leaving, kind=GroupKind(group.kind), why="从另一组分出", actor=actor, at=at)
    return None


@transaction.atomic
def dissolve(
    group: Group, *, reason: str, actor: Member, at: datetime, once: UUID | None = None
) -> None:
    """Undo the whole group; every case goes on as if it had never been in one, and the record says so.

    :raises Ungrouped: no reason, or dissolved already
    """
    _alive(group)
    if not reason.strip():
        raise Ungrouped("请写明解散的理由，理由记在每一件上。")
    _require(actor, Action.LEAVE_GROUP, members(group))
    _end(group, members(group), reason=reason.strip(), actor=actor, at=at, once=once)


@transaction.atomic
def plan(
    group: Group, *, plan: str, owner: Unit, actor: Member, at: datetime, once: UUID | None = None
) -> None:
    """办理方案: one for the whole group, with the unit that answers for it; on the record of each case.

    :raises Ungrouped: nothing was said, not confirmed yet, or the unit is not the office's
    :raises NotYours: the member may do nothing with any case of the group
    """
    _alive(group)
    if group.proposed:
        raise Ungrouped("请先确认这组案件是同一事项，再定办理方案。")
    if not plan.strip():
        raise Ungrouped("请写明办理方案：原因、措施、谁来做、何时完成。")
    if owner.office_id != group.office_id or not owner.active:
        raise Ungrouped(f"{owner.name}不是本街道启用中的单位。")
    _require(actor, Action.PLAN, members(group))
    group.plan, group.owner, group.planned_at, group.planned_by = plan.strip(), owner, at, actor
    group.save(update_fields=["plan", "owner", "planned_at", "planned_by"])
    for case in members(group):
        _say(
            group,
            case,
            Action.PLAN,
            actor=actor,
            at=at,
            note=plan.strip(),
            unit=owner.name,
            once=once,
        )
        once = None


@transaction.atomic
def progress(
    group: Group, *, note: str, actor: Member, at: datetime, once: UUID | None = None
) -> Written:
    """办理进展, written once and recorded on every case of the group that the member may handle.

    :raises Ungrouped: nothing was said, or none of the cases is the member's to handle now
    """
    _alive(group)
    if not note.strip():
        raise Ungrouped("请写明办理进展。")
    written = Written()
    for case in members(group):
        if not access.may_do(actor, Action.PROGRESS, case):
            if access.visible_to(actor).filter(pk=case.pk).exists():
                written.not_on.append((case, f"现为“{case.stage_label}”，不由您记进展"))
            continue
        handling.progress(case, note=note, actor=actor, at=at, group=group.pk, once=once)
        written.on.append(case)
        once = None
    if not written.on:
        raise Ungrouped("组内没有现在由您办理的案件，进展没有记下。")
    return written


@transaction.atomic
def comes_back(case: Case, earlier: Case, *, chance: int, at: datetime) -> Earlier:
    """复诉: link a case to what the same requester asked before; on the record of the new one."""
    made, new = Earlier.objects.get_or_create(
        case=case, defaults={"earlier": earlier, "chance": chance, "found_at": at}
    )
    if new:
        transitions.record(
            case, Action.COME_BACK, actor=None, at=at, earlier=earlier.number, chance=chance,
            closed_at=earlier.closed_at.isoformat() if earlier.closed_at else None,
        )  # fmt: skip
    return made


@transaction.atomic
def deny(link: Earlier, *, actor: Member, at: datetime, once: UUID | None = None) -> Event:
    """A person says that the two are not one matter; the link goes, the record keeps both words.

    :raises Ungrouped: that was said already
    """
    if not Earlier.objects.filter(pk=link.pk, denied_at=None).update(denied_at=at, denied_by=actor):
        raise Ungrouped("已经标为“不是复诉”了。")
    return transitions.record(
        link.case, Action.COME_BACK, actor=actor, at=at, earlier=link.earlier.number, denied=True,
        once=once,
    )  # fmt: skip


@transaction.atomic
def tell_progress(
    link: Earlier, *, words: str, actor: Member, at: datetime, once: UUID | None = None
) -> Event:
    """催办告知: the earlier order is reminded of, and the new one tells what was told and on what ground.

    A reminder instead of a new order (2025年意见): the new order keeps its reply and clock all the same.

    :raises Ungrouped: it was done, was denied, or nothing was said
    """
    if not words.strip():
        raise Ungrouped("请写明向诉求人告知了什么。")
    told = Earlier.objects.filter(pk=link.pk, told_at=None, denied_at=None)
    if not told.update(told_at=at, told_by=actor):
        raise Ungrouped("此件已经办过催办告知，或已标为“不是复诉”。")
    earlier = Case.objects.select_related("unit", "office").get(pk=link.earlier_id)
    if earlier.is_open:
        supervision.remind(
            earlier, words=f"诉求人再次来电（{link.case.number}），请抓紧办理。{words.strip()}",
            actor=actor, at=at,
        )  # fmt: skip
    return transitions.record(
        link.case, Action.TELL_PROGRESS, actor=actor, at=at, note=words.strip(),
        earlier=earlier.number, reminded=earlier.is_open, once=once,
    )  # fmt: skip


def members(group: Group) -> list[Case]:
    """Return the cases that are in the group now, in the order they came in."""
    cases = Case.objects.filter(belongings__group=group, belongings__left_at=None)
    return list(
        cases.select_related("unit", "community", "office").defer("tokens", "tsv").order_by("belongings__id")
    )  # fmt: skip


def _take_in(
    group: Group, case: Case, *, why: str, actor: Member | None, at: datetime, once: UUID | None
) -> Belonging:
    if case.office_id != group.office_id:
        raise Ungrouped("只能把本街道的案件并在一起。")
    if Belonging.objects.filter(case=case, left_at=None).exists():
        raise Ungrouped(f"{case.number} 已在一组里；先从那组移出，再并到这里。")
    made = Belonging.objects.create(
        group=group, case=case, added_at=at, added_by=actor, why=why[:80]
    )
    how = "added" if actor or group.state == GroupState.CONFIRMED else "proposed"
    _say(group, case, Action.GROUP, actor=actor, at=at, how=how, why=why, once=once)
    return made


def _let_go(
    group: Group, case: Case, *, reason: str, actor: Member | None, at: datetime,
    once: UUID | None = None,
) -> None:  # fmt: skip
    Belonging.objects.filter(group=group, case=case, left_at=None).update(left_at=at, left_by=actor)
    Case.objects.filter(pk=case.pk).update(alike=0, alike_sure=False)
    _say(group, case, Action.LEAVE_GROUP, actor=actor, at=at, note=reason.strip(), once=once)


def _end(
    group: Group, cases: Iterable[Case], *, reason: str, actor: Member | None, at: datetime,
    once: UUID | None = None,
) -> None:  # fmt: skip
    for case in cases:
        _let_go(group, case, reason=reason, actor=actor, at=at, once=once)
        once = None
    Group.objects.filter(pk=group.pk).update(state=GroupState.ENDED, ended_at=at)


def absorb(group: Group, *, into: str, at: datetime) -> list[Case]:
    """End a proposed group whose cases are about to be proposed in a wider one. Returns them."""
    cases = members(group)
    _end(group, cases, reason=f"并入{into}", actor=None, at=at)
    return cases


def _say(
    group: Group, case: Case, action: Action, *, actor: Member | None, at: datetime, note: str = "",
    **facts: Any,
) -> None:  # fmt: skip
    """One line on the record of one case; where it is not the actor's to write on, with their name in it."""
    by = {}
    if actor is not None and not access.may_do(actor, action, case):
        by, actor = {"by": actor.name}, None
    transitions.record(
        case, action, actor=actor, at=at, note=note, group=group.pk, kind=group.kind, **by, **facts
    )


def _require(actor: Member | None, action: Action, cases: Iterable[Case]) -> None:
    """Refuse who may do it on none of the cases: a group may hold some of other units, or of the past."""
    if actor is not None and not any(access.may_do(actor, action, case) for case in cases):
        raise access.NotYours(action)


def _mark(group: Group) -> None:
    """Write onto each case how many stand together, where the queue reads it."""
    ids = list(
        Belonging.objects.filter(group=group, left_at=None).values_list("case_id", flat=True)
    )
    sure = Group.objects.filter(pk=group.pk, state=GroupState.CONFIRMED).exists()
    Case.objects.filter(pk__in=ids).update(alike=len(ids), alike_sure=sure)


def _alive(group: Group) -> None:
    if Group.objects.filter(pk=group.pk, state=GroupState.ENDED).exists():
        raise Ungrouped("这组已经解散。要重新并案，请从案件页再并。")
