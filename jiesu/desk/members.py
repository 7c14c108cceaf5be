"""成员: the system administrator's pages. A temporary password is shown once, in the answer that made it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiesu.desk.member_forms import AddMemberForm, MemberForm, SearchForm
from jiesu.org import actions, contracts
from jiesu.org.models import Member, working
from jiesu.org.rights import Right, right

SIZE = 50


def _get(request: HttpRequest, pk: int) -> Member:
    return get_object_or_404(
        Member.objects.select_related("unit", "contract"), office=request.user.office_id, pk=pk
    )


def find(request: HttpRequest) -> dict[str, Any]:
    """Return what both administrators' lists show: everybody by name, user name, unit, role, state."""
    form = SearchForm(request.GET)
    form.is_valid()
    told = form.cleaned_data
    found = Member.objects.filter(office=request.user.office_id).select_related("unit", "contract")
    if who := told.get("who", "").strip():
        named = Q(name__icontains=who) | Q(username__icontains=who)
        found = found.filter(named | Q(unit__name__icontains=who))
    if role := told.get("role"):
        found = found.filter(role=role)
    if told.get("state"):
        works = working(timezone.now())
        found = found.filter(works if told["state"] == "on" else ~works)
    page = Paginator(found, SIZE).get_page(request.GET.get("page"))
    query = urlencode({name: value for name, value in told.items() if value})

    def turn(number: int) -> str:
        return f"?{query}{'&' if query else ''}page={number}"

    return {
        "form": form, "page": page, "today": timezone.localdate(), "count_text": f"共 {page.paginator.count} 人",
        "previous_url": turn(page.number - 1) if page.has_previous() else "",
        "next_url": turn(page.number + 1) if page.has_next() else "",
    }  # fmt: skip


@right(Right.MEMBERS)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Everybody of the office."""
    ending = contracts.ending_soon(request.user.office_id, timezone.now())
    return render(request, "desk/members.html", find(request) | {"ending": ending})


@right(Right.MEMBERS)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new member with a temporary password."""
    form = AddMemberForm(request.POST or None, office=request.user.office_id)
    if form.is_valid():
        made, password = actions.add_member(actor=request.user, **form.cleaned_data)
        return show_password(
            request, made, password, done="已添加", back="desk:members",
            after="账号现在是“待授权”，由安全管理员授角色后才能工作。",
        )  # fmt: skip
    return _form(request, form, title="添加成员", button="添加", back=reverse("desk:members"))


@right(Right.MEMBERS)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name or unit; beside it whether the account is in use."""
    member = _get(request, pk)
    start = {
        "name": member.name, "unit": member.unit.code, "phone": member.phone, "email": member.email,
        "messenger": member.messenger, "contract": member.contract_id,
    }  # fmt: skip
    form = MemberForm(request.POST or None, office=request.user.office_id, initial=start)
    if form.is_valid():
        actions.change_member(member, actor=request.user, **form.cleaned_data)
        messages.success(request, f"已保存 {member.name}")
        return redirect("desk:members")
    return _form(
        request,
        form,
        title=f"成员 {member.name}",
        button="保存",
        back=reverse("desk:members"),
        one=member,
    )


@right(Right.MEMBERS)
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """停用 or 启用."""
    member = _get(request, pk)
    active = request.POST.get("active") == "1"
    try:
        actions.switch_member(member, active=active, actor=request.user)
    except actions.OneMustStay as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"已{'启用' if active else '停用'} {member.name}")
    return redirect("desk:member", pk=member.pk)


def _form(request: HttpRequest, form: Any, **context: Any) -> HttpResponse:
    return render(
        request, "desk/member.html", {"form": form, **context}, status=422 if form.errors else 200
    )


def show_password(
    request: HttpRequest, member: Member, password: str, *, done: str, back: str, after: str = ""
) -> HttpResponse:
    """The one page that ever shows a temporary password."""
    return render(
        request,
        "desk/member_password.html",
        {"one": member, "secret": password, "done": done, "back": back, "after": after},
    )
