"""What the trail can tell an auditor: its entries found, turned by a key, and said in words."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from jiesu.cases.filters import DueWhen, Group, Mine, Order
from jiesu.cases.models import Case
from jiesu.ledger.register import ALL
from jiesu.org.models import Member
from jiesu.org.rights import Role
from jiesu.rules.labelled import Labelled
from jiesu.rules.moments import BEIJING
from jiesu.trail.models import Entry, Kind

SIZE = 50
COUNTED = 1000
NAMES = {  # of the facts; one that is not here is shown by its own name
    "q": "查找词", "rows": "行数", "words": "条件", "name": "名称", "status": "状态码", "method": "方法",
    "arrival": "第几次到达", "before": "原来", "after": "现在", "reason": "理由", "fields": "字段", "more": "此后一分钟内不再逐条记",
    "stage": "环节", "order": "排序", "unit": "主办单位", "community": "社区", "category": "分类", "tag": "标签",
    "since": "自", "until": "至", "mine": "范围", "due": "到期", "export": "导出编号", "urgent": "只看重点",
    "undone": "撤销", "alarm": "只看告警", "who": "谁", "kind": "种类", "number": "工单编号", "address": "来自",
    "did": "做了", "version": "模型版本", "previous": "原来的版本", "training": "训练编号",
    "model": "语言模型", "characters": "字数",
}  # fmt: skip
SUBJECTS = {
    "cases": "案件列表", "palette": "命令面板", "ledger": "台账", "export": "导出的文件", "evidence": "佐证",
    "batch": "导入的文件", "duty": "值班", "supervision": "督办", "daily": "每日清单", "holidays": "节假日安排",
    "rules": "规则集", "pattern": "班次", "shift": "一班", "absence": "请假", "swap": "换班", "member": "成员",
    "trail": "操作留痕", "verification": "留痕核对",
    "model": "模型", "opinion": "第二意见，发往",
}  # fmt: skip


WORDS: dict[str, type[Labelled]] = {"stage": Group, "order": Order, "mine": Mine, "due": DueWhen}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A cleaned filter of the trail."""

    who: str = ""
    kind: str = ""
    number: str = ""
    address: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, told: dict[str, Any]) -> "Wanted":
        """Return the filter of a form's cleaned data."""
        return cls(**{name: value for name in cls.__slots__ if (value := told.get(name))})

    def words(self) -> str:
        """Say it: 种类 查看案件，自 2026-11-01."""
        said = [
            f"谁 {self.who}" if self.who else "",
            f"做了 {Kind.label_of(self.kind)}" if self.kind else "",
            f"工单 {self.number}" if self.number else "",
            f"来自 {self.address}" if self.address else "",
            f"自 {self.since.isoformat()}" if self.since else "",
            f"至 {self.until.isoformat()}" if self.until else "",
        ]
        return "，".join(word for word in said if word) or "全部"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in words."""

    pk: int
    at: datetime
    who: str
    role: str
    kind: str
    refused: bool
    number: str
    what: str
    facts: str
    address: str
    session: str


def entries(member: Member, wanted: Wanted) -> QuerySet[Entry]:
    """Return the entries of the member's office, and those of nobody's, that are wanted. No order."""
    found = Entry.objects.filter(Q(office=member.office_id) | Q(office=None)).order_by()
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.who:
        named = Q(name__contains=wanted.who) | Q(username__icontains=wanted.who)
        ids = Member.objects.filter(named, office=member.office_id).values_list("pk", flat=True)
        found = found.filter(Q(member__in=list(ids[:500])) | Q(member=None, username=wanted.who))
    if wanted.number:
        cases = Case.objects.filter(office=member.office_id, number=wanted.number)
        ids = list(cases.values_list("pk", flat=True))
        found = found.filter(Q(case__in=ids) | Q(case=None, number=wanted.number))
    if wanted.address:
        found = found.filter(address=wanted.address)
    if wanted.since:
        found = found.filter(at__gte=_midnight(wanted.since))
    if wanted.until:
        found = found.filter(at__lt=_midnight(wanted.until + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=BEIJING)


def count(member: Member, wanted: Wanted, most: int = COUNTED) -> int:
    """Return how many there are, exact up to ``most``; one more stands for all beyond."""
    return entries(member, wanted)[: most + 1].count()


def page(member: Member, wanted: Wanted, *, before: int | None) -> tuple[list[Line], int | None]:
    """Return a page, newest first, and where the next one begins (None: nowhere)."""
    found = entries(member, wanted).order_by("-id")
    if before is not None:
        found = found.filter(id__lt=before)
    some = list(found[: SIZE + 1])
    lines = list(said(some[:SIZE]))
    return lines, lines[-1].pk if len(some) > SIZE else None


def one(member: Member, pk: int) -> Entry | None:
    """Return one entry the member may read."""
    return entries(member, Wanted()).filter(pk=pk).first()


def said(found: Iterable[Entry]) -> Iterator[Line]:
    """Yield entries in words; names by one query."""
    found = list(found)
    ids = {entry.member for entry in found if entry.member}
    names = dict(Member.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
    for entry in found:
        yield Line(
            pk=entry.pk, at=entry.at, who=_who(entry, names), role=Role.label_of(entry.role),
            kind=entry.label, refused=entry.kind in {Kind.REFUSED, Kind.LOGIN_FAILED},
            number=entry.number, what=subject(entry.subject), facts=facts(entry.facts),
            address=entry.address, session=entry.session,
        )  # fmt: skip


def _who(entry: Entry, names: dict[int, str]) -> str:
    if entry.member is None:
        return entry.username or "系统"
    name = names.get(entry.member, "")
    return f"{name}（{entry.username}）" if name else entry.username


def subject(code: str) -> str:
    """Say what something was done to: ``ledger:cases`` → 台账 cases; an address stays as it is."""
    head, _, rest = code.partition(":")
    if head == "ledger" and rest in ALL:
        return ALL[rest].title
    return f"{SUBJECTS[head]} {rest}".strip() if head in SUBJECTS else code


def facts(told: dict[str, Any]) -> str:
    """Say the facts in a line."""
    return "；".join(f"{name} {value}" for name, value in pairs(told))


def pairs(told: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the facts as words."""
    return [
        (NAMES.get(name, name), WORDS[name].label_of(value) if name in WORDS else _word(value))
        for name, value in told.items()
    ]


def _word(value: Any) -> str:
    if value is None:
        return "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, dict):
        return "，".join(f"{name} {word}" for name, word in pairs(value))
    return json.dumps(value, ensure_ascii=False)
