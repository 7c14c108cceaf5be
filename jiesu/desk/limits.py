"""次数限额: which pages are costly, and how often one may ask for them. One list; nothing is hidden.

Generous for a desk at work: a seat searches some hundred times in an hour. Counted per member;
who has not come in is counted per address, whatever the page.
"""

import logging
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from jiesu.core import errors
from jiesu.core.rates import Buckets, Rate

log = logging.getLogger("jiesu.web")

SEARCH: Final = Rate("查找", 120, 120)
PALETTE: Final = Rate("命令面板里的查找", 200, 300)
REVEAL: Final = Rate("查看个人信息", 60, 20)
LEDGER: Final = Rate("打开台账和看板", 120, 120)
TAKE_OUT: Final = Rate("导出和下载清单", 20, 10)
IMPORT: Final = Rate("导入文件", 30, 10)
UPLOAD: Final = Rate("上传佐证", 60, 30)
BATCH: Final = Rate("批量办理", 60, 60)
STRANGER: Final = Rate("从这个地址打开", 300, 300)

COSTLY: Final[dict[str, Rate]] = {
    "desk:filter": SEARCH, "desk:members": SEARCH, "desk:saved": SEARCH, "desk:authorise": SEARCH,
    "desk:palette": PALETTE,
    "desk:reveal": REVEAL,
    "ledger:index": LEDGER, "ledger:sheet": LEDGER, "ledger:duty_log": LEDGER,
    "supervision:board": LEDGER, "supervision:daily_make": LEDGER,
    "ledger:export": TAKE_OUT, "ledger:duty_export": TAKE_OUT, "supervision:board_file": TAKE_OUT,
    "supervision:daily_file": TAKE_OUT, "duty:xlsx": TAKE_OUT, "intake:refused": TAKE_OUT,
    "service:check": TAKE_OUT, "desk:places_export": TAKE_OUT,
    "service:trail": LEDGER, "service:trail_export": TAKE_OUT,
    "assessment:cycle": LEDGER, "assessment:losses": LEDGER, "assessment:what_if": LEDGER,
    "assessment:lines": SEARCH, "assessment:cycle_file": TAKE_OUT, "assessment:lines_file": TAKE_OUT,
    "assessment:losses_file": TAKE_OUT,
    "desk:batch": BATCH,
}  # fmt: skip
SENT: Final[dict[str, Rate]] = {  # costly only when something is sent
    "intake:home": IMPORT, "intake:confirm": IMPORT, "desk:holidays_preview": IMPORT,
    "evidence:add": UPLOAD, "assessment:results": IMPORT, "assessment:upload_confirm": IMPORT,
}  # fmt: skip
FOUND: Final[dict[str, Rate]] = {"desk:cases": SEARCH}  # costly only when something is looked for

buckets = Buckets()


class Limits:
    """Middleware, behind the one that knows the member: too often is 429, in words, for a few seconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Refuse, or return None for the page to go on."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        rate = rate_of(name, sends=request.method == "POST", asks=bool(request.GET.get("q")))
        if request.user.is_authenticated:
            key = f"member {request.user.pk}"
        else:
            key, rate = f"address {request.META.get('REMOTE_ADDR', '')}", STRANGER
        if rate is None:
            return None
        wait = buckets.take((key, rate.what), rate.times(settings.RATES))
        if not wait:
            return None
        log.warning("too often", extra={"view": name, "kind": "rate"})
        return errors.too_many(request, wait=wait, what=rate.what)


def rate_of(name: str, *, sends: bool, asks: bool) -> Rate | None:
    """Return how often that page may be asked for; None: as often as one likes."""
    if sends and name in SENT:
        return SENT[name]
    if asks and name in FOUND:
        return FOUND[name]
    return COSTLY.get(name)
