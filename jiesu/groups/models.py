"""Groups of cases, who belongs to them, and the count of words by which likeness is weighed."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from jiesu.cases.models import Case
from jiesu.core import personal
from jiesu.org.models import Member, Office, Unit
from jiesu.rules.grouping import GroupKind, GroupState


class Vocabulary(models.Model):
    """Over how many of an office's cases its words were counted, and when."""

    office = models.OneToOneField(Office, models.PROTECT, primary_key=True, related_name="+")
    cases = models.PositiveIntegerField("案件数")
    counted_at = models.DateTimeField("统计时间")


class Term(models.Model):
    """In how many of the counted cases a pair of characters stands; known by its hash alone."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="+", db_index=False)
    key = models.IntegerField()
    cases = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "key"], name="term_once")]


class Group(models.Model):
    """并案: orders about one matter under one plan of action. Nothing of the orders is merged.

    ``owner`` is the unit that answers for the plan. ``made_by`` None: the product proposed it.
    """

    office = models.ForeignKey(Office, models.PROTECT, related_name="groups")
    kind = models.CharField("类别", max_length=16, choices=GroupKind.choices)
    state = models.CharField("状态", max_length=12, choices=GroupState.choices)
    title = personal.ShortWordsField("事项", max_length=120)
    made_at = models.DateTimeField("提出时间")
    made_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField("解散时间", null=True, blank=True)
    plan = personal.WordsField("办理方案", blank=True, default="")
    owner = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="牵头单位"
    )
    planned_at = models.DateTimeField("方案时间", null=True, blank=True)
    planned_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["office", "state", "-id"],
                condition=Q(ended_at=None),
                name="group_of_office",
            ),
        ]

    @property
    def kind_label(self) -> str:
        return GroupKind.label_of(self.kind)

    @property
    def state_label(self) -> str:
        return GroupState.label_of(self.state)

    @property
    def proposed(self) -> bool:
        return self.state == GroupState.PROPOSED


class Belonging(models.Model):
    """A case in a group, from when to when and on whose word; ``added_by`` None: the product's."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="belongings")
    case = models.ForeignKey(Case, models.PROTECT, related_name="belongings")
    added_at = models.DateTimeField("并入时间")
    added_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    why = models.CharField("依据", max_length=80, blank=True, default="")
    left_at = models.DateTimeField("移出时间", null=True, blank=True)
    left_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField("记录时间", db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(left_at=None), name="belonging_one_group_at_a_time"
            ),
        ]


class Earlier(models.Model):
    """复诉: the earlier order of the same requester about the same matter, which a new one comes back to."""

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="comes_back")
    earlier = models.ForeignKey(Case, models.PROTECT, related_name="came_back")
    chance = models.PositiveSmallIntegerField("把握（%）")
    found_at = models.DateTimeField("发现时间")
    told_at = models.DateTimeField("催办告知时间", null=True, blank=True)
    told_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    denied_at = models.DateTimeField("否认时间", null=True, blank=True)
    denied_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
