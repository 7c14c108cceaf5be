"""放慢: who guesses has to wait, longer each time; who works here gets in meanwhile.

Slips are counted apart, so that nobody is locked out by what others do:

- in a browser the member has come in with before (a signed cookie says so), its own slips alone;
- elsewhere the slips of that account from that address; and, where the member has never come in from
  that address, the account's slips from all such places together (guessing from many addresses), and
  how many accounts were tried from that address (one password for everybody).

So the street's one address to the outside is not slowed by one person's slips: they count for that
person's account. Where a member is known to come from, the wait is short. A wait is told, never silent; an
attempt during it is not looked at and does not make it longer. Unknown names wait like known ones.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

from django.core import signing
from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.utils.crypto import get_random_string, salted_hmac

from jiesu.org.models import Member, Place, Slip

REMEMBERED = timedelta(hours=24)
FREE, FIRST = 4, 5.0  # so many slips without a wait, then so many seconds, doubled each time
LONGEST, LONGEST_WHERE_KNOWN = 900.0, 60.0
FREE_ELSEWHERE = 10  # slips of one account from places it is not known at
FREE_ACCOUNTS, LONGEST_OF_ADDRESS = 20, 300.0  # accounts tried from one address
KNOWN_FOR = timedelta(days=90)
COOKIE, COOKIE_AGE, COOKIE_MOST = "jiesu_known", 180 * 24 * 3600, 12


class TooSoon(Exception):
    """One has to wait before the next attempt."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, ceil(seconds))
        super().__init__(
            f"试错次数较多，请等 {spoken(self.seconds)}再试；忘记密码请找安全管理员重置。"
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """One log-in being tried, already counted as a slip until it turns out right."""

    slip: int
    account: str
    address: str
    device: str


def spoken(seconds: int) -> str:
    """“1 分 20 秒”."""
    minutes, rest = divmod(seconds, 60)
    return " ".join(
        part for part in (f"{minutes} 分" if minutes else "", f"{rest} 秒" if rest else "") if part
    )


def account_mark(username: str) -> str:
    """How slips name an account, one that does not exist as well: what was typed stands nowhere."""
    return salted_hmac("jiesu.slip", username.strip().lower(), algorithm="sha256").hexdigest()


def begin(username: str, *, address: str, known: str, at: datetime, kind: str = "") -> Attempt:
    """Begin an attempt; several at once are counted one after the other.

    :param known: the cookie that names the accounts this browser has come in with
    :param kind: a counter of its own, such as for the second step
    :raises TooSoon: one has to wait
    """
    account = account_mark(f"{kind}\n{username}" if kind else username)
    device = devices(known).get(account_mark(username), "")
    with transaction.atomic():
        _one_at_a_time(account)
        if (wait := _wait(account, username, address, device, at)) > 0:
            raise TooSoon(wait)
        slip = Slip.objects.create(account=account, address=address, device=device, at=at)
    return Attempt(slip.pk, account, address, device)


def right(attempt: Attempt, member: Member, *, at: datetime) -> None:
    """It was right: what was counted here is forgotten, and the place is known."""
    Slip.objects.filter(
        account=attempt.account, address=attempt.address, device=attempt.device
    ).delete()
    if attempt.address:
        Place.objects.update_or_create(member=member, address=attempt.address, defaults={"at": at})


def of_member(member: Member, at: datetime) -> int:
    """Return how many slips are counted for a member's account."""
    return _of(member).filter(at__gt=at - REMEMBERED).count()


def forgive(member: Member) -> int:
    """Forget a member's slips; return how many."""
    return _of(member).delete()[0]


def forget(at: datetime) -> None:
    """Remove what is not counted any more."""
    Slip.objects.filter(at__lte=at - REMEMBERED).delete()
    Place.objects.filter(at__lte=at - KNOWN_FOR).delete()


def devices(cookie: str) -> dict[str, str]:
    """Return which accounts a browser is known for, by their marks; nothing for a made-up cookie."""
    try:
        told = signing.loads(cookie, salt=COOKIE, max_age=COOKIE_AGE) if cookie else {}
    except signing.BadSignature:
        return {}
    return {str(mark): str(device) for mark, device in told.items()}


def remember(cookie: str, member: Member) -> str:
    """Return the cookie of a browser that this member, too, has come in with."""
    told = devices(cookie)
    mark = account_mark(member.username)
    told[mark] = told.pop(mark, "") or get_random_string(16)
    last = dict(list(told.items())[-COOKIE_MOST:])
    return signing.dumps(last, salt=COOKIE)


def _of(member: Member) -> QuerySet[Slip]:
    kinds = ("", *KINDS)
    name = member.username
    return Slip.objects.filter(
        account__in=[account_mark(f"{kind}\n{name}" if kind else name) for kind in kinds]
    )


KINDS = ("second", "own")


def _wait(account: str, username: str, address: str, device: str, at: datetime) -> float:
    slips = Slip.objects.filter(account=account, at__gt=at - REMEMBERED)
    if device:
        return _left(slips.filter(device=device), at, FREE, LONGEST_WHERE_KNOWN)
    strange = slips.filter(device="")
    here = strange.filter(address=address)
    if Place.objects.filter(
        member__username=username, address=address, at__gt=at - KNOWN_FOR
    ).exists():
        return _left(here, at, FREE, LONGEST_WHERE_KNOWN)
    tried = Slip.objects.filter(address=address, device="", at__gt=at - timedelta(hours=1))
    accounts = tried.values("account").distinct().count()
    last = tried.aggregate(last=Max("at"))["last"]
    return max(
        _left(here, at, FREE, LONGEST), _left(strange, at, FREE_ELSEWHERE, LONGEST),
        _still(accounts, last, at, FREE_ACCOUNTS, LONGEST_OF_ADDRESS),
    )  # fmt: skip


def _left(slips: QuerySet[Slip], at: datetime, free: int, longest: float) -> float:
    last = slips.aggregate(last=Max("at"))["last"]
    return _still(slips.count(), last, at, free, longest)


def _still(number: int, last: datetime | None, at: datetime, free: int, longest: float) -> float:
    """Return how many seconds are left of the wait after so many slips."""
    if number < free or last is None:
        return 0.0
    wait = min(FIRST * 2 ** min(number - free, 20), longest)
    return wait - (at - last).total_seconds()


def _one_at_a_time(account: str) -> None:
    number = int.from_bytes(sha256(account.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
