"""Coming in, going out, and one's own password."""

from typing import Any

from django import forms
from django.contrib import auth, messages
from django.contrib.auth.forms import PasswordChangeForm
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiesu.desk import entering
from jiesu.org import factors, passwords, single, sittings, slowdown
from jiesu.org.models import Member, Passkey, Totp
from jiesu.org.rights import Right, Role, right
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

WRONG = "用户名或密码不对，请重新输入；忘记密码请找安全管理员重置。"


class LoginForm(Form):
    """User name and password; wrong ones are told apart to nobody."""

    username = forms.CharField(
        label="用户名", max_length=40, error_messages={"max_length": WRONG},
        widget=forms.TextInput(attrs={"autocomplete": "username webauthn", "autocapitalize": "none", "autofocus": True}),
    )  # fmt: skip
    password = forms.CharField(
        label="密码", max_length=1024, strip=False, error_messages={"max_length": WRONG},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_what_is_missing(self)
        if self.data.get("username"):  # the name is there already: on to the password
            del self.fields["username"].widget.attrs["autofocus"]
            self.fields["password"].widget.attrs["autofocus"] = True


class SecondForm(Form):
    """Six figures, or a recovery code."""

    code = forms.CharField(
        label="动态码或恢复码", max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "none"}),
        help_text="手机验证器上的六位数字；手机不在身边，填一个恢复码。",
        error_messages={"required": "请填写动态码或恢复码。"},
    )  # fmt: skip
    use_required_attribute = False

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split())


class OwnPasswordForm(PasswordChangeForm):
    """A new password of one's own."""

    use_required_attribute = False
    error_messages = PasswordChangeForm.error_messages | {
        "password_incorrect": "现在的密码不对，请重新输入。",
        "password_mismatch": "两次输入的新密码不一样，请重新输入。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_what_is_missing(self)
        rules = sittings.rules_of(self.user.office_id)
        self.fields["old_password"].label = "现在的密码"
        self.fields["new_password1"].help_text = passwords.wanted(rules, self.user.role)
        self.fields["new_password2"].label, self.fields["new_password2"].help_text = "再输一遍", ""
        for name, field in self.fields.items():
            if name != "old_password":
                field.max_length = passwords.LONGEST

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean()
        if told.get("new_password1") and told.get("new_password1") == told.get("old_password"):
            self.add_error("new_password1", "新密码和现在的一样，请换一个。")
        return told

    def save(self, commit: bool = True) -> Member:
        password = self.cleaned_data["new_password1"]
        passwords.set_password(self.user, password, temporary=False, at=timezone.now())
        return self.user


def _say_what_is_missing(form: Form) -> None:
    for field in form.fields.values():
        field.error_messages["required"] = f"请填写{field.label}。"


@right(Right.PUBLIC)
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Name and password; then the second step where the member has one."""
    to = entering.goal(request)
    if request.user.is_authenticated:
        return redirect(to or "desk:home")
    form, status = LoginForm(request.POST or None), 200
    if form.is_valid():
        try:
            member = entering.by_password(request, **form.cleaned_data)
        except slowdown.TooSoon as soon:
            form.add_error(None, str(soon))
            return _again(_login_page(request, form, to, 429), soon)
        if member is not None:
            return entering.come(request, member, how="password", to=to)
        form.add_error(None, WRONG)
    if form.errors:
        status = 422
    return _login_page(request, form, to, status)


def _login_page(request: HttpRequest, form: Form, to: str, status: int) -> HttpResponse:
    over = request.method == "GET" and "over" in request.GET
    context = {"form": form, "next": to, "over": over, "single": single.configured()}
    return render(request, "desk/login.html", context, status=status)


def _again(answer: HttpResponse, soon: slowdown.TooSoon) -> HttpResponse:
    answer.headers["Retry-After"] = str(soon.seconds)
    return answer


@right(Right.PUBLIC)
@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """The second step: figures from an app, a recovery code, or a passkey (``passkey_views``)."""
    known = entering.coming(request)
    if known is None or request.user.is_authenticated:
        return redirect("desk:login")
    member, told = known
    form = SecondForm(request.POST or None)
    has = {
        "totp": Totp.objects.filter(member=member).exists(),
        "passkey": Passkey.objects.filter(member=member).exists(),
    }
    context = {"form": form, "has": has, "username": member.username}
    if form.is_valid():
        try:
            how = _second(request, member, form.cleaned_data["code"])
        except slowdown.TooSoon as soon:
            form.add_error(None, str(soon))
            return _again(render(request, "desk/second.html", context, status=429), soon)
        if how:
            return entering.finish(request, member, how=f"{told['how']}+{how}", to=told["next"])
        form.add_error("code", "动态码或恢复码不对，或已经用过。")
    status = 422 if form.errors else 200
    return render(request, "desk/second.html", context, status=status)


def _second(request: HttpRequest, member: Member, code: str) -> str:
    """Return which of the member's second steps the code is; empty for none.

    :raises TooSoon: one has to wait
    """
    at = timezone.now()
    attempt = entering.begin(request, member.username, kind="second")
    how = "totp" if factors.check(member, code, at) else ""
    how = how or ("recovery" if factors.recover(member, code, at) else "")
    if how:
        slowdown.right(attempt, member, at=at)
    else:
        entering.failed(member.username, "second", member)
    return how


@right(Right.PUBLIC)
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session; only by a form of our own, never by a link."""
    member = request.user
    if member.is_authenticated:
        leave(Kind.LOGOUT, actor=member, subject=f"member:{member.pk}", what="left")
    auth.logout(request)
    if member.is_authenticated:
        sittings.look_again(member.office_id)
    return redirect("desk:login")


@right(Right.OWN)
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """修改密码. Other sessions of the member end; this one goes on."""
    member = request.user
    if not member.has_usable_password():
        return render(request, "desk/password.html", {"form": None})
    form, status = OwnPasswordForm(member, request.POST or None), 200
    if request.method == "POST":
        try:
            attempt = entering.begin(request, member.username, kind="own")
        except slowdown.TooSoon as soon:
            form.errors.clear()
            form.add_error(None, str(soon))
            return _again(render(request, "desk/password.html", {"form": form}, status=429), soon)
        if "old_password" not in form.errors:
            slowdown.right(attempt, member, at=timezone.now())
    if form.is_valid():
        with transaction.atomic():
            form.save()
            auth.update_session_auth_hash(request, form.user)
            here = request.session.session_key
            sittings.end(member, actor=member, why="password_changed", keep=here)
            leave(
                Kind.SECURITY, actor=member, subject=f"member:{member.pk}", what="password_changed"
            )
        messages.success(request, "密码已修改，其他地方的登录已退出。")
        return redirect("desk:home")
    if form.errors:
        status = 422
    return render(request, "desk/password.html", {"form": form}, status=status)


@right(Right.OWN)
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """What an account waits for that has no role yet."""
    if request.user.role != Role.PENDING:
        return redirect("desk:home")
    return render(request, "desk/waiting.html")
