"""The case, its record of events, its clocks, and who has it."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from jiesu.cases.case_query import CaseQuerySet
from jiesu.core import personal
from jiesu.org.models import Member, Office, Unit
from jiesu.rules.clocks import ClockKind
from jiesu.rules.counting import Count
from jiesu.rules.labelled import Labelled
from jiesu.rules.workflow import OPEN, Action, Stage


class ToTsvector(models.Func):
    """``to_tsvector('simple', tokens)``: immutable, so that the column can be generated."""

    function = "to_tsvector"
    template = "%(function)s('simple'::regconfig, %(expressions)s)"
    output_field = SearchVectorField()


class Case(models.Model):
    """案件: one arrival of a 12345 work order and its life here.

    The same number dispatched again is another case with the next ``arrival``; ``previous`` links
    the chain, so nothing is overwritten. ``stage`` is written by ``cases.transitions`` alone.
    """

    PERSONAL = {
        "requester_name": personal.name,
        "requester_phone": personal.phone,
        "requester_address": personal.address,
    }

    office = models.ForeignKey(Office, models.PROTECT, related_name="cases", db_index=False)
    number = models.CharField("工单编号", max_length=40)
    arrival = models.PositiveSmallIntegerField("第几次到达", default=1)
    previous = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="next", verbose_name="前次到达"
    )

    stage = models.CharField("环节", max_length=20, choices=Stage.choices)
    steps = models.PositiveIntegerField("步数", default=0)

    case_no = models.TextField("案件编号", blank=True, default="")
    order_type = models.TextField("工单类型", blank=True, default="")
    path = models.TextField("来源路径", blank=True, default="")
    category = models.TextField("问题分类", blank=True, default="")
    tags = ArrayField(models.TextField(), verbose_name="标签", default=list, blank=True)
    title = models.TextField("标题")
    content = models.TextField("主要内容", blank=True, default="")
    location = models.TextField("问题点位", blank=True, default="")
    district = models.TextField("被反映区", blank=True, default="")
    street = models.TextField("被反映街道", blank=True, default="")
    community = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cases_here",
        verbose_name="社区",
        db_index=False,
    )
    community_text = models.TextField("社区（来单写法）", blank=True, default="")
    requester_name = models.TextField("诉求人", blank=True, default="")
    requester_phone = models.TextField("联系电话", blank=True, default="")
    requester_address = models.TextField("诉求人地址", blank=True, default="")
    company = models.TextField("企业名称", blank=True, default="")
    month_seq = models.PositiveIntegerField("月次", null=True, blank=True)
    year_seq = models.PositiveIntegerField("年次", null=True, blank=True)
    unit_text = models.TextField("承办单位（来单写法）", blank=True, default="")
    extra = models.JSONField("来单其他列", default=dict, blank=True)

    sealed = models.BinaryField("密封的原文", null=True)
    confidential = models.BooleanField("要求保密", default=False, db_default=False)
    phone_keys = ArrayField(
        models.UUIDField(), verbose_name="查号索引", default=list, db_default=[], blank=True
    )
    erased_at = models.DateTimeField("个人信息清除时间", null=True, blank=True)

    called_at = models.DateTimeField("来电时间", null=True, blank=True)
    dispatched_at = models.DateTimeField("派单时间")
    due_at = models.DateTimeField("截止时间", null=True, blank=True)
    due_source = models.CharField("截止依据", max_length=40, blank=True, default="")
    arrived_at = models.DateTimeField("到达本系统", db_default=Now())

    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="leads",
        verbose_name="主办单位",
        db_index=False,
    )
    signed_at = models.DateTimeField("签收时间", null=True, blank=True)
    responded_at = models.DateTimeField("首次联系", null=True, blank=True)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    result = models.TextField("办理结果", blank=True, default="")

    taken_by = models.ForeignKey(
        Member,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="认领人",
        db_index=False,
    )
    taken_until = models.DateTimeField("认领到", null=True, blank=True)
    alarm = models.CharField("告警", max_length=12, blank=True, default="", db_default="")

    alike = models.PositiveSmallIntegerField("同组件数", default=0, db_default=0)
    alike_sure = models.BooleanField("并案已确认", default=False, db_default=False)

    next_clock = models.CharField("最近时限", max_length=12, blank=True, default="")
    next_started_at = models.DateTimeField(null=True, blank=True)
    next_due_at = models.DateTimeField("最近截止", null=True, blank=True)

    tokens = models.TextField("检索词", blank=True, default="")
    tsv = models.GeneratedField(
        expression=ToTsvector(F("tokens")), output_field=SearchVectorField(), db_persist=True
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["office", "number", "arrival"], name="case_one_per_arrival"
            ),
            models.CheckConstraint(
                condition=Q(arrival=1, previous=None) | Q(arrival__gt=1, previous__isnull=False),
                name="case_later_arrival_has_previous",
            ),
        ]
        indexes = [
            models.Index(F("office"), F("dispatched_at").desc(), F("id").desc(), name="case_newest"),
            models.Index(
                F("office"), F("next_due_at"), F("id"),
                condition=Q(stage__in=[stage.value for stage in OPEN]),
                name="case_open_by_due",
            ),
            models.Index(
                F("unit"), F("dispatched_at").desc(), F("id").desc(),
                condition=Q(unit__isnull=False), name="case_unit_newest",
            ),
            GinIndex(fields=["tsv"], name="case_tsv"),
            GinIndex(fields=["phone_keys"], name="case_phones"),
            models.Index(fields=["id"], condition=Q(sealed=None), name="case_to_seal"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number if self.arrival == 1 else f"{self.number}（第{self.arrival}次）"

    @property
    def stage_label(self) -> str:
        return Stage.label_of(self.stage)

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN


class Event(models.Model):
    """One line of the record: who did what when, from which stage to which. Only ever added.

    ``before`` is None for a fact that moved nothing. A trigger refuses UPDATE and DELETE.
    """

    office = models.ForeignKey(Office, models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="events", db_index=False)
    step = models.PositiveIntegerField("步")
    action = models.CharField("动作", max_length=24, choices=Action.choices)
    before = models.CharField("原环节", max_length=20, null=True, blank=True)
    after = models.CharField("现环节", max_length=20)
    moved = models.BooleanField("是否流转")
    actor = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    at = models.DateTimeField("时间")
    recorded_at = models.DateTimeField("记录时间", db_default=Now())
    note = models.TextField("说明", blank=True, default="")
    facts = models.JSONField("事实", default=dict, blank=True)
    once = models.UUIDField("一次性凭据", null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "step"], condition=Q(moved=True), name="event_one_move_per_step"
            ),
            models.UniqueConstraint(
                fields=["once"], condition=Q(once__isnull=False), name="event_form_sent_once"
            ),
        ]
        indexes = [models.Index(F("case"), F("id"), name="event_of_case")]

    @property
    def label(self) -> str:
        return Action.label_of(self.action)


class EventSeal(models.Model):
    """What an event's masked words hide, sealed. Not part of the record: it goes when the case is erased."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="seal")
    case = models.ForeignKey(Case, models.PROTECT, related_name="event_seals")
    sealed = models.BinaryField("密封的原文")


