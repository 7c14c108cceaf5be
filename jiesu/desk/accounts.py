"""Coming in, going out, and one's own password."""

from typing import Any

from django.contrib import auth, messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiesu.duty import attendance
from jiesu.org import passwords, sittings
from jiesu.org.models import Member
from jiesu.org.rights import Right, Role, right
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind


class LoginForm(AuthenticationForm):
    """User name and password; wrong ones are told apart to nobody."""

    error_messages = {
        "invalid_login": "用户名或密码不对，请重新输入；忘记密码请找安全管理员重置。",
        "inactive": "用户名或密码不对，请重新输入；忘记密码请找安全管理员重置。",
    }
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_what_is_missing(self)
        if self.data.get("username"):  # the name is there already: on to the password
            del self.fields["username"].widget.attrs["autofocus"]
            self.fields["password"].widget.attrs["autofocus"] = True


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


_login = auth_views.LoginView.as_view(
    template_name="desk/login.html", authentication_form=LoginForm, redirect_authenticated_user=True
)


@right(Right.PUBLIC)
def login(request: HttpRequest) -> HttpResponse:
    """A new session for who knows the password; on to where they were going, if that is here.

    Whoever has a shift that runs or begins soon has come to it (到岗) by logging in.
    """
    was_out = not request.user.is_authenticated
    answer: HttpResponse = _login(request)
    if was_out and request.user.is_authenticated:
        attendance.arrive(request.user, at=timezone.now())
    if answer.status_code == 200 and request.method == "POST":
        answer.status_code = 422
    return answer


@right(Right.PUBLIC)
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session; only by a form of our own, never by a link."""
    member = request.user
    auth.logout(request)
    if member.is_authenticated:
        sittings.look_again(member.office_id)
    return redirect("desk:login")


@right(Right.OWN)
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """修改密码. Other sessions of the member end; this one goes on."""
    form = OwnPasswordForm(request.user, request.POST or None)
    if form.is_valid():
        with transaction.atomic():
            form.save()
            auth.update_session_auth_hash(request, form.user)
            here = request.session.session_key
            sittings.end(request.user, actor=request.user, why="password_changed", keep=here)
            leave(
                Kind.SECURITY, actor=request.user, subject=f"member:{request.user.pk}",
                what="password_changed",
            )  # fmt: skip
        messages.success(request, "密码已修改，其他地方的登录已退出。")
        return redirect("desk:home")
    return render(request, "desk/password.html", {"form": form}, status=422 if form.errors else 200)


@right(Right.OWN)
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """What an account waits for that has no role yet."""
    if request.user.role != Role.PENDING:
        return redirect("desk:home")
    return render(request, "desk/waiting.html")
