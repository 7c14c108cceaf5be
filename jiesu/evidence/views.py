"""Adding evidence to a case, and getting it back."""

import logging

from django.http import Http404, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from jiesu.cases import access, pages
from jiesu.cases.pages import MemberRequest
from jiesu.core import errors
from jiesu.evidence import actions, previews, serving, storage, traces
from jiesu.evidence.forms import AddForm
from jiesu.org.rights import Right, right
from jiesu.rules.workflow import Action

log = logging.getLogger("jiesu.evidence")
GONE = "这个文件的内容不在了，请联系管理员从备份恢复。"
ALTERED = "这个文件和上传时不一样了，可能被改动或损坏，已停止提供。请联系管理员从备份恢复。"


@right(Right.NOTE)
@require_http_methods(["GET", "POST"])
def add(request: MemberRequest, number: str) -> HttpResponseBase:
    """上传佐证."""
    case = access.get_case(request.user, number)
    form = AddForm(**pages.posted(request))
    return pages.act(
        request, case, Action.ADD_EVIDENCE, form, "cases/act.html",
        lambda **told: actions.add(case, actor=request.user, at=timezone.now(), **told),
        say=lambda files, **told: f"已上传 {len(files)} 个文件", title="上传佐证", button="上传并记入案件",
    )  # fmt: skip


@right(Right.SEE_CASES)
@require_safe
def file(request: MemberRequest, number: str, pk: int) -> HttpResponseBase:
    """One file of a case: a download, or with ``?preview`` a picture of it to look at."""
    case = access.get_case(request.user, number)
    found = case.evidence.filter(pk=pk).first()
    if found is None:
        raise Http404("没有这个文件，或者它不归您看。")
    try:
        shows = "preview" in request.GET
        answer = serving.show(found) if shows else serving.send(request, found)
    except FileNotFoundError:
        log.error("evidence %s of %s is not on the disk", found.pk, case.number)
        return errors.page(request, 404, reason=GONE)
    except storage.Altered:
        log.error("evidence %s of %s is not what was uploaded", found.pk, case.number)
        traces.altered(case, found, actor=request.user)
        return errors.page(request, 409, reason=ALTERED)
    except previews.NoPreview:
        return errors.page(request, 415, reason="这个文件看不了缩略图，请下载后打开。")
    if request.method == "GET" and answer.status_code in {200, 206}:
        traces.taken(request, case, found)
    return answer
