"""Plain error pages with a number somebody can read out on the phone."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.template import loader

log = logging.getLogger("jiesu.errors")


def _page(request: HttpRequest, status: int, **words: str) -> HttpResponse:
    return HttpResponse(loader.get_template(f"{status}.html").render(words), status=status)


def bad_request(
    request: HttpRequest, exception: Exception | None = None, *, reason: str = "", status: int = 400
) -> HttpResponse:
    page = _page(request, 400, reason=reason)
    page.status_code = status
    return page


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 403, reason=str(exception or ""))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 404)


def failed(request: HttpRequest) -> HttpResponse:
    number = secrets.token_hex(4).upper()
    log.error(
        "error page %s at %s", number, request.resolver_match and request.resolver_match.view_name
    )
    return _page(request, 500, error_number=number)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, 403, reason="页面放得太久或在别处重新登录过，请返回上一页刷新后再提交。")
