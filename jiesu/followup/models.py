"""What was asked and answered after handling, and what else came up."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from jiesu.cases.models import Case, Event
from jiesu.core import personal
from jiesu.evidence.models import Evidence
from jiesu.org.models import Member, Office
from jiesu.rules.answers import Contacted, Satisfied, Solved
from jiesu.rules.call_back import Attitude, CallResult, Verdict
from jiesu.rules.labelled import Labelled
from jiesu.rules.statements import Statement


class Basis(Labelled):
    """What a 研判 rests on."""

    CALL = "call", "电话回访"
    RECORDING = "recording", "听承办单位录音"


class Match(Labelled):
    """How a recording found its case."""

    NUMBER = "number", "按编号"
    PHONE = "phone", "按电话"
    TIME = "time", "按时间"
    HAND = "hand", "人工"
    EVIDENCE = "evidence", "佐证里的"


class RecordingState(Labelled):
    """How far the machine is with a recording; a person can always listen."""

    WAITING = "waiting", "待处理"
    READY = "ready", "已就绪"
    FAILED = "failed", "处理不了"


class Recording(models.Model):
    """录音: one call as it came. The bytes are kept sealed under ``stored`` and never change.

    One that a unit uploaded as evidence stays where it is (``evidence``). ``plain`` is a copy to listen to,
    for what a browser does not play. ``peaks`` are 600 numbers from 0 to 100; ``engine`` heard it in ``heard_ms``.
    """

    office = models.ForeignKey(Office, models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="recordings", null=True, blank=True)
    evidence = models.OneToOneField(
        Evidence, models.CASCADE, related_name="recording", null=True, blank=True
    )
    name = personal.ShortWordsField("文件名", max_length=200)
    stored = models.CharField(max_length=80, unique=True)
    plain = models.CharField(max_length=80, blank=True, default="")
    kind = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("大小")
    sha256 = models.CharField(max_length=64)
    called_at = models.DateTimeField("通话时间", null=True, blank=True)
    phone_key = models.UUIDField(null=True, blank=True)
    match = models.CharField(
        "怎样对上", max_length=12, choices=Match.choices, blank=True, default=""
    )
    matched_by = models.ForeignKey(
        Member, models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    state = models.CharField(
        "处理", max_length=12, choices=RecordingState.choices, default=RecordingState.WAITING
    )
    trouble = models.CharField("为何处理不了", max_length=200, blank=True, default="")
    ms = models.PositiveIntegerField("长度（毫秒）", default=0)
    peaks = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    engine = models.CharField("转写引擎", max_length=40, blank=True, default="")
    heard_ms = models.PositiveIntegerField("转写用时（毫秒）", default=0)
    added_by = models.ForeignKey(
        Member, models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    added_at = models.DateTimeField("收到时间", db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["office", "sha256"], name="recording_once_an_office"),
        ]
        indexes = [
            models.Index(
                F("office"), F("id").desc(), condition=Q(case=None), name="recording_unmatched"
            ),
        ]

    @property
    def seconds(self) -> int:
        """How long it is."""
        return round(self.ms / 1000)


class Sentence(models.Model):
    """One stretch of speech. ``text`` is empty where no engine has heard it; ``side`` is 1 or 2 of a call, or 0."""

    recording = models.ForeignKey(Recording, models.CASCADE, related_name="sentences")
    place = models.PositiveIntegerField("第几句")
    start = models.PositiveIntegerField("起（毫秒）")
    end = models.PositiveIntegerField("止（毫秒）")
    side = models.PositiveSmallIntegerField("哪一方", default=0)
    text = personal.WordsField("说了什么", blank=True, default="")

    class Meta:
        ordering = ["recording", "place"]
        constraints = [
            models.UniqueConstraint(fields=["recording", "place"], name="sentence_in_its_place")
        ]


class Suggestion(models.Model):
    """建议: what a sentence may say of one of the statements. ``agreed`` is what a person's own answer made of it."""

    recording = models.ForeignKey(Recording, models.CASCADE, related_name="suggestions")
    sentence = models.ForeignKey(Sentence, models.CASCADE, related_name="+", db_index=False)
    statement = models.CharField("关于什么", max_length=12, choices=Statement.choices)
    value = models.CharField("建议", max_length=12, blank=True, default="")
    agreed = models.BooleanField("与人一致", null=True, blank=True)
    decided_at = models.DateTimeField("何时由人定", null=True, blank=True)

    class Meta:
        ordering = ["id"]


class FolderFile(models.Model):
    """A file of the watched folder that was dealt with, by its mark (path, size, time): never looked at again."""

    mark = models.CharField(max_length=64, unique=True)
    name = personal.ShortWordsField("文件名", max_length=200)
    recording = models.ForeignKey(Recording, models.SET_NULL, null=True, related_name="+")
    refused = personal.ShortWordsField("为何不收", max_length=200, blank=True, default="")
    seen_at = models.DateTimeField("看到时间", db_default=Now())

    class Meta:
        ordering = ["-id"]


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
    recording = models.ForeignKey(
        Recording, models.SET_NULL, related_name="call_backs", null=True, blank=True
    )
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
