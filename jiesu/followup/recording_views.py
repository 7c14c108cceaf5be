"""Recordings: taking them, matching by hand what found no case, listening."""

import logging
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from jiesu.cases import access
from jiesu.cases.pages import MemberRequest
from jiesu.core import environment, errors, vault
from jiesu.followup import listening, players, queries, recordings, speech
from jiesu.followup.forms import AssignForm, UploadForm
from jiesu.followup.models import FolderFile, Recording
from jiesu.org.rights import Right, right

log = logging.getLogger("jiesu.followup")
GONE = "这个录音的内容不在了，请联系管理员从备份恢复。"
SHOWN = 60


@right(Right.FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def inbox(request: MemberRequest) -> HttpResponse:
    """录音: upload any number; what found no case; the newest; how often machine and person agree."""
    wrong: list[str] = []
    if request.method == "POST":
        wrong = _take(request)
        if not wrong:
            return redirect("followup:recordings")
    found = queries.unmatched(request.user)
    context: dict[str, Any] = {
        "form": UploadForm(), "wrong": wrong, "unmatched": found[:SHOWN], "count": found.count(),
        "newest": queries.recordings_of(request.user).filter(case__isnull=False).order_by("-id")[:20],
        "agreement": queries.agreement(request.user.office), "engine": speech.available(),
        "folder": environment.recordings() is not None,
        "refused": FolderFile.objects.exclude(refused="")[:10],
    }  # fmt: skip
    return render(request, "followup/recordings.html", context, status=422 if wrong else 200)


def _take(request: MemberRequest) -> list[str]:
    """Take what was sent; say what came of it. Returns what was refused, in sentences."""
    files, wrong = request.FILES.getlist("files"), []
    if not files:
        return ["请选择录音文件。"]
    done = known = matched = 0
    for upload in files[:50]:
        try:
            taken = recordings.take(
                request.user.office, upload.name or "", upload.file, upload.size or 0,
                actor=request.user, at=timezone.now(),
            )  # fmt: skip
        except recordings.Unacceptable as refusal:
            wrong.append(str(refusal))
            continue
        known += taken.known
        done += not taken.known
        matched += not taken.known and taken.recording.case_id is not None
    if done or known:
        said = f"收下 {done} 个录音，{matched} 个已对上案件"
        messages.success(request, said + (f"；{known} 个以前收过，没有重复" if known else ""))
    return wrong


@right(Right.FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def one(request: MemberRequest, pk: int) -> HttpResponse:
    """One recording of no case: listen, and say whose call it is. A matched one is listened to on its call sheet."""
    found = _get(request, pk)
    if found.case is not None:
        return redirect(
            f"{reverse('calling:sheet', args=[found.case.number])}?recording={found.pk}"
        )
    form = AssignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            case = access.get_case(request.user, form.cleaned_data["number"].strip())
            recordings.assign(found, case, actor=request.user)
        except Http404:
            form.add_error("number", "没有这个编号的案件，请核对。")
        except access.NotYours as refusal:
            form.add_error("number", str(refusal))
        else:
            messages.success(request, f"已对上 {case.number}")
            return redirect(f"{reverse('calling:sheet', args=[case.number])}?recording={found.pk}")
    status = 422 if form.errors else 200
    shown = {
        "recording": found,
        "player": players.of(found),
        "form": form,
        "engine": speech.available(),
    }
    return render(request, "followup/recording.html", shown, status=status)


@right(Right.FOLLOW_UP)
@require_safe
def audio(request: MemberRequest, pk: int) -> HttpResponseBase:
    """The sound itself, in ranges; ``?original`` the file as it came."""
    found = _get(request, pk)
    try:
        return listening.send(request, found, original="original" in request.GET)
    except (FileNotFoundError, vault.Gone):
        log.error("recording %s cannot be read", found.pk)
        return errors.page(request, 404, reason=GONE)


def _get(request: MemberRequest, pk: int) -> Recording:
    found = queries.recordings_of(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404("没有这个录音，或者它不归您听。")
    return found
