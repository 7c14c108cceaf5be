"""Who stands at a desk: the session's member, looked up beside the event loop on lasting connections."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user
from django.db import close_old_connections
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from jiesu.desk.live.audience import Seat, Who
from jiesu.org.models import Member, Sitting
from jiesu.org.rights import Right, may
from jiesu.org.sittings import SessionStore

_POOL = ThreadPoolExecutor(2, thread_name_prefix="jiesu-live")


async def aside(do: Callable[..., Any], *given: Any) -> Any:
    """Run a look-up in the small pool of threads, which keep their database connections."""

    def work() -> Any:
        close_old_connections()
        return do(*given)

    return await asyncio.get_running_loop().run_in_executor(_POOL, work)


def find(session_key: str) -> Who | None:
    """Return who has logged in with that session and may see cases; None for nobody."""
    return _who(get_user(SimpleNamespace(session=SessionStore(session_key))))


def inside(session_key: str) -> bool:
    """True for the session of any member who may come in."""
    store = SessionStore(session_key)
    return bool(session_key) and get_user(SimpleNamespace(session=store)).is_authenticated


def find_again(keys: Iterable[str]) -> dict[str, Who]:
    """Return who still stands there, by session: two queries for any number. Who is missing has to go."""
    sessions = Sitting.objects.filter(session_key__in=set(keys), expire_date__gt=timezone.now())
    told = {one.session_key: SessionStore().decode(one.session_data) for one in sessions}
    members = {
        str(member.pk): member
        for member in Member.objects.select_related("contract").filter(
            pk__in={t.get(SESSION_KEY) for t in told.values()} - {None}
        )
    }  # fmt: skip
    found = {}
    for key, session in told.items():
        member = members.get(str(session.get(SESSION_KEY)))
        if member is None:
            continue
        kept, now = session.get(HASH_SESSION_KEY, ""), member.get_session_auth_hash()
        who = _who(member) if constant_time_compare(kept, now) else None
        if who is not None:
            found[key] = who
    return found


def _who(member: Any) -> Who | None:
    if not may(member, Right.SEE_CASES):
        return None
    return Who(member.pk, Seat(member.office_id, member.role, member.unit_id))
