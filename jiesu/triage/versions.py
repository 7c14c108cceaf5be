"""Versions of a model: kept, proposed, agreed, gone live, gone back. The live one is a file, swapped whole.

A version goes live only when it was better than the one before it and two agree: an analyst proposes, a
leader agrees (``org.rights``). Going back needs one, at once: to take a bad model away must not wait.
What is live is told by the file itself; a model somebody put there by hand is written down when it is met.
"""

import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import transaction

from jiesu.org.models import Member, Office
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind
from jiesu.triage import places
from jiesu.triage.learning import files
from jiesu.triage.models import Switch, SwitchKind, Target, Version, VersionState

STALE = timedelta(days=30)  # after this a file that never went live goes; its line stays


class NotSo(ValueError):
    """The version does not stand where this would follow; says in Chinese how it stands."""


def keep(
    made: Path, *, office: Office, target: Target, told: dict[str, Any], made_by: Member | None,
    at: datetime, from_at: datetime | None, until_at: datetime | None,
) -> Version:  # fmt: skip
    """Keep a candidate with what its tests said: its file among the versions, its line in the table."""
    os.replace(made, places.version(target, told["digest"]))
    state = VersionState.CANDIDATE if told["better"] else VersionState.WORSE
    return Version.objects.create(
        office=office, target=target, digest=told["digest"], state=state, made_at=at, made_by=made_by,
        from_at=from_at, until_at=until_at, rows=told["rows"], classes=told["classes"],
        threshold=told["threshold"], against=told["against"],
        measures={"later": told["later"], "fixed": told["fixed"]},
    )  # fmt: skip


@transaction.atomic
def propose(version: Version, *, actor: Member, at: datetime) -> None:
    """Propose that a candidate goes live.

    :raises NotSo: it is no candidate that was better, or another one is proposed already
    """
    held = _held(version)
    if version.pk not in held or held[version.pk].state != VersionState.CANDIDATE:
        raise NotSo(f"这一版现为“{_state(held.get(version.pk, version))}”，不能提出上线。")
    if any(one.state == VersionState.PROPOSED for one in held.values()):
        raise NotSo("已有一版在等同意，请先办完那一版。")
    if not places.version(version.target, version.digest).exists():
        raise NotSo("这一版的文件已清理，请重新训练。")
    _set(version, state=VersionState.PROPOSED, proposed_by=actor, proposed_at=at)
    _leave(version, actor, "提出上线")


@transaction.atomic
def refuse(version: Version, *, actor: Member, at: datetime) -> None:
    """Do not let a proposed version go live; it stays a candidate.

    :raises NotSo: it is not proposed
    """
    if _held(version)[version.pk].state != VersionState.PROPOSED:
        raise NotSo("这一版没有在等同意，页面已更新。")
    _set(version, state=VersionState.CANDIDATE, proposed_by=None, proposed_at=None)
    _leave(version, actor, "不同意上线")


@transaction.atomic
def agree(version: Version, *, actor: Member, at: datetime) -> Switch:
    """Let a proposed version go live.

    :raises NotSo: it is not proposed, the same person proposed it, or its file is not what it was
    """
    now = _held(version)[version.pk]
    if now.state != VersionState.PROPOSED:
        raise NotSo("这一版没有在等同意，页面已更新。")
    if now.proposed_by_id == actor.pk:
        raise NotSo("提出上线和同意上线不能是同一个人。")
    previous = live(version.office, Target(version.target), at=at)
    Version.objects.filter(pk=version.pk).update(agreed_by=actor, agreed_at=at)
    return _switch(version, previous, SwitchKind.AGREED, actor, at)


@transaction.atomic
def go_back(office: Office, target: Target, *, actor: Member, at: datetime) -> Switch:
    """Put the version back that stood before the last switch; again, and the other one is back.

    :raises NotSo: there is nothing to go back to, or its file is not what it was
    """
    now = live(office, target, at=at)
    before = previous(office, target)
    if now is None or before is None:
        raise NotSo("没有上一版可以回去。")
    return _switch(before, now, SwitchKind.BACK, actor, at)


