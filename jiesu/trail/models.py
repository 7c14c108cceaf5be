"""The trail's one table."""

from django.db import models
from django.db.models import F
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
        ]

    @property
    def label(self) -> str:
        return Kind.label_of(self.kind)
