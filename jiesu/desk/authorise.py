"""授权: the security administrator's pages. Roles and passwords of others; no account is made here."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiesu.desk import members
from jiesu.desk.member_forms import GrantForm
from jiesu.org import authorising
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
        except (authorising.NotOneself, authorising.OneMustStay) as refusal:
            form.add_error("role", str(refusal))
        else:
            messages.success(request, f"{member.name} 现在是{Role.label_of(member.role)}")
            return redirect("desk:authorise")
        member.refresh_from_db()
    status = 422 if form.errors else 200
    return render(
        request, "desk/authorise_member.html", {"form": form, "one": member}, status=status
    )


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
