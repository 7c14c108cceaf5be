"""What came in: files (Batch) and each of their rows as it came (Arrival)."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from jiesu.cases.models import Case
from jiesu.core import personal
from jiesu.core.sealed_fields import SealedJSONField
from jiesu.org.models import Member, Office
from jiesu.rules.labelled import Labelled


class Verdict(Labelled):
    NEW = "new", "新增"
    CHANGED = "changed", "有变化"
    UNCHANGED = "unchanged", "无变化"
    ARRIVED_AGAIN = "arrived_again", "再次到达"
    REFUSED = "refused", "未收"


class BatchState(Labelled):
    RECEIVED = "received", "试读中"
    CHECKED = "checked", "已试读"
    QUEUED = "queued", "排队中"
    RUNNING = "running", "导入中"
    DONE = "done", "已完成"
    FAILED = "failed", "未完成"


class Batch(models.Model):
    """One import: the original file, how far it is, and what became of its rows."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="batches")
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)
    name = personal.ShortWordsField("文件名", max_length=200)
    stored = models.CharField("存放", max_length=80)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField("大小")
    state = models.CharField("状态", max_length=12, choices=BatchState.choices)
    rows_expected = models.PositiveIntegerField("总行数", default=0)
    rows_done = models.PositiveIntegerField("已处理", default=0)
    counts = models.JSONField("结果", default=dict)
    warnings = models.JSONField("提示", default=list)
    failure = personal.WordsField("未完成原因", blank=True, default="")
    made_at = models.DateTimeField("提交时间", db_default=Now())
    started_at = models.DateTimeField("开始", null=True, blank=True)
    finished_at = models.DateTimeField("结束", null=True, blank=True)

    class Meta:
        ordering = ["-id"]


class Sheet(models.Model):
    """One sheet of a batch: its headers as they came."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="sheets")
    name = models.CharField(max_length=200)
    headers = models.JSONField(default=list)


class Arrival(models.Model):
    """One row as it came, and what became of it. Rows seen before are not kept twice."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="+", db_index=False)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="arrivals")
    sheet = models.ForeignKey(Sheet, models.PROTECT, null=True, related_name="+", db_index=False)
    row = models.PositiveIntegerField("行号")
    where = models.CharField("出处", max_length=200, blank=True, default="")
    number = models.CharField("工单编号", max_length=80, blank=True, default="")
    digest = models.UUIDField("行指纹", null=True)
    verdict = models.CharField("结论", max_length=16, choices=Verdict.choices)
    reason = personal.WordsField("原因", blank=True, default="")
    changes = models.JSONField("变化", default=dict, blank=True)
    values = SealedJSONField("原样（密封）", null=True)
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="arrivals", db_index=False
    )

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                F("case"), F("digest"), condition=Q(case__isnull=False), name="arrival_of_case"
            ),
            models.Index(F("office"), F("digest"), name="arrival_by_digest"),
        ]

    @property
    def changed_labels(self) -> str:
        """Which columns of the case changed, in words."""
        names = [
            Case._meta.get_field(name.removesuffix("_id")).verbose_name for name in self.changes
        ]
        return "、".join(str(name) for name in names if name != "截止依据")
