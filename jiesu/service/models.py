"""What proves the service: verifications of the chain, as they were asked for and what they found."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from jiesu.cases.models import Case
from jiesu.org.models import Member, Office
from jiesu.rules.labelled import Labelled


class VerificationState(Labelled):
    QUEUED = "queued", "排队中"
    RUNNING = "running", "核对中"
    DONE = "done", "已核对"
    FAILED = "failed", "没有核完"


GOING = (VerificationState.QUEUED, VerificationState.RUNNING)


class Verification(models.Model):
    """核对: one walk over the chain. ``asked_by`` None: the nightly one. ``report`` as the command tells it."""

    asked_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField("时间", db_default=Now())
    state = models.CharField("状态", max_length=8, choices=VerificationState.choices)
    links_done = models.PositiveBigIntegerField("已核对环数", default=0, db_default=0)
    links = models.PositiveBigIntegerField("总环数", default=0, db_default=0)
    good = models.BooleanField("完整", null=True)
    report = models.JSONField("结果", default=dict)
    finished_at = models.DateTimeField("完成", null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="queued"), name="verification_one_waits"
            ),
        ]

    @property
    def going(self) -> bool:
        return self.state in GOING

    @property
    def percent(self) -> int:
        return min(99, self.links_done * 100 // max(self.links, 1))


class Hold(models.Model):
    """保全: a case whose personal data must not be erased yet, and why (诉讼、审计、投诉未了)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="holds")
    reason = models.CharField("保全原因", max_length=200)
    placed_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    placed_at = models.DateTimeField("保全时间")
    lifted_at = models.DateTimeField("解除时间", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(lifted_at=None), name="hold_one_a_case"
            ),
        ]


class ErasureState(Labelled):
    PROPOSED = "proposed", "待审批"
    REFUSED = "refused", "不同意"
    AGREED = "agreed", "清除中"
    DONE = "done", "已清除"


class Erasure(models.Model):
    """到期清除: proposed by one, agreed by another, done by the worker; done, it is the certificate."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="erasures", db_index=False)
    closed_before = models.DateTimeField("办结早于")
    rule = models.CharField("依据", max_length=200)
    cases = models.PositiveIntegerField("件数")
    proposed_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    proposed_at = models.DateTimeField("提出时间")
    state = models.CharField("状态", max_length=8, choices=ErasureState.choices)
    decided_by = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField("审批时间", null=True)
    counts = models.JSONField("清除了什么", default=dict)
    digest = models.CharField("案件编号摘要", max_length=64, blank=True, default="")
    keys = ArrayField(models.IntegerField(), verbose_name="销毁的密钥", default=list)
    finished_at = models.DateTimeField("清除时间", null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["office"],
                condition=models.Q(state__in=["proposed", "agreed"]),
                name="erasure_one_at_a_time",
            ),
        ]
