"""A candidate from the record: what was known at the time is learnt, what came later tests it.

The last ``HELD`` days teach nothing: they are the later weeks on which candidate and live model are
compared. The fixed set is drawn once, from what came before them, and never taught. The training itself is
a process of its own (``learning.candidate``), so that the desk's jobs go on meanwhile.
"""

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, connection, transaction

from jiesu.core.announcements import announce
from jiesu.org.models import Member, Office
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind
from jiesu.triage import lessons, places, versions
from jiesu.triage.learning.orders import BETWEEN, Order
from jiesu.triage.lessons import Known
from jiesu.triage.models import FixedSet, Target, Training, TrainingState, Version, VersionState

HELD = timedelta(days=14)  # 推定: the later weeks
LEAST = 50  # cases without which nothing is learnt
ONE_IN, FIXED_MOST, FIXED_LEAST = 8, 500, 30  # of the cases of before, drawn for the fixed set
LOCK = 7_305_021
PATIENCE = 3600  # seconds a training may take
STALLED = timedelta(seconds=2 * PATIENCE)
Told = Callable[[int], None]


class NothingMade(Exception):
    """A training came to nothing; says in Chinese why."""


@transaction.atomic
def ask(office: Office, target: Target, *, actor: Member | None, at: datetime) -> Training:
    """Ask the worker for a training; one that is on its way already is the answer.

    ``actor`` None: the nightly one.
    """
    made, new = begin(office, target, actor=actor, at=at)
    if new:
        announce("triage.training_asked", training=made.pk)
    if new and actor is not None:
        leave(
            Kind.CHANGE, actor=actor, subject=f"model:{target.label}", did="训练", training=made.pk
        )
    return made


def begin(
    office: Office, target: Target, *, actor: Member | None, at: datetime
) -> tuple[Training, bool]:
    """Write down a training for ``run``; True when there was none on its way."""
    going = Training.objects.filter(
        office=office, target=target, state__in=(TrainingState.QUEUED, TrainingState.RUNNING)
    )
    going.filter(asked_at__lt=at - STALLED).update(
        state=TrainingState.FAILED, finished_at=at, told="后台中断，请重新训练。"
    )
    if found := going.first():
        return found, False
    try:
        with transaction.atomic():
            made = Training.objects.create(
                office=office,
                target=target,
                state=TrainingState.QUEUED,
                asked_by=actor,
                asked_at=at,
            )
    except IntegrityError:  # somebody else asked in the same moment
        return going.get(), False
    return made, True


def run(training: Training, *, at: datetime) -> Version | None:
    """Train, test and keep a candidate; None where there is none, and the training says why.

    Called again, it changes nothing once done or while another runs it; one that was cut off begins anew.
    """
    with _alone(training) as mine:
        training.refresh_from_db()
        return _run(training, at) if mine and training.going else None


def _run(training: Training, at: datetime) -> Version | None:
    Training.objects.filter(pk=training.pk).update(state=TrainingState.RUNNING, percent=1)

    def tell(percent: int) -> None:
        Training.objects.filter(pk=training.pk).update(percent=percent)

    made, told = None, ""
    try:
        made, told = _made(training, tell, at)
        state = TrainingState.DONE
    except NothingMade as why:
        state, told = TrainingState.FAILED, str(why)
    except BaseException:
        _over(training, TrainingState.FAILED, at, told="训练中断，请重试；仍不行请联系管理员。")
        raise
    _over(training, state, at, told=told, version=made)
    return made


@dataclass(frozen=True, slots=True)
class Work:
    """What a candidate learns and is tested on, and since when and until when."""

    rows: dict[str, list[Order]]
    from_at: datetime
    until_at: datetime


def task(office: Office, target: Target, *, at: datetime) -> Work:
    """Return what a candidate of this moment learns and is tested on.

    What is learnt was known when the later weeks began; what tests it is known now.

    :raises NothingMade: there is too little
    """
    cut = at - HELD
    before = lessons.known(office, target, at=cut, until=cut)
    if len(before) < LEAST:
        raise NothingMade(
            f"{HELD.days} 天以前的案件只有 {len(before)} 件可学，至少要 {LEAST} 件，请过些日子再训练。"
        )
    fixed = _fixed(office, target, before, at)
    held = {case: (label, mark) for case, label, mark in fixed.rows} if fixed else {}
    later = lessons.known(office, target, at=at, since=cut)
    taught = [one for one in before if one.case not in held]
    there = [one for one in before if one.case in held and held[one.case][1] == _print(one)]
    return Work(
        rows={
            "learn": [one.order for one in taught],
            "later": [one.order for one in later],
            "fixed": [_as_frozen(one, held[one.case][0], target) for one in there if is_whole(fixed)],
        },
        from_at=before[0].order.at, until_at=cut,
    )  # fmt: skip


