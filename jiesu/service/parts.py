"""What an inspector may open and copy (合同 5.1): every ledger, log and work product, part by part.

A part has columns and rows of a stretch of days; all of it is masked, and none of it is changed here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet

from jiesu.cases import access
from jiesu.cases.models import Case
from jiesu.catalogue.models import HolidayTable, RuleSet
from jiesu.core import personal
from jiesu.duty.models import Handover, Post
from jiesu.evidence.models import Evidence
from jiesu.intake.models import Arrival, Batch
from jiesu.ledger import duty_log, queries
from jiesu.ledger.models import Export
from jiesu.ledger.register import ALL, SHEETS
from jiesu.ledger.sheets import Sheet, local
from jiesu.ledger.workbook import Form, Head
from jiesu.org.models import Member
from jiesu.org.rights import Role
from jiesu.platforms.columns import field_of
from jiesu.rules.moments import BEIJING
from jiesu.service.models import Copy
from jiesu.supervision.daily import KeyTime
from jiesu.supervision.models import DailyList
from jiesu.trail.models import Entry

F, H = Form, Head
Row = list[Any]
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, both counted, by the office's clock."""

    since: date
    until: date

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """From the first midnight to the one after the last day."""
        after = self.until + timedelta(days=1)
        return (
            datetime.combine(self.since, time(), BEIJING), datetime.combine(after, time(), BEIJING)
        )  # fmt: skip

    def __str__(self) -> str:
        if self.since == self.until:
            return self.since.isoformat()
        return f"{self.since.isoformat()} 至 {self.until.isoformat()}"


def within(span: Span, field: str) -> Q:
    first, after = span.moments
    return Q(**{f"{field}__gte": first, f"{field}__lt": after})


