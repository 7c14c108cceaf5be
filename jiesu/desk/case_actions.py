"""What can be done with a case, as one table: label, key, address, and which of them comes first.

The bar of actions stands always in the same place. What a member may do is for ``cases.access`` to
say; this table only says how it is called and where it is done.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.urls import reverse

from jiesu.cases import access
from jiesu.cases.clocks import PAUSABLE
from jiesu.cases.models import Assignment, Case, Clock, Part
from jiesu.cases.taking import Holder
from jiesu.org.models import Member
from jiesu.rules.clocks import ClockKind
from jiesu.rules.workflow import Action

SHOWN = 5  # buttons beside the first one; where there are more, the last ones stand under 更多


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the table. ``rank`` above 0: it may be the one filled button, the highest wins.

    ``page``: its form is a page of its own, never a dialog.
    """

    actions: tuple[Action, ...]
    label: str
    key: str
    address: str
    rank: int = 0
    asks: bool = True
    page: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    key: str
    url: str
    asks: bool
    page: bool = False
    once: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, slots=True)
class Bar:
    first: Button | None
    others: list[Button]
    more: list[Button]


A = Action
TABLE = (
    Choice((A.SIGN,), "签收", "s", "signing:sign", rank=9, asks=False),
    Choice((A.TRIAGE, A.DISPATCH), "派转", "d", "dispatch:dispatch", rank=8),
    Choice((A.ACCEPT,), "接单", "a", "handling:accept", rank=7, asks=False),
    Choice((A.GRANT_EXTENSION,), "审批延期", "v", "handling:decide_extension", rank=6),
    Choice((A.PASS,), "审核", "v", "handling:review", rank=6),
    Choice((A.GRANT_SEND_BACK,), "登记平台答复", "e", "signing:answer", rank=6),
    Choice((A.CALL_BACK,), "回访", "g", "calling:sheet", rank=7, page=True),
    Choice((A.CLOSE,), "办结", "e", "handling:close", rank=6),
    Choice((A.SUBMIT,), "提交结果", "f", "handling:submit", rank=5),
    Choice((A.ASSIST_REPORT,), "协办反馈", "f", "handling:assist_report", rank=5),
    Choice((A.PHONE,), "电话通知", "q", "supervising:phone"),
    Choice((A.REPORT_UP,), "请示报告", "Q", "supervising:report_up"),
    Choice((A.SEND_BACK,), "退回", "r", "signing:send_back"),
    Choice((A.CONTACT,), "联系诉求人", "c", "handling:contact"),
    Choice((A.PROGRESS,), "记进展", "p", "handling:progress"),
    Choice((A.VISIT,), "上门", "w", "handling:visit"),
    Choice((A.TRANSFER,), "转派", "D", "dispatch:transfer"),
    Choice((A.TAKE_BACK,), "撤回自动派转", "X", "dispatch:take_back", asks=False),
    Choice((A.ADD_ASSISTING,), "增加协办", "A", "dispatch:assist"),
    Choice((A.ADD_EVIDENCE,), "佐证", "u", "evidence:add"),
    Choice((A.EXTEND,), "申请延期", "Y", "handling:extend"),
    Choice((A.DECLINE,), "退派", "R", "dispatch:decline"),
    Choice((A.PLACE,), "选定社区", "m", "dispatch:place"),
    Choice((A.POINTS,), "诉求点", "P", "reading:points"),
    Choice((A.REMIND,), "催办", "b", "supervising:remind"),
    Choice((A.ASK_ABLE,), "四个能否", "4", "coordinating:able"),
    Choice((A.SETTLE,), "协调决定", "J", "coordinating:settle"),
    Choice((A.STATE,), "登记陈述", "S", "coordinating:state"),
    Choice((A.COORDINATE,), "提交协调", "K", "coordinating:coordinate"),
    Choice((A.REPORT_IN,), "登记报到", "I", "coordinating:report_in"),
    Choice((A.GROUP,), "并案", "M", "grouping:together"),
    Choice((A.PAUSE_CLOCK,), "暂停计时", "z", "handling:pause"),
    Choice((A.RESUME_CLOCK,), "恢复计时", "Z", "handling:resume"),
    Choice((A.TAKE,), "我来办", "t", "desk:take", asks=False),
    Choice((A.RELEASE,), "放下", "h", "desk:release", asks=False),
    Choice((A.REOPEN,), "重新办理", "o", "handling:reopen"),
    Choice((A.SET_STANDING,), "评价口径", "K", "assessing:standing"),
    Choice((A.NOTE,), "备注", "n", "handling:note"),
)