def is_whole(fixed: FixedSet | None) -> bool:
    """True when the fixed set is what was drawn; on another nothing is tested."""
    return fixed is not None and digest(fixed.rows) == fixed.digest


@contextmanager
def _alone(training: Training) -> Iterator[bool]:
    """Hold the training; False when another process does. A killed one lets go by itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, training.pk])
        (mine,) = cursor.fetchone()
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, training.pk])


def _made(training: Training, tell: Told, at: datetime) -> tuple[Version, str]:
    """Return the version a training has made, or found again, and a word about it.

    :raises NothingMade: there is too little to learn from or to test on
    """
    office, target = training.office, Target(training.target)
    work = task(office, target, at=at)
    part = places.versions() / f".{target}.{uuid4().hex}.part"
    try:
        rows = {name: [_plain(one) for one in orders] for name, orders in work.rows.items()}
        given = {"target": target, "live": str(places.model(target)), "out": str(part)}
        told = _examined(rows | given, tell)
        known = Version.objects.filter(office=office, target=target, digest=told["digest"]).first()
        if known is not None:
            return known, "与已有版本一模一样，没有新学到什么。"
        made = versions.keep(
            part, office=office, target=target, told=told, made_by=training.asked_by, at=at,
            from_at=work.from_at, until_at=work.until_at,
        )  # fmt: skip
    finally:
        part.unlink(missing_ok=True)
    if made.state == VersionState.CANDIDATE:
        return made, "胜过在用的模型，等人提出上线。"
    if not told["honest"]:
        return made, "说的概率和实际相差太大，不会上线。"
    return made, "没有胜过在用的模型，不会上线。"


def _plain(one: Order) -> dict[str, Any]:
    return asdict(one) | {"at": one.at.isoformat() if one.at else None}


def _examined(given: dict[str, Any], tell: Told) -> dict[str, Any]:
    """Have the training done by a process of its own, which says how far it is.

    :raises NothingMade: it says why there is nothing, takes too long, or ends badly
    """
    command = [sys.executable, "-m", "jiesu.triage.learning.candidate"]
    with subprocess.Popen(  # noqa: S603 - our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as child:
        patience = threading.Timer(PATIENCE, child.kill)
        patience.start()
        try:
            assert child.stdin
            assert child.stdout
            with suppress(BrokenPipeError):
                json.dump(given, child.stdin)
                child.stdin.close()
            for line in child.stdout:
                match json.loads(line):
                    case [percent]:
                        tell(int(percent))
                    case str(why):
                        raise NothingMade(why)
                    case dict(told):
                        return told
        finally:
            patience.cancel()
            child.kill()
    raise NothingMade("训练的进程没有说完就停了，可能内存不够或超过一小时，请看后台日志。")


def _fixed(
    office: Office, target: Target, before: Sequence[Known], at: datetime
) -> FixedSet | None:
    """Return the fixed set, drawn the first time; None while there are too few to draw.

    A case belongs to it by its number alone, so the draw cannot be chosen. Its class stays as it was then.
    """
    held = FixedSet.objects.filter(office=office, target=target).first()
    if held is not None:
        return held
    drawn = [one for one in before if _draw(one.number) == 0][-FIXED_MOST:]
    if len(drawn) < FIXED_LEAST:
        return None
    rows = [[one.case, one.label, _print(one)] for one in drawn]
    held, _ = FixedSet.objects.get_or_create(
        office=office, target=target,
        defaults={"rows": rows, "digest": digest(rows), "frozen_at": at},
    )  # fmt: skip
    return held


def digest(rows: Sequence[Sequence[Any]]) -> str:
    """Return the hash a fixed set is kept with."""
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def _draw(number: str) -> int:
    return int.from_bytes(hashlib.sha256(number.encode()).digest()[:4], "big") % ONE_IN


def _print(one: Known) -> str:
    """Return by what a case is known to have the same text still."""
    return hashlib.sha256(one.order.text.encode()).hexdigest()[:16]


def _as_frozen(one: Known, label: str, target: Target) -> Order:
    """Return the order with the answer it was drawn with, whatever was said since."""
    if target is Target.UNIT:
        return replace(one.order, unit=label)
    return replace(one.order, category=tuple(label.split(BETWEEN)))


def _over(
    training: Training,
    state: TrainingState,
    at: datetime,
    *,
    told: str,
    version: Version | None = None,
) -> None:
    Training.objects.filter(pk=training.pk).update(
        state=state, percent=100, finished_at=at, told=told[:200], version=version
    )
