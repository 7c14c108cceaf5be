"""核对 the chain: asked for, walked by the worker, kept with what it found."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from jiesu.core import environment
from jiesu.core.announcements import announce
from jiesu.org.models import Member
from jiesu.service.models import GOING, Verification, VerificationState
from jiesu.trail import anchors, chain
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

log = logging.getLogger("jiesu.service")

LOST = timedelta(hours=6)  # one that says nothing for so long is not going any more
TOLD_FAULTS = 200  # of the faults found, kept with the result; the command names more


@transaction.atomic
def ask(member: Member | None, *, at: datetime) -> Verification:
    """Ask the worker to walk the chain; while one waits or runs, that is the one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('service.verification'))")
    going = Verification.objects.filter(state__in=GOING)
    going.filter(asked_at__lt=at - LOST).update(state=VerificationState.FAILED, finished_at=at)
    if found := going.first():
        return found
    made = Verification.objects.create(asked_by=member, state=VerificationState.QUEUED, asked_at=at)
    announce("service.verification_asked", verification=made.pk)
    return made


def run(verification: Verification, *, at: datetime) -> None:
    """Walk the chain and keep what was found. Called again, it begins anew; once done, it does nothing."""
    mine = Verification.objects.filter(pk=verification.pk)
    if verification.state in {VerificationState.DONE, VerificationState.FAILED}:
        return
    mine.update(state=VerificationState.RUNNING, links_done=0)

    def tell(done: int, last: int) -> None:
        mine.update(links_done=done, links=last)

    try:
        held, unread = kept_anchors()
        found = chain.verify(anchors=held, tell=tell)
    except Exception:
        mine.update(state=VerificationState.FAILED, finished_at=at)
        raise
    told = found.told()
    told["faults"] = told["faults"][:TOLD_FAULTS]
    told["all_faults"] = len(found.faults) + found.more
    told["anchors_unread"] = unread
    good = found.good and not unread
    mine.update(
        state=VerificationState.DONE, report=told, good=good, links_done=found.links,
        links=found.links, finished_at=at,
    )  # fmt: skip
    if not good:
        log.error("the chain of the trail has %s faults", told["all_faults"])


def kept_anchors() -> tuple[list[anchors.Anchor], str]:
    """Return the anchors of the file that is set, and why they cannot be read ("" when they can)."""
    path = environment.anchors()
    if path is None or not path.exists():
        return [], ""
    try:
        return list(anchors.read(path)), ""
    except (OSError, ValueError, anchors.Unreadable) as broken:
        return [], str(broken)


@transaction.atomic
def clear_old() -> int:
    """Clear away the entries older than they are kept; the chain says so. Returns how many went."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT trail_clear(%s)", [settings.TRAIL_DAYS])
        many = int(cursor.fetchone()[0])
    if many:
        leave(Kind.ERASE, actor=None, subject="trail", rows=many, days=settings.TRAIL_DAYS)
    return many


def write_anchor() -> bool:
    """Write where the chain ends into the file that is set. False: none is."""
    path = environment.anchors()
    if path is None:
        return False
    anchors.append(path, chain.head())
    return True
