"""交接单: the sheet, its words with what to do when two write at once, both confirmations; notes."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from jiesu.duty import handing_over
from jiesu.duty.forms import NoteForm, WordsForm
from jiesu.duty.models import DutyNote, Handover, NoteKind, Shift
from jiesu.duty.month import said_hours
from jiesu.duty.roster import Refused, turn_of
from jiesu.duty.views import press, sent
from jiesu.org.rights import Right, right

CONFIRMED = {"give": "已交班", "take": "已接班，交接单定稿", "take-back": "已收回，可以修改"}


def _sheet(request: HttpRequest, pk: int) -> Handover:
    found = Handover.objects.select_related(
        "shift__pattern", "shift__office", "to_shift__pattern", "to_shift__office", "given_by", "taken_by"
    )  # fmt: skip
    return get_object_or_404(found, pk=pk, office=request.user.office_id)


def _about(shift: Shift | None) -> dict[str, Any] | None:
    if shift is None:
        return None
    posts = shift.posts.filter(released_at=None).select_related("member").order_by("-lead", "id")
    return {"shift": shift, "hours": said_hours(turn_of(shift)), "posts": list(posts)}


def _page(request: HttpRequest, found: Handover, form: WordsForm, **more: Any) -> HttpResponse:
    member = request.user
    giving, taking = _about(found.shift), _about(found.to_shift)
    context = {
        "sheet": found, "form": form, "giving": giving, "taking": taking,
        "body": found.body, "final": found.taken_at is not None,
        "mine_to_take_back": found.given_by_id == member.pk and found.taken_at is None,
    } | more  # fmt: skip
    return render(request, "duty/sheet.html", context, status=422 if more.get("theirs") is not None or form.errors else 200)  # fmt: skip


@right(Right.SUPERVISE)
@require_http_methods(["GET", "POST"])
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """One handover sheet, to read, to print and to confirm; a POST saves its words.

    Somebody else's words since then are shown beside them, and nothing is lost.
    """
    found = _sheet(request, pk)
    if request.method != "POST":
        form = WordsForm(initial={"words": found.words, "version": found.version})
        return _page(request, found, form)
    form = WordsForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    told = form.cleaned_data
    try:
        handing_over.change_words(
            found, words=told["words"], version=told["version"], actor=request.user
        )
    except handing_over.Changed as clash:
        again = WordsForm(initial={"words": told["words"], "version": clash.version})
        return _page(
            request, found, again, theirs=clash.theirs, mine=told["words"], clash=str(clash)
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        sent(request)
        messages.success(request, "已保存交接说明")
    return redirect("duty:sheet", pk=pk)


@right(Right.STAND_DUTY)
@require_POST
def confirm(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """交班, 接班, or taking the first back."""
    if verb not in CONFIRMED:
        raise Http404("没有这个操作。")
    found, at, actor = _sheet(request, pk), timezone.now(), request.user

    def do() -> None:
        if verb == "give":
            handing_over.give(found, actor=actor, at=at)
        elif verb == "take":
            handing_over.take(found, actor=actor, at=at)
        else:
            handing_over.take_back(found, actor=actor)

    return press(request, reverse("duty:sheet", args=[pk]), do, CONFIRMED[verb])


@right(Right.SUPERVISE)
@require_http_methods(["GET", "POST"])
def add_note(request: HttpRequest) -> HttpResponse:
    """记一笔, at will about the case named in the address."""
    number = request.GET.get("case", request.POST.get("case_number", ""))[:40]
    named = number and "/" not in number  # else it is no case's, and has no page
    back = reverse("desk:case", args=[number]) if named else reverse("desk:handover")
    form = NoteForm(
        request.POST or None, initial={"case_number": number, "kind": NoteKind.MATTER.value}
    )
    if form.is_valid():
        try:
            handing_over.add_note(
                request.user.office, member=request.user, at=timezone.now(), **form.cleaned_data
            )
        except handing_over.NoSuchCase as refusal:
            form.add_error("case_number", str(refusal))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            sent(request)
            messages.success(request, "已记下，交接班时会列出")
            return redirect(back)
    context = {"form": form, "back": back}
    return render(request, "duty/note.html", context, status=422 if form.errors else 200)


@right(Right.SUPERVISE)
@require_POST
def finish_note(request: HttpRequest, pk: int) -> HttpResponse:
    """办结 one note."""
    note = get_object_or_404(DutyNote, pk=pk, office=request.user.office_id)
    return press(
        request, reverse("desk:handover"),
        lambda: handing_over.finish_note(note, member=request.user, at=timezone.now()), "已办结",
    )  # fmt: skip
