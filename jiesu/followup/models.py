"""What was asked and answered after handling, and what else came up."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from jiesu.cases.models import Case, Event
from jiesu.core import personal
from jiesu.org.models import Member
from jiesu.rules.answers import Contacted, Satisfied, Solved
from jiesu.rules.call_back import Attitude, CallResult, Verdict
from jiesu.rules.labelled import Labelled


class Basis(Labelled):
    """What a 研判 rests on."""

    CALL = "call", "电话回访"
    RECORDING = "recording", "听承办单位录音"


class CallBack(models.Model):
    """回访研判: one attempt to learn what the requester says, whatever came of it. Never changed.

    ``risks`` are the words of the 三率研判台账 for what may cost a point. The moments are seconds into
    the recording.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="call_backs")
    event = models.OneToOneField(Event, models.PROTECT, related_name="call_back")
    attempt = models.PositiveSmallIntegerField("第几次")
    basis = models.CharField("依据", max_length=12, choices=Basis.choices)
    called_at = models.DateTimeField("通话时间")
    result = models.CharField("通话结果", max_length=16, choices=CallResult.choices)
    contacted = models.CharField("是否联系", max_length=12, choices=Contacted.choices, blank=True)
    solved = models.CharField("是否解决", max_length=12, choices=Solved.choices, blank=True)
    satisfied = models.CharField("是否满意", max_length=12, choices=Satisfied.choices, blank=True)
    attitude = models.CharField("反映人态度", max_length=12, choices=Attitude.choices, blank=True)
    words = personal.WordsField("解决情况（原话）", blank=True, default="")
    demand = personal.WordsField("其他诉求", blank=True, default="")
    advice = personal.WordsField("处理建议", blank=True, default="")
    contacted_s = models.PositiveIntegerField("“已联系”在录音第几秒", null=True, blank=True)
    solved_s = models.PositiveIntegerField("“已解决”在录音第几秒", null=True, blank=True)
    satisfied_s = models.PositiveIntegerField("“满意”在录音第几秒", null=True, blank=True)
    verdict = models.CharField("研判结论", max_length=12, choices=Verdict.choices)
    risks = ArrayField(models.CharField(max_length=12), verbose_name="风险", default=list)
    made_by = models.ForeignKey(
        Member, models.PROTECT, related_name="+", verbose_name="研判人", db_index=False
    )
    made_at = models.DateTimeField("研判时间", db_default=Now())

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["-made_at", "-id"], name="call_back_newest")]

    @property
    def moments(self) -> list[tuple[str, int]]:
        """The marked statements and their seconds, in the order of the three questions."""
        told = (("联系", self.contacted_s), ("解决", self.solved_s), ("满意", self.satisfied_s))
        return [(label, second) for label, second in told if second is not None]


class Matter(models.Model):
    """关联事项: another demand that came up in a call, followed until somebody says what became of it.

    ``number`` is the order it became, when the platform dispatched one.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="matters")
    call_back = models.ForeignKey(
        CallBack, models.PROTECT, related_name="matters", null=True, db_index=False
    )
    words = personal.WordsField("事项")
    opened_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    opened_at = models.DateTimeField("登记时间", db_default=Now())
    number = models.CharField("转成的工单", max_length=40, blank=True, default="")
    outcome = personal.WordsField("怎样了结", blank=True, default="")
    settled_by = models.ForeignKey(
        Member, models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    settled_at = models.DateTimeField("了结时间", null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="matter_settled_by_somebody",
            )
        ]
        indexes = [
            models.Index(fields=["-id"], condition=Q(settled_at=None), name="matter_open"),
        ]
