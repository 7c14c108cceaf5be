"""外包合同: the system administrator's pages. An account of a contract works between its dates."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from jiesu.desk.member_forms import ContractForm
from jiesu.org import contracts
from jiesu.org.models import Contract
from jiesu.org.rights import Right, right


@right(Right.MEMBERS)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Every contract, those that end within thirty days marked."""
    today = timezone.localdate()
    found = contracts.of_office(request.user.office_id)
    context = {"contracts": found, "today": today, "soon": today + contracts.SOON}
    return render(request, "desk/contracts.html", context)


@right(Right.MEMBERS)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new contract."""
    return _form(request, None)


@right(Right.MEMBERS)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Other dates, or another name; whose accounts it holds."""
    return _form(request, get_object_or_404(Contract, office=request.user.office_id, pk=pk))


def _form(request: HttpRequest, one: Contract | None) -> HttpResponse:
    names = ("party", "begins_on", "ends_on")
    start = {name: getattr(one, name) for name in names} if one else {}
    form = ContractForm(request.POST or None, initial=start)
    if form.is_valid():
        try:
            if one is None:
                contracts.add(actor=request.user, **form.cleaned_data)
            else:
                contracts.change(one, actor=request.user, **form.cleaned_data)
        except contracts.EndsBeforeItBegins as wrong:
            form.add_error("ends_on", str(wrong))
        else:
            messages.success(request, f"已保存 {form.cleaned_data['party']}")
            return redirect("desk:contracts")
    people = one.members.select_related("unit") if one else ()
    context = {"form": form, "one": one, "people": people}
    return render(request, "desk/contract.html", context, status=422 if form.errors else 200)
