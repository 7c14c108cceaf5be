"""What every request passes and every answer carries, whichever page it is."""

import logging
import time
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseFileResponse

from jiesu.core import errors, logs

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; media-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
ALONE: Final = (
    "default-src 'none'; frame-ancestors 'none'; sandbox"  # for files: nothing runs in them
)
_NOTHING = (
    "accelerometer", "bluetooth", "camera", "display-capture", "encrypted-media",
    "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "magnetometer",
    "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": ", ".join(f"{name}=()" for name in _NOTHING),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Cache-Control": "no-store",
}
HSTS: Final = "max-age=31536000"
METHODS: Final = ("GET", "HEAD", "POST")
SPARE: Final = 2**20  # the form around an uploaded file

log = logging.getLogger("jiesu.web")
Next = Callable[[HttpRequest], HttpResponse]


def safe_headers() -> dict[str, str]:
    """Return what every answer carries unless it says otherwise itself; with HTTPS also HSTS."""
    told = dict(HEADERS)
    if settings.HTTPS:
        told["Strict-Transport-Security"] = HSTS
    return told


class Numbered:
    """The outermost: each request has a number, safe headers, and one line in the log.

    The line says which address was asked by which member with what outcome; never the path itself
    (file names, keys and searches stand there), the query, a form or a cookie.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        with logs.numbered(logs.number() or logs.new_number()):
            response = self.get_response(request)
            for name, value in safe_headers().items():
                response.headers.setdefault(name, value)
            if not isinstance(response, WhiteNoiseFileResponse):
                _write(request, response, (time.perf_counter() - begun) * 1000)
            return response


def _write(request: HttpRequest, response: HttpResponse, ms: float) -> None:
    member = getattr(request, "_cached_user", None)  # never asks the database for it
    view = request.resolver_match.view_name if request.resolver_match else ""
    facts = {
        "member": getattr(member, "pk", None), "view": view, "status": response.status_code,
        "method": request.method if request.method in METHODS else "other", "ms": round(ms, 1),
    }  # fmt: skip
    level = logging.INFO if response.status_code < 500 else logging.ERROR
    log.log(level, "request", extra=facts)


class Readable:
    """Refuse before any page is asked: unknown methods, too large a body. Refusals without words get some."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return errors.not_allowed(request, METHODS)
        limit = settings.UPLOAD_LIMIT_MB
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit() and len(length) < 20):
            return errors.bad_request(request, reason="提交的长度写得不对，请刷新后再试。")
        if int(length) > limit * 2**20 + SPARE:
            return errors.too_large(request, limit=f"{limit} MB")
        return plain_errors(request, self.get_response(request))


def plain_errors(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A refusal without words, such as a decorator's 405, becomes a page."""
    if response.status_code == 405 and not getattr(response, "content", b"x"):
        allowed = [name.strip() for name in response.headers.get("Allow", "").split(",")]
        return errors.not_allowed(request, [name for name in allowed if name in METHODS])
    return response
