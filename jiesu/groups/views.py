"""Groups as pages: the list, one group, what is done with it; and the likes and groups of a case."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiesu.cases import access, pages, transitions
from jiesu.cases.forms import ActForm
from jiesu.cases.models import Case
from jiesu.cases.pages import MemberRequest
from jiesu.cases.traces import FRESH
from jiesu.core import responses
from jiesu.dispatch import queries as dispatch
from jiesu.groups import actions, forms, likes, queries
from jiesu.groups.models import Belonging, Group
from jiesu.org.rights import Right, may, right
from jiesu.rules.grouping import GroupKind, GroupState
from jiesu.rules.workflow import Action
from jiesu.supervision.actions import Incomplete
from jiesu.trail.actions import leave_unless_lately
from jiesu.trail.models import Kind

FORM = "cases/act.html"
STATES = {GroupState.PROPOSED.value, GroupState.CONFIRMED.value}
WRONG = (actions.Ungrouped, access.NotYours, transitions.SentTwice, Incomplete)


@right(Right.SEE_CASES)
@require_safe
def listing(request: MemberRequest) -> HttpResponse:
    """并案: the standing groups, those to be confirmed first."""
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    found = queries.groups_of(request.user, state=state)
    context = {
        "groups": found[: queries.PAGE], "more": found.count() > queries.PAGE, "state": state,
        "states": [("", "全部"), *((one.value, one.label) for one in GroupState if one.value in STATES)],
    }  # fmt: skip
    return render(request, "groups/groups.html", context)


@right(Right.SEE_CASES)
@require_safe
def group(request: MemberRequest, pk: int) -> HttpResponse:
    """One group: its orders, its plan, what was done for all of them."""
    found = queries.get_group(request.user, pk)
    ones = queries.members_of(found, request.user)
    manages = may(request.user, Right.SUPERVISE) and found.state != GroupState.ENDED
    context = {
        "group": found, "ones": ones, "course": queries.course(found, ones), "manages": manages,
        "plans": not found.proposed and _may_any(request, ones, Action.PLAN),
        "writes": _may_any(request, ones, Action.PROGRESS),
        "ended": found.state == GroupState.ENDED,
        "open_count": sum(one.case.is_open for one in ones),
    }  # fmt: skip
    return render(request, "groups/group.html", context)


def _may_any(request: MemberRequest, ones: list[queries.One], action: Action) -> bool:
    return any(access.may_do(request.user, action, one.case) for one in ones)


@right(Right.SUPERVISE)
@require_POST
def confirm(request: MemberRequest, pk: int) -> HttpResponse:
    """A person says that it is one matter: one press."""
    found = queries.get_group(request.user, pk)
    url = _address(found)
    try:
        actions.confirm(found, actor=request.user, at=timezone.now())
    except WRONG as refusal:
        return responses.refused(request, url, str(refusal))
    return responses.done(request, url, "已确认为同一事项，可以定办理方案了")


@right(Right.SUPERVISE)
@require_http_methods(["GET", "POST"])
def dissolve(request: MemberRequest, pk: int) -> HttpResponse:
    """Undo the whole group."""
    found = queries.get_group(request.user, pk)
    return _act(
        request, found, forms.DissolveForm(**pages.posted(request)),
        lambda **told: actions.dissolve(found, actor=request.user, at=timezone.now(), **told),
        field="reason", title="解散这组", button="解散", say="已解散，各件照常办理",
    )  # fmt: skip


@right(Right.SUPERVISE)
@require_http_methods(["GET", "POST"])
def split(request: MemberRequest, pk: int) -> HttpResponse:
    """Take some out, into nothing or into a group of their own."""
    found = queries.get_group(request.user, pk)
    form = forms.SplitForm(**pages.posted(request), ones=queries.members_of(found, request.user))
    return _act(
        request, found, form,
        lambda **told: actions.take_out(found, actor=request.user, at=timezone.now(), **told),
        field="reason", title="移出或另成一组", button="移出", say="已移出，记在每一件上",
    )  # fmt: skip


@right(Right.NOTE)
@require_http_methods(["GET", "POST"])
def plan(request: MemberRequest, pk: int) -> HttpResponse:
    """办理方案 and the unit that answers for it."""
    found = queries.get_group(request.user, pk)
    form = forms.PlanForm(
        **pages.posted(request), units=dispatch.units_of(request.user),
        initial={"plan": found.plan, "owner": found.owner.code if found.owner else None},
    )  # fmt: skip
    return _act(
        request, found, form,
        lambda **told: actions.plan(found, actor=request.user, at=timezone.now(), **told),
        field="plan", title="办理方案", button="定下方案", say="办理方案已定，记到每一件",
    )  # fmt: skip


@right(Right.HANDLE)
@require_http_methods(["GET", "POST"])
def progress(request: MemberRequest, pk: int) -> HttpResponse:
    """办理进展, written once for all of the group that the member handles."""
    found = queries.get_group(request.user, pk)
    return _act(
        request, found, forms.ProgressForm(**pages.posted(request)),
        lambda **told: _written(
            actions.progress(found, actor=request.user, at=timezone.now(), **told)
        ),
        field="note", title="记一次进展", button="记到每一件", say="{done}",
    )  # fmt: skip


def _written(written: actions.Written) -> str:
    left = f"；{len(written.not_on)} 件不由您记，没有记" if written.not_on else ""
    return f"已记到 {len(written.on)} 件{left}"


def _act(
    request: MemberRequest, found: Group, form: ActForm, do: Callable[..., Any], *, field: str,
    title: str, button: str, say: str,
) -> HttpResponse:  # fmt: skip
    """A form about a group: shown, checked, done; what is wrong with it is said at its field."""
    if form.is_valid():
        try:
            with transaction.atomic():
                done = do(**form.cleaned_data)
            url = _address(found)
            return responses.done(request, url, say.format(done=done))
        except transitions.SentTwice as twice:
            return responses.refused(request, _address(found), str(twice))
        except WRONG as refusal:
            form.add_error(field, str(refusal))
    form.point()
    context = {
        "group": found, "form": form, "title": title, "button": button, "back": _address(found),
        "shell": "cases/bare.html" if request.htmx else "core/page.html",
    }  # fmt: skip
    return responses.form_page(request, "groups/act.html", context)


def _address(group: Group) -> str:
    return reverse("groups:group", args=[group.pk])


@right(Right.SEE_CASES)
@require_safe
def alike(request: MemberRequest, number: str) -> HttpResponse:
    """相似案件 of a case: a piece its page fetches by itself, or a page of its own."""
    case = access.get_case(request.user, number)
    leave_unless_lately(
        Kind.SEARCH,
        actor=request.user,
        within=FRESH,
        case=case.pk,
        number=case.number,
        subject="alike",
    )
    context = {
        "case": case, "likes": likes.find(case, viewer=request.user), "case_url": pages.address(case),
        "may_group": access.may_do(request.user, Action.GROUP, case),
    }  # fmt: skip
    page = "groups/_likes.html" if request.htmx else "groups/alike.html"
    return render(request, page, context)


@right(Right.SUPERVISE)
@require_http_methods(["GET", "POST"])
def together(request: MemberRequest, number: str) -> HttpResponse:
    """并案 by hand, with another order; the seat names it, or comes from the list of likes."""
    case = access.get_case(request.user, number)
    form = forms.TogetherForm(
        **pages.posted(request), initial={"number": request.GET.get("with", "")[:40]}
    )
    return pages.act(
        request, case, Action.GROUP, form, FORM,
        lambda number, once: _together(request, case, number, once),
        say="已并案，各件的答复和时限不变", wrong={actions.Ungrouped: "number"}, title="并案", button="并在一起",
    )  # fmt: skip


def _together(request: MemberRequest, case: Case, number: str, once: Any) -> None:
    """Join whatever group either of the two is in, or make one."""
    try:
        other = access.get_case(request.user, number)
    except Http404:
        raise actions.Ungrouped(f"没有找到工单“{number}”，请核对编号。") from None
    told: dict[str, Any] = {"actor": request.user, "at": timezone.now(), "once": once}
    group_of = {
        belonging.case_id: belonging.group
        for belonging in Belonging.objects.filter(case__in=[case, other], left_at=None).select_related("group")
    }  # fmt: skip
    if other.pk in group_of:
        actions.add(group_of[other.pk], case, why="人工并案", **told)
    elif case.pk in group_of:
        actions.add(group_of[case.pk], other, why="人工并案", **told)
    else:
        kind = GroupKind.REQUESTER if likes.same_requester(case, other) else GroupKind.MATTER
        actions.found([other, case], kind=kind, why="人工并案", **told)


@right(Right.SUPERVISE)
@require_http_methods(["GET", "POST"])
def leave(request: MemberRequest, number: str) -> HttpResponse:
    """移出并案: this one order is something else."""
    case = access.get_case(request.user, number)

    def do(**told: Any) -> None:
        standing = Belonging.objects.filter(case=case, left_at=None).select_related("group").first()
        if standing is None:
            raise actions.Ungrouped("此件不在任何一组里。")
        actions.take_out(standing.group, [case], actor=request.user, at=timezone.now(), **told)

    return pages.act(
        request, case, Action.LEAVE_GROUP, forms.LeaveForm(**pages.posted(request)), FORM, do,
        say="已移出，此件照常办理", wrong={actions.Ungrouped: "reason"}, title="移出并案", button="移出",
    )  # fmt: skip


@right(Right.SUPERVISE)
@require_http_methods(["GET", "POST"])
def tell(request: MemberRequest, number: str) -> HttpResponse:
    """催办告知: remind of the earlier order and record what the requester was told."""
    case = access.get_case(request.user, number)
    found = queries.on_case(case, request.user).back
    if found is None:
        raise Http404("此件没有对应的前单。")
    return pages.act(
        request, case, Action.TELL_PROGRESS, forms.TellForm(**pages.posted(request)), "groups/tell.html",
        lambda **told: actions.tell_progress(found.link, actor=request.user, at=timezone.now(), **told),
        say="已记催办告知", wrong={actions.Ungrouped: "words", Incomplete: "words"}, title="催办告知",
        button="催办前单并记下告知", back=found,
    )  # fmt: skip


@right(Right.SUPERVISE)
@require_http_methods(["GET", "POST"])
def deny(request: MemberRequest, number: str) -> HttpResponse:
    """不是复诉: one press."""
    case = access.get_case(request.user, number)
    found = queries.on_case(case, request.user).back
    if found is None:
        raise Http404("此件没有对应的前单。")
    return pages.press(
        request, case, Action.COME_BACK,
        lambda **told: actions.deny(found.link, actor=request.user, at=timezone.now(), **told),
        say="已标为不是复诉", wrong=(actions.Ungrouped,),
    )  # fmt: skip
