"""派转, 转派, 退派, 增加协办, 选定社区."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from jiesu.cases import access, pages
from jiesu.cases.models import Part
from jiesu.cases.pages import MemberRequest
from jiesu.dispatch import actions, queries
from jiesu.dispatch.forms import AssistForm, DeclineForm, DispatchForm, PlaceForm, TransferForm
from jiesu.org.rights import Right, right
from jiesu.rules.workflow import Action, Stage
from jiesu.triage import panel, reading

WRONG: pages.Wrong = {actions.WrongUnit: None, actions.OutsideDutyList: "community_reason"}


@right(Right.DISPATCH)
@require_http_methods(["GET", "POST"])
def dispatch(request: MemberRequest, number: str) -> HttpResponse:
    """派转: lead and assisting units, internal due time."""
    case = access.get_case(request.user, number)
    at = timezone.now()
    form = DispatchForm(
        **pages.posted(request), case=case, at=at, units=queries.units_of(request.user),
        due=queries.default_due(request.user, case, at),
        duty=queries.duty_words(request.user, case, at), initial=queries.suggested(request, case, at),
    )  # fmt: skip
    return pages.act(
        request, case, Action.TRIAGE if case.stage == Stage.SIGNED else Action.DISPATCH, form,
        "dispatch/dispatch.html",
        lambda shown, **told: actions.dispatch(
            case, actor=request.user, at=at, **told, **panel.unseal_shown(shown)
        ),
        say="已派给 {unit}", wrong=WRONG, title="派转", verb="派给", wide=True,
    )  # fmt: skip


@right(Right.DISPATCH)
@require_http_methods(["GET", "POST"])
def take_back(request: MemberRequest, number: str) -> HttpResponse:
    """撤回自动派转: one press."""
    case = access.get_case(request.user, number)
    return pages.press(
        request, case, Action.TAKE_BACK,
        lambda once: actions.take_back(case, actor=request.user, at=timezone.now(), once=once),
        say="已撤回，案件回到待派转", wrong=(actions.WrongUnit,),
    )  # fmt: skip


@right(Right.DISPATCH)
@require_http_methods(["GET", "POST"])
def transfer(request: MemberRequest, number: str) -> HttpResponse:
    """转派: to another unit in one breath, with the reason."""
    case = access.get_case(request.user, number)
    at = timezone.now()
    helping = case.assignments.filter(part=Part.ASSISTING, ended_at=None)
    form = TransferForm(
        **pages.posted(request), case=case, at=at,
        units=[unit for unit in queries.units_of(request.user) if unit != case.unit],
        due=queries.default_due(request.user, case, at),
        duty=queries.duty_words(request.user, case, at),
        initial={"assisting": list(helping.values_list("unit__code", flat=True))},
    )  # fmt: skip
    return pages.act(
        request, case, Action.TRANSFER, form, "dispatch/dispatch.html",
        lambda shown, **told: actions.transfer(case, actor=request.user, at=at, **told),
        say="已转派给 {unit}", wrong=WRONG, title="转派", verb="转派给", wide=True,
    )  # fmt: skip


@right(Right.HANDLE)
@require_http_methods(["GET", "POST"])
def decline(request: MemberRequest, number: str) -> HttpResponse:
    """退派: not this unit's matter."""
    case = access.get_case(request.user, number)
    return pages.act(
        request, case, Action.DECLINE, DeclineForm(**pages.posted(request)), "cases/act.html",
        lambda **told: actions.decline(case, actor=request.user, at=timezone.now(), **told),
        say="已退派，案件回到待派转", wrong={actions.WrongUnit: "reason"},
        title="退派", button="退派，交座席改派",
    )  # fmt: skip


@right(Right.DISPATCH)
@require_http_methods(["GET", "POST"])
def assist(request: MemberRequest, number: str) -> HttpResponse:
    """增加协办 while the lead goes on."""
    case = access.get_case(request.user, number)
    at = timezone.now()
    form = AssistForm(
        **pages.posted(request), case=case, at=at, due=queries.default_due(request.user, case, at),
        units=[unit for unit in queries.units_of(request.user) if unit != case.unit],
    )  # fmt: skip
    return pages.act(
        request, case, Action.ADD_ASSISTING, form, "dispatch/assist.html",
        lambda **told: actions.add_assisting(case, actor=request.user, at=at, **told),
        say="已增加协办：{unit}", wrong={actions.WrongUnit: "unit"}, title="增加协办",
    )  # fmt: skip


@right(Right.DISPATCH)
@require_http_methods(["GET", "POST"])
def place(request: MemberRequest, number: str) -> HttpResponse:
    """选定社区, where the order's own word for it was not known."""
    case = access.get_case(request.user, number)
    offered = [] if case.community else reading.placed(case)
    likely = case.community or (offered[0].community if len(offered) == 1 else None)
    current = {"community": likely.code} if likely else {}
    form = PlaceForm(
        **pages.posted(request), units=queries.units_of(request.user, communities_only=True),
        initial=current,
    )  # fmt: skip

    return pages.act(
        request, case, Action.PLACE, form, "dispatch/place.html",
        lambda **told: actions.place(case, actor=request.user, at=timezone.now(), **told),
        say="已选定社区：{community}", wrong={actions.WrongUnit: "community"}, title="选定社区",
        offered=offered,
    )  # fmt: skip
