"""第二步验证: six figures from an app (TOTP, RFC 6238), passkeys (``passkeys``), and recovery codes.

A figure opens once: the step it belongs to is written down in the very query that takes it. A role may be
made to have a second step (``AccountRules.compulsory``); a member of it without one can do nothing else.
"""

import secrets
from base64 import b32encode
from datetime import datetime
from hashlib import sha256

import pyotp
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.crypto import constant_time_compare

from jiesu.org import sittings
from jiesu.org.models import Member, Passkey, RecoveryCode, Totp
from jiesu.org.sealing import CannotBeOpened, seal, unseal
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

STEP, DRIFT = 30, 1  # seconds; so many steps a phone's clock may be off
CODES = 10


class WrongCode(ValueError):
    """The figures are not those of now, or were used already."""

    def __init__(self) -> None:
        super().__init__("动态码不对或已用过，请看手机上现在显示的六位数字。")


class StillNeeded(ValueError):
    """The role must have a second step, and this is the last."""

    def __init__(self) -> None:
        super().__init__("您的角色必须有第二步验证，请先设好另一种再去掉这一种。")


def has_any(member: Member) -> bool:
    """True when the member has a second step."""
    return (
        Totp.objects.filter(member=member).exists()
        or Passkey.objects.filter(member=member).exists()
    )


def said(member: Member) -> str:
    """“手机验证器、2 个通行密钥”; empty when there is none."""
    keys = Passkey.objects.filter(member=member).count()
    app = Totp.objects.filter(member=member).exists()
    return "、".join([*(["手机验证器"] if app else []), *([f"{keys} 个通行密钥"] if keys else [])])


def settle(office: int) -> None:
    """Work out anew who of an office owes a second step: by role and by what they have."""
    rules = sittings.rules_of(office)
    has = Exists(Totp.objects.filter(member=OuterRef("pk"))) | Exists(
        Passkey.objects.filter(member=OuterRef("pk"))
    )
    everybody = Member.objects.filter(office=office)
    owing = Q(role__in=rules.compulsory) & ~Q(has)
    everybody.filter(owing, must_secure=False).update(must_secure=True)
    everybody.exclude(owing).filter(must_secure=True).update(must_secure=False)


# six figures


def new_secret() -> str:
    return pyotp.random_base32()


def address_of(secret: str, member: Member) -> str:
    """Return the ``otpauth`` address that an app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=member.username, issuer_name="接诉")


@transaction.atomic
def set_up(member: Member, *, secret: str, code: str, at: datetime, keep: str | None) -> list[str]:
    """Give a member figures from an app, proved by ``code``; their other sessions end.

    Returns new recovery codes, shown once; none where there are some already.

    :raises WrongCode: the app does not show that
    """
    step = _step_of(secret, code, at)
    if step is None:
        raise WrongCode
    Totp.objects.update_or_create(
        member=member, defaults={"secret": seal(secret), "step": step, "made_at": at}
    )
    changed(member, "totp_set", keep)
    return recovery_codes(member, keep=keep) if not unused(member) else []


def check(member: Member, code: str, at: datetime) -> bool:
    """True when it is the app's code of now and opens for the first time."""
    known = Totp.objects.filter(member=member).first()
    if known is None:
        return False
    try:
        step = _step_of(unseal(known.secret), code, at)
    except CannotBeOpened:
        return False
    if step is None:
        return False
    return bool(Totp.objects.filter(pk=known.pk, step__lt=step).update(step=step))


def _step_of(secret: str, code: str, at: datetime) -> int | None:
    totp, now = pyotp.TOTP(secret), int(at.timestamp()) // STEP
    found = [
        step for step in range(now - DRIFT, now + DRIFT + 1)
        if constant_time_compare(totp.generate_otp(step), code)
    ]  # fmt: skip
    return found[-1] if found else None


@transaction.atomic
def remove_totp(member: Member, *, keep: str | None) -> None:
    """Take the figures away.

    :raises StillNeeded: the role must have a second step and there is no other
    """
    may_do_without(member, passkeys=Passkey.objects.filter(member=member).count())
    Totp.objects.filter(member=member).delete()
    changed(member, "totp_removed", keep)


def may_do_without(member: Member, *, passkeys: int, totp: bool = False) -> None:
    """Refuse to leave a member of a role that must have a second step without one.

    :raises StillNeeded: that would be so
    """
    compulsory = member.role in sittings.rules_of(member.office_id).compulsory
    if compulsory and not passkeys and not totp:
        raise StillNeeded


# recovery codes


def unused(member: Member) -> int:
    return RecoveryCode.objects.filter(member=member, used_at=None).count()


@transaction.atomic
def recovery_codes(member: Member, *, keep: str | None) -> list[str]:
    """Give a member ten new recovery codes, to be shown once; the old ones open no more."""
    RecoveryCode.objects.filter(member=member).delete()
    made = [_new_code() for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(member=member, code=_hashed(code)) for code in made
    )
    leave(Kind.SECURITY, actor=member, subject=f"member:{member.pk}", what="recovery_codes_made")
    return made


def recover(member: Member, code: str, at: datetime) -> bool:
    """True when it is one of the member's recovery codes, which then opens no more."""
    unspent = RecoveryCode.objects.filter(member=member, code=_hashed(code), used_at=None)
    return bool(unspent.update(used_at=at))


def _new_code() -> str:
    """Eighty random bits, such as ``k3m2-q7xa-…``: too many to be guessed from the hash."""
    text = b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[n : n + 4] for n in range(0, 16, 4))


def _hashed(code: str) -> str:
    return sha256("".join(c for c in code.lower() if c.isalnum()).encode()).hexdigest()


# all of it


@transaction.atomic
def take_all_away(member: Member) -> None:
    """Remove every second step: for who has lost them all."""
    Totp.objects.filter(member=member).delete()
    Passkey.objects.filter(member=member).delete()
    RecoveryCode.objects.filter(member=member).delete()
    settle(member.office_id)


def changed(member: Member, what: str, keep: str | None) -> None:
    """Leave it in the trail, work out who owes a second step, and end the member's other sessions."""
    leave(Kind.SECURITY, actor=member, subject=f"member:{member.pk}", what=what)
    if not has_any(member):
        RecoveryCode.objects.filter(member=member).delete()
    settle(member.office_id)
    sittings.end(member, actor=member, why=what, keep=keep)
