"""Offices, their units and their members."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models

from jiesu.org.rights import Role
from jiesu.rules.labelled import Labelled


class UnitKind(Labelled):
    OFFICE = "office", "科室"
    TEAM = "team", "执法队"
    CENTRE = "centre", "中心"
    COMMUNITY = "community", "社区"
    STATIONED = "stationed", "派驻"


class Office(models.Model):
    """街道: owns its units, members, cases, catalogues and rule sets."""

    code = models.CharField("行政区划代码", max_length=12, unique=True)
    name = models.CharField("名称", max_length=40)
    district = models.CharField("所属区", max_length=20)

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """科室、执法队、中心 or 社区 of one office."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="units")
    code = models.CharField("代码", max_length=24)
    name = models.CharField("名称", max_length=40)
    kind = models.CharField("类别", max_length=12, choices=UnitKind.choices)
    role_code = models.CharField("职能", max_length=16, default="OTHER")
    aliases = ArrayField(models.CharField(max_length=40), verbose_name="别名", default=list)
    place = models.PositiveSmallIntegerField("排序", default=0)
    active = models.BooleanField("启用", default=True)

    class Meta:
        ordering = ["place", "code"]
        constraints = [
            models.UniqueConstraint(fields=["office", "code"], name="unit_code_once_per_office"),
            models.UniqueConstraint(fields=["office", "name"], name="unit_name_once_per_office"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_community(self) -> bool:
        return self.kind == UnitKind.COMMUNITY


class MemberManager(BaseUserManager["Member"]):
    def create_member(self, *, password: str | None = None, **fields: object) -> "Member":
        """Make a member; without a password nobody can log in as them."""
        member = self.model(**fields)
        member.set_password(password)
        member.save(using=self._db)
        return member


class Member(AbstractBaseUser):
    """Somebody who works here, in one role for one office."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="members")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="members", verbose_name="单位")
    username = models.CharField("用户名", max_length=40, unique=True)
    name = models.CharField("姓名", max_length=40)
    role = models.CharField("角色", max_length=16, choices=Role.choices)
    phone = models.CharField("手机", max_length=20, blank=True, default="", db_default="")
    email = models.EmailField("邮箱", blank=True, default="", db_default="")
    messenger = models.CharField(
        "政务通讯账号", max_length=64, blank=True, default="", db_default=""
    )
    is_active = models.BooleanField("启用", default=True)
    joined_at = models.DateTimeField("加入时间", auto_now_add=True)

    USERNAME_FIELD = "username"
    objects = MemberManager()

    class Meta:
        ordering = ["unit__place", "username"]

    def __str__(self) -> str:
        return self.name

    @property
    def short(self) -> str:
        """The surname: what fits into a timeline."""
        return self.name[:1]
