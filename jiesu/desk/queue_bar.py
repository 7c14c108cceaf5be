"""The bar above the queue: what it shows now, the usual narrowings, and the filters to take off."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from jiesu.cases import access
from jiesu.cases.filters import Filter, Group, Mine, Order
from jiesu.desk import batch
from jiesu.desk.queue import Page
from jiesu.org.models import Member
from jiesu.org.rights import Right, may

Url = Callable[..., str]
EMPTY = {
    Group.OPEN: ("手上没有在办的案件", "新派来的案件会出现在这里。"),
    Group.TO_SIGN: ("没有待签收的工单", "新工单导入或到达后会出现在这里，按签收剩余时间排列。"),
    Group.TO_DISPATCH: ("没有待派转的案件", "签收后的工单在这里等候派转。"),
    Group.HANDLING: ("没有办理中的案件", "派转后的案件在这里，按内部截止排列。"),
    Group.REVIEWING: ("没有待审核的结果", "承办单位提交结果后，案件在这里等候审核。"),
    Group.EXTENSION: ("没有待批的延期", "承办单位申请延期后，案件在这里等候审批。"),
    Group.OBJECTED: ("没有等待平台答复的退回", "退回的工单在这里，登记平台答复后离开。"),
    Group.TO_CLOSE: ("没有待办结的案件", "审核通过的案件在这里等候回访和办结。"),
    Group.LATE: ("没有逾期案件", "超过最近一项时限的案件会出现在这里。"),
    Group.TODAY: ("今天没有到期的案件", "今天 24 点前到期的案件会出现在这里。"),
    Group.SENT_BACK: ("没有已退回的工单", "平台同意退回的工单在这里。"),
    Group.CLOSED: ("没有已办结的案件", "办结和归档的案件在这里。"),
    Group.ALL: ("还没有案件", "导入工单后，案件会出现在这里。"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    url: str
    on: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    chips: list[Chip]
    taken: list[Chip]
    narrowed: bool
    order: str
    order_url: str
    filter_url: str
    marks_url: str
    marked: bool
    keep_url: str
    clear_url: str
    previous_url: str
    next_url: str
    empty_title: str
    empty_text: str
    empty_url: str
    empty_label: str
    batch: list[tuple[str, str, str]]


def build(member: Member, wanted: Filter, page: Page) -> Bar:
    """Return the bar's words and addresses."""
    base = reverse("desk:cases")

    def url(**changes: str | None) -> str:
        query = wanted.query(**changes)
        return f"{base}?{query}" if query else base

    taken = _taken(wanted, url)
    narrowed = bool(taken or wanted.urgent or wanted.mine)
    other = Order.NEWEST if wanted.by_due else Order.DUE
    can_order = wanted.by_due or wanted.asked.get("order") == Order.NEWEST
    group_url = url(**{name: None for name in wanted.asked if name != "stage"})
    title, text = EMPTY[wanted.group]
    onward = _onward(member, wanted)
    if narrowed:
        onward = (group_url, "去掉条件")
        title, text = "没有符合条件的案件", "换一个词，或去掉上面的条件再看。"
        if wanted.group not in {Group.ALL} and not wanted.q:
            text = f"“{wanted.group.label}”里没有。去掉条件，或到“全部案件”里找。"
    query = wanted.query()
    return Bar(
        name=wanted.group.label, chips=_chips(member, wanted, url), taken=taken, narrowed=narrowed, order=wanted.order.label,
        order_url=url(order=other.value) if can_order else "",
        filter_url=f"{reverse('desk:filter')}?{query}",
        marks_url=f"{reverse('desk:filter')}?{query}{'&' if query else ''}marks=1", marked=wanted.mark is not None,
        keep_url=f"{reverse('desk:keep')}?{query}" if may(member, Right.KEEP) else "",
        clear_url=group_url, previous_url=_turn(url(), page.previous), next_url=_turn(url(), page.following),
        empty_title=title, empty_text=text, empty_url=onward[0], empty_label=onward[1],
        batch=batch.offered(member),
    )  # fmt: skip


def _onward(member: Member, wanted: Filter) -> tuple[str, str]:
    """Where to go from an empty list."""
    if wanted.group not in {Group.OPEN, Group.ALL}:
        return reverse("desk:cases"), "看全部在办"
    if may(member, Right.IMPORT):
        return reverse("intake:home"), "导入工单"
    return (
        ("", "")
        if wanted.group is Group.ALL
        else (f"{reverse('desk:cases')}?stage=all", "看全部案件")
    )


def _turn(url: str, cursor: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}turn={cursor}" if cursor else ""


def _chips(member: Member, wanted: Filter, url: Url) -> list[Chip]:
    mine: list[tuple[str, Mine]] = [("我经手", Mine.TOUCHED)]
    if access.is_narrow(member):
        mine = [("主办", Mine.LEAD), ("协办", Mine.ASSISTING)]
    chips = [Chip("全部", url(mine=None, urgent=None), wanted.mine is None and not wanted.urgent)]
    for label, kind in mine:
        on = wanted.mine is kind
        chips.append(Chip(label, url(mine=None if on else kind.value), on))
    held = wanted.mine is Mine.TAKEN
    chips.append(Chip("我认领", url(mine=None if held else Mine.TAKEN.value), held))
    chips.append(Chip("重点", url(urgent=None if wanted.urgent else "1"), wanted.urgent))
    return chips


def _taken(wanted: Filter, url: Url) -> list[Chip]:
    """The filters that are on, each with the address without it."""
    days = {"since": wanted.since, "until": wanted.until}
    told = [
        ("q", f"“{wanted.q}”" if wanted.q else ""),
        ("due", wanted.due.label if wanted.due else ""),
        ("standing", f"现为{wanted.standing.label}" if wanted.standing else ""),
        ("mark", wanted.mark.label if wanted.mark else ""),
        ("alarm", "告警" if wanted.alarm else ""),
        ("reminded", wanted.reminded.label if wanted.reminded else ""),
        ("left", f"近日离开{wanted.left.label}" if wanted.left else ""),
        ("hand", f"近日由{wanted.hand.name}主办" if wanted.hand else ""),
        ("unit", "未派单位" if wanted.no_unit else wanted.unit.name if wanted.unit else ""),
        ("community", "未定社区" if wanted.no_community else wanted.community.name if wanted.community else ""),
        ("category", wanted.category.replace(">", " › ")),
        ("tag", wanted.tag),
        ("since", f"{days['since'].isoformat()} 起" if days["since"] else ""),
        ("until", f"{days['until'].isoformat()} 止" if days["until"] else ""),
    ]  # fmt: skip
    return [Chip(label, url(**{name: None}), True) for name, label in told if label]
