"""What the assessment knows: results, standings and frozen cycles. All of them are only ever added to."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from jiesu.core import personal
from jiesu.intake.models import BatchState
from jiesu.org.models import Member, Office, Unit
from jiesu.rules.answers import Contacted, Satisfied, Solved, Standing
from jiesu.rules.rates import Question


class ResultFile(models.Model):
    """回访明细: one file of call-back results, and what became of its rows. ``sha256`` is over what it says."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="+", db_index=False)
    name = personal.ShortWordsField("文件名", max_length=200)
    sha256 = models.CharField(max_length=64)
    cycle = models.CharField("指定的考核期", max_length=7, blank=True, default="")
    counts = models.JSONField("结果", default=dict)
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField("导入时间")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "sha256", "cycle"], name="result_file_taken_once"
            ),
        ]


class ResultUpload(models.Model):
    """A file of call-back results on its way in: the sealed original, how far it is, what became of its rows."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="+", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)
    name = personal.ShortWordsField("文件名", max_length=200)
    cycle = models.CharField("指定的考核期", max_length=7, blank=True, default="")
    stored = models.CharField("存放", max_length=80, blank=True, default="")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField("大小")
    state = models.CharField("状态", max_length=12, choices=BatchState.choices)
    rows_expected = models.PositiveIntegerField("总行数", default=0)
    rows_done = models.PositiveIntegerField("已处理", default=0)
    counts = models.JSONField("结果", default=dict)
    failure = personal.WordsField("未完成原因", blank=True, default="")
    file = models.ForeignKey(ResultFile, models.PROTECT, null=True, related_name="uploads")
    made_at = models.DateTimeField("提交时间")
    finished_at = models.DateTimeField("结束", null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(F("office"), F("id").desc(), name="result_upload_newest")]


class Result(models.Model):
    """上级回访结果: what was heard of one order in one cycle. A correction replaces nothing, it follows."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="+", db_index=False)
    cycle = models.CharField("考核期", max_length=7)
    number = models.CharField("工单编号", max_length=40)
    file = models.ForeignKey(ResultFile, models.PROTECT, related_name="results")
    row = models.PositiveIntegerField("行号")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    unit_text = models.CharField("承办单位（明细写法）", max_length=80, blank=True, default="")
    person = models.CharField("承办人", max_length=40, blank=True, default="")
    called_at = models.DateTimeField("回访时间", null=True)
    valid = models.BooleanField("有效回访")
    contacted = models.CharField("是否联系", max_length=12, choices=Contacted.choices)
    solved = models.CharField("是否解决", max_length=12, choices=Solved.choices)
    satisfied = models.CharField("是否满意", max_length=12, choices=Satisfied.choices)
    outcome = models.CharField("接听情况", max_length=40, blank=True, default="")
    cause = personal.WordsField("未解决、不满意原因", blank=True, default="")
    recorded_at = models.DateTimeField("入库时间", db_default=Now())
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="corrected_by", verbose_name="更正"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "cycle", "number"], condition=Q(corrects=None),
                name="result_first_once",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(F("office"), F("cycle"), F("id"), name="result_of_cycle"),
            models.Index(F("office"), F("number"), name="result_of_number"),
        ]


class StandingFact(models.Model):
    """口径: from when on a case counts how in its cycle, on whose word and for which reason."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="+", db_index=False)
    cycle = models.CharField("考核期", max_length=7)
    number = models.CharField("工单编号", max_length=40)
    standing = models.CharField("口径", max_length=16, choices=Standing.choices)
    since = models.DateTimeField("自何时起")
    reason = personal.WordsField("理由")
    reference = models.CharField(
        "依据（文号、申报号、明细行）", max_length=200, blank=True, default=""
    )
    file = models.ForeignKey(ResultFile, models.PROTECT, null=True, related_name="standings")
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)
    recorded_at = models.DateTimeField("入库时间", db_default=Now())

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(F("office"), F("cycle"), F("number"), F("id"), name="standing_of_case"),
        ]


class Frozen(models.Model):
    """冻结的考核期: every order as it counted, the rule set, the figures, and a digest over all of it."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="+", db_index=False)
    cycle = models.CharField("考核期", max_length=7)
    rules = models.TextField("规则集（TOML）")
    lines = models.JSONField("各件")
    figures = models.JSONField("数字")
    digest = models.CharField("指纹", max_length=64)
    last_result = models.BigIntegerField("至哪条结果", default=0)
    last_standing = models.BigIntegerField("至哪条口径", default=0)
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField("冻结时间")

    class Meta:
        ordering = ["-cycle"]
        constraints = [
            models.UniqueConstraint(fields=["office", "cycle"], name="frozen_once"),
        ]


class LossNote(models.Model):
    """失分登记: why an order lost points on a question, and what is done about it. The last one holds."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="+", db_index=False)
    cycle = models.CharField("考核期", max_length=7)
    number = models.CharField("工单编号", max_length=40)
    question = models.CharField("失分项", max_length=12, choices=Question.choices)
    cause = models.CharField("成因", max_length=24)
    measure = personal.WordsField("改进措施", blank=True, default="")
    owner = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    due_on = models.DateField("完成期限", null=True)
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField("登记时间")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(F("office"), F("cycle"), F("id"), name="loss_note_of_cycle")]


class Backtest(models.Model):
    """回测: what the forecast would have said in cycles that are over, kept to be shown beside it."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    source = personal.ShortWordsField("依据", max_length=200)
    told = models.JSONField("结果")
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ["-id"]
