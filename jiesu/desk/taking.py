"""我来办, 接手, 放下: the claim of a case at the desk."""

from django import forms
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from jiesu.cases import access, pages, taking
from jiesu.cases.forms import ActForm
from jiesu.cases.pages import MemberRequest
from jiesu.org.rights import Right, right
from jiesu.rules.workflow import Action


class TakeOverForm(ActForm):
    """Whose claim is taken over: the one that was shown, and nobody else's."""

    instead_of = forms.IntegerField(widget=forms.HiddenInput, required=False)


@right(Right.NOTE)
@require_http_methods(["GET", "POST"])
def take(request: MemberRequest, number: str) -> HttpResponse:
    """我来办: one press; where a colleague has the case, a question first."""
    case = access.get_case(request.user, number)
    at = timezone.now()
    minutes = int(taking.length(request.user.office, at).total_seconds() // 60)
    say = f"已认领，{minutes} 分钟内由您来办"
    held = taking.by_another(case, request.user)
    if held is None or (request.method == "POST" and "instead_of" not in request.POST):
        return pages.press(
            request, case, Action.TAKE,
            lambda **told: taking.take(case, actor=request.user, at=at, **told),
            say=say, wrong=(taking.Taken,),
        )  # fmt: skip
    form = TakeOverForm(**pages.posted(request), initial={"instead_of": held.pk})
    return pages.act(
        request, case, Action.TAKE, form, "desk/take.html",
        lambda **told: taking.take(case, actor=request.user, at=at, **told),
        say=say, wrong={taking.Taken: None}, title="接手", button="接手，由我来办",
    )  # fmt: skip


@right(Right.NOTE)
@require_http_methods(["GET", "POST"])
def release(request: MemberRequest, number: str) -> HttpResponse:
    """放下: the claim ends before its time."""
    case = access.get_case(request.user, number)
    return pages.press(
        request, case, Action.RELEASE,
        lambda **told: taking.release(case, actor=request.user, at=timezone.now(), **told),
        say="已放下，其他人可以认领", wrong=(taking.NotTaken,),
    )  # fmt: skip
