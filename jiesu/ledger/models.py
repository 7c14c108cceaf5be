"""The trace of every export: who took what out, by which filter, how many rows."""

from django.db import models
from django.db.models import F
from django.db.models.functions import Now

from jiesu.org.models import Member, Office
from jiesu.rules.labelled import Labelled


class ExportState(Labelled):
    QUEUED = "queued", "排队中"
    RUNNING = "running", "生成中"
    DONE = "done", "已生成"
    FAILED = "failed", "未完成"


class Export(models.Model):
    """One export of a ledger. The line stays; a file made by the worker goes after a day (``stored`` "")."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="exports")
    member = models.ForeignKey(Member, models.PROTECT, related_name="exports")
    kind = models.CharField("台账", max_length=20)
    query = models.TextField("条件", blank=True, default="")
    words = models.TextField("条件（文字）", blank=True, default="")
    state = models.CharField("状态", max_length=12, choices=ExportState.choices)
    rows_done = models.PositiveIntegerField("已写行数", default=0)
    rows_total = models.PositiveIntegerField("总行数", default=0)
    stored = models.CharField("存放", max_length=80, blank=True, default="")
    made_at = models.DateTimeField("提交时间", db_default=Now())
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    failure = models.TextField("未完成原因", blank=True, default="")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(F("member"), F("id").desc(), name="export_of_member")]

    @property
    def is_running(self) -> bool:
        return self.state in {ExportState.QUEUED, ExportState.RUNNING}