def bar(
    member: Member,
    case: Case,
    assignments: Iterable[Assignment],
    clocks: Iterable[Clock] = (),
    held: Holder | None = None,
) -> Bar:
    """Return the buttons a member has on a case now. Only its newest arrival can be acted on.

    ``held`` is who has taken the case: from a colleague it is taken over with a question.
    """
    possible = set(access.possible(member, case)) - _past(member, case, list(assignments))
    if held is None or not held.mine:
        possible.discard(A.RELEASE)
    clocks = list(clocks)
    possible -= _untimely([clock for clock in clocks if clock.stopped_at is None])
    found = [choice for choice in TABLE if possible.intersection(choice.actions)]
    calls = any(c.kind == ClockKind.CALL_BACK and c.stopped_at is None for c in clocks)
    ranked = [one for one in found if one.rank and (calls or A.CALL_BACK not in one.actions)]
    first = max(ranked, key=lambda choice: choice.rank) if ranked else None
    others = [_button(choice, case, held) for choice in found if choice is not first]
    shown = SHOWN if len(others) <= SHOWN else SHOWN - 1
    return Bar(_button(first, case) if first else None, others[:shown], others[shown:])


def _button(choice: Choice, case: Case, held: Holder | None = None) -> Button:
    url = reverse(choice.address, args=[case.number])
    if held is not None and choice.actions == (A.TAKE,):
        return Button("续认领" if held.mine else "接手", choice.key, url, not held.mine)
    return Button(choice.label, choice.key, url, choice.asks, choice.page)


def _untimely(running: Sequence[Clock]) -> set[Action]:
    """What no clock of the case asks for now. ``pauses`` of the clocks are at hand."""
    paused = {clock.pk for clock in running if any(p.to_at is None for p in clock.pauses.all())}
    ours = [c for c in running if c.kind in PAUSABLE and c.due_at and not (c.fixed or c.overdue_at)]
    kinds = {clock.kind for clock in running}
    coordinated = bool(kinds & {ClockKind.COORDINATE, ClockKind.ANSWER})
    asked = {
        A.REMIND: bool(running),
        A.PAUSE_CLOCK: bool(ours),
        A.RESUME_CLOCK: bool(paused),
        A.PHONE: ClockKind.PHONE in kinds,
        A.REPORT_UP: ClockKind.REPORT_UP in kinds,
        A.ASK_ABLE: ClockKind.COORDINATE not in kinds,
        A.COORDINATE: not coordinated,
        A.STATE: coordinated,
        A.SETTLE: coordinated,
        A.REPORT_IN: ClockKind.REPORT_IN in kinds,
    }
    return {action for action, wanted in asked.items() if not wanted}


def _past(member: Member, case: Case, assignments: Sequence[Assignment]) -> set[Action]:
    """What was done already and cannot be done twice by the same unit."""
    mine = [one for one in assignments if one.unit_id == member.unit_id and one.ended_at is None]
    done: set[Action] = set()
    if not any(one.accepted_at is None for one in mine):
        done.add(A.ACCEPT)
    if not any(one.part == Part.ASSISTING and one.reported_at is None for one in mine):
        done.add(A.ASSIST_REPORT)
    fresh = [
        one for one in assignments
        if one.part == Part.LEAD and not (one.ended_at or one.assigned_by_id or one.accepted_at)
    ]  # fmt: skip
    if not fresh or case.responded_at or not case.auto_dispatches.filter(undone_at=None).exists():
        done.add(A.TAKE_BACK)
    if case.community_id and case.stage not in {"signed", "to_dispatch", "to_sign"}:
        done.add(A.PLACE)
    return done
