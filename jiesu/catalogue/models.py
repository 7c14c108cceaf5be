"""Catalogues: each row belongs to one office and holds from a day on."""

from django.db import models

from jiesu.org.models import Member, Office, Unit
from jiesu.rules.places import PlaceKind


class RuleSet(models.Model):
    """规则集: the numbers of the regulations as a readable TOML text, in force from a day on."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="rule_sets")
    name = models.CharField("名称", max_length=60)
    valid_from = models.DateField("生效日期")
    source = models.CharField("依据", max_length=200)
    body = models.TextField("正文（TOML）")
    adopted_at = models.DateTimeField("录入时间", auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "valid_from"], name="rule_set_one_a_day"),
        ]


class Category(models.Model):
    """问题分类: one node of the tree, written as its whole path ``住房>物业管理``."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="categories")
    path = models.CharField("路径", max_length=120)
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("失效日期", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "path", "valid_from"], name="category_once"),
        ]


class CommunityDuty(models.Model):
    """社区职责清单: a matter that a community may lead (条例第17条); everything else is outside it."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="community_duties")
    matter = models.CharField("事项", max_length=80)
    category = models.CharField("问题分类（及其下级）", max_length=120)
    source = models.CharField("依据", max_length=200)
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("失效日期", null=True, blank=True)


class PlaceName(models.Model):
    """社区地名: a word people use for a community, kept by the office from a day on. Ended, never removed.

    ``key`` is the word as it is compared; ``buildings`` (``1-6,9``) says of which buildings only.
    """

    office = models.ForeignKey(Office, models.PROTECT, related_name="place_names")
    community = models.ForeignKey(Unit, models.PROTECT, related_name="place_names")
    word = models.CharField("写法", max_length=60)
    key = models.CharField("比对用", max_length=80)
    kind = models.CharField("种类", max_length=12, choices=PlaceKind.choices)
    buildings = models.CharField("楼号", max_length=120, blank=True, default="")
    source = models.CharField("依据", max_length=200, blank=True, default="")
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("失效日期", null=True, blank=True)
    added_at = models.DateTimeField("录入时间")
    added_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    ended_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["community__place", "word", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "key", "community", "buildings"],
                condition=models.Q(valid_to=None), name="place_name_once",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gte=models.F("valid_from")),
                name="place_name_ends_after_it_begins",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.word}（{self.buildings}号楼）" if self.buildings else self.word


class UnitDuty(models.Model):
    """派单目录: a class and all below it belong to a unit; the deepest entry that holds is the one."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="unit_duties", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    category = models.CharField("问题分类（及其下级）", max_length=120)
    words = models.CharField("关键词", max_length=200, blank=True, default="")
    source = models.CharField("依据", max_length=200)
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("失效日期", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["office", "category", "unit", "valid_from"], name="unit_duty_once"
            ),
        ]


class HolidayTable(models.Model):
    """节假日安排: one year's days off and make-up working days, as its notice tells. Never guessed.

    ``days`` is ``{"2027-01-01": ["off", "元旦"], "2027-02-07": ["work", "春节"]}``. A table adopted
    anew leaves the one before on the record with ``replaced_at``.
    """

    office = models.ForeignKey(Office, models.PROTECT, related_name="holiday_tables")
    year = models.PositiveSmallIntegerField("年份")
    source = models.CharField("依据", max_length=200)
    confirmed = models.BooleanField("已正式公布", default=True)
    days = models.JSONField("日期", default=dict)
    adopted_at = models.DateTimeField("录入时间")
    adopted_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    replaced_at = models.DateTimeField("被替换时间", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["office", "year"], condition=models.Q(replaced_at=None),
                name="holiday_table_one_a_year",
            ),
        ]  # fmt: skip
