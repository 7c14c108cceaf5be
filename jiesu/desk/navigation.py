"""Where a member may go, with how much waits there: the rail, and the phone's bar of four."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.urls import reverse

from jiesu.cases import access
from jiesu.cases.filters import STAGES, Group, end_of_day
from jiesu.cases.models import SavedFilter
from jiesu.coordination import queries as coordination
from jiesu.groups import queries as grouping
from jiesu.ledger import duty_log
from jiesu.org.models import Member
from jiesu.org.rights import Right, may
from jiesu.service import approving
from jiesu.supervision.queries import unseen

COUNTED = 5000  # open cases looked at for the counts of the rail
WORK = (
    Group.OPEN, Group.TO_SIGN, Group.TO_DISPATCH, Group.HANDLING, Group.REVIEWING, Group.EXTENSION,
    Group.OBJECTED, Group.TO_CLOSE,
)  # fmt: skip
COUNT = """
SELECT stage, count(*), count(*) FILTER (WHERE due <= %s), count(*) FILTER (WHERE due > %s AND due <= %s)
FROM ({inner}) AS seen (stage, due) GROUP BY stage
"""
UNIT_WORK = (Group.OPEN, Group.HANDLING, Group.EXTENSION, Group.REVIEWING, Group.TO_CLOSE)
WATCH = (Group.LATE, Group.TODAY)
NAMES = {Group.OPEN: "值班工作台"}
LEDGERS = (
    ("cases", "诉求总台账"),
    ("signing", "签收退回台账"),
    ("supervision", "督办催办台账"),
    ("rates", "三率研判台账"),
    ("duty", "值班日志"),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One place. ``count`` is words, so that “5000+” can be said."""

    label: str
    url: str
    count: str = ""
    late: bool = False
    current: bool = False
    icon: str = ""
    short: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    items: list[Item]


def groups_of(member: Member) -> tuple[Group, ...]:
    """The groups of the queue that a role works with."""
    return UNIT_WORK if access.is_narrow(member) else WORK


def counts(member: Member, at: datetime) -> dict[Group, str]:
    """Return how many open cases each group holds: one query, which looks at no more than so many."""
    seen = access.visible_to(member).open().by_due().values_list("stage", "next_due_at")[:COUNTED]
    inner, values = seen.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(inner=inner), [at, at, end_of_day(at), *values])
        lines = cursor.fetchall()
    found = {
        group: sum(n for stage, n, *_ in lines if stage in STAGES[group]) for group in WORK[1:]
    }
    found[Group.OPEN] = sum(n for _, n, _, _ in lines)
    found[Group.LATE] = sum(late for _, _, late, _ in lines)
    found[Group.TODAY] = sum(today for *_, today in lines)
    more = "+" if found[Group.OPEN] >= COUNTED else ""
    return {group: f"{number}{more}" if number else "" for group, number in found.items()}


def build(member: Member, *, path: str, asked: Mapping[str, str], at: datetime) -> list[Section]:
    """Return the sections of the rail for a member who looks at ``path`` with the query ``asked``."""
    sections: list[Section] = []
    if may(member, Right.SEE_CASES):
        sections += _case_sections(member, path, asked, at)
    if may(member, Right.FOLLOW_UP):
        url = reverse("followup:queue")
        sections.append(Section("三率研判", [Item("回访队列", url, current=path.startswith(url))]))
    if may(member, Right.RATES):
        sections.append(Section("考核", _assessment(member, path)))
    if may(member, Right.DUTY):
        sections.append(Section("值班", _duty(member, path)))
    if may(member, Right.IMPORT):
        url = reverse("intake:home")
        sections.append(
            Section("受理", [Item("导入", url, icon="intake", current=path.startswith(url))])
        )
    if may(member, Right.LEDGER):
        bar = not may(member, Right.IMPORT)  # the phone's bar holds three
        sections.append(
            Section("台账", [*_ledgers(member, path, on_bar=bar), *_asked(member, path)])
        )
    if may(member, Right.SEE_CASES) and (saved := _saved(member)):
        sections.append(Section("我的筛选", saved))
    if may(member, Right.MEMBERS):
        url, days = reverse("desk:members"), reverse("desk:holidays")
        managed = [Item("成员", url, icon="me", current=path.startswith(url))]
        if may(member, Right.CALENDAR):
            managed.append(Item("节假日", days, current=path.startswith(days)))
        if may(member, Right.PLACES):
            named = reverse("desk:places")
            managed.append(Item("社区地名", named, current=path.startswith(named)))
        if may(member, Right.AUTOMATE):
            url = reverse("automatic:policy")
            managed.append(Item("自动派转", url, current=path.startswith(url)))
        sections.append(Section("管理", managed))
    if may(member, Right.AUTHORISE):
        url = reverse("desk:authorise")
        granting = Item("授权", url, icon="me", current=path.startswith(url))
        sections.append(Section("账号安全", [granting]))
    if may(member, Right.GUARD):
        url = reverse("service:guard")
        sections.append(
            Section(
                "数据安全",
                [
                    Item(
                        "个人信息保护",
                        url,
                        icon="ledger",
                        short="个人信息",
                        current=path.startswith(url),
                    )
                ],
            )
        )
    if may(member, Right.APPROVE):
        url = reverse("service:approval")
        sections.append(Section("审批", [Item("到期清除", url, current=path.startswith(url))]))
    if may(member, Right.MODELS):
        url = reverse("models:home")
        sections.append(Section("初核", [Item("模型", url, current=path.startswith(url))]))
    if may(member, Right.TRAIL):
        url, check = reverse("service:trail"), reverse("service:checking")
        checking = path.startswith(check)
        proof = [
            Item("操作留痕", url, icon="ledger", short="留痕", current=path.startswith(url) and not checking),
            Item("核对", check, current=checking),
            _copies(path),
        ]  # fmt: skip
        sections.append(Section("审计", proof))
    if may(member, Right.INSPECT):
        url = reverse("service:room")
        inside = Item("检查室", url, icon="me", short="检查", current=path.startswith(url))
        sections.insert(0, Section("检查", [inside, _copies(path)]))
    if may(member, Right.APPROVE):
        url, number = reverse("service:approvals"), approving.waiting(member)
        waits = Item(
            "敏感导出审批",
            url,
            str(number) if number else "",
            late=number > 0,
            current=path.startswith(url),
        )
        sections.append(Section("审批", [waits, _copies(path)]))
    return sections


