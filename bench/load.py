"""A record of any size: invented orders, each year's worth as the import would have left it."""

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import islice
from uuid import UUID

from django.db import connection, transaction

from jiesu.catalogue.queries import calendar_of, rules_at
from jiesu.desk.demo.scene import scene
from jiesu.desk.demo.texts import Demand, demands
from jiesu.intake import arriving
from jiesu.intake.judging import Judged
from jiesu.intake.models import Batch, BatchState, Verdict
from jiesu.intake.naming import Names
from jiesu.intake.storing import Kept, keep_rows, write_fresh
from jiesu.org.models import Member, Office
from jiesu.org.rights import Role
from jiesu.platforms.drafts import Draft
from jiesu.rules.moments import BEIJING, Moment

OPEN = 900  # of the newest; the rest is closed
A_DAY = 550  # orders, so that a million takes five years
PIECE = 5000
RARE, RARE_EVERY = "鹦鹉", 20_000  # a two-character word of a few texts
ABSENT = "鳄鱼"


def seat(office: Office) -> Member:
    """Return the one member of the office who looks at everything."""
    if found := Member.objects.filter(username="bench").first():
        return found
    unit = office.units.filter(role_code="REQUEST").first() or office.units.first()
    return Member.objects.create_member(
        office=office, unit=unit, username="bench", name="测座席", role=Role.SEAT, password=None
    )


def load(office: Office, count: int, *, at: datetime, seed: int = 11) -> None:
    """Add ``count`` cases that arrived up to ``at``, before those already there."""
    batch = Batch.objects.create(
        office=office, name="invented", stored="", sha256="", size=0, state=BatchState.DONE
    )
    rules, names, tables = rules_at(office, at), Names(office, at), calendar_of(office)
    done, end = 0, _end(office, at)
    newest = not office.cases.exists()
    while done < count:
        piece = list(_orders(min(PIECE, count - done), end, seed + done))
        end = min(one.called_at for one in piece).replace(hour=0, minute=0, second=0, microsecond=0)
        fresh = []
        for place, one in enumerate(piece):
            still_open = newest and done == 0 and place >= len(piece) - OPEN
            draft = _draft(
                one, place, finished=not still_open, rare=(done + place) % RARE_EVERY == 0
            )
            row = _kept(draft)
            judged = Judged(draft, Verdict.NEW)
            fresh.append(
                arriving.fresh(
                    batch, judged, row, rules, names, at=one.dispatched_at, calendar=lambda: tables
                )
            )
        with transaction.atomic():
            write_fresh(batch, len(fresh), fresh, actor=None, at=at)
            keep_rows(batch, (one.kept for one in fresh))
        done += len(piece)


def settle() -> None:
    """Leave the tables as autovacuum would have, given a quiet hour."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (FREEZE, ANALYZE)")
        cursor.execute("CHECKPOINT")


def _end(office: Office, at: datetime) -> datetime:
    first = office.cases.order_by("dispatched_at").values_list("called_at", flat=True).first()
    local = (first or at).astimezone(BEIJING)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) if first else local


def _orders(count: int, end: datetime, seed: int) -> Iterator[Demand]:
    days = max(count // A_DAY, 1)
    start = (end - timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
    return islice(demands(random.Random(seed), count, start=start, end=end), count)


def _draft(one: Demand, row: int, *, finished: bool, rare: bool) -> Draft:
    units = scene().units
    content = f"{one.content}另反映邻居饲养{RARE}，清晨鸣叫。" if rare else one.content
    texts = (
        one.number, one.title, content, one.location, one.community.name, one.requester_name, one.phone,
        ">".join(one.category), units[one.lead], one.result,
    )  # fmt: skip
    return Draft(
        row=row, where="", digest=blake2b("\x1f".join(texts).encode(), digest_size=16).digest(),
        headers=(), texts=texts, number=one.number, title=one.title, title_given=True,
        finished=finished, order_type=one.order_type, category=one.category, tags=one.tags,
        content=content, location=one.location, district="海淀区", street="羊坊店街道",
        community=one.community.name, requester_name=one.requester_name, requester_phone=one.phone,
        company=one.company, called_at=Moment(one.called_at, "second"),
        dispatched_at=Moment(one.dispatched_at, "second"), due_at=Moment(one.due_at, "second"),
        closed_at=Moment(one.finished_at, "second") if finished else None, unit=units[one.lead],
        path=one.path, result=one.result if finished else "", month_seq=one.month_seq,
    )  # fmt: skip


def _kept(draft: Draft) -> Kept:
    return Kept(
        sheet=None, row=draft.row, where="", number=draft.number, digest=UUID(bytes=draft.digest),
        verdict=Verdict.NEW, values=json.dumps(draft.texts, ensure_ascii=False),
    )  # fmt: skip
