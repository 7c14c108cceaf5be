"""自动派转: whether an office wishes it, and every case that was dispatched by the product itself."""

from django.db import models
from django.db.models import Q

from jiesu.cases.models import Case
from jiesu.org.models import Member, Office, Unit


class AutoPolicy(models.Model):
    """自动派转设定: from which probability on, since when, on whose word. The newest holds; without one, off."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="auto_policies")
    on = models.BooleanField("开")
    threshold = models.FloatField("把握不低于")
    set_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField("设定时间")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(threshold__gte=0.8, threshold__lte=1), name="auto_policy_sure_enough"
            )
        ]

    @property
    def threshold_percent(self) -> int:
        return round(self.threshold * 100)


class AutoDispatch(models.Model):
    """自动派转: one case the product gave to a unit by itself, with how sure it was and by which model."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="auto_dispatches")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    probability = models.FloatField("把握")
    threshold = models.FloatField("门槛")
    model = models.CharField("模型版本", max_length=12)
    at = models.DateTimeField("派转时间")
    undone_at = models.DateTimeField("撤回时间", null=True, blank=True)
    undone_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["case"], name="auto_dispatch_once_a_case")]

    @property
    def percent(self) -> int:
        return min(99, round(self.probability * 100))