def _copies(path: str) -> Item:
    url = reverse("service:copies")
    return Item("调阅记录", url, current=path.startswith(url))


def _case_sections(
    member: Member, path: str, asked: Mapping[str, str], at: datetime
) -> list[Section]:
    base = reverse("desk:cases")
    found = counts(member, at)
    here = _current(path.startswith(base), asked)
    late = {Group.LATE, Group.TO_SIGN} if may(member, Right.SIGN) else {Group.LATE}

    def item(group: Group) -> Item:
        home = group is Group.OPEN
        return Item(
            label=NAMES.get(group, group.label), url=base if home else f"{base}?stage={group.value}",
            count=found[group], late=group in late and bool(found[group]), current=group is here,
            icon="desk" if home else "", short="工作台" if home else "",
        )  # fmt: skip

    ended = [
        Item(g.label, f"{base}?stage={g.value}", current=g is here)
        for g in (Group.CLOSED, Group.ALL)
    ]
    return [
        Section("", [item(group) for group in groups_of(member)]),
        Section(
            "督办",
            [
                *_supervision(member, path),
                _grouped(member, path),
                *_coordinated(member, path),
                *_automatic(member, path),
                *(item(group) for group in WATCH),
            ],
        ),
        Section("查找", ended),
    ]


def _automatic(member: Member, path: str) -> list[Item]:
    if not may(member, Right.SUPERVISE):
        return []
    url = reverse("automatic:look_back")
    return [Item("自动派转回看", url, current=path == url)]


def _supervision(member: Member, path: str) -> list[Item]:
    """The board, my reminders with how many I have not seen (one query), and the daily list."""
    board, reminders, daily = (
        reverse(f"supervision:{name}") for name in ("board", "reminders", "daily")
    )
    number = unseen(member)
    items = [
        Item(
            "我的提醒", reminders, str(number) if number else "", late=number > 0,
            current=path.startswith(reminders), icon="bell", short="提醒",
        )
    ]  # fmt: skip
    if may(member, Right.BOARD):
        items.insert(0, Item("督办看板", board, current=path == board))
        items.append(Item("每日清单", daily, current=path.startswith(daily)))
    return items


def _assessment(member: Member, path: str) -> list[Item]:
    rates, files = reverse("assessment:cycle"), reverse("assessment:results")
    lost, what_if = reverse("assessment:losses"), reverse("assessment:what_if")
    items = [
        Item("三率", rates, current=path in {rates, reverse("assessment:lines")}),
        Item("失分", lost, current=path.startswith(lost)),
        Item("预计与假如", what_if, current=path == what_if),
    ]
    if may(member, Right.ASSESS):
        items.append(Item("回访明细", files, current=path.startswith(files)))
    return items


def _coordinated(member: Member, path: str) -> list[Item]:
    """协调队列 for the centre and the leaders, with how many wait (one query)."""
    if not may(member, Right.SUPERVISE):
        return []
    url, number = reverse("coordination:queue"), coordination.number(member)
    return [Item("协调队列", url, str(number) if number else "", current=path.startswith(url))]


def _grouped(member: Member, path: str) -> Item:
    """并案, with how many groups wait to be confirmed (one query for whoever confirms)."""
    url, number = reverse("groups:groups"), grouping.waiting(member)
    return Item("并案", url, str(number) if number else "", current=path.startswith(url))


def _current(on_desk: bool, asked: Mapping[str, str]) -> Group | None:
    if not on_desk:
        return None
    name = asked.get("stage") or (Group.ALL if asked.get("q") else Group.OPEN)
    return Group(name) if name in set(Group) else None


def _duty(member: Member, path: str) -> list[Item]:
    """值班表 for everybody; 交接班, which speaks of all cases, for the centre and the leaders."""
    rota, handing = reverse("duty:rota"), reverse("desk:handover")
    handing_over = path.startswith((handing, f"{rota}handovers/", f"{rota}notes/"))
    items = [Item("值班表", rota, current=path.startswith(rota) and not handing_over)]
    if may(member, Right.SUPERVISE):
        items.append(Item("交接班", handing, current=handing_over))
    return items


def _ledgers(member: Member, path: str, *, on_bar: bool) -> list[Item]:
    return [
        Item(
            label, url := reverse("ledger:sheet", args=[kind]), current=path.startswith(url),
            icon="ledger" if on_bar and kind == "cases" else "", short="台账",
        )
        for kind, label in LEDGERS
        if kind != "duty" or duty_log.may_read(member)
    ]  # fmt: skip


def _asked(member: Member, path: str) -> list[Item]:
    """What a member asked to take out unmasked, with how many answers are not read yet (one query)."""
    if not may(member, Right.ASK):
        return []
    url, news = reverse("service:asked"), approving.news(member)
    return [Item("未遮盖导出", url, str(news) if news else "", current=path.startswith(url))]


def _saved(member: Member) -> list[Item]:
    kept = SavedFilter.objects.filter(owner=member).values_list("name", "key")[:20]
    return [Item(name, reverse("desk:saved", args=[key])) for name, key in kept]
