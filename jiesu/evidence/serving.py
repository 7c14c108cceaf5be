"""Sending a file of evidence: always as a download; of a picture also a preview to look at.

Ranges by RFC 9110 section 14, for players that jump about in recordings: one range is sent (206), a
set of several is answered with the whole, what lies beyond the end is 416, and what cannot be read
or is meant for another state of the file (``If-Range``) is as if it had not been asked.
"""

import re
from typing import Any, Final, NamedTuple

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header

from jiesu.core import sealed_files
from jiesu.core.middleware import ALONE
from jiesu.evidence import previews, storage
from jiesu.evidence.models import Evidence

_RANGE: Final = re.compile(r"bytes[ \t]*=[ \t]*([0-9]{0,18})[ \t]*-[ \t]*([0-9]{0,18})[ \t]*,?", re.IGNORECASE)  # fmt: skip


class Span(NamedTuple):
    """From ``start`` to before ``end``."""

    start: int
    end: int


class Slice:
    """Part of an open file, to be read to its end."""

    def __init__(self, file: Any, span: Span) -> None:
        self._file, self._left = file, span.end - span.start
        file.seek(span.start)

    def read(self, size: int = -1) -> bytes:
        piece: bytes = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        self._file.close()


def send(request: HttpRequest, file: Evidence) -> HttpResponseBase:
    """Return the file, whole or the one range asked for.

    :raises FileNotFoundError: its bytes are not there
    :raises storage.Altered: they are not what was uploaded
    :raises vault.Gone: their key is gone
    """
    storage.verify(file.stored, file.sha256)
    mark = f'"{file.sha256}"'
    span = asked_for(
        request.headers.get("Range", "") if request.method == "GET" else "",
        request.headers.get("If-Range", ""), mark, file.size,
    )  # fmt: skip
    if span is not None and span.start >= span.end:
        answer: HttpResponseBase = HttpResponse(status=416)
        answer.headers["Content-Range"] = f"bytes */{file.size}"
        return _alone(answer)
    part = span or Span(0, file.size)
    answer = FileResponse(
        Slice(sealed_files.Reader(storage.place(file.stored)), part), status=206 if span else 200,
        content_type=file.kind,
    )  # fmt: skip
    answer.headers["Content-Length"] = str(part.end - part.start)
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["ETag"] = mark
    answer.headers["Content-Disposition"] = (
        content_disposition_header(True, file.name) or "attachment"
    )
    if span:
        answer.headers["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{file.size}"
    return _alone(answer)


def show(file: Evidence) -> HttpResponseBase:
    """Return a picture to look at, drawn anew: nothing of the file but what is seen.

    :raises FileNotFoundError: its bytes are not there
    :raises storage.Altered: they are not what was uploaded
    :raises vault.Gone: their key is gone
    :raises previews.NoPreview: it cannot be drawn
    """
    storage.verify(file.stored, file.sha256)
    answer = HttpResponse(previews.of(file), content_type="image/jpeg")
    answer.headers["Content-Disposition"] = "inline"
    return _alone(answer)


def _alone(answer: HttpResponseBase) -> HttpResponseBase:
    answer.headers["Content-Security-Policy"] = ALONE
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def asked_for(told: str, if_range: str, mark: str, size: int) -> Span | None:
    """Return the range asked for; None for the whole file; an empty one for what is beyond the end."""
    found = _RANGE.fullmatch(told.strip())
    if not found or (if_range and if_range.strip() != mark):
        return None
    first, last = found[1], found[2]
    if not first and not last:
        return None
    if not first:
        return Span(max(size - int(last), 0), size) if int(last) and size else Span(0, 0)
    if last and int(last) < int(first):
        return None
    return Span(int(first), min(int(last) + 1, size) if last else size)