Found = Callable[[Member, Span], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class Part:
    """``found`` are the lines of a part, newest first, ``cells`` what the file holds of them."""

    code: str
    title: str
    about: str
    heads: tuple[Head, ...]
    found: Found
    cells: Callable[[Iterable[Any], datetime], Iterator[Row]]

    def count(self, member: Member, span: Span) -> int:
        return self.found(member, span).order_by().count()

    def rows(
        self, member: Member, span: Span, at: datetime, most: int | None = None
    ) -> Iterator[Row]:
        lines = self.found(member, span)
        if most is not None:
            return self.cells(list(lines[:most]), at)
        return self.cells(lines.iterator(chunk_size=CHUNK), at)


def _text(value: object) -> str:
    """Free text, masked."""
    return personal.within(str(value)) if value else ""


def _each(cells: Callable[[Any], Row]) -> Callable[[Iterable[Any], datetime], Iterator[Row]]:
    return lambda lines, at: map(cells, lines)


# ---- ledgers: as their own pages have them -------------------------------------------------------


def _of_ledger(sheet: Sheet, member: Member, span: Span) -> QuerySet[Any]:
    asked = {"since": span.since.isoformat(), "until": span.until.isoformat()}
    wanted = queries.read_filter(asked, member)
    at = span.moments[1]
    return queries.raw(sheet, queries.chosen(member, wanted, at), at)


def _ledger(code: str) -> Part:
    sheet = SHEETS[code]
    heads = tuple(column.head for column in sheet.columns)
    return Part(
        code, sheet.title, sheet.about, heads, partial(_of_ledger, sheet),
        lambda lines, at: queries.cells(sheet, lines),
    )  # fmt: skip


def _duty(member: Member, span: Span) -> QuerySet[Any]:
    return duty_log.rows(member, span.since, span.until)


# ---- what came in --------------------------------------------------------------------------------


def _batches(member: Member, span: Span) -> QuerySet[Any]:
    found = Batch.objects.filter(within(span, "made_at"), office=member.office_id)
    return found.select_related("member").order_by("-id")


def _batch(one: Batch) -> Row:
    return [
        _text(one.name), one.member.name if one.member else "系统", local(one.made_at), one.get_state_display(),
        one.size, one.sha256, one.counts.get("rows", 0), one.counts.get("refused", 0), _text(one.failure),
    ]  # fmt: skip


def _arrivals(member: Member, span: Span) -> QuerySet[Any]:
    found = Arrival.objects.filter(within(span, "batch__made_at"), office=member.office_id)
    return found.select_related("batch", "sheet").order_by("-id")


def _arrival(one: Arrival) -> Row:
    """A row as it came, personal cells masked by what their column is, all others as free text."""
    headers = one.sheet.headers if one.sheet else []
    told = []
    for place, value in enumerate(one.values):
        header = str(headers[place]) if place < len(headers) else ""
        mask = Case.PERSONAL.get(field_of(header) or "", personal.within)
        if value not in (None, ""):
            told.append(f"{header}：{mask(str(value))}")
    return [
        _text(one.batch.name), one.row, one.number, one.get_verdict_display(), _text(one.reason), "；".join(told),
    ]  # fmt: skip


# ---- work products -------------------------------------------------------------------------------


def _daily(member: Member, span: Span) -> QuerySet[Any]:
    return DailyList.objects.filter(within(span, "at"), office=member.office_id)


def _dailies(lines: Iterable[DailyList], at: datetime) -> Iterator[Row]:
    for one in lines:
        for row in one.rows or [{}]:
            due = datetime.fromisoformat(row["due"]) if row.get("due") else None
            yield [
                local(one.at), row.get("number", "（没有）"), row.get("kind", ""), local(due) if due else None,
                row.get("left", ""), row.get("unit", ""), KeyTime.label_of(row["level"]) if row else "",
            ]  # fmt: skip


def _exports(member: Member, span: Span) -> QuerySet[Any]:
    found = Export.objects.filter(within(span, "made_at"), office=member.office_id)
    return found.select_related("member__unit")


def _export(one: Export) -> Row:
    return [
        local(one.made_at), one.member.name, one.member.unit.name, one.member.get_role_display(),
        ALL[one.kind].title if one.kind in ALL else one.kind, _text(one.words), one.rows_done, one.get_state_display(),
    ]  # fmt: skip


def _evidence(member: Member, span: Span) -> QuerySet[Any]:
    found = Evidence.objects.filter(
        within(span, "added_at"), access.visible_through(member, "case")
    )
    return found.select_related("case", "added_by").order_by("-id")


def _file(one: Evidence) -> Row:
    return [
        one.case.number, _text(one.name), one.kind, one.size, one.sha256, _text(one.note), one.added_by.name,
        local(one.added_at),
    ]  # fmt: skip


def _handovers(member: Member, span: Span) -> QuerySet[Any]:
    found = Handover.objects.filter(within(span, "made_at"), office=member.office_id)
    return found.select_related("shift__pattern", "given_by", "taken_by")


def _handover(one: Handover) -> Row:
    told = [
        f"{section['title']} {section['count']} {section.get('unit', '件')}"
        for section in one.body.get("sections", [])
    ]
    return [
        one.shift.on.isoformat(), one.shift.pattern.name, local(one.made_at),
        one.given_by.name if one.given_by else "", local(one.given_at) if one.given_at else None,
        one.taken_by.name if one.taken_by else "", local(one.taken_at) if one.taken_at else None,
        "；".join(told), _text(one.words),
    ]  # fmt: skip


def _attendance(member: Member, span: Span) -> QuerySet[Any]:
    found = Post.objects.filter(
        shift__office=member.office_id, shift__on__range=(span.since, span.until)
    )
    return found.select_related("shift__pattern", "member").order_by("-shift__starts_at", "-id")


def _post(one: Post) -> Row:
    return [
        one.shift.on.isoformat(), one.shift.pattern.name, one.member.name, "是" if one.lead else "",
        local(one.arrived_at) if one.arrived_at else None, local(one.left_at) if one.left_at else None,
        local(one.released_at) if one.released_at else None, one.released_why,
    ]  # fmt: skip


# ---- by what rules, and who did what --------------------------------------------------------------


def _holidays(member: Member, span: Span) -> QuerySet[Any]:
    """Every version that held at some time of the stretch, or was adopted in it."""
    first, after = span.moments
    held = Q(replaced_at=None) | Q(replaced_at__gte=first)
    found = HolidayTable.objects.filter(held, office=member.office_id, adopted_at__lt=after)
    return found.select_related("adopted_by").order_by("-year", "-id")


def _holiday(one: HolidayTable) -> Row:
    return [
        one.year, _text(one.source), "已公布" if one.confirmed else "暂定", len(one.days), local(one.adopted_at),
        one.adopted_by.name if one.adopted_by else "系统", local(one.replaced_at) if one.replaced_at else None,
    ]  # fmt: skip


def _rules(member: Member, span: Span) -> QuerySet[Any]:
    found = RuleSet.objects.filter(office=member.office_id, valid_from__lte=span.until)
    return found.order_by("-valid_from")


def _rule_set(one: RuleSet) -> Row:
    return [one.name, one.valid_from.isoformat(), one.source, local(one.adopted_at), one.body]


def _trail(member: Member, span: Span) -> QuerySet[Any]:
    return Entry.objects.filter(within(span, "at"), office=member.office_id).order_by("-id")


def _entry(one: Entry) -> Row:
    facts = "；".join(
        f"{name}：{_text(told)}" for name, told in one.facts.items() if told not in (None, "", [])
    )
    return [
        local(one.at), one.label, one.username or "系统", Role.label_of(one.role) if one.role else "", one.number,
        one.subject, facts, one.address,
    ]  # fmt: skip


def _copies(member: Member, span: Span) -> QuerySet[Any]:
    found = Copy.objects.filter(within(span, "made_at"), office=member.office_id)
    return found.select_related("member")


def _copy(one: Copy) -> Row:
    return [
        one.number, one.member.name, local(one.made_at), f"{one.since.isoformat()} 至 {one.until.isoformat()}",
        "、".join(PARTS[code].title for code in one.parts if code in PARTS), one.get_state_display(), one.sha256,
    ]  # fmt: skip


def _part(code: str, title: str, about: str, heads: tuple[Head, ...], found: Found, one: Callable[[Any], Row]) -> Part:  # fmt: skip
    return Part(code, title, about, heads, found, _each(one))


CASE = H("工单编号", 21, F.CODE)
_ALL = (
    _ledger("cases"),
    _ledger("signing"),
    _ledger("supervision"),
    Part(
        "duty", ALL["duty"].title, ALL["duty"].about, tuple(column.head for column in ALL["duty"].columns), _duty,
        lambda lines, at: duty_log.cells(lines),
    ),
    _part(
        "batches", "导入批次", "哪天导入了哪份文件，谁导入的，文件的校验值。",
        (H("文件名", 36), H("导入人", 10), H("时间", 17, F.MOMENT), H("状态", 10), H("字节", 12, F.NUMBER),
         H("SHA-256", 66, F.CODE), H("行数", 8, F.NUMBER), H("未收", 8, F.NUMBER), H("原因", 30)),
        _batches, _batch,
    ),
    _part(
        "arrivals", "来单原样", "每一行来单的原文，个人信息已遮盖。",
        (H("文件名", 30), H("行号", 8, F.NUMBER), CASE, H("结论", 10), H("原因", 24), H("原文（已遮盖）", 120)),
        _arrivals, _arrival,
    ),
    Part(
        "daily", "每日关键时限清单", "每天定时列出的已逾期、快到期和催办未答复。",
        (H("清单时点", 17, F.MOMENT), CASE, H("时限", 12), H("截止", 17, F.MOMENT), H("剩余", 18), H("承办", 20), H("情况", 16)),
        _daily, _dailies,
    ),
    _part(
        "exports", "导出记录", "谁在什么时候按什么条件导出了多少行。",
        (H("时间", 17, F.MOMENT), H("导出人", 10), H("单位", 20), H("角色", 12), H("台账", 16), H("条件", 50),
         H("行数", 8, F.NUMBER), H("状态", 10)),
        _exports, _export,
    ),
    _part(
        "evidence", "佐证清单", "每个佐证文件属于哪件、谁上传、到达时的校验值。",
        (CASE, H("文件名", 30), H("类型", 24), H("字节", 12, F.NUMBER), H("SHA-256", 66, F.CODE), H("说明", 30),
         H("上传人", 10), H("时间", 17, F.MOMENT)),
        _evidence, _file,
    ),
    _part(
        "handovers", "交接单", "每一班交了什么、谁交谁接。",
        (H("日期", 12), H("班次", 10), H("生成", 17, F.MOMENT), H("交班人", 10), H("交班", 17, F.MOMENT), H("接班人", 10),
         H("接班", 17, F.MOMENT), H("事项", 60), H("说明", 50)),
        _handovers, _handover,
    ),
    _part(
        "attendance", "值守到岗", "谁排了班，几点到岗、离岗。",
        (H("日期", 12), H("班次", 10), H("姓名", 10), H("带班", 8), H("到岗", 17, F.MOMENT), H("离岗", 17, F.MOMENT),
         H("撤下", 17, F.MOMENT), H("撤下原因", 20)),
        _attendance, _post,
    ),
    _part(
        "holidays", "节假日安排", "各年放假安排的每一版，谁录入的。",
        (H("年份", 8, F.NUMBER), H("依据", 40), H("是否公布", 10), H("天数", 8, F.NUMBER), H("录入", 17, F.MOMENT),
         H("录入人", 10), H("被替换", 17, F.MOMENT)),
        _holidays, _holiday,
    ),
    _part(
        "rules", "规则集", "各版规则的全文和生效日期。",
        (H("名称", 24), H("生效日期", 12), H("依据", 40), H("录入", 17, F.MOMENT), H("正文", 100, F.WRAPPED)),
        _rules, _rule_set,
    ),
    _part(
        "trail", "操作留痕", "谁在什么时候从哪里看过、改过、导出过什么。",
        (H("时间", 17, F.MOMENT), H("种类", 14), H("用户名", 14), H("角色", 12), CASE, H("对象", 24), H("事实", 60), H("来自", 16)),
        _trail, _entry,
    ),
    _part(
        "copies", "调阅记录", "以前调阅、带走过什么。",
        (H("编号", 20, F.CODE), H("调阅人", 10), H("时间", 17, F.MOMENT), H("时段", 26), H("内容", 60), H("状态", 10), H("SHA-256", 66, F.CODE)),
        _copies, _copy,
    ),
)  # fmt: skip
PARTS: dict[str, Part] = {part.code: part for part in _ALL}
