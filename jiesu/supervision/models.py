"""Reminders, whom they reached and by what road, and the daily list of key times."""

from django.db import models
from django.db.models import Q

from jiesu.cases.models import Case, Clock
from jiesu.core import personal
from jiesu.org.models import Member, Office, Unit
from jiesu.rules.labelled import Labelled
from jiesu.rules.ladder import Rung


class Channel(Labelled):
    PAGE = "page", "页面"
    MAIL = "mail", "邮件"
    WEBHOOK = "webhook", "政务通讯"


class Reminder(models.Model):
    """提醒 or 催办: one level of one clock, once; or one sent by hand (``asked_by``), with no level.

    ``level`` names the rung of time (``24h``, ``30m``, ``short``, ``overdue``), empty by hand.
    """

    office = models.ForeignKey(Office, models.PROTECT, related_name="reminders", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="reminders")
    clock = models.ForeignKey(
        Clock, models.PROTECT, null=True, blank=True, related_name="reminders", db_index=False
    )
    level = models.CharField("级", max_length=12, blank=True, default="")
    rung = models.CharField("提醒谁", max_length=12, choices=Rung.choices)
    at = models.DateTimeField("时间")
    due_at = models.DateTimeField("截止", null=True, blank=True)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    asked_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    words = personal.WordsField("催办内容", blank=True, default="")
    late_by = models.DurationField("迟发", null=True, blank=True)
    once = models.UUIDField("一次性凭据", null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clock", "level"], condition=~Q(level=""), name="reminder_once_a_level"
            ),
            models.UniqueConstraint(
                fields=["once"], condition=Q(once__isnull=False), name="reminder_sent_once"
            ),
        ]
        indexes = [models.Index(fields=["office", "-at", "-id"], name="reminder_newest")]


class Notice(models.Model):
    """What one member got of a reminder: sent, seen, answered. ``why`` says why it came to them."""

    reminder = models.ForeignKey(Reminder, models.PROTECT, related_name="notices")
    member = models.ForeignKey(Member, models.PROTECT, related_name="notices", db_index=False)
    rung = models.CharField("身份", max_length=12, choices=Rung.choices)
    why = models.CharField("为何找到", max_length=120, blank=True, default="")
    climbed = models.BooleanField("上提", default=False)
    made_at = models.DateTimeField("送出")
    seen_at = models.DateTimeField("看到", null=True, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answer = personal.WordsField("答复", blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["reminder", "member"], name="notice_once_a_member"),
        ]
        indexes = [
            models.Index(fields=["member", "-id"], name="notice_of_member"),
            models.Index(
                fields=["member"], condition=Q(seen_at=None), name="notice_unseen"
            ),
        ]  # fmt: skip


class DeliveryState(Labelled):
    WAITING = "waiting", "待发送"
    SENT = "sent", "已送达"
    GIVEN_UP = "given_up", "发送失败"


class Delivery(models.Model):
    """One notice by one road. Tried again for a while; given up, the reminder climbs."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="deliveries")
    channel = models.CharField("渠道", max_length=12, choices=Channel.choices)
    state = models.CharField("状态", max_length=12, choices=DeliveryState.choices)
    tries = models.PositiveSmallIntegerField("次数", default=0)
    next_try_at = models.DateTimeField("下次发送", null=True, blank=True)
    sent_at = models.DateTimeField("送达时间", null=True, blank=True)
    error = models.CharField("失败原因", max_length=200, blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="delivery_once_a_channel"),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"], condition=Q(state="waiting"), name="delivery_waiting"
            ),
        ]


class ChannelState(models.Model):
    """How a channel does: since when it has been dead, and what it last said."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="channel_states")
    channel = models.CharField("渠道", max_length=12, choices=Channel.choices)
    last_ok_at = models.DateTimeField("最近成功", null=True, blank=True)
    dead_since = models.DateTimeField("不通起", null=True, blank=True)
    error = models.CharField("原因", max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "channel"], name="channel_state_once"),
        ]


class DailyList(models.Model):
    """每日关键时限清单: what was near a key time at a set hour, as it was then."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="daily_lists")
    at = models.DateTimeField("时点")
    made_at = models.DateTimeField("生成")
    rows = models.JSONField("清单", default=list)
    pushed_at = models.DateTimeField("推送", null=True, blank=True)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["office", "at"], name="daily_list_once"),
        ]
