"""Roles, rights, and the right each address declares. Deny by default: no entry, no right."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from jiesu.rules.labelled import Labelled

View = Callable[..., HttpResponse]


class Role(Labelled):
    SEAT = "seat", "座席"
    REVIEWER = "reviewer", "审核员"
    HANDLER = "handler", "承办人"
    HEAD = "head", "单位负责人"
    LEADER = "leader", "街道领导"
    ANALYST = "analyst", "分析员"
    INSPECTOR = "inspector", "检查员"
    SYSTEM = "system", "系统管理员"
    SECURITY = "security", "安全管理员"
    AUDITOR = "auditor", "审计管理员"
    PENDING = "pending", "待授权"


class Right(Labelled):
    PUBLIC = "public", "任何人"
    OWN = "own", "自己的账号"
    MEMBER = "member", "已登录"
    SEE_CASES = "see_cases", "查看案件"
    IMPORT = "import", "导入工单"
    SIGN = "sign", "签收"
    SEND_BACK = "send_back", "退回"
    DISPATCH = "dispatch", "派转"
    HANDLE = "handle", "办理"
    DECIDE = "decide", "审批延期"
    REVIEW = "review", "审核"
    CLOSE = "close", "办结"
    NOTE = "note", "备注"
    ANSWER = "answer", "答复催办"
    KEEP = "keep", "保存筛选"
    REVEAL = "reveal", "查看个人信息"
    LEDGER = "ledger", "查看台账"
    EXPORT = "export", "导出台账"
    MEMBERS = "members", "管理成员"
    SUPERVISE = "supervise", "督办催办"
    BOARD = "board", "查看督办看板"
    PAUSE = "pause", "暂停计时"
    DUTY = "duty", "查看值班表"
    STAND_DUTY = "stand_duty", "值班"
    PLAN_DUTY = "plan_duty", "排班"
    SWAP = "swap", "换班"
    AWAY = "away", "请假代理"
    CALENDAR = "calendar", "录入节假日安排"
    PLACES = "places", "维护社区地名"
    AUTHORISE = "authorise", "授权与账号安全"
    GUARD = "guard", "个人信息保护"
    TRAIL = "trail", "查看操作留痕"
    INSPECT = "inspect", "检查与调阅"
    COPIES = "copies", "查看调阅记录"
    ASK = "ask", "申请未遮盖导出"
    APPROVE = "approve", "审批敏感导出"
    AUTOMATE = "automate", "设定自动派转"
    MODELS = "models", "查看模型"
    TEACH = "teach", "训练和提出上线"
    ADOPT = "adopt", "同意模型上线"
    RESTORE = "restore", "换回上一版模型"
    RATES = "rates", "查看三率"
    ASSESS = "assess", "考核管理"
    FOLLOW_UP = "follow_up", "三率研判"


R = Role
ADMINISTRATORS = frozenset({R.SYSTEM, R.SECURITY, R.AUDITOR})  # 三员: none does another's part
_CENTRE = {R.SEAT, R.REVIEWER}
_UNIT = {R.HANDLER, R.HEAD}

GRANTED: dict[Right, frozenset[Role]] = {
    Right.OWN: frozenset(Role),
    Right.MEMBER: frozenset(Role) - {R.PENDING},
    Right.SEE_CASES: frozenset(_CENTRE | _UNIT | {R.LEADER, R.ANALYST, R.INSPECTOR}),
    Right.IMPORT: frozenset({R.SEAT}),
    Right.SIGN: frozenset({R.SEAT}),
    Right.SEND_BACK: frozenset({R.SEAT}),
    Right.DISPATCH: frozenset({R.SEAT}),
    Right.HANDLE: frozenset(_UNIT),
    Right.DECIDE: frozenset({R.REVIEWER, R.LEADER}),
    Right.REVIEW: frozenset({R.REVIEWER}),
    Right.CLOSE: frozenset(_CENTRE),
    Right.NOTE: frozenset(_CENTRE | _UNIT | {R.LEADER}),
    Right.ANSWER: frozenset(_CENTRE | _UNIT | {R.LEADER}),
    Right.KEEP: frozenset(_CENTRE | _UNIT | {R.LEADER, R.ANALYST}),
    Right.REVEAL: frozenset(_CENTRE | _UNIT | {R.LEADER}),
    Right.LEDGER: frozenset(_CENTRE | _UNIT | {R.LEADER, R.ANALYST, R.INSPECTOR}),
    Right.EXPORT: frozenset(_CENTRE | {R.HEAD, R.LEADER, R.ANALYST, R.INSPECTOR}),
    Right.MEMBERS: frozenset({R.SYSTEM}),
    Right.SUPERVISE: frozenset(_CENTRE | {R.LEADER}),
    Right.BOARD: frozenset(_CENTRE | _UNIT | {R.LEADER, R.ANALYST, R.INSPECTOR}),
    Right.PAUSE: frozenset({R.REVIEWER, R.LEADER}),
    Right.DUTY: frozenset(_CENTRE | _UNIT | {R.LEADER, R.ANALYST, R.INSPECTOR, R.SYSTEM}),
    Right.STAND_DUTY: frozenset(_CENTRE),
    Right.PLAN_DUTY: frozenset({R.REVIEWER, R.LEADER}),
    Right.SWAP: frozenset(_CENTRE | {R.LEADER}),
    Right.AWAY: frozenset(_CENTRE | _UNIT | {R.LEADER}),
    Right.CALENDAR: frozenset({R.SYSTEM}),
    Right.PLACES: frozenset({R.SYSTEM}),
    Right.AUTHORISE: frozenset({R.SECURITY}),
    Right.GUARD: frozenset({R.SECURITY}),
    Right.TRAIL: frozenset({R.AUDITOR}),
    Right.INSPECT: frozenset({R.INSPECTOR}),
    Right.COPIES: frozenset({R.REVIEWER, R.LEADER, R.INSPECTOR, R.AUDITOR}),
    Right.ASK: frozenset(_CENTRE),
    Right.APPROVE: frozenset({R.LEADER}),
    Right.AUTOMATE: frozenset({R.SYSTEM}),
    Right.MODELS: frozenset({R.REVIEWER, R.LEADER, R.ANALYST, R.SYSTEM}),
    Right.TEACH: frozenset({R.ANALYST}),
    Right.ADOPT: frozenset({R.LEADER}),
    Right.RESTORE: frozenset({R.LEADER, R.ANALYST, R.SYSTEM}),
    Right.RATES: frozenset(_CENTRE | _UNIT | {R.LEADER, R.ANALYST, R.INSPECTOR}),
    Right.ASSESS: frozenset({R.REVIEWER, R.LEADER, R.ANALYST}),
    Right.FOLLOW_UP: frozenset(_CENTRE),
}

SEES_ALL = frozenset({R.SEAT, R.REVIEWER, R.LEADER, R.ANALYST, R.INSPECTOR})
SEES_OWN_UNIT = frozenset(_UNIT)


def roles_with(right: Right) -> frozenset[Role]:
    """Return which roles carry the right, to look for their members."""
    return GRANTED.get(right, frozenset())


def may(member: Any, right: Right) -> bool:
    """True when the member's account works now and their role carries the right.

    Who owes a password or a second factor may look after their own account and nothing else.
    """
    if right is Right.PUBLIC:
        return True
    return bool(
        getattr(member, "is_authenticated", False)
        and member.works_at(timezone.now())
        and member.role in GRANTED.get(right, frozenset())
        and (right is Right.OWN or not member.owes)
    )


def _to_login(request: HttpRequest) -> HttpResponse:
    """On to the door, and from there back to the page that was open."""
    htmx = getattr(request, "htmx", None)
    page = htmx.current_url_abs_path if htmx else request.get_full_path()
    told = {"next": page or "/"}
    if settings.SESSION_COOKIE_NAME in request.COOKIES:  # there was a session, and it is over
        told["over"] = "1"
    address = f"{reverse('desk:login')}?{urlencode(told)}"
    if htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def by_itself(view: View) -> View:
    """Declare that pages ask this address by themselves: it is no sign of somebody being there.

    Every other address is, so that none ends a session by being forgotten here.
    """
    view.by_itself = True  # type: ignore[attr-defined]
    return view


def _owed(request: HttpRequest) -> HttpResponse:
    """On to what must be done about the account first."""
    address = reverse("desk:password" if request.user.must_change else "desk:second_factor")
    if getattr(request, "htmx", None):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def right(needed: Right) -> Callable[[View], View]:
    """Declare what an address needs. A visitor logs in first, who owes does that first."""

    def declare(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if needed is not Right.PUBLIC and not request.user.is_authenticated:
                return _to_login(request)
            if needed not in {Right.PUBLIC, Right.OWN} and request.user.owes:
                return _owed(request)
            if not may(request.user, needed):
                raise PermissionDenied(f"您的角色没有“{needed.label}”的权限，需要时请联系管理员。")
            return view(request, *args, **kwargs)

        checked.right = needed  # type: ignore[attr-defined]
        return checked

    return declare
