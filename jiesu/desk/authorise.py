"""授权: the security administrator's pages. Roles and passwords of others; no account is made here."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiesu.desk import members, own
from jiesu.desk.member_forms import AccountRulesForm, GrantForm
from jiesu.org import account_rules, actions, authorising, factors, sittings, slowdown
from jiesu.org.models import Member
from jiesu.org.rights import Right, Role, right


def _get(request: HttpRequest, pk: int) -> Member:
    found = Member.objects.select_related("unit")
    return get_object_or_404(found, office=request.user.office_id, pk=pk)


@right(Right.AUTHORISE)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Everybody of the office; first of all how many wait for a role."""
    pending = Member.objects.filter(
        office=request.user.office_id, role=Role.PENDING, is_active=True
    )
    context = members.find(request) | {"pending": pending.count()}
    return render(request, "desk/authorise.html", context)


@right(Right.AUTHORISE)
@require_http_methods(["GET", "POST"])
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """One member's role, and what else their account needs."""
    member = _get(request, pk)
    form = GrantForm(request.POST or None, initial={"role": member.role})
    if form.is_valid():
        try:
            authorising.grant(member, actor=request.user, **form.cleaned_data)
        except (authorising.NotOneself, actions.OneMustStay) as refusal:
            form.add_error("role", str(refusal))
        else:
            messages.success(request, f"{member.name} 现在是{Role.label_of(member.role)}")
            return redirect("desk:authorise")
        member.refresh_from_db()
    status = 422 if form.errors else 200
    context = {"form": form, "one": member, "sittings": own.sittings_of(member),
        "slips": slowdown.of_member(member, timezone.now()), "has_factors": factors.has_any(member),
    }  # fmt: skip
    return render(request, "desk/authorise_member.html", context, status=status)


@right(Right.AUTHORISE)
@require_POST
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """A temporary password for who forgot theirs."""
    member = _get(request, pk)
    try:
        password = authorising.reset_password(member, actor=request.user)
    except authorising.NotOneself as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:authorise_member", pk=member.pk)
    return members.show_password(
        request, member, password, done="已重置密码", back="desk:authorise"
    )


@right(Right.AUTHORISE)
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End every session of a member; of oneself all but this one."""
    member = _get(request, pk)
    here = request.session.session_key
    ended = sittings.end(member, actor=request.user, why="ended", keep=here)
    messages.success(request, f"已让 {member.name} 退出 {ended} 处登录")
    return redirect("desk:authorise_member", pk=member.pk)


@right(Right.AUTHORISE)
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """账号规则, with all that held before."""
    office = request.user.office_id
    now = sittings.rules_of(office)
    form = AccountRulesForm(request.POST or None, initial=account_rules.told(now))
    if form.is_valid():
        account_rules.change(actor=request.user, **form.cleaned_data)
        messages.success(request, "账号规则已保存，对已登录的人也立即生效")
        return redirect("desk:account_rules")
    context = {"form": form, "now": now, "history": account_rules.history(office)[:50]}
    status = 422 if form.errors else 200
    return render(request, "desk/account_rules.html", context, status=status)


@right(Right.AUTHORISE)
@require_POST
def factors_away(request: HttpRequest, pk: int) -> HttpResponse:
    """For who has lost phone, key and recovery codes."""
    member = _get(request, pk)
    try:
        authorising.take_factors_away(member, actor=request.user)
    except authorising.NotOneself as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"已去掉 {member.name} 的第二步验证")
    return redirect("desk:authorise_member", pk=member.pk)


@right(Right.AUTHORISE)
@require_POST
def unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """For who has to wait after too many slips."""
    member = _get(request, pk)
    forgiven = authorising.unlock(member, actor=request.user)
    messages.success(request, f"已清除 {member.name} 的 {forgiven} 次登录失败，可以马上登录")
    return redirect("desk:authorise_member", pk=member.pk)
