"""Coordinations of cases whose owner cannot be said, and who said what in them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from jiesu.cases.models import Case
from jiesu.core import personal
from jiesu.org.models import Member, Unit
from jiesu.rules.coordinating import Outcome, Stance


class Coordination(models.Model):
    """协调: a case that waits for a leader to say whose it is. ``reported_at``: the district was asked."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="coordinations")
    question = personal.WordsField("难在哪里")
    asked_at = models.DateTimeField("提交时间")
    asked_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    reported_at = models.DateTimeField("报区时间", null=True, blank=True)
    settled_at = models.DateTimeField("了结时间", null=True, blank=True)
    settled_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    outcome = models.CharField(
        "结果", max_length=12, choices=Outcome.choices, blank=True, default=""
    )
    decision = personal.WordsField("决定", blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(settled_at=None), name="coordination_one_open"
            ),
        ]


class Statement(models.Model):
    """陈述: what a unit says of whose matter it is, by whom there, with the files that bear it out."""

    coordination = models.ForeignKey(Coordination, models.PROTECT, related_name="statements")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    person = personal.ShortWordsField("谁说的", max_length=40)
    stance = models.CharField("意见", max_length=12, choices=Stance.choices)
    words = personal.WordsField("理由")
    said_at = models.DateTimeField("时间")
    recorded_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    files = ArrayField(models.BigIntegerField(), verbose_name="佐证", default=list)

    class Meta:
        ordering = ["said_at", "id"]

    @property
    def stance_label(self) -> str:
        return Stance.label_of(self.stance)
