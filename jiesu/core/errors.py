"""Plain error pages with a number somebody can read out on the phone; the number stands in the log.

Each says what to do. A request of htmx gets the same words as a toast besides, in ``HX-Trigger``.
"""

import json
import logging
import sys
from collections.abc import Iterable

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import DataError, Error, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

from jiesu.core import logs, vault

log = logging.getLogger("jiesu.errors")

CANCELLED = "57014"  # SQLSTATE: it took longer than a page may take
LOCKED = "55P03"
BUSY = "这次查询用时太久，已经停下，没有改动任何内容。请缩小范围（例如选短一些的时间段、多写几个字）再试。"
TAKEN = "这里正被别的操作占用，没有做成，也没有改动任何内容。请稍候再试。"
AWAY = "数据库暂时连不上，正在恢复。已保存的内容不受影响，请稍候再试。"
CLOSED = "密钥已销毁或不在密钥文件里，原文打不开，其余内容照常能办。还没到清除期限的，请告诉安全管理员核对密钥文件。"
TITLES = {
    400: "这个请求看不懂", 404: "没有找到", 409: "内容对不上", 415: "这个打不开", 405: "不能这样打开", 408: "等太久没有收完", 413: "内容太大",
    414: "地址太长", 431: "请求太长", 410: "原文打不开", 500: "系统出错了",
    429: "操作太频繁", 503: "暂时忙不过来",
}  # fmt: skip


def page(
    request: HttpRequest | None, status: int, *, template: str = "error", **words: object
) -> HttpResponse:
    """Return the page of an error with this request's number."""
    told = {"code": status, "title": TITLES.get(status, ""), "error_number": logs.number(), **words}
    answer = HttpResponse(loader.get_template(f"{template}.html").render(told), status=status)
    if request is not None and request.headers.get("HX-Request") and told.get("reason"):
        toast = {"text": told["reason"], "tone": "late"}
        answer.headers["HX-Trigger"] = json.dumps({"toast": toast, "refused": {}})
        answer.headers["HX-Reswap"] = "none"
    return answer


def bad_request(
    request: HttpRequest, exception: Exception | None = None, *, reason: str = ""
) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    if isinstance(exception, TooManyFieldsSent):
        reason = "一次提交的项目太多，请分几次提交。"
    return page(request, 400, template="400", reason=reason)


def too_large(request: HttpRequest | None, *, limit: str = "") -> HttpResponse:
    reason = (
        f"一次最多上传 {limit}，请拆分后再传。" if limit else "一次提交的内容太大，请拆分后再传。"
    )
    return page(request, 413, reason=reason)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 403, template="403", reason=str(exception or ""))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 404, template="404")


def not_allowed(request: HttpRequest, allowed: Iterable[str]) -> HttpResponse:
    answer = page(
        request, 405, reason="这个地址要在它的页面里操作，不能直接打开。请回到原来的页面再试。"
    )
    answer.headers["Allow"] = ", ".join(allowed)
    return answer


def too_many(request: HttpRequest, *, wait: int, what: str) -> HttpResponse:
    """Too often: said in words, and when it may be tried again."""
    answer = page(request, 429, reason=f"{what}太频繁，请等 {wait} 秒再试。")
    answer.headers["Retry-After"] = str(wait)
    return answer


def failed(request: HttpRequest) -> HttpResponse:
    """Something broke. What only takes long or is away for the moment says so, and when to try again."""
    error = sys.exc_info()[1]
    if isinstance(error, ValueError | DataError) and _unstorable(request):
        return bad_request(request, reason="填写的内容或地址里有不能用的字符，请删去后再试。")
    view = request.resolver_match.view_name if request.resolver_match else ""
    log.error("error page", exc_info=error, extra={"view": view})
    if isinstance(error, vault.Gone):
        return page(request, 410, reason=CLOSED)
    reason = _for_the_moment(error)
    if not reason:
        return page(request, 500, template="500")
    answer = page(request, 503, reason=reason)
    answer.headers["Retry-After"] = "5"
    return answer


def _unstorable(request: HttpRequest) -> bool:
    """What was sent has a character no text of the database can hold, and the page did not see to it."""
    told = [request.path_info, *(text for form in (request.GET, request.POST) for pair in form.lists()
                                 for text in (pair[0], *pair[1]))]  # fmt: skip
    return any("\0" in text or (not text.isascii() and _no_text(text)) for text in told)


def _no_text(text: str) -> bool:
    return any("\ud800" <= c <= "\udfff" for c in text)


def _for_the_moment(error: BaseException | None) -> str:
    if not isinstance(error, Error):
        return ""
    state = getattr(error.__cause__, "sqlstate", None) or ""
    if state == CANCELLED:
        return BUSY
    if state == LOCKED:
        return TAKEN
    away = isinstance(error, OperationalError | InterfaceError)
    return AWAY if away and (not state or state[:2] in {"08", "53", "57"}) else ""


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    log.warning("form refused", extra={"kind": "csrf"})
    return page(
        request, 403, template="403",
        reason="页面放得太久或在别处重新登录过，请返回上一页刷新后再提交。",
    )  # fmt: skip
