"""登录: where sessions are kept, what keeps one going, and how they end.

A session is one row that says whose it is, since when, from where and in which browser. It is over when
``expire_date`` has come: the idle time after the last thing a person did, and never later than the
longest time after log-in. What pages ask by themselves does not move it (``rights.by_itself``, the header
``X-By-Itself``, HEAD). A row that is gone is a session that is over, open event streams included.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends import db
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from jiesu.core import live
from jiesu.org.models import AccountRules, Member, Sitting
from jiesu.trail import whereabouts
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

COLUMNS = (
    "member_id",
    "began_at",
    "active_at",
    "until",
    "address",
    "browser",
    "how",
    "expire_date",
)
VISITOR = timedelta(
    hours=1
)  # how long what a visitor has begun is kept: a log-in with a second step
EVERY = timedelta(seconds=60)  # how often at most it is written down that somebody is there


class SessionStore(db.SessionStore):
    """Django's sessions in our own table. ``columns`` holds what the row says beside the data."""

    columns: dict[str, Any] | None = None

    @classmethod
    def get_model_class(cls) -> type[Sitting]:
        return Sitting

    def _get_session_from_db(self) -> Sitting | None:
        row: Sitting | None = super()._get_session_from_db()
        if row is not None:
            self.columns = {name: getattr(row, name) for name in COLUMNS}
        return row

    def create_model_instance(self, data: dict[str, Any]) -> Sitting:
        made: Sitting = super().create_model_instance(data)
        made.expire_date = timezone.now() + VISITOR
        for name, value in (self.columns or {}).items():
            setattr(made, name, value)
        return made

    def flush(self) -> None:
        self.columns = None
        super().flush()

    def begin(self, member: Member, *, address: str, browser: str, how: str, at: datetime) -> None:
        """From now on it is this member's, for as long as the office's rules say."""
        rules = rules_of(member.office_id)
        self.columns = {
            "member_id": member.pk, "began_at": at, "active_at": at, "until": at + rules.longest,
            "address": address, "browser": browser[:300], "how": how,
            "expire_date": over_at(rules, member.role, at, at),
        }  # fmt: skip
        self.modified = True

    @property
    def ends(self) -> tuple[datetime | None, bool]:
        """Return when it is over if nobody does anything, and whether it is then for good.

        None for a visitor's. For good: the longest time has come, and being there makes it no longer.
        """
        told = self.columns
        if not told or told["member_id"] is None:
            return None, False
        return told["expire_date"], told["expire_date"] >= told["until"]


# by what somebody came in; a second step is added with a plus
HOW = {
    "password": "密码", "totp": "动态码", "recovery": "恢复码", "passkey": "通行密钥",
    "single": "单点登录",
}  # fmt: skip


def said_how(how: str) -> str:
    """“密码 + 动态码”."""
    return " + ".join(HOW.get(one, one) for one in how.split("+")) if how else ""


def rules_of(office: int) -> AccountRules:
    """Return the rules in force; those of the product where the office has set none."""
    found: AccountRules | None = AccountRules.objects.filter(office=office).first()
    return found or AccountRules(office_id=office)


def over_at(rules: AccountRules, role: str, began: datetime, active: datetime) -> datetime:
    """Return when a session is over: idle, or as long as it may be, whichever comes first."""
    return min(active + rules.idle_of(role), began + rules.longest)


@receiver(user_logged_in, dispatch_uid="jiesu.sitting")
def _begin(request: HttpRequest, user: Member, **kwargs: Any) -> None:
    request.session.begin(
        user, address=request.META.get("REMOTE_ADDR", "") or "",
        browser=request.META.get("HTTP_USER_AGENT", ""), how=getattr(request, "logged_in_by", ""),
        at=timezone.now(),
    )  # fmt: skip


class Activity:
    """Middleware, behind the members': what a person does keeps their session going."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        asked = getattr(view, "by_itself", False) or request.headers.get("X-By-Itself")
        if asked or request.method == "HEAD" or not request.user.is_authenticated:
            return
        keep_going(request.session, request.user, at=timezone.now())


def keep_going(session: SessionStore, member: Member, *, at: datetime, told: bool = False) -> None:
    """Somebody is there: the idle time begins anew. Written down at most once a minute unless ``told``."""
    row = session.columns
    if not row or row["active_at"] is None or (at - row["active_at"] < EVERY and not told):
        return
    over = over_at(rules_of(member.office_id), member.role, row["began_at"], at)
    Sitting.objects.filter(session_key=session.session_key).update(active_at=at, expire_date=over)
    row |= {"active_at": at, "expire_date": over}


def sittings_of(member: Member, at: datetime) -> list[Sitting]:
    """Return where a member is logged in, the last active first."""
    return list(Sitting.objects.filter(member=member, expire_date__gt=at).order_by("-active_at"))


@transaction.atomic
def end(
    member: Member, *, actor: Member | None, why: str, keep: str | None = None, only: str | None = None
) -> int:  # fmt: skip
    """End a member's sessions at once, open streams included; return how many.

    ``keep`` is the key of one that goes on, ``only`` the mark of the one that ends.
    """
    found = Sitting.objects.filter(member=member).exclude(session_key=keep)
    ended = [
        row.session_key for row in found if only is None or whereabouts.mark(row.session_key) == only
    ]  # fmt: skip
    Sitting.objects.filter(session_key__in=ended).delete()
    for key in ended:
        leave(
            Kind.LOGOUT, actor=actor, office=member.office_id, subject=f"member:{member.pk}", what=why,
            of_session=whereabouts.mark(key),
        )  # fmt: skip
    look_again(member.office_id)
    return len(ended)


def look_again(office: int) -> None:
    """Tell the live desk to look at once whether those at its desks still may be there."""
    live.tell("sittings", o=office)


@transaction.atomic
def clear(at: datetime) -> int:
    """Remove the sessions that are over, and say in the trail that they were; return how many."""
    over = Sitting.objects.select_for_update(skip_locked=True).filter(expire_date__lte=at)
    rows = list(over)
    for row in rows:
        if row.member_id is not None:
            leave(
                Kind.LOGOUT, actor=None, office=Member.objects.get(pk=row.member_id).office_id,
                subject=f"member:{row.member_id}", what="timeout",
                of_session=whereabouts.mark(row.session_key),
            )  # fmt: skip
    Sitting.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)