def live(office: Office, target: Target, *, at: datetime) -> Version | None:
    """Return the version whose file is live, written down if nobody did; None: no model that works."""
    found = seen(office, target)
    if found is None or (found.pk and found.state == VersionState.LIVE):
        return found
    with transaction.atomic():
        _retire(office, target)
        if found.pk:
            _set(found, state=VersionState.LIVE)
        else:
            shutil.copyfile(places.model(target), places.version(target, found.digest))
            found.made_at = at
            found.save()
        last = Switch.objects.filter(version__office=office, version__target=target).first()
        Switch.objects.create(
            version=found, previous=last.version if last else None, kind=SwitchKind.FOUND, at=at
        )
    return found


def seen(office: Office, target: Target) -> Version | None:
    """Return the version whose file is live; one that nobody wrote down is answered unsaved."""
    path = places.model(target)
    try:
        model = files.load(path)
    except (files.NoModel, files.Spoiled):
        return None
    digest = _digest(path)
    return Version.objects.filter(office=office, target=target, digest=digest).first() or Version(
        office=office, target=target, digest=digest, state=VersionState.LIVE,
        rows=model.about.get("rows", 0), classes=_classes(model.about),
        threshold=model.threshold if model.threshold <= 1 else None,
    )  # fmt: skip


def previous(office: Office, target: Target) -> Version | None:
    """Return what one would go back to: what stood before the last switch, if its file is still there."""
    last = Switch.objects.filter(version__office=office, version__target=target).first()
    before = last.previous if last else None
    there = before is not None and places.version(target, before.digest).exists()
    return before if there else None


def forget(office: Office, *, at: datetime) -> int:
    """Remove the files of versions that never went live and are old; returns how many went."""
    old = Version.objects.filter(
        office=office,
        made_at__lt=at - STALE,
        state__in=(VersionState.WORSE, VersionState.CANDIDATE),
    ).exclude(switches__isnull=False)
    gone = 0
    for version in old:
        path = places.version(version.target, version.digest)
        gone += path.exists()
        path.unlink(missing_ok=True)
    return gone


def _switch(
    version: Version, before: Version | None, kind: SwitchKind, actor: Member, at: datetime
) -> Switch:
    """Put a version's file in the live place as the last thing of the transaction."""
    target = Target(version.target)
    kept = places.version(target, version.digest)
    try:
        files.load(kept)
        whole = _digest(kept) == version.digest
    except (files.NoModel, files.Spoiled):
        whole = False
    if not whole:
        raise NotSo("这一版的文件不在了或被改动过，没有换。请重新训练，或从备份恢复。")
    _retire(version.office, target)
    _set(version, state=VersionState.LIVE)
    made = Switch.objects.create(version=version, previous=before, kind=kind, actor=actor, at=at)
    _leave(version, actor, kind.label, previous=before.short if before else "")
    _put(kept, places.model(target))
    return made


def _put(kept: Path, place: Path) -> None:
    """Copy a file into its place: whoever reads meanwhile reads the old one or the new one."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = place.with_name(f".{place.name}.{uuid4().hex}")
    try:
        with kept.open("rb") as read, beside.open("xb") as write:
            shutil.copyfileobj(read, write)
            write.flush()
            os.fsync(write.fileno())
        os.replace(beside, place)
    finally:
        beside.unlink(missing_ok=True)


def _held(version: Version) -> dict[int, Version]:
    """Return the versions of the same target, held until the transaction ends."""
    same = Version.objects.select_for_update().filter(
        office=version.office_id, target=version.target
    )
    return {one.pk: one for one in same}


def _retire(office: Office, target: Target) -> None:
    Version.objects.filter(office=office, target=target, state=VersionState.LIVE).update(
        state=VersionState.RETIRED
    )


def _set(version: Version, **values: Any) -> None:
    Version.objects.filter(pk=version.pk).update(**values)
    for name, value in values.items():
        setattr(version, name, value)


def _state(version: Version) -> str:
    return VersionState.label_of(version.state)


def _leave(version: Version, actor: Member, did: str, **more: Any) -> None:
    leave(
        Kind.CHANGE, actor=actor, subject=f"model:{Target.label_of(version.target)}", did=did,
        version=version.short, **more,
    )  # fmt: skip


def _digest(path: Path) -> str:
    with path.open("rb") as kept:
        return kept.readline().split()[-1].decode()


def _classes(about: dict[str, Any]) -> dict[str, int]:
    return {label: int(told[1]) for label, told in about.get("by_class", {}).items()}
