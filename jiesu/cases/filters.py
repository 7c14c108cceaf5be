"""The filter of a list of cases: what an address may ask for, cleaned, and what it means.

The queue, the ledgers and the exports read the same words from the address, so a filter made in one
place means the same in the others. What cannot be used is said in a sentence and left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from jiesu.cases.case_query import CaseQuerySet
from jiesu.cases.models import Assignment, Case, Event, Part
from jiesu.org.models import Member, Unit
from jiesu.rules.labelled import Labelled
from jiesu.rules.workflow import Stage

NONE = "none"  # a lead or a community there is none of
RECENT = timedelta(days=30)  # what the board calls lately
DAY = timedelta(hours=24)
URGENT_TAGS = ("2小时", "24小时", "重点", "重点工单", "突发", "扬言", "重点人")  # 重点 (domain 2.4)


class Group(Labelled):
    """What a list may show: open groups by the time left, the others by when they came."""

    OPEN = "open", "全部在办"
    TO_SIGN = "to_sign", "待签收"
    TO_DISPATCH = "to_dispatch", "待派转"
    HANDLING = "handling", "办理中"
    REVIEWING = "reviewing", "待审核"
    EXTENSION = "extension", "延期待批"
    OBJECTED = "objected", "退回待裁"
    TO_CLOSE = "to_close", "待办结"
    LATE = "late", "已逾期"
    TODAY = "today", "今日到期"
    SENT_BACK = "sent_back", "已退回"
    CLOSED = "closed", "已办结"
    ALL = "all", "全部案件"


S = Stage
STAGES: dict[Group, tuple[Stage, ...]] = {
    Group.TO_SIGN: (S.TO_SIGN,),
    Group.TO_DISPATCH: (S.SIGNED, S.TO_DISPATCH),
    Group.HANDLING: (S.HANDLING, S.JOINT, S.EXTENSION_PENDING),
    Group.REVIEWING: (S.REVIEWING,),
    Group.EXTENSION: (S.EXTENSION_PENDING,),
    Group.OBJECTED: (S.SEND_BACK_PENDING,),
    Group.TO_CLOSE: (S.STREET_CALL_BACK, S.FINAL_REVIEW, S.SUBMITTED, S.UPPER_CALL_BACK),
    Group.SENT_BACK: (S.SENT_BACK,),
    Group.CLOSED: (S.CLOSED, S.EVALUATED, S.ARCHIVED),
}
ENDED_GROUPS = frozenset({Group.SENT_BACK, Group.CLOSED, Group.ALL})


class Order(Labelled):
    DUE = "due", "按剩余时间"
    NEWEST = "newest", "按派单时间"


class DueWhen(Labelled):
    """How near the next clock of an open case is. A case is in TODAY and in DAY when both are true."""

    LATE = "late", "已逾期"
    TODAY = "today", "今日到期"
    DAY = "day", "24 小时内到期"


class Reminded(Labelled):
    """Open cases by what became of their reminders."""

    UNSEEN = "unseen", "提醒没有人看到"
    UNANSWERED = "unanswered", "催办没有答复"


class Mine(Labelled):
    LEAD = "lead", "我单位主办"
    ASSISTING = "assisting", "我单位协办"
    TOUCHED = "touched", "我经手的"
    TAKEN = "taken", "我认领的"


class Marked(Labelled):
    """What a case is to be noticed for: its alarm, its 研判标记, its group, or that nobody may know who asked."""

    THREAT = "threat", "扬言"
    URGENT = "urgent", "紧急"
    KEY = "key", "重点人"
    CONFIDENTIAL = "confidential", "保密"
    REQUESTER = "requester", "一人多诉"
    MATTER = "matter", "多人同诉"
    PLACE = "place", "同点位同类"
    SENSITIVE = "sensitive", "敏感"
    BUSINESS = "business", "企业"
    SEASON = "season", "季节"


class Day(forms.DateField):
    """A day of this century, as the browser or a person writes it."""

    def __init__(self, **words: Any) -> None:
        super().__init__(
            required=False, input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"],
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={"invalid": "日期看不懂，请写成 2026-11-22。"}, **words,
        )  # fmt: skip

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and not 2000 <= value.year <= 2099:
            raise ValidationError("日期要在 2000 年到 2099 年之间。")


def _choice(kind: type[Labelled], label: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        required=False, choices=[("", "不限"), *kind.choices()], label=label,
        error_messages={"invalid_choice": f"没有这种{label}，已忽略。"},
    )  # fmt: skip


def _text(label: str, length: int) -> forms.CharField:
    return forms.CharField(
        required=False, max_length=length, label=label,
        error_messages={"max_length": f"{label}太长，最多 {length} 个字。"},
    )  # fmt: skip


class FilterForm(forms.Form):
    """Cleans a filter. ``unit``, ``community`` and ``hand`` are unit codes of the member's office.

    ``unit=none`` asks for cases no unit leads, ``community=none`` for those with no known community.
    """

    q = _text("搜索", 100)
    stage = _choice(Group, "环节")
    unit = _text("主办单位", 24)
    community = _text("社区", 24)
    category = _text("问题分类", 120)
    tag = _text("标签", 40)
    since = Day(label="派单自")
    until = Day(label="派单至")
    mine = _choice(Mine, "范围")
    due = _choice(DueWhen, "到期")
    standing = _choice(Stage, "当前环节")
    reminded = _choice(Reminded, "提醒")
    mark = _choice(Marked, "标记")
    alarm = forms.BooleanField(required=False, label="只看告警")
    left = _choice(Stage, f"{RECENT.days} 日内离开的环节")
    hand = _text(f"{RECENT.days} 日内主办过的单位", 24)
    urgent = forms.BooleanField(required=False, label="只看重点")
    order = _choice(Order, "排序")

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("since") and told.get("until") and told["since"] > told["until"]:
            self.add_error("until", "“派单至”早于“派单自”，请改一下日期。")
        return told


@dataclass(frozen=True, slots=True)
class Filter:
    """A cleaned filter. ``said`` are the sentences about what could not be used."""

    group: Group = Group.OPEN
    order: Order = Order.DUE
    q: str = ""
    unit: Unit | None = None
    community: Unit | None = None
    category: str = ""
    tag: str = ""
    since: date | None = None
    until: date | None = None
    mine: Mine | None = None
    urgent: bool = False
    due: DueWhen | None = None
    standing: Stage | None = None
    reminded: Reminded | None = None
    mark: Marked | None = None
    alarm: bool = False
    left: Stage | None = None
    hand: Unit | None = None
    no_unit: bool = False
    no_community: bool = False
    asked: Mapping[str, str] = field(default_factory=dict)
    said: tuple[str, ...] = ()

    @property
    def by_due(self) -> bool:
        return self.order is Order.DUE

    def query(self, **changes: str | None) -> str:
        """Return the filter as a query string, with some words changed (None: taken out)."""
        words = {name: value for name, value in (dict(self.asked) | changes).items() if value}
        return urlencode(words)


def read(data: Mapping[str, Any], member: Member) -> Filter:
    """Clean what an address asks for. Never raises: what is wrong is said and ignored."""
    form = FilterForm(data)
    form.is_valid()
    told = form.cleaned_data
    said = [
        f"{form.fields[name].label}：{text}"
        for name, errors in form.errors.items()
        for text in errors
    ]
    units = _units(form, told, said, member)
    searching = bool(told.get("q"))
    group = Group(told.get("stage") or (Group.ALL if searching else Group.OPEN))
    wanted_order = told.get("order") or (Order.NEWEST if searching else Order.DUE)
    order = Order.NEWEST if group in ENDED_GROUPS else Order(wanted_order)
    asked = {name: _as_text(value) for name, value in told.items() if value}
    return Filter(
        group=group, order=order, q=told.get("q", ""), unit=units.get(told.get("unit", "")),
        community=units.get(told.get("community", "")), category=told.get("category", ""),
        tag=told.get("tag", ""), since=told.get("since"), until=told.get("until"),
        mine=Mine(told["mine"]) if told.get("mine") else None, urgent=told.get("urgent", False),
        due=DueWhen(told["due"]) if told.get("due") else None,
        standing=Stage(told["standing"]) if told.get("standing") else None,
        reminded=Reminded(told["reminded"]) if told.get("reminded") else None,
        mark=Marked(told["mark"]) if told.get("mark") else None,
        alarm=told.get("alarm", False), left=Stage(told["left"]) if told.get("left") else None,
        hand=units.get(told.get("hand", "")), no_unit=told.get("unit") == NONE,
        no_community=told.get("community") == NONE,
        asked=asked, said=tuple(said),
    )  # fmt: skip


def _units(
    form: FilterForm, told: dict[str, Any], said: list[str], member: Member
) -> dict[str, Unit]:
    """Return the units that are asked for by their codes; a word that names none is said and dropped."""
    names = ("unit", "community", "hand")
    units: dict[str, Unit] = {}
    if wanted := {told[name] for name in names if told.get(name)} - {NONE}:
        found = Unit.objects.filter(office=member.office_id, code__in=wanted)
        units = {unit.code: unit for unit in found}
    for name in names:
        known = told.get(name) in units or (told.get(name) == NONE and name != "hand")
        if told.get(name) and not known:
            said.append(f"{form.fields[name].label}：没有这个单位，已忽略。")
            told[name] = ""
    return units


def apply(cases: CaseQuerySet, wanted: Filter, *, member: Member, at: datetime) -> CaseQuerySet:
    """Return the cases the filter asks for; the order is the reader's own affair."""
    cases = in_group(cases, wanted.group, at)
    exact = {"unit": wanted.unit, "community": wanted.community}
    cases = cases.filter(**{name: value for name, value in exact.items() if value})
    if wanted.category:
        cases = cases.in_category(wanted.category)
    if wanted.tag:
        cases = cases.filter(tags__contains=[wanted.tag])
    if wanted.urgent:
        cases = cases.filter(tags__overlap=list(URGENT_TAGS))
    if wanted.mark:
        cases = cases.filter(marked(wanted.mark))
    if wanted.since:
        cases = cases.filter(dispatched_at__gte=_midnight(wanted.since))
    if wanted.until:
        cases = cases.filter(dispatched_at__lt=_midnight(wanted.until + timedelta(days=1)))
    if wanted.mine:
        cases = cases.filter(_mine(wanted.mine, member, at))
    cases = _supervised(cases, wanted, at)
    return cases.matching(wanted.q) if wanted.q else cases


