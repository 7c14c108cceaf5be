"""通行密钥 (WebAuthn): a second step, and with the device's own PIN or finger a whole log-in."""

from datetime import datetime
from typing import Any

from django.db import transaction
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from jiesu.org import factors
from jiesu.org.models import Member, Passkey, Totp
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

MOST = 10


class NotThatKey(ValueError):
    """The key's answer is not to be believed; the message says what to do."""


class Site:
    """The site a passkey belongs to: where the browser is, as it says itself."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        name = origin.split("://", 1)[-1].rsplit(":", 1)[0]
        self.server = Fido2Server(
            PublicKeyCredentialRpEntity(id=name, name="接诉"), verify_origin=origin.__eq__
        )

    def ask_new(self, member: Member) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what the browser is asked to make a key for, and what to keep for the answer."""
        user = PublicKeyCredentialUserEntity(
            id=_handle(member), name=member.username, display_name=member.name
        )
        options, state = self.server.register_begin(
            user, _credentials(member), resident_key_requirement=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        )  # fmt: skip
        return dict(options), state

    @transaction.atomic
    def add(
        self, member: Member, answer: Any, state: Any, *, name: str, at: datetime, keep: str | None
    ) -> list[str]:
        """Keep the member's new key; their other sessions end. Returns recovery codes where there are none.

        :raises NotThatKey: the answer is no good
        """
        if Passkey.objects.filter(member=member).count() >= MOST:
            raise NotThatKey(f"最多 {MOST} 个通行密钥，请先删掉不用的。")
        try:
            made = self.server.register_complete(state, RegistrationResponse.from_dict(answer))
            credential = made.credential_data
        except _WRONG:
            raise NotThatKey("没有设成，请再试一次。") from None
        if (
            credential is None
            or Passkey.objects.filter(credential_id=credential.credential_id).exists()
        ):
            raise NotThatKey("这个通行密钥已经在用了。")
        Passkey.objects.create(
            member=member, credential_id=credential.credential_id, credential=bytes(credential),
            uses=made.counter, name=name[:40] or "通行密钥", made_at=at,
        )  # fmt: skip
        factors.changed(member, "passkey_added", keep)
        return factors.recovery_codes(member, keep=keep) if not factors.unused(member) else []

    def ask(self, member: Member | None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Ask for a key: one of the member's, or (None) whichever the browser has for this site."""
        options, state = self.server.authenticate_begin(
            _credentials(member) if member else None,
            user_verification=UserVerificationRequirement.PREFERRED if member
            else UserVerificationRequirement.REQUIRED,
        )  # fmt: skip
        return dict(options), state

    def check(self, member: Member | None, answer: Any, state: Any, *, at: datetime) -> Member:
        """Return whose key has answered: the member's, or with None anybody's.

        :raises NotThatKey: the answer is no good, or the key was copied
        """
        try:
            told = AuthenticationResponse.from_dict(answer)
            found = Passkey.objects.select_related("member__contract").filter(
                credential_id=told.raw_id
            )
            known = found.filter(member=member).first() if member else found.first()
            if known is None:
                raise NotThatKey("没有认出这个通行密钥，请用密码登录。")
            self.server.authenticate_complete(
                state, [AttestedCredentialData(bytes(known.credential))], told
            )
            handle, uses = told.response.user_handle, told.response.authenticator_data.counter
        except _WRONG as wrong:
            if isinstance(wrong, NotThatKey):
                raise
            raise NotThatKey("通行密钥没有通过，请再试一次。") from None
        if handle and handle != _handle(known.member):
            raise NotThatKey("通行密钥没有通过，请再试一次。")
        newer = Passkey.objects.filter(pk=known.pk)
        if uses or known.uses:
            newer = newer.filter(uses__lt=uses)
        if not newer.update(uses=uses, used_at=at):
            leave(
                Kind.SECURITY, actor=None, office=known.member.office_id,
                subject=f"member:{known.member_id}", what="passkey_copied",
            )  # fmt: skip
            raise NotThatKey("这个通行密钥像是被复制过，已拒绝；请改用别的方式并告诉安全管理员。")
        return known.member


_WRONG = (ValueError, KeyError, TypeError, AttributeError, IndexError)


@transaction.atomic
def remove(member: Member, pk: int, *, keep: str | None) -> None:
    """Forget one of the member's own keys.

    :raises StillNeeded: the role must have a second step and there is no other
    """
    own = Passkey.objects.filter(member=member)
    if not own.filter(pk=pk).exists():
        return
    totp = Totp.objects.filter(member=member).exists()
    factors.may_do_without(member, passkeys=own.count() - 1, totp=totp)
    own.filter(pk=pk).delete()
    factors.changed(member, "passkey_removed", keep)


def _handle(member: Member) -> bytes:
    return member.pk.to_bytes(8, "big")


def _credentials(member: Member) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(bytes(one.credential)) for one in member.passkeys.all()]
