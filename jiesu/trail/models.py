"""The trail: its entries, and the chain over them and over the record of cases."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from jiesu.rules.labelled import Labelled


class Kind(Labelled):
    """What was done. One word for one thing; the details are the entry's ``facts``."""

    LOGIN = "login", "登录"
    LOGIN_FAILED = "login_failed", "登录失败"
    LOGOUT = "logout", "退出"
    READ = "read", "查看案件"
    REVEAL = "reveal", "查看个人信息"
    SEARCH = "search", "查找"
    LISTEN = "listen", "听录音"
    DOWNLOAD = "download", "下载文件"
    EXPORT = "export", "导出"
    CHANGE = "change", "修改"
    ACCOUNT = "account", "账号与授权"
    SECURITY = "security", "安全设置"
    APPROVAL = "approval", "审批"
    ERASE = "erase", "到期清除"
    REFUSED = "refused", "被拒绝的操作"


class Entry(models.Model):
    """One thing somebody did. ``facts`` is plain JSON without personal data (masked where it must be said)."""

    at = models.DateTimeField("时间", db_default=Now())
    kind = models.CharField("种类", max_length=16, choices=Kind.choices)
    office = models.BigIntegerField("街道", null=True)
    member = models.BigIntegerField("成员", null=True)
    username = models.CharField("用户名", max_length=80, blank=True, default="", db_default="")
    role = models.CharField("角色", max_length=16, blank=True, default="", db_default="")
    case = models.BigIntegerField("案件", null=True)
    number = models.CharField("工单编号", max_length=80, blank=True, default="", db_default="")
    subject = models.CharField("对象", max_length=80, blank=True, default="", db_default="")
    facts = models.JSONField("事实", default=dict, blank=True)
    address = models.CharField("来自", max_length=45, blank=True, default="", db_default="")
    session = models.CharField("会话", max_length=16, blank=True, default="", db_default="")

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(F("office"), F("id").desc(), name="trail_newest"),
            models.Index(F("case"), F("id"), name="trail_of_case"),
            models.Index(F("member"), F("id").desc(), name="trail_of_member"),
            models.Index(F("kind"), F("id").desc(), name="trail_of_kind"),
            models.Index(
                fields=["number"], condition=Q(case=None) & ~Q(number=""), name="trail_no_case"
            ),
            BrinIndex(fields=["at"], name="trail_by_time"),
        ]

    @property
    def label(self) -> str:
        return Kind.label_of(self.kind)


class Link(models.Model):
    """One link of the chain: some rows of one source, each with its digest, and the hash over all of it.

    Made by a trigger at the end of the transaction that added the rows, never by anybody else. ``rows``
    counts the rows linked so far; ``hash`` is over ``previous`` and every other column. A link with a
    ``certificate`` says what rows look like since they were lawfully erased.
    """

    seq = models.BigIntegerField("环", primary_key=True)
    source = models.CharField("来源", max_length=8)
    ids = ArrayField(models.BigIntegerField(), verbose_name="行")
    digests = ArrayField(models.BinaryField(), verbose_name="各行摘要")
    rows = models.BigIntegerField("累计行数")
    at = models.DateTimeField("时间")
    role = models.CharField("数据库用户", max_length=63)
    program = models.CharField("程序", max_length=63)
    certificate = models.BigIntegerField("清除证明", null=True)
    note = models.CharField("说明", max_length=80)
    previous = models.BinaryField("前一环")
    hash = models.BinaryField("哈希")

    class Meta:
        ordering = ["seq"]
        indexes = [models.Index(fields=["seq"], condition=~Q(note=""), name="trail_link_told")]


class Head(models.Model):
    """Where the chain ends: one row, which each transaction takes at its end to join its links."""

    seq = models.BigIntegerField("环")
    rows = models.BigIntegerField("累计行数")
    hash = models.BinaryField("哈希")
