"""Recordings: kept as they came, sealed; matched to a case; looked at and heard by the machine, later."""

import hashlib
import logging
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction

from jiesu.cases import access, sealing
from jiesu.cases.models import Case, Event
from jiesu.cases.search import phone_key
from jiesu.catalogue.queries import rules_at
from jiesu.core import environment, sealed_files, virus
from jiesu.core.announcements import announce
from jiesu.evidence import checks, storage
from jiesu.evidence.forms import plain_name
from jiesu.evidence.models import Evidence
from jiesu.followup.models import (
    CallBack,
    FolderFile,
    Match,
    Recording,
    RecordingState,
    Sentence,
    Suggestion,
)
from jiesu.followup.sound import asking
from jiesu.org.models import Member, Office
from jiesu.platforms import speech
from jiesu.rules import recording_names, statements
from jiesu.rules.workflow import Action
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

log = logging.getLogger("jiesu.followup")

PLAYED = frozenset({"audio/wav", "audio/mpeg", "audio/mp4", "audio/aac", "audio/ogg", "audio/flac", "video/mp4"})  # fmt: skip
SOUNDS = ("wav", "mp3", "m4a", "amr", "flac", "aac", "ogg", "mp4")
LIMIT = 3  # a match by phone is one of so many cases at most
NEAR = timedelta(minutes=45)  # between the call's own time and what the record says of it
SAME = timedelta(minutes=3)  # for a match by time alone
SETTLED = timedelta(seconds=60)  # a file of the folder is whole when it has not changed for so long


class Unacceptable(ValueError):
    """The file is not taken; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A recording that was taken. ``known``: it was here already, and nothing changed."""

    recording: Recording
    known: bool


def take(
    office: Office, name: str, file: BinaryIO, size: int, *, actor: Member | None, at: datetime,
    case: Case | None = None,
) -> Taken:  # fmt: skip
    """Take one recording: looked into, hashed, kept sealed, matched; the machine looks at it later.

    The same bytes a second time are the recording that is here already.

    :raises Unacceptable: it is no recording, too large, or not clean
    """
    name = plain_name(name)
    try:
        kind = checks.inspect(name, size, file, rules_at(office, at).files)
        if kind.group is not checks.RECORDING and kind.mime != "video/mp4":
            raise Unacceptable(f"“{name}”不是录音，可传 wav、mp3、m4a、amr、flac。")
        virus.scan(name, _pieces(file))
    except (checks.Unacceptable, virus.Refused) as refusal:
        raise Unacceptable(str(refusal)) from None
    digest = hashlib.sha256()
    for piece in _pieces(file):
        digest.update(piece)
    known = Recording.objects.filter(office=office, sha256=digest.hexdigest()).first()
    if known is not None:
        return Taken(known, known=True)
    told = recording_names.read(name)
    found, how = (case, Match.HAND) if case is not None else match(office, told, at)
    stored = keep(_pieces(file), sealing.month_of(found.arrived_at if found else at))
    try:
        with transaction.atomic():
            made = Recording.objects.create(
                office=office, case=found, name=name, stored=stored, kind=kind.mime, size=size,
                sha256=digest.hexdigest(), called_at=told.at, match=how or "", added_by=actor,
                matched_by=actor if case is not None else None, added_at=at,
                phone_key=phone_key(told.phone) if told.phone else None,
            )  # fmt: skip
            announce("followup.recording_taken", recording=made.pk)
    except BaseException:
        place(stored).unlink(missing_ok=True)
        raise
    return Taken(made, known=False)


def match(
    office: Office, told: recording_names.Named, at: datetime
) -> tuple[Case | None, Match | None]:
    """Return the case a file name speaks of, and how it was found: by number, by phone, by time alone.

    By phone the case must be the only one, or the only one with a call on record near that time; by time
    alone only one call of the street may lie within three minutes. Else a person matches it.
    """
    newest = Case.objects.filter(office=office, erased_at=None).order_by("-arrival", "-id")
    if told.number and (case := newest.filter(number=told.number).first()):
        return case, Match.NUMBER
    if told.phone:
        of_phone = list(newest.filter(phone_keys__overlap=[phone_key(told.phone)])[: LIMIT + 1])
        if len(of_phone) == 1:
            return of_phone[0], Match.PHONE
        if told.at and of_phone:
            near = [case for case in of_phone if _calls(office, told.at, NEAR, case)]
            return (near[0], Match.PHONE) if len(near) == 1 else (None, None)
        return None, None
    if told.at:
        cases = set(_calls(office, told.at, SAME))
        if len(cases) == 1:
            return newest.filter(pk=cases.pop()).first(), Match.TIME
    return None, None


