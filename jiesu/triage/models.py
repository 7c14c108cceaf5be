"""What triage keeps: what it suggested, what it was taught, its versions, and second opinions."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from jiesu.cases.models import Case, Event
from jiesu.org.models import Member, Office
from jiesu.platforms.opinions import Silence
from jiesu.rules.labelled import Labelled
from jiesu.rules.marks import MarkKind
from jiesu.triage.learning.suggestion import Doubt
from jiesu.triage.serving import FaultKind


class Target(Labelled):
    """What is learnt. The code names the model's file."""

    UNIT = "unit", "主办单位"
    CATEGORY = "category", "问题分类"


class Suggested(models.Model):
    """初次建议: what the live model said when the case arrived. Written once; what came of it is on record.

    ``label`` is a class or the name of a unit; ``doubt`` empty: it was sure.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="suggested", db_index=False)
    target = models.CharField("对象", max_length=12, choices=Target.choices)
    label = models.CharField("首选", max_length=200)
    probability = models.FloatField("概率")
    doubt = models.CharField(
        "不确定的原因", max_length=12, choices=Doubt.choices, blank=True, default=""
    )
    version = models.CharField("模型版本", max_length=12)
    at = models.DateTimeField("时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "target"], name="suggested_once_a_case")
        ]
        indexes = [models.Index(fields=["target", "at"], name="suggested_by_time")]


class LessonKind(Labelled):
    """How somebody knew better."""

    OTHER_UNIT = "other_unit", "改派他单位"
    TRANSFER = "transfer", "转派"
    DECLINE = "decline", "退派"
    SENT_BACK = "sent_back", "退回获准"
    OTHER_CLASS = "other_class", "更正分类"


class Lesson(models.Model):
    """纠正: one line of the record by which a person corrected what was suggested or done.

    ``said`` is what stood there, ``was`` what turned out right; empty while nobody has said.
    """

    office = models.ForeignKey(Office, models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="lessons")
    event = models.OneToOneField(Event, models.PROTECT, related_name="lesson")
    kind = models.CharField("种类", max_length=12, choices=LessonKind.choices)
    target = models.CharField("对象", max_length=12, choices=Target.choices)
    said = models.CharField("原为", max_length=200, blank=True, default="")
    was = models.CharField("实为", max_length=200, blank=True, default="")
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(F("office"), F("kind"), F("id").desc(), name="lesson_of_kind"),
            models.Index(F("office"), F("id").desc(), name="lesson_newest"),
        ]


class VersionState(Labelled):
    """Where a version stands."""

    WORSE = "worse", "未胜出"
    CANDIDATE = "candidate", "候选"
    PROPOSED = "proposed", "待同意"
    LIVE = "live", "在用"
    RETIRED = "retired", "已换下"


class Version(models.Model):
    """模型版本: one trained model, what it learnt from, how it did, and who let it go live.

    ``measures`` holds the tests on later weeks and on the fixed set as ``learning.candidate`` tells them; empty
    for a model that was put in place by hand.
    """

    office = models.ForeignKey(Office, models.PROTECT, related_name="model_versions")
    target = models.CharField("对象", max_length=12, choices=Target.choices)
    digest = models.CharField("SHA-256", max_length=64)
    state = models.CharField("状态", max_length=12, choices=VersionState.choices)
    made_at = models.DateTimeField("训练时间")
    made_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    from_at = models.DateTimeField("数据起", null=True, blank=True)
    until_at = models.DateTimeField("数据止", null=True, blank=True)
    rows = models.PositiveIntegerField("训练件数", default=0)
    classes = models.JSONField("各类件数", default=dict, blank=True)
    threshold = models.FloatField("确定的概率", null=True, blank=True)
    against = models.CharField("与之比较的版本", max_length=12, blank=True, default="")
    measures = models.JSONField("检验", default=dict, blank=True)
    proposed_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    proposed_at = models.DateTimeField("提出时间", null=True, blank=True)
    agreed_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    agreed_at = models.DateTimeField("同意时间", null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["office", "target", "digest"], name="version_once"),
            models.UniqueConstraint(
                fields=["office", "target"], condition=Q(state="live"), name="version_one_live"
            ),
            models.UniqueConstraint(
                fields=["office", "target"],
                condition=Q(state="proposed"),
                name="version_one_proposed",
            ),
        ]

    @property
    def short(self) -> str:
        """What people and suggestions call it: the beginning of the hash."""
        return self.digest[:12]


class SwitchKind(Labelled):
    """Why another version went live."""

    FOUND = "found", "手工放入"
    AGREED = "agreed", "同意上线"
    BACK = "back", "回到上一版"


class Switch(models.Model):
    """换版: one time another version went live. Never changed; the newest says what went back to what."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="switches")
    previous = models.ForeignKey(
        Version, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    kind = models.CharField("原因", max_length=12, choices=SwitchKind.choices)
    actor = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ["-id"]


class FixedSet(models.Model):
    """固定检验集: cases drawn once, on which every candidate is tested and none is trained.

    ``rows`` are [case, class, digest of the text]; no text is kept, so an erased case simply falls out.
    ``digest`` is over the rows.
    """

    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    target = models.CharField("对象", max_length=12, choices=Target.choices)
    rows = models.JSONField("行")
    digest = models.CharField("SHA-256", max_length=64)
    frozen_at = models.DateTimeField("固定时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "target"], name="fixed_set_frozen_once")
        ]


class TrainingState(Labelled):
    """How far a training is."""

    QUEUED = "queued", "排队中"
    RUNNING = "running", "训练中"
    DONE = "done", "已完成"
    FAILED = "failed", "未完成"


class Training(models.Model):
    """训练: one run, nightly (``asked_by`` None) or by hand. ``told`` says in Chinese why it made nothing."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="trainings")
    target = models.CharField("对象", max_length=12, choices=Target.choices)
    state = models.CharField("状态", max_length=12, choices=TrainingState.choices)
    percent = models.PositiveSmallIntegerField("进度", default=0, db_default=0)
    asked_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField("时间", db_default=Now())
    finished_at = models.DateTimeField("完成", null=True, blank=True)
    version = models.ForeignKey(
        Version, models.PROTECT, null=True, blank=True, related_name="trainings"
    )
    told = models.CharField("说明", max_length=200, blank=True, default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "target"],
                condition=Q(state__in=["queued", "running"]),
                name="training_one_at_a_time",
            )
        ]

    @property
    def going(self) -> bool:
        return self.state in {TrainingState.QUEUED, TrainingState.RUNNING}


class Opinion(models.Model):
    """第二意见: what the language model of the office's own said about one doubtful case, and what it cost.

    ``label`` empty: none, and ``silence`` says why. ``outcome`` is what the record said in the end.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="opinions", db_index=False)
    target = models.CharField("对象", max_length=12, choices=Target.choices)
    model = models.CharField("语言模型", max_length=80)
    label = models.CharField("意见", max_length=200, blank=True, default="")
    silence = models.CharField(
        "没有意见的原因", max_length=12, choices=Silence.choices, blank=True, default=""
    )
    asked_at = models.DateTimeField("时间")
    took_ms = models.PositiveIntegerField("用时（毫秒）", default=0)
    tokens_in = models.PositiveIntegerField("输入词元", default=0)
    tokens_out = models.PositiveIntegerField("输出词元", default=0)
    outcome = models.CharField("最终", max_length=200, blank=True, default="")
    agreed = models.BooleanField("与最终一致", null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "target"], name="opinion_once_a_case")
        ]


