"""Shifts, who stands them, who stands in, who came, and what was handed over."""

from django.db import models
from django.db.models import F, Q

from jiesu.core import personal
from jiesu.org.models import Member, Office
from jiesu.rules.labelled import Labelled


class Pattern(models.Model):
    """班次: a shift of every day, such as 夜班 20:00 to 08:00 with at least two seats."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="duty_patterns")
    name = models.CharField("名称", max_length=20)
    starts = models.TimeField("起")
    ends = models.TimeField("止")  # not after the start: on the next day
    minimum = models.PositiveSmallIntegerField("最少人数", default=1)
    holiday_minimum = models.PositiveSmallIntegerField("节假日最少人数", default=1)
    place = models.PositiveSmallIntegerField("排序", default=0)
    active = models.BooleanField("启用", default=True)

    class Meta:
        ordering = ["place", "starts"]
        constraints = [
            models.UniqueConstraint(fields=["office", "name"], name="pattern_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Shift(models.Model):
    """一班: one pattern on one day. ``minimum`` is the cover it must have."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="shifts")
    pattern = models.ForeignKey(Pattern, models.PROTECT, related_name="shifts")
    on = models.DateField("日期")
    starts_at = models.DateTimeField("起")
    ends_at = models.DateTimeField("止")
    minimum = models.PositiveSmallIntegerField("最少人数")

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["pattern", "on"], name="shift_once_a_day"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="shift_forward"),
        ]
        indexes = [models.Index(fields=["office", "starts_at"], name="shift_by_start")]


class Post(models.Model):
    """值守: one member on one shift. Taken off by a swap or a change, the post stays on record."""

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="posts")
    member = models.ForeignKey(Member, models.PROTECT, related_name="posts")
    lead = models.BooleanField("带班", default=False)
    planned_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    planned_at = models.DateTimeField("排班时间")
    in_place_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField("撤下时间", null=True, blank=True)
    released_why = models.CharField("撤下原因", max_length=60, blank=True, default="")
    arrived_at = models.DateTimeField("到岗", null=True, blank=True)
    left_at = models.DateTimeField("离岗", null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["shift", "member"], condition=Q(released_at=None), name="post_once_a_shift"
            ),
            models.UniqueConstraint(
                fields=["shift"], condition=Q(lead=True, released_at=None), name="post_one_lead"
            ),
        ]


class Swap(models.Model):
    """换班: asked by whoever has the post, agreed by the other, decided by whoever plans."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="swaps")
    to_member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    back_post = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField("原因", max_length=200)
    asked_at = models.DateTimeField("提出")
    agreed_at = models.DateTimeField("对方同意", null=True, blank=True)
    decided_at = models.DateTimeField("审定", null=True, blank=True)
    decided_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    granted = models.BooleanField("是否同意", null=True, blank=True)
    answer = models.CharField("答复", max_length=200, blank=True, default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["post"], condition=Q(decided_at=None), name="swap_one_open_per_post"
            ),
        ]


class Absence(models.Model):
    """离岗（请假、外出）: away for a while, with the deputy who stands in."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="absences")
    member = models.ForeignKey(Member, models.PROTECT, related_name="absences")
    deputy = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    from_at = models.DateTimeField("起")
    to_at = models.DateTimeField("止")
    reason = models.CharField("原因", max_length=200, blank=True, default="")
    made_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField("登记时间")
    ended_at = models.DateTimeField("提前结束", null=True, blank=True)

    class Meta:
        ordering = ["-from_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(to_at__gt=F("from_at")), name="absence_forward"),
            models.CheckConstraint(
                condition=Q(deputy=None) | ~Q(deputy=F("member")), name="absence_deputy_other"
            ),
        ]
        indexes = [models.Index(fields=["office", "from_at", "to_at"], name="absence_by_time")]


class CoverGap(models.Model):
    """缺岗: a shift that runs with fewer than its minimum; closed when cover is back or it ends."""

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="gaps")
    found_at = models.DateTimeField("发现")
    present = models.PositiveSmallIntegerField("在岗")
    minimum = models.PositiveSmallIntegerField("应到")
    missing = models.JSONField("未到", default=list)
    closed_at = models.DateTimeField("解除", null=True, blank=True)
    closed_why = models.CharField("如何解除", max_length=60, blank=True, default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["shift"], condition=Q(closed_at=None), name="cover_gap_one_open"
            ),
        ]


class NoteKind(Labelled):
    MATTER = "matter", "交接事项"
    UNUSUAL = "unusual", "异常"
    INSTRUCTION = "instruction", "领导批示"


class DutyNote(models.Model):
    """值班记事: a word for the shift log; open until somebody says it is done."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="duty_notes")
    shift = models.ForeignKey(Shift, models.PROTECT, null=True, blank=True, related_name="notes")
    kind = models.CharField("类别", max_length=12, choices=NoteKind.choices)
    case_number = models.CharField("工单编号", max_length=40, blank=True, default="")
    text = personal.WordsField("内容")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")
    done_at = models.DateTimeField("办结时间", null=True, blank=True)
    done_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["office", "at"], name="duty_note_by_time")]


class Handover(models.Model):
    """交接班: the sheet made from the live state, and both seats' word for it. Signed, it is final."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="handovers")
    shift = models.ForeignKey(Shift, models.PROTECT, related_name="handovers")
    to_shift = models.ForeignKey(
        Shift, models.PROTECT, null=True, blank=True, related_name="taken_over"
    )
    made_at = models.DateTimeField("生成")
    body = models.JSONField("交接单", default=dict)
    words = personal.WordsField("交接说明", blank=True, default="")
    version = models.PositiveIntegerField("版本", default=0)
    given_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    given_at = models.DateTimeField("交班确认", null=True, blank=True)
    taken_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField("接班确认", null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["shift"], name="handover_one_a_shift"),
            models.CheckConstraint(
                condition=Q(taken_at=None) | Q(given_at__isnull=False), name="handover_given_first"
            ),
            models.CheckConstraint(
                condition=Q(taken_by=None) | ~Q(taken_by=F("given_by")), name="handover_two_people"
            ),
        ]
