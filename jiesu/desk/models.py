"""What the desk itself keeps: drafts of long forms, and who has which case open."""

from django.db import models

from jiesu.cases.models import Case
from jiesu.core.sealed_fields import SealedJSONField
from jiesu.org.models import Member


class Draft(models.Model):
    """草稿: what a member has typed into a form and not sent, by the form's address."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="drafts")
    address = models.CharField("表单", max_length=200)
    case_number = models.CharField("工单编号", max_length=40, blank=True, default="")
    title = models.CharField("名称", max_length=60, blank=True, default="")
    values = SealedJSONField("内容（密封）", null=True)
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        ordering = ["-saved_at"]
        constraints = [
            models.UniqueConstraint(fields=["member", "address"], name="draft_one_per_form"),
        ]


class Presence(models.Model):
    """谁在看: one page of one member on one case; gone when it has not been heard of for a while."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, related_name="+", db_index=False)
    tab = models.CharField("页面", max_length=36)
    since = models.DateTimeField("起")
    seen_at = models.DateTimeField("最近")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "tab"], name="presence_one_per_tab"),
        ]
        indexes = [models.Index(fields=["seen_at"], name="presence_by_time")]
