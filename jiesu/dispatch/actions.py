"""派转, 转派, 退派, 增加协办 (domain 2.2, 2.5; 条例第14、17条)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from jiesu.cases import clocks, transitions
from jiesu.cases.models import Assignment, Case, Event, Part
from jiesu.catalogue.queries import community_duties, rules_at
from jiesu.dispatch.models import AutoDispatch
from jiesu.org.models import Member, Unit
from jiesu.rules.clocks import ClockKind, Due
from jiesu.rules.duties import ARTICLE_17, on_community_list
from jiesu.rules.workflow import Action, Stage

AWAY = "案件不在本单位"


class OutsideDutyList(ValueError):
    """A community was named 主办 for a matter outside its list, and no reason was given (条例第17条)."""

    def __init__(self, unit: Unit, case: Case) -> None:
        matter = case.category.replace(">", " › ") or "未分类"
        super().__init__(
            f"“{matter}”不在社区职责清单内，{unit.name}不宜作主办。{ARTICLE_17}"
            "请改派科室主办、社区协办；确需社区主办的，写明理由，理由将记录在案。"
        )


class WrongUnit(ValueError):
    """The units named cannot be dispatched to like this."""


@transaction.atomic
def dispatch(
    case: Case, *, unit: Unit, due_at: datetime, actor: Member | None, at: datetime,
    assisting: Sequence[Unit] = (), note: str = "", community_reason: str = "",
    dual: bool = False, **facts: Any,
) -> Assignment:  # fmt: skip
    """派转: give the case to its lead unit (主办) and assisting units (协办), and start their clocks.

    ``due_at`` is the internal due time; a unit that had the case before goes on with its own clock
    instead (domain 2.6: 同一单位续走，换单位重计). ``dual`` marks a 双派单: the lead whistles, the first assisting
    unit answers with it. ``actor`` None: the product, on the word of whoever has decided. A case only just signed is taken as checked (初核) in the same breath.

    :raises OutsideDutyList: a community is to lead a matter outside its list and no reason is given
    :raises WrongUnit: lead among the assisting, a closed unit, one of another office, or dual with none
    :raises NotAllowed, Moved, NotYours: as ``transitions.apply``
    """
    outside = _check_units(case, unit, assisting, community_reason, dual=dual, at=at)
    if case.stage == Stage.SIGNED:
        transitions.apply(case, Action.TRIAGE, actor=actor, at=at)
    transitions.apply(
        case, Action.DISPATCH, actor=actor, at=at, note=note, unit=unit.name,
        assisting=[u.name for u in assisting], due_at=due_at.isoformat(), dual=dual,
        **({"community_reason": community_reason.strip(), "article": "条例第17条"} if outside else {}),
        **facts,
    )  # fmt: skip
    clocks.stop(case, ClockKind.DISPATCH, ClockKind.OBJECT, at=at, by=Action.DISPATCH)
    rules = rules_at(case.office, at)
    had = clocks.go_on(case, ClockKind.INTERNAL, at=at, unit=unit, cause=AWAY)
    if had is not None:
        due_at = had.due_at or due_at
    else:
        due = Due(due_at, "派转时确定的内部截止")
        clocks.start(case, ClockKind.INTERNAL, at=at, due=due, unit=unit, rules=rules)
    if case.responded_at is None and not clocks.go_on(
        case, ClockKind.CONTACT, at=at, unit=unit, cause=AWAY
    ):
        contact = Due(
            None,
            "派转后首次联系时限",
            rules.limits.of(ClockKind.CONTACT, rules.limits.first_contact),
        )
        if at + rules.limits.first_contact > due_at:
            contact = Due(due_at, "内部截止前")
        clocks.start(case, ClockKind.CONTACT, at=at, due=contact, unit=unit, rules=rules)
    lead = Assignment.objects.create(
        case=case,
        unit=unit,
        part=Part.LEAD,
        assigned_at=at,
        assigned_by=actor,
        due_at=due_at,
        note=note,
    )
    for helper in assisting:
        _assist(case, helper, due_at=due_at, actor=actor, at=at, note=note)
    case.unit = unit
    case.save(update_fields=["unit"])
    clocks.gather(case)
    return lead


@transaction.atomic
def transfer(case: Case, *, reason: str, actor: Member, at: datetime, **to: Any) -> Assignment:
    """转派: take the case from its lead unit and give it to another in one breath; ``to`` as dispatch.

    The old unit's clocks stop and stay on record; the new unit's start anew (domain 2.6).
    """
    _take_away(case, Action.TRANSFER, actor=actor, at=at, note=reason, since=to.pop("once", None))
    return dispatch(case, actor=actor, at=at, **to)


@transaction.atomic
def decline(case: Case, *, reason: str, actor: Member, at: datetime, once: Any = None) -> Event:
    """退派: the unit says it is not its matter; the case goes back to the duty desk."""
    if not reason.strip():
        raise WrongUnit("请写明退派理由，座席据此改派。")
    event = _take_away(case, Action.DECLINE, actor=actor, at=at, note=reason.strip(), since=once)
    rules = rules_at(case.office, at)
    limit = rules.limits.of(ClockKind.DISPATCH, rules.limits.dispatch)
    due = Due(None, "退派后再派时限", limit)
    clocks.start(case, ClockKind.DISPATCH, at=at, due=due, rules=rules)
    clocks.gather(case)
    return event


@transaction.atomic
def take_back(case: Case, *, actor: Member, at: datetime, once: Any = None) -> Event:
    """撤回自动派转: what the product dispatched by itself waits for a person again.

    The desk's clocks run on as if the case had never been given away; the unit's stop.

    :raises WrongUnit: a person dispatched it, or the unit has begun
    """
    lead = case.assignments.filter(part=Part.LEAD, ended_at=None).first()
    mine = AutoDispatch.objects.filter(case=case, undone_at=None)
    if lead is None or not mine.filter(unit=lead.unit, at=lead.assigned_at).exists():
        raise WrongUnit("这件不是系统自动派的，请用转派。")
    if lead.accepted_at is not None or case.responded_at is not None:
        raise WrongUnit(f"{lead.unit.name}已接单办理，请用转派。")
    event = _take_away(case, Action.TAKE_BACK, actor=actor, at=at, note="", since=once)
    clocks.reopen(case, ClockKind.DISPATCH, ClockKind.OBJECT, at=at, stopped_by=Action.DISPATCH)
    clocks.gather(case)
    mine.update(undone_at=at, undone_by=actor)
    return event


@transaction.atomic
def add_assisting(
    case: Case, *, unit: Unit, due_at: datetime, actor: Member, at: datetime, note: str = "",
    **facts: Any,
) -> Assignment:  # fmt: skip
    """增加协办: one more assisting unit while the lead goes on.

    :raises WrongUnit: it already has the case, is closed, or belongs to another office
    """
    if case.assignments.filter(unit=unit, ended_at=None).exists():
        raise WrongUnit(f"{unit.name}已在办理此案件，不用再加。")
    _check_own(case, [unit])
    transitions.record(
        case, Action.ADD_ASSISTING, actor=actor, at=at, note=note, unit=unit.name,
        due_at=due_at.isoformat(), **facts,
    )  # fmt: skip
    made = _assist(case, unit, due_at=due_at, actor=actor, at=at, note=note)
    clocks.gather(case)
    return made


@transaction.atomic
def place(case: Case, *, community: Unit, actor: Member, at: datetime, **facts: Any) -> Event:
    """选定社区: choose the community of a case whose own word for it was not known.

    :raises WrongUnit: it is no community of the case's office
    """
    if not community.is_community or community.office_id != case.office_id:
        raise WrongUnit("请选择本街道的社区。")
    event = transitions.record(
        case, Action.PLACE, actor=actor, at=at, community=community.name,
        before=case.community.name if case.community else case.community_text, **facts,
    )  # fmt: skip
    case.community = community
    case.save(update_fields=["community"])
    return event


def _assist(case: Case, unit: Unit, **given: Any) -> Assignment:
    due = Due(given["due_at"], "派转时确定的协办截止")
    clocks.start(case, ClockKind.ASSIST, at=given["at"], due=due, unit=unit)
    return Assignment.objects.create(
        case=case, unit=unit, part=Part.ASSISTING, assigned_at=given["at"],
        assigned_by=given["actor"], due_at=given["due_at"], note=given["note"],
    )  # fmt: skip


def _take_away(
    case: Case, action: Action, *, actor: Member, at: datetime, note: str, since: Any
) -> Event:
    from_unit = case.unit.name if case.unit else ""
    event = transitions.apply(
        case, action, actor=actor, at=at, note=note, unit=from_unit, once=since
    )
    case.assignments.filter(ended_at=None).update(ended_at=at, ended_by=action)
    clocks.stop(
        case, ClockKind.INTERNAL, ClockKind.CONTACT, ClockKind.ASSIST, ClockKind.PROMISE, at=at,
        by=action,
    )  # fmt: skip
    case.unit = None
    case.save(update_fields=["unit"])
    return event


def _check_own(case: Case, units: Sequence[Unit]) -> None:
    for unit in units:
        if unit.office_id != case.office_id or not unit.active:
            raise WrongUnit(f"{unit.name}不是本街道启用中的单位。")


def _check_units(
    case: Case, lead: Unit, assisting: Sequence[Unit], reason: str, *, dual: bool, at: datetime
) -> bool:
    """Refuse what cannot be dispatched; True when a community leads outside its list, with a reason."""
    _check_own(case, [lead, *assisting])
    if lead in assisting or len(set(assisting)) != len(assisting):
        raise WrongUnit("主办和协办不能是同一单位，协办也不能重复。")
    if dual and not assisting:
        raise WrongUnit("双派单要有一个协办单位。")
    if not lead.is_community:
        return False
    if on_community_list(case.category, community_duties(case.office, at)):
        return False
    if not reason.strip():
        raise OutsideDutyList(lead, case)
    return True
