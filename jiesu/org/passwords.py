"""口令: the two schools, and the one place where a password is set.

长口令 (ASVS 5.0, 6.2): long enough, not common, nothing of one's own name; no kinds of characters asked
for, never changed by the calendar. 等保口令 (GB/T 22239): three kinds of characters, another one every
90 days, none of the last five. An office says which it follows (``AccountRules.school``).
"""

import re
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from jiesu.org.models import AccountRules, Member, PastPassword, School
from jiesu.org.rights import ADMINISTRATORS
from jiesu.org.sittings import rules_of

SHORTEST, SHORTEST_FOR_ADMINISTRATORS, LONGEST = 8, 12, 128
KINDS = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
KINDS_WANTED = 3
LASTS = timedelta(days=90)
REMEMBERED = 5


class ByRules:
    """Django's way to ask: holds a password to the rules of the member's office."""

    def validate(self, password: str, user: Member | None = None) -> None:
        """:raises ValidationError: what is wrong with it, each with what to do"""
        said = faults(password, user)
        if said:
            raise ValidationError(said)

    def get_help_text(self) -> str:
        return f"至少 {SHORTEST} 个字符，不用常见口令，不含用户名。"


def wanted(rules: AccountRules, role: str) -> str:
    """Say to a person what their password must be like."""
    least = shortest(role)
    if rules.school == School.MIXED:
        return f"至少 {least} 个字符，大写字母、小写字母、数字、符号里至少三种；{LASTS.days} 天一换，不能和最近 {REMEMBERED} 个相同。"
    return f"至少 {least} 个字符，越长越好，可以是一句话；不用常见口令，不含用户名。不要求定期换。"


def shortest(role: str) -> int:
    return SHORTEST_FOR_ADMINISTRATORS if role in ADMINISTRATORS else SHORTEST


def faults(password: str, member: Member | None) -> list[str]:
    """Return what is wrong with a password for that member; [] when it will do."""
    least = shortest(member.role if member else "")
    if len(password) < least:
        return [f"太短了，至少 {least} 个字符。"]
    if len(password) > LONGEST:
        return [f"太长了，最多 {LONGEST} 个字符。"]
    said = []
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError:
        said.append("这是常见口令，容易被猜到，请换一个。")
    if member is None:
        return said
    named = {member.username.lower(), member.name.lower()}
    if any(len(name) > 1 and name in password.lower() for name in named):
        said.append("口令里不能有自己的用户名或姓名。")
    if rules_of(member.office_id).school == School.MIXED:
        said += _mixed(password, member)
    return said


def _mixed(password: str, member: Member) -> list[str]:
    said = []
    if sum(bool(re.search(kind, password)) for kind in KINDS) < KINDS_WANTED:
        said.append("大写字母、小写字母、数字、符号里至少要有三种。")
    past = PastPassword.objects.filter(member=member).order_by("-pk")
    used = [member.password, *past.values_list("password", flat=True)[:REMEMBERED]]
    if any(check_password(password, one) for one in used if one):
        said.append(f"不能和最近 {REMEMBERED} 个相同，请换一个。")
    return said


def set_password(member: Member, password: str, *, temporary: bool, at: datetime) -> None:
    """Set a member's password; a ``temporary`` one must be changed before anything else is done."""
    member.set_password(password)
    member.must_change, member.password_at = temporary, at
    member.save(update_fields=["password", "must_change", "password_at"])
    if temporary:
        return
    PastPassword.objects.create(member=member, password=member.password)
    kept = PastPassword.objects.filter(member=member).order_by("-pk").values("pk")[:REMEMBERED]
    PastPassword.objects.filter(member=member).exclude(
        pk__in=list(kept.values_list("pk", flat=True))
    ).delete()


def too_old(member: Member, at: datetime) -> bool:
    """True when the school asks for another one now."""
    if rules_of(member.office_id).school != School.MIXED:
        return False
    return at - (member.password_at or member.joined_at) > LASTS