def _calls(office: Office, at: datetime, within: timedelta, case: Case | None = None) -> list[int]:
    """The cases that have a call on record so near that time: the street's, or the unit's."""
    made = CallBack.objects.filter(case__office=office, called_at__range=(at - within, at + within))
    events = Event.objects.filter(
        office=office, action=Action.CONTACT, at__gte=at - within, at__lte=at + timedelta(days=2)
    )
    if case is not None:
        made, events = made.filter(case=case), events.filter(case=case)
    contacts = [
        pk
        for pk, when in events.values_list("case_id", "facts__contacted_at")
        if when and abs(datetime.fromisoformat(when) - at) <= within
    ]
    return [*made.values_list("case_id", flat=True), *contacts]


@transaction.atomic
def assign(recording: Recording, case: Case, *, actor: Member) -> Recording:
    """人工匹配: say whose call it is. The file goes under the key of that case's month.

    :raises NotYours: the case cannot be called back by this member
    """
    access.require(actor, Action.CALL_BACK, case)
    month = sealing.month_of(case.arrived_at)
    for stored in filter(None, (recording.stored, recording.plain)):
        if recording.evidence_id is None and place(stored).exists():
            sealed_files.replace(place(stored), month=month)
    recording.case, recording.match, recording.matched_by = case, Match.HAND, actor
    recording.save(update_fields=["case", "match", "matched_by"])
    return recording


def adopt(evidence: Evidence) -> Recording | None:
    """Let a recording that a unit uploaded as evidence be listened to here. None: it is no sound, or known."""
    if not evidence.kind.startswith("audio/"):
        return None
    office = evidence.case.office
    if Recording.objects.filter(office=office, sha256=evidence.sha256).exists():
        return None
    told = recording_names.read(evidence.name)
    with transaction.atomic():
        made = Recording.objects.create(
            office=office, case=evidence.case, evidence=evidence, name=evidence.name,
            stored=evidence.stored, kind=evidence.kind, size=evidence.size, sha256=evidence.sha256,
            called_at=told.at, match=Match.EVIDENCE, added_by=evidence.added_by,
            added_at=evidence.added_at,
        )  # fmt: skip
        announce("followup.recording_taken", recording=made.pk)
    return made


def prepare(recording: Recording, *, at: datetime) -> None:
    """Let the machine look: length, picture, where somebody speaks, and what is said if there is a model.

    Done again it gives the same; what a person has decided on suggestions stays.
    """
    content = b"".join(read(recording))
    folder, service = environment.speech_model(), environment.speech_service()
    try:
        told = asking.look(content)
        with suppress(asking.Failed, speech.Silent):  # without words it is looked at all the same
            if folder is not None:
                told = asking.hear(content, str(folder), ms=told["ms"])
            elif service is not None:
                told |= _ask(service, recording, content, told["spans"])
        plain = recording.plain or _playable(recording, content)
    except asking.Failed as failure:
        Recording.objects.filter(pk=recording.pk).update(
            state=RecordingState.FAILED, trouble=str(failure)[:200]
        )
        return
    store(recording, told, plain=plain)


def _ask(
    service: environment.SpeechService, recording: Recording, content: bytes, spans: list[list[int]]
) -> dict[str, Any]:
    """Let the office's own service hear each stretch of speech; that it was asked is on record.

    :raises speech.Silent: it says nothing that can be used
    """
    case = recording.case
    leave(
        Kind.EXPORT, actor=None, office=recording.office_id, case=case.pk if case else None,
        number=case.number if case else "", subject=f"recording:{recording.pk}", what="speech",
    )  # fmt: skip
    wav, begun = asking.wav(content), time.perf_counter()
    texts = [speech.hear(service, asking.stretch(wav, start, end)) for start, end, _ in spans]
    return {"texts": texts, "seconds": time.perf_counter() - begun, "engine": service.model[:40]}


