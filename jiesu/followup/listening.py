"""Sending a recording to a player: range by range, opened piece by piece, each play on record."""

from datetime import timedelta
from typing import Final

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header

from jiesu.cases.pages import MemberRequest
from jiesu.core import personal, sealed_files
from jiesu.core.middleware import ALONE
from jiesu.evidence.serving import Slice, Span, asked_for
from jiesu.followup import recordings
from jiesu.followup.models import Recording
from jiesu.trail.actions import leave_unless_lately
from jiesu.trail.models import Kind

PLAY: Final = timedelta(minutes=30)  # pieces fetched within it belong to one play
WAV: Final = "audio/wav"


def send(
    request: MemberRequest, recording: Recording, *, original: bool = False
) -> HttpResponseBase:
    """Return the sound, whole or the one range asked for, and leave 听录音 in the trail.

    ``original``: as it came, even where a copy is played instead.

    :raises FileNotFoundError: its bytes are not there
    """
    copied = bool(recording.plain) and not original
    path = recordings.place(recording.plain if copied else recording.stored)
    size = sealed_files.length(path)
    mark = f'"{recording.sha256}{"-wav" if copied else ""}"'
    asked = request.headers.get("Range", "") if request.method == "GET" else ""
    span = asked_for(asked, request.headers.get("If-Range", ""), mark, size)
    if span is not None and span.start >= span.end:
        answer: HttpResponseBase = HttpResponse(status=416)
        answer.headers["Content-Range"] = f"bytes */{size}"
        return _alone(answer)
    part = span or Span(0, size)
    kind = WAV if copied else recording.kind.replace("video/mp4", "audio/mp4")
    answer = FileResponse(
        Slice(sealed_files.Reader(path), part), status=206 if span else 200, content_type=kind
    )
    answer.headers["Content-Length"] = str(part.end - part.start)
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["ETag"] = mark
    if span:
        answer.headers["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{size}"
    name = content_disposition_header(original, recording.name)
    answer.headers["Content-Disposition"] = name or "inline"
    if request.method == "GET":
        _listened(request, recording)
    return _alone(answer)


def _listened(request: MemberRequest, recording: Recording) -> None:
    case = recording.case
    leave_unless_lately(
        Kind.LISTEN, actor=request.user, within=PLAY, case=case.pk if case else None,
        number=case.number if case else "", subject=f"recording:{recording.pk}",
        name=personal.within(recording.name),
    )  # fmt: skip


def _alone(answer: HttpResponseBase) -> HttpResponseBase:
    answer.headers["Content-Security-Policy"] = ALONE
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
