"""What proves the service: verifications of the chain, as they were asked for and what they found."""

from django.db import models
from django.db.models.functions import Now

from jiesu.org.models import Member
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
