"""Sending a file of evidence: always as a download, a plain picture also to look at."""

import re
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from jiesu.evidence import storage
from jiesu.evidence.models import Evidence

SEEN: Final = frozenset({"image/png", "image/jpeg"})  # safe to show in the page
ALONE: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def send(request: HttpRequest, file: Evidence) -> HttpResponseBase:
    """Return the file, whole or the one range asked for (players jump about in recordings).

    :raises FileNotFoundError: its bytes are not there
    """
    status, start, end = 200, 0, file.size
    if asked := _RANGE.fullmatch(request.headers.get("Range", "")):
        status, start, end = 206, *_span(asked[1], asked[2], file.size)
        if start >= end:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{file.size}"})
    shown = "preview" in request.GET and file.kind in SEEN
    answer = StreamingHttpResponse(
        storage.read(file.stored, start, end - start), status=status, content_type=file.kind
    )
    answer["Content-Length"] = str(end - start)
    answer["Accept-Ranges"] = "bytes"
    answer["Content-Disposition"] = content_disposition_header(not shown, file.name) or "attachment"
    answer["Content-Security-Policy"] = ALONE
    answer["X-Content-Type-Options"] = "nosniff"
    if status == 206:
        answer["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    return answer


def _span(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return (max(size - int(last), 0), size) if last else (0, 0)
    return int(first), min(int(last) + 1, size) if last else size