def _supervised(cases: CaseQuerySet, wanted: Filter, at: datetime) -> CaseQuerySet:
    """Narrow to what the board counts."""
    if wanted.no_unit:
        cases = cases.filter(unit=None)
    if wanted.no_community:
        cases = cases.filter(community=None)
    if wanted.due:
        cases = cases.open().filter(due(wanted.due, at))
    if wanted.standing:
        cases = cases.filter(stage=wanted.standing)
    if wanted.alarm:
        cases = cases.open().exclude(alarm="")
    if wanted.reminded:
        cases = cases.open().filter(_reminded(wanted.reminded))
    if wanted.left:
        gone = Event.objects.filter(
            case=OuterRef("pk"), moved=True, before=wanted.left, at__gte=at - RECENT
        )
        cases = cases.filter(Exists(gone))
    if wanted.hand:
        had = Assignment.objects.filter(
            case=OuterRef("pk"), part=Part.LEAD, unit=wanted.hand, assigned_at__gte=at - RECENT
        )
        cases = cases.filter(Exists(had))
    return cases


def due(when: DueWhen, at: datetime) -> Q:
    """Return the condition that an open case's next clock is late, or due today, or within a day."""
    if when is DueWhen.LATE:
        return Q(next_due_at__lte=at)
    until = end_of_day(at) if when is DueWhen.TODAY else at + DAY
    return Q(next_due_at__gt=at, next_due_at__lte=until)


