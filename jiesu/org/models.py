"""Offices, their units, their members and contracts, and how their accounts are kept safe."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q

from jiesu.org.rights import Right, Role, roles_with
from jiesu.rules.labelled import Labelled
from jiesu.rules.moments import BEIJING


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


class Contract(models.Model):
    """合同: the accounts of a contractor's people work within its dates, both of them included."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="contracts")
    party = models.CharField("乙方", max_length=80)
    begins_on = models.DateField("起")
    ends_on = models.DateField("止")

    class Meta:
        ordering = ["-ends_on", "party"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("begins_on")), name="contract_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party}（{self.begins_on:%Y-%m-%d} 至 {self.ends_on:%Y-%m-%d}）"

    def runs_on(self, day: date) -> bool:
        return self.begins_on <= day <= self.ends_on


def working(at: datetime, road: str = "") -> Q:
    """Say whose accounts work at ``at``: switched on, and within the contract where there is one.

    ``road`` leads to the member, such as ``member__``.
    """
    day = at.astimezone(BEIJING).date()
    dates = {f"{road}contract__begins_on__lte": day, f"{road}contract__ends_on__gte": day}
    return Q(**{f"{road}is_active": True}) & (Q(**{f"{road}contract": None}) | Q(**dates))


class MemberQuerySet(models.QuerySet["Member"]):
    def working(self, at: datetime) -> "MemberQuerySet":
        """Keep those whose accounts work at ``at``."""
        return self.filter(working(at))


class MemberManager(BaseUserManager.from_queryset(MemberQuerySet)):  # type: ignore[misc]
    def create_member(self, *, password: str | None = None, **fields: Any) -> "Member":
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
    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, blank=True, related_name="members", verbose_name="合同"
    )
    is_active = models.BooleanField("启用", default=True)
    must_change = models.BooleanField("须改密码", default=False, db_default=False)
    must_secure = models.BooleanField("须设第二步验证", default=False, db_default=False)
    password_at = models.DateTimeField("密码设于", null=True, blank=True)
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

    def works_at(self, at: datetime) -> bool:
        """True when the account is switched on and, for a contractor, the contract runs."""
        if not self.is_active or self.contract is None:
            return self.is_active
        return self.contract.runs_on(at.astimezone(BEIJING).date())

    @property
    def owes(self) -> bool:
        """True while something must be done about the account before anything else can be."""
        return self.must_change or self.must_secure


class School(Labelled):
    """口令规则: two schools that contradict each other; the office says which it follows."""

    LENGTH = "length", "长口令"
    MIXED = "mixed", "等保口令"


class AccountRules(models.Model):
    """账号规则 of an office, as the 安全管理员 set them. Never edited: a change is a new row."""

    IDLE, DESK_IDLE, ABSOLUTE = 30, 30, 12

    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间", auto_now_add=True)
    by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    compulsory = ArrayField(
        models.CharField(max_length=16), verbose_name="须有第二步验证的角色", default=list
    )
    school = models.CharField(
        "口令规则", max_length=8, choices=School.choices, default=School.LENGTH
    )
    idle_minutes = models.PositiveSmallIntegerField("闲置几分钟退出", default=IDLE)
    desk_idle_minutes = models.PositiveSmallIntegerField("值班席闲置几分钟退出", default=DESK_IDLE)
    absolute_hours = models.PositiveSmallIntegerField("最长几小时", default=ABSOLUTE)

    class Meta:
        ordering = ["-id"]

    def idle_of(self, role: str) -> timedelta:
        """How long somebody of that role may do nothing."""
        at_desk = role in roles_with(Right.STAND_DUTY)
        return timedelta(minutes=self.desk_idle_minutes if at_desk else self.idle_minutes)

    @property
    def compulsory_said(self) -> str:
        return "、".join(Role.label_of(role) for role in self.compulsory)

    @property
    def longest(self) -> timedelta:
        return timedelta(hours=self.absolute_hours)


class Sitting(AbstractBaseSession):
    """登录: one session, and whose it is. ``expire_date`` is where idle and longest time meet."""

    member = models.ForeignKey(Member, models.CASCADE, null=True, related_name="sittings")
    began_at = models.DateTimeField("登录时间", null=True)
    active_at = models.DateTimeField("最近操作", null=True)
    until = models.DateTimeField("最晚到", null=True)
    address = models.CharField("来自", max_length=45, blank=True, default="")
    browser = models.CharField("浏览器", max_length=300, blank=True, default="")
    how = models.CharField("方式", max_length=40, blank=True, default="")

    class Meta(AbstractBaseSession.Meta):
        abstract = False


class PastPassword(models.Model):
    """A hash of a password somebody has had; the last five, for the school that forbids them."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    password = models.CharField(max_length=128)


class Totp(models.Model):
    """动态码: the app on a member's phone that shows six figures. ``secret`` is sealed."""

    member = models.OneToOneField(Member, models.CASCADE, related_name="totp")
    secret = models.CharField(max_length=400)
    step = models.BigIntegerField("最近用过的时间步", default=0)
    made_at = models.DateTimeField("设于")


class RecoveryCode(models.Model):
    """恢复码: opens once, for who has lost the phone. Only a hash is kept."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="recovery_codes")
    code = models.CharField(max_length=64)
    used_at = models.DateTimeField("用于", null=True)


class Passkey(models.Model):
    """通行密钥: a key pair in a member's computer, phone or security key (WebAuthn)."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="passkeys")
    credential_id = models.BinaryField(max_length=1023, unique=True)
    credential = models.BinaryField()
    uses = models.BigIntegerField("计数", default=0)
    name = models.CharField("名称", max_length=40)
    made_at = models.DateTimeField("设于")
    used_at = models.DateTimeField("最近用于", null=True)

    class Meta:
        ordering = ["pk"]


class Slip(models.Model):
    """A log-in that failed: what the slow-down counts. Gone after a day, or when somebody got it right."""

    account = models.CharField(max_length=64)
    address = models.CharField(max_length=45, blank=True, default="")
    device = models.CharField(max_length=32, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["account", "at"], name="slip_of_account"),
            models.Index(fields=["address", "at"], name="slip_of_address"),
        ]


class Place(models.Model):
    """An address a member has come in from: others' slips elsewhere do not slow them down there."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    address = models.CharField(max_length=45)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "address"], name="place_once_per_member"),
        ]