class Seen(models.Model):
    """在用文件: the model file that answered last. By it a file that is gone is told from one never made."""

    target = models.CharField("对象", max_length=40, primary_key=True)
    mark = models.CharField("文件标记", max_length=80)
    at = models.DateTimeField("时间")


class ModelFault(models.Model):
    """模型告警: one broken model file, found once whoever meets it; over when the file is another or answers."""

    target = models.CharField("对象", max_length=40)
    kind = models.CharField("种类", max_length=12, choices=FaultKind.choices)
    mark = models.CharField("文件标记", max_length=80, blank=True, default="")
    said = models.CharField("说明", max_length=300)
    found_at = models.DateTimeField("发现")
    over_at = models.DateTimeField("解除", null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["target"], condition=Q(over_at=None), name="model_fault_one_open"
            )
        ]

    @property
    def kind_label(self) -> str:
        return FaultKind.label_of(self.kind)

    @property
    def target_label(self) -> str:
        return Target.label_of(self.target)


class MarkState(Labelled):
    """What a person made of a mark."""

    SUGGESTED = "suggested", "提示"
    KEPT = "kept", "已确认"
    OFF = "off", "已去掉"


class CaseMark(models.Model):
    """研判标记: what a case is to be noticed for, with the words that decided; a person keeps it or takes it off.

    ``found`` are words of the rules, never more of what somebody wrote.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="marks", db_index=False)
    code = models.CharField("代码", max_length=24)
    kind = models.CharField("种类", max_length=12, choices=MarkKind.choices)
    label = models.CharField("标记", max_length=20)
    reason = models.CharField("理由", max_length=160)
    found = ArrayField(models.CharField(max_length=40), verbose_name="凭哪些字", default=list)
    in_season = models.BooleanField("正当季", null=True)
    state = models.CharField(
        "状态", max_length=12, choices=MarkState.choices, default=MarkState.SUGGESTED
    )
    made_at = models.DateTimeField("提示时间")
    decided_at = models.DateTimeField("研判时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["case", "code"], name="mark_once_a_case")]