def marked(kind: Marked) -> Q:
    """Return the condition that a case is to be noticed for this; marks and groups are reached by their names alone."""
    match kind:
        case Marked.THREAT:
            return Q(alarm=kind.value)
        case Marked.URGENT:
            return Q(alarm=kind.value) | _read(kind)
        case Marked.KEY:
            return Q(alarm=kind.value) | Q(tags__contains=[kind.label])
        case Marked.CONFIDENTIAL:
            return Q(confidential=True)
        case Marked.REQUESTER:
            return _grouped(kind) | Q(month_seq__gte=2)
        case Marked.MATTER | Marked.PLACE:
            return _grouped(kind)
        case Marked.SEASON:
            return _read(kind, marks__in_season=True)
    return _read(kind)


def _read(kind: Marked, **more: Any) -> Q:
    there = {"marks__kind": kind.value, "marks__state__in": ("suggested", "kept"), **more}
    return Q(Exists(Case.objects.filter(pk=OuterRef("pk"), **there)))


def _grouped(kind: Marked) -> Q:
    there: Any = {
        "belongings__group__kind": kind.value, "belongings__left_at": None,
        "belongings__group__ended_at": None,
    }  # fmt: skip
    return Q(Exists(Case.objects.filter(pk=OuterRef("pk"), belongings__isnull=False, **there)))


def _reminded(kind: Reminded) -> Q:
    """Reminders hang on the case from a later stage; they are reached by their names alone."""
    unmet: Any = Case.objects.filter(pk=OuterRef("pk"), reminders__isnull=False)
    met = Q(reminders__notices__seen_at__isnull=False)
    if kind is Reminded.UNANSWERED:
        unmet = Case.objects.filter(pk=OuterRef("pk"), reminders__asked_by__isnull=False)
        met = Q(reminders__notices__answered_at__isnull=False)
    unmet = unmet.values("reminders").annotate(met=Count("reminders__notices", filter=met))
    return Q(Exists(unmet.filter(met=0)))


def in_group(cases: CaseQuerySet, group: Group, at: datetime) -> CaseQuerySet:
    """Return the cases of one group at a moment."""
    if group is Group.ALL:
        return cases
    if group is Group.OPEN:
        return cases.open()
    if group is Group.LATE:
        return cases.late(at)
    if group is Group.TODAY:
        return cases.due_before(end_of_day(at)).filter(next_due_at__gt=at)
    return cases.filter(stage__in=STAGES[group])


def end_of_day(at: datetime) -> datetime:
    """Return the midnight that ends the day of ``at``, by the office's clock."""
    return _midnight(timezone.localtime(at).date() + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _mine(kind: Mine, member: Member, at: datetime) -> Q:
    if kind is Mine.LEAD:
        return Q(unit=member.unit_id)
    if kind is Mine.TAKEN:
        return Q(taken_by=member, taken_until__gt=at)
    if kind is Mine.ASSISTING:
        helping = Assignment.objects.filter(
            case=OuterRef("pk"), unit=member.unit_id, ended_at=None, part=Part.ASSISTING
        )
        return Q(Exists(helping))
    return Q(Exists(Event.objects.filter(case=OuterRef("pk"), actor=member)))


def _as_text(value: object) -> str:
    if value is True:
        return "1"
    return value.isoformat() if isinstance(value, date) else str(value)
