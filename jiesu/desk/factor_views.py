"""第二步验证 of one's own account: figures from an app, passkeys, recovery codes.

Each change asks first whether it is really the member, unless they have shown it in the last ten minutes.
What is secret is shown once, in the answer that made it.
"""

import json
from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiesu.desk import entering
from jiesu.org import factors, passkeys, slowdown
from jiesu.org.models import Member, Passkey, Totp
from jiesu.org.rights import Right, right
from jiesu.org.sealing import seal, unseal

BEGUN = "totp_begun"  # in the session: the sealed secret of an app that is being set up
ASKED_NEW, ASKED = "passkey_new", "passkey_asked"  # in the session: what a key was asked
LARGEST = 64 * 1024


class CodeForm(forms.Form):
    """The first six figures."""

    code = forms.CharField(
        label="手机上显示的六位数字", max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}),
        error_messages={"required": "请填写手机上显示的六位数字。"},
    )  # fmt: skip
    use_required_attribute = False

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split())


class SureForm(forms.Form):
    """One's own password once more."""

    password = forms.CharField(
        label="密码", max_length=1024, strip=False, error_messages={"required": "请填写密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )  # fmt: skip
    use_required_attribute = False


def _to_sure(request: HttpRequest, back: str) -> HttpResponse:
    return redirect(f"{reverse('desk:sure')}?{urlencode({'next': back})}")


@right(Right.OWN)
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sure(request: HttpRequest) -> HttpResponse:
    """Is it really you? Asked before a second step is changed."""
    member: Member = request.user
    form, to = SureForm(request.POST or None), entering.goal(request)
    context = {"form": form, "next": to}
    if form.is_valid():
        try:
            attempt = entering.begin(request, member.username, kind="own")
        except slowdown.TooSoon as soon:
            form.add_error(None, str(soon))
            return render(request, "desk/sure.html", context, status=429)
        if member.check_password(form.cleaned_data["password"]):
            slowdown.right(attempt, member, at=timezone.now())
            request.session[entering.SURE] = timezone.now().timestamp()
            return redirect(to or "desk:second_factor")
        entering.failed(member.username, "sure", member)
        form.add_error("password", "密码不对，请重新输入。")
    return render(request, "desk/sure.html", context, status=422 if form.errors else 200)


@right(Right.OWN)
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """Which second steps one has, and what can be added."""
    member = request.user
    return render(request, "desk/second_factor.html", {
        "totp": Totp.objects.filter(member=member).first(), "unused": factors.unused(member),
        "passkeys": Passkey.objects.filter(member=member),
    })  # fmt: skip


@right(Right.OWN)
@require_http_methods(["GET", "POST"])
def totp(request: HttpRequest) -> HttpResponse:
    """Set up an app: the picture, and the first figures as proof."""
    if not entering.is_sure(request):
        return _to_sure(request, request.path)
    if BEGUN not in request.session:
        request.session[BEGUN] = seal(factors.new_secret())
    secret = unseal(request.session[BEGUN])
    form = CodeForm(request.POST or None)
    if form.is_valid():
        here = request.session.session_key
        try:
            codes = factors.set_up(
                request.user, secret=secret, code=form.cleaned_data["code"], at=timezone.now(), keep=here,
            )  # fmt: skip
        except factors.WrongCode as wrong:
            form.add_error("code", str(wrong))
        else:
            del request.session[BEGUN]
            return _done(request, codes, "手机验证器已设好")
    shown = " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))
    context = {"form": form, "secret": shown}
    return render(request, "desk/totp.html", context, status=422 if form.errors else 200)


@right(Right.OWN)
@require_safe
def picture(request: HttpRequest) -> HttpResponse:
    """The picture an app reads the secret from, while it is being set up."""
    if BEGUN not in request.session or not entering.is_sure(request):
        raise Http404("没有正在设置的验证器。")
    address = factors.address_of(unseal(request.session[BEGUN]), request.user)
    drawn = segno.make(address, error="m").svg_inline(
        scale=5, border=3, light="#fff", omitsize=False
    )
    return HttpResponse(
        drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1),
        content_type="image/svg+xml",
    )


@right(Right.OWN)
@require_POST
def totp_remove(request: HttpRequest) -> HttpResponse:
    """Do without the app."""
    return _remove(request, lambda here: factors.remove_totp(request.user, keep=here))


@right(Right.OWN)
@require_POST
def passkey_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Do without one of one's keys."""
    return _remove(request, lambda here: passkeys.remove(request.user, pk, keep=here))


def _remove(request: HttpRequest, do: Any) -> HttpResponse:
    back = reverse("desk:second_factor")
    if not entering.is_sure(request):
        return _to_sure(request, back)
    try:
        do(request.session.session_key)
    except factors.StillNeeded as needed:
        messages.error(request, str(needed))
    else:
        messages.success(request, "已去掉，其他地方的登录已退出")
    return redirect(back)


@right(Right.OWN)
@require_POST
def recovery(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes, shown this once."""
    if not entering.is_sure(request):
        return _to_sure(request, reverse("desk:second_factor"))
    if not factors.has_any(request.user):
        messages.error(request, "先设好手机验证器或通行密钥，才有恢复码")
        return redirect("desk:second_factor")
    codes = factors.recovery_codes(request.user, keep=request.session.session_key)
    return _done(request, codes, "新的恢复码")


def _done(request: HttpRequest, codes: list[str], said: str) -> HttpResponse:
    if not codes:
        messages.success(request, f"{said}，其他地方的登录已退出")
        return redirect("desk:second_factor")
    return render(request, "desk/recovery_codes.html", {"codes": codes, "said": said})


# passkeys: asked and answered by passkeys.js


def _site(request: HttpRequest) -> passkeys.Site:
    return passkeys.Site(f"{request.scheme}://{request.get_host()}")


def _answer(request: HttpRequest) -> Any:
    """Return what the browser's key said.

    :raises ValueError: it is no JSON object of a size that could be
    """
    if request.content_type != "application/json" or len(request.body) > LARGEST:
        raise ValueError("no JSON of a size that could be")
    told = json.loads(request.body)
    if not isinstance(told, dict):
        raise ValueError("no object")
    return told


def _said(text: str, status: int = 422) -> JsonResponse:
    return JsonResponse({"said": text}, status=status)


@right(Right.OWN)
@require_POST
def passkey_new(request: HttpRequest) -> HttpResponse:
    """What the browser is to make a key for."""
    if not entering.is_sure(request):
        back = reverse("desk:second_factor")
        return JsonResponse({"go": f"{reverse('desk:sure')}?{urlencode({'next': back})}"})
    options, state = _site(request).ask_new(request.user)
    request.session[ASKED_NEW] = state
    return JsonResponse(options)


@right(Right.OWN)
@require_POST
def passkey_add(request: HttpRequest) -> HttpResponse:
    """Keep the key the browser has made. Recovery codes, if any are made, come with the answer."""
    state = request.session.pop(ASKED_NEW, None)
    try:
        told = _answer(request)
    except (ValueError, RecursionError):
        return HttpResponseBadRequest("看不懂", content_type="text/plain; charset=utf-8")
    if state is None or not entering.is_sure(request):
        return _said("等得太久了，请再试一次。")
    try:
        codes = _site(request).add(
            request.user, told.get("credential"), state, name=str(told.get("name", "")),
            at=timezone.now(), keep=request.session.session_key,
        )  # fmt: skip
    except passkeys.NotThatKey as wrong:
        return _said(str(wrong))
    if codes:
        return render(request, "desk/_recovery_codes.html", {"codes": codes})
    messages.success(request, "通行密钥已添加，其他地方的登录已退出")
    return JsonResponse({"go": reverse("desk:second_factor")})


@right(Right.PUBLIC)
@require_POST
def passkey_ask(request: HttpRequest) -> HttpResponse:
    """What a key is asked at the door: a second step for who is half way in, else a whole log-in."""
    known = entering.coming(request)
    options, state = _site(request).ask(known[0] if known else None)
    request.session[ASKED] = state | {"member": known[0].pk if known else None}
    return JsonResponse(options)


@right(Right.PUBLIC)
@require_POST
def passkey_login(request: HttpRequest) -> HttpResponse:
    """Come in by a key."""
    state, known = request.session.pop(ASKED, None), entering.coming(request)
    member, told = known if known else (None, {"next": entering.goal(request)})
    try:
        answer = _answer(request)
        if state is None or state.pop("member") != (member.pk if member else None):
            return _said("等得太久了，请再试一次。")
        attempt = entering.begin(request, member.username, kind="second") if member else None
        came = _site(request).check(member, answer.get("credential"), state, at=timezone.now())
    except slowdown.TooSoon as soon:
        return _said(str(soon), 429)
    except passkeys.NotThatKey as wrong:
        entering.failed(member.username if member else "", "passkey", member)
        return _said(str(wrong))
    except (ValueError, RecursionError):
        return HttpResponseBadRequest("看不懂", content_type="text/plain; charset=utf-8")
    if attempt is not None:  # a key cannot be guessed: who comes in by it alone is not counted
        slowdown.right(attempt, came, at=timezone.now())
    if not came.works_at(timezone.now()):
        entering.failed(came.username, "passkey", came)
        return _said("这个账号现在不能登录，请联系系统管理员。")
    how = f"{told['how']}+passkey" if member else "passkey"
    done = entering.finish(request, came, how=how, to=told["next"])
    answered = JsonResponse({"go": done.headers["Location"]})
    answered.cookies.update(done.cookies)
    return answered
