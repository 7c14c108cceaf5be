"""Leaving something in the trail."""

from datetime import timedelta
from typing import Any, Protocol

from django.db.models.functions import Now

from jiesu.trail import whereabouts
from jiesu.trail.models import Entry, Kind


class Actor(Protocol):
    """What the trail needs to know of a member."""

    pk: int
    office_id: int
    username: str
    role: str


def leave(
    kind: Kind, *, actor: Actor | None, case: int | None = None, number: str = "", subject: str = "",
    office: int | None = None, username: str = "", **facts: Any,
) -> Entry:  # fmt: skip
    """Leave one entry, in the caller's transaction. ``actor`` None: the system itself, or nobody known.

    ``facts`` must be plain JSON and carry no personal data. ``subject`` names what it was done to when
    that is no case (``member:12``, ``ledger:cases``, ``evidence:7``).
    """
    here = whereabouts.here()
    return Entry.objects.create(
        kind=kind, office=actor.office_id if actor else office, member=actor.pk if actor else None,
        username=actor.username if actor else username[:80], role=actor.role if actor else "", case=case,
        number=number, subject=subject, facts=facts, address=here.address, session=here.session,
    )  # fmt: skip


def leave_unless_lately(
    kind: Kind, *, actor: Actor, within: timedelta, case: int | None = None, number: str = "",
    subject: str = "", **facts: Any,
) -> Entry | None:  # fmt: skip
    """Leave the entry unless the same one stands there already, of the same session and not older.

    For what a browser asks for again by itself: a page kept fresh, the next piece of a recording.
    """
    same = Entry.objects.filter(
        kind=kind, member=actor.pk, case=case, subject=subject, facts=facts,
        session=whereabouts.here().session, at__gte=Now() - within,
    )  # fmt: skip
    if same.exists():
        return None
    return leave(kind, actor=actor, case=case, number=number, subject=subject, **facts)
