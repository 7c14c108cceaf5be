"""What proves the service: walks over the chain, erasures, what inspectors took home, what was asked for unmasked."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from jiesu.cases.models import Case
from jiesu.core.personal import ShortWordsField
from jiesu.ledger.models import ExportState
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
    proposed_by = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="+", db_index=False
    )  # None: by the schedule
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

    @property
    def proposer(self) -> str:
        """Who proposed it, in words."""
        return self.proposed_by.name if self.proposed_by else "系统按期"


class Copy(models.Model):
    """调阅件: a package an inspector took of everything of a stretch of days. The line stays, the file a day.

    ``parts`` are codes of ``parts.PARTS``; ``contents`` says of each file its rows and its SHA-256.
    """

    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    number = models.CharField("编号", max_length=24)
    since = models.DateField("自")
    until = models.DateField("至")
    parts = ArrayField(models.CharField(max_length=20), verbose_name="内容")
    state = models.CharField("状态", max_length=12, choices=ExportState.choices)
    done = models.PositiveSmallIntegerField("已生成", default=0)
    contents = models.JSONField("目录", default=list)
    stored = models.CharField("存放", max_length=80, blank=True, default="")
    sha256 = models.CharField(max_length=64, blank=True, default="")
    made_at = models.DateTimeField("提交时间", db_default=Now())
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    failure = models.TextField("未完成原因", blank=True, default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["office", "number"], name="copy_number_once"),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="copy_forward"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_running(self) -> bool:
        return self.state in {ExportState.QUEUED, ExportState.RUNNING}


class ApprovalState(Labelled):
    WAITING = "waiting", "待审批"
    AGREED = "agreed", "已同意，生成中"
    MADE = "made", "可下载"
    REFUSED = "refused", "未同意"
    LAPSED = "lapsed", "超过七天未审批"
    GONE = "gone", "已过期清理"
    FAILED = "failed", "没有生成"


class Approval(models.Model):
    """未遮盖导出: asked by one, agreed by another, made once for who asked."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    kind = models.CharField("台账", max_length=20)
    query = models.TextField("条件", blank=True, default="")
    words = models.TextField("条件（文字）", blank=True, default="")
    rows = models.PositiveIntegerField("行数", default=0)
    reason = ShortWordsField("用途", max_length=300)
    state = models.CharField("状态", max_length=12, choices=ApprovalState.choices)
    asked_at = models.DateTimeField("提出时间")
    decided_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    answer = ShortWordsField("审批意见", max_length=300, blank=True, default="")
    told_at = models.DateTimeField("申请人看到", null=True, blank=True)
    stored = models.CharField("存放", max_length=80, blank=True, default="")
    made_at = models.DateTimeField("生成时间", null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
                name="approval_two_people",
            ),
        ]
        indexes = [
            models.Index(fields=["office"], condition=Q(state="waiting"), name="approval_waiting"),
        ]

    @property
    def is_over(self) -> bool:
        """True once there is something to tell whoever asked."""
        return self.state not in {ApprovalState.WAITING, ApprovalState.AGREED}
