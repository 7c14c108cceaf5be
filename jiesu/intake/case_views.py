"""签收, 退回, and the platform's answer to a send-back."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from jiesu.cases import access, pages
from jiesu.cases.pages import MemberRequest
from jiesu.catalogue.queries import rules_at
from jiesu.evidence import actions as evidence
from jiesu.intake import actions
from jiesu.intake.case_forms import AnswerForm, SendBackForm
from jiesu.org.rights import Right, right
from jiesu.rules.workflow import Action


@right(Right.SIGN)
@require_http_methods(["GET", "POST"])
def sign(request: MemberRequest, number: str) -> HttpResponse:
    """签收: one press."""
    case = access.get_case(request.user, number)
    return pages.press(
        request, case, Action.SIGN,
        lambda **told: actions.sign(case, actor=request.user, at=timezone.now(), **told),
        say=f"已签收 {case.number}，请派转",
    )  # fmt: skip


@right(Right.SEND_BACK)
@require_http_methods(["GET", "POST"])
def send_back(request: MemberRequest, number: str) -> HttpResponse:
    """退回, with reason and proof; files go to the evidence of the case."""
    case = access.get_case(request.user, number)
    at = timezone.now()
    form = SendBackForm(
        **pages.posted(request), reasons=rules_at(request.user.office, at).send_back_reasons
    )

    @transaction.atomic
    def do(files: list[evidence.Checked], **told: Any) -> None:
        actions.send_back(case, actor=request.user, at=at, **told)
        evidence.add(case, files, actor=request.user, at=at, note="退回佐证")

    return pages.act(
        request, case, Action.SEND_BACK, form, "intake/send_back.html", do,
        say="已退回，等待平台裁定", wrong={actions.ProofMissing: "proof"}, title="退回",
    )  # fmt: skip


@right(Right.SEND_BACK)
@require_http_methods(["GET", "POST"])
def answer(request: MemberRequest, number: str) -> HttpResponse:
    """Record what the platform answered to a send-back."""
    case = access.get_case(request.user, number)
    return pages.act(
        request, case, Action.GRANT_SEND_BACK, AnswerForm(**pages.posted(request)), "intake/answer.html",
        lambda **told: actions.answer(case, actor=request.user, at=timezone.now(), **told),
        say=lambda granted, **told: "平台已同意，按退回了结" if granted else "平台已驳回，转入待派转",
        title="平台裁定", asked=lambda: case.events.filter(action=Action.SEND_BACK).last(),
    )  # fmt: skip
