"""Who has which case open: one row a page, kept alive by the page, dead after a minute of silence."""

from datetime import datetime

from django.db import transaction

from jiesu.cases import access
from jiesu.core.live import tell
from jiesu.desk.live.facts import HERE
from jiesu.desk.models import Presence
from jiesu.org.models import Member
from jiesu.org.rights import Right, may


class NotYours(Exception):
    """There is no such case for this member."""


@transaction.atomic
def come(member: Member, case_pk: int, tab: str, *, at: datetime) -> None:
    """The member's page ``tab`` shows the case now, or still does; told only when that is new.

    Who only reads (分析员, 检查员) is nobody the others have to mind, and is not told of.

    :raises NotYours: there is no such case, or the member may not see it
    """
    case = access.visible_to(member).filter(pk=case_pk).values("pk", "office_id").first()
    if case is None:
        raise NotYours
    if not may(member, Right.NOTE):
        return
    known = Presence.objects.filter(member=member, tab=tab).first()
    same = known is not None and known.case_id == case_pk
    Presence.objects.update_or_create(
        member=member, tab=tab,
        defaults={"case_id": case_pk, "seen_at": at} | ({} if same else {"since": at}),
    )  # fmt: skip
    Presence.objects.filter(seen_at__lte=at - HERE).delete()
    if same and known is not None and known.seen_at > at - HERE:
        return
    tell("presence", o=case["office_id"], c=case_pk)
    if known is not None and not same:
        tell("presence", o=case["office_id"], c=known.case_id)


@transaction.atomic
def leave(member: Member, tab: str) -> None:
    """The page was closed, or shows no case any more."""
    known = Presence.objects.filter(member=member, tab=tab).first()
    if known is None:
        return
    known.delete()
    tell("presence", o=member.office_id, c=known.case_id)