@transaction.atomic
def store(recording: Recording, told: dict[str, Any], *, plain: str = "") -> None:
    """Write down what the machine saw and heard of a recording."""
    recording.sentences.all().delete()
    texts = told.get("texts") or [""] * len(told["spans"])
    rows = [
        Sentence(recording=recording, place=n, start=start, end=end, side=side, text=text)
        for n, ((start, end, side), text) in enumerate(zip(told["spans"], texts, strict=True))
    ]
    made = Sentence.objects.bulk_create(rows)
    Suggestion.objects.bulk_create(
        Suggestion(
            recording=recording, sentence=made[one.place], statement=one.statement, value=one.value
        )
        for one in statements.suggest([(row.text, row.side) for row in rows])
    )
    recording.state, recording.trouble, recording.plain = RecordingState.READY, "", plain
    recording.ms, recording.peaks = told["ms"], told["peaks"]
    recording.engine = str(told.get("engine", ""))
    recording.heard_ms = round(1000 * float(told.get("seconds", 0)))
    recording.save(update_fields=["state", "trouble", "plain", "ms", "peaks", "engine", "heard_ms"])


def decide(recording: Recording, made: CallBack) -> None:
    """Compare the machine's suggestions with what a person has answered, and keep whether they agree."""
    answers = {
        statements.Statement.CONTACTED: made.contacted, statements.Statement.SOLVED: made.solved,
        statements.Statement.SATISFIED: made.satisfied, statements.Statement.ATTITUDE: made.attitude,
    }  # fmt: skip
    for one in recording.suggestions.filter(agreed=None):
        statement = statements.Statement(one.statement)
        if statement is statements.Statement.DEMAND:
            one.agreed = bool(made.demand)
        elif answers[statement]:
            one.agreed = answers[statement] == one.value
        else:
            continue
        one.decided_at = made.made_at
        one.save(update_fields=["agreed", "decided_at"])


def read(recording: Recording) -> Iterator[bytes]:
    """Yield the bytes of a recording as it came.

    :raises FileNotFoundError: they are not there
    """
    return sealed_files.read(place(recording.stored))


def place(stored: str) -> Path:
    """Return where the bytes of that name are."""
    return storage.place(stored)


def drop(stored: Iterable[str]) -> None:
    """Remove files of recordings that are erased, and whatever was made of them."""
    for one in filter(None, stored):
        place(one).unlink(missing_ok=True)


def keep(pieces: Iterable[bytes], month: str) -> str:
    """Write a recording sealed under the key of that month, and return the name it is kept under."""
    name = secrets.token_hex(16)
    stored = f"recordings/{name[:2]}/{name}"
    path = place(stored)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sealed_files.write(path, pieces, month=month)
    return stored


def _playable(recording: Recording, content: bytes) -> str:
    """A copy to listen to for what a browser does not play (amr); empty where it plays the original."""
    if recording.kind in PLAYED:
        return ""
    case = recording.case
    month = sealing.month_of(case.arrived_at if case else recording.added_at)
    return keep([asking.wav(content)], month)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(storage.CHUNK):
        yield piece


def watch(office: Office, folder: Path, *, at: datetime) -> int:
    """Take what is new in the watched folder; nothing in it is changed or removed. Returns how many came in."""
    came = 0
    for path in sorted(folder.rglob("*")):
        state = path.stat() if path.is_file() and not path.is_symlink() else None
        if state is None or path.suffix.lower().lstrip(".") not in SOUNDS:
            continue
        if at.timestamp() - state.st_mtime < SETTLED.total_seconds():
            continue
        inside = path.relative_to(folder)
        mark = hashlib.sha256(f"{inside}:{state.st_size}:{state.st_mtime_ns}".encode()).hexdigest()
        if FolderFile.objects.filter(mark=mark).exists():
            continue
        seen = FolderFile(mark=mark, name=plain_name(path.name), seen_at=at)
        try:
            with path.open("rb") as file:
                taken = take(office, path.name, file, state.st_size, actor=None, at=at)
            seen.recording = taken.recording
            came += not taken.known
        except (Unacceptable, OSError) as refusal:
            seen.refused = (
                str(refusal)[:200] if isinstance(refusal, Unacceptable) else "读不了这个文件"
            )
            log.warning("a file of the watched folder was not taken: %s", type(refusal).__name__)
        seen.save()
    return came