class Clock(models.Model):
    """时限: one running or stopped clock of a case. ``due_at`` None: waited for, with no limit.

    ``limit`` is a length of counted time (``count``, ``hours``); ``fixed`` marks a due time somebody
    above has set, which our pauses do not move. ``watch_at`` is when the sweep looks next,
    ``overdue_at`` a fact that a trigger keeps from ever being rewritten.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="clocks")
    kind = models.CharField("种类", max_length=12, choices=ClockKind.choices)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    started_at = models.DateTimeField("起")
    due_at = models.DateTimeField("止", null=True, blank=True)
    source = models.CharField("依据", max_length=120, blank=True, default="")
    limit = models.DurationField("时长", null=True, blank=True)
    count = models.CharField(
        "计时方式",
        max_length=12,
        choices=Count.choices,
        default=Count.CALENDAR,
        db_default=Count.CALENDAR.value,
    )
    hours = models.CharField("服务时间", max_length=80, blank=True, default="", db_default="")
    fixed = models.BooleanField("截止由上级确定", default=False, db_default=False)
    rule_set = models.CharField("规则集", max_length=60, blank=True, default="", db_default="")
    watch_at = models.DateTimeField("下次提醒", null=True, blank=True)
    overdue_at = models.DateTimeField("逾期", null=True, blank=True)
    stopped_at = models.DateTimeField("停", null=True, blank=True)
    stopped_by = models.CharField("因何停", max_length=24, blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                F("case"), F("kind"), Coalesce(F("unit"), 0),
                condition=Q(stopped_at=None), name="clock_one_running_of_a_kind",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(stopped_at=None), name="clock_running_by_due"
            ),
            models.Index(
                fields=["watch_at", "id"],
                condition=Q(stopped_at=None, watch_at__isnull=False),
                name="clock_to_watch",
            ),
        ]

    @property
    def label(self) -> str:
        return ClockKind.label_of(self.kind)

    @property
    def overdue(self) -> bool:
        """True when it was stopped after its due time: a fact that is never rewritten."""
        return bool(self.due_at and self.stopped_at and self.stopped_at > self.due_at)


class ClockPause(models.Model):
    """暂停: a stretch in which a clock does not count, and why."""

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="pauses")
    cause = models.CharField("原因", max_length=200)
    from_at = models.DateTimeField("起")
    to_at = models.DateTimeField("止", null=True, blank=True)
    actor = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["from_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_at=None) | Q(to_at__gte=F("from_at")), name="clock_pause_forward"
            ),
            models.UniqueConstraint(
                fields=["clock"], condition=Q(to_at=None), name="clock_pause_one_open"
            ),
        ]


class Part(Labelled):
    LEAD = "lead", "主办"
    ASSISTING = "assisting", "协办"


class Assignment(models.Model):
    """Who has the case: one 主办 and any number of 协办 at a time; ended ones stay."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="assignments")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assignments")
    part = models.CharField("主协办", max_length=12, choices=Part.choices)
    assigned_at = models.DateTimeField("派转时间")
    assigned_by = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="+", db_index=False
    )
    due_at = models.DateTimeField("内部截止", null=True, blank=True)
    note = personal.WordsField("要求", blank=True, default="")
    accepted_at = models.DateTimeField("接单时间", null=True, blank=True)
    accepted_by = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reported_at = models.DateTimeField("协办反馈时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束", null=True, blank=True)
    ended_by = models.CharField("因何结束", max_length=24, blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(part="lead", ended_at=None), name="assignment_one_lead"
            ),
            models.UniqueConstraint(
                fields=["case", "unit"], condition=Q(ended_at=None), name="assignment_once_per_unit"
            ),
        ]


class SavedFilter(models.Model):
    """A filter somebody kept; its address can be sent to a colleague, who sees what they may see."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    owner = models.ForeignKey(Member, models.CASCADE, related_name="saved_filters")
    key = models.CharField("地址", max_length=16, unique=True)
    name = models.CharField("名称", max_length=40)
    query = models.CharField("条件", max_length=1000)
    made_at = models.DateTimeField("保存时间", db_default=Now())

    class Meta:
        ordering = ["id"]
