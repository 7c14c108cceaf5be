"""自动派转: the administrator sets it, the desk looks back at what it did."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from jiesu.cases.pages import MemberRequest
from jiesu.dispatch import automatic
from jiesu.dispatch.forms import PolicyForm
from jiesu.org.rights import Right, may, right
from jiesu.triage import faults


@right(Right.AUTOMATE)
@require_http_methods(["GET", "POST"])
def policy(request: MemberRequest) -> HttpResponse:
    """Whether and how surely cases are dispatched automatically, and which models do not work."""
    held = automatic.policy(request.user.office)
    initial = {"on": held.on, "percent": round(held.threshold * 100)} if held else {}
    form = PolicyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        automatic.set_policy(
            request.user.office, on=told["on"], threshold=told["percent"] / 100,
            actor=request.user, at=timezone.now(),
        )  # fmt: skip
        messages.success(request, "已开启自动派转" if told["on"] else "已关闭自动派转")
        return redirect("automatic:policy")
    context = {"form": form, "held": held, "faults": faults.open_faults()}
    return render(request, "dispatch/policy.html", context, status=422 if form.errors else 200)


@right(Right.SUPERVISE)
@require_safe
def look_back(request: MemberRequest) -> HttpResponse:
    """自动派转回看: what the product dispatched by itself, and what became of it."""
    context = {
        "found": automatic.look_back(request.user), "held": automatic.policy(request.user.office),
        "may_undo": may(request.user, Right.DISPATCH),
    }  # fmt: skip
    return render(request, "dispatch/look_back.html", context)
