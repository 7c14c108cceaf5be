"""单点登录 by OpenID Connect: the office's own identity provider says who somebody is.

Off until the settings name an issuer. The code flow with PKCE, state and nonce; the token is believed by
its signature with the issuer's published keys. Nobody is made an account: the claim must name one that
exists. Outgoing addresses are the issuer's own (the same scheme, host and port) and nobody else's, without
redirects, each within seconds and a quarter of a megabyte.
"""

import json
import secrets
import time
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import jwt
from django.utils.crypto import constant_time_compare

from jiesu.core import environment
from jiesu.core.environment import Provider
from jiesu.org.models import Member

SECONDS, LARGEST = 8, 256 * 1024
ALGORITHMS = ("RS256", "PS256", "ES256", "RS384", "ES384", "RS512", "ES512", "EdDSA")
LEEWAY = 60  # seconds the two clocks may differ


class CannotSay(Exception):
    """The provider does not answer, or its answer is not to be believed."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__("单点登录没有成功，请再试一次，或用密码登录；仍不行请联系系统管理员。")


class NoAccount(Exception):
    """The provider knows them, and there is no such account here."""

    def __init__(self) -> None:
        super().__init__("您在单点登录里的账号在这里还没有开通，请联系系统管理员。")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is kept in the visitor's session until the provider sends them back."""

    state: str
    nonce: str
    verifier: str
    back: str


def configured() -> bool:
    """True when an issuer is set."""
    return environment.single_sign_on() is not None


def ask(back: str) -> tuple[str, Asked]:
    """Return where the browser is sent, and what to keep. ``back``: our address it comes back to.

    :raises CannotSay: the provider does not answer
    """
    provider = _provider()
    told = _discovered(provider)
    asked = Asked(*(secrets.token_urlsafe(32) for _ in range(3)), back)
    challenge = urlsafe_b64encode(sha256(asked.verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code", "client_id": provider.client, "redirect_uri": back,
        "scope": provider.scope, "state": asked.state, "nonce": asked.nonce,
        "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    address = _own(provider, told.get("authorization_endpoint"))
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}", asked


def answer(asked: Asked, *, state: str, code: str, issuer: str = "") -> Member:
    """Return who has come back.

    :raises CannotSay: the state is another's, the provider does not answer, or the token is no good
    :raises NoAccount: nobody here has that name
    """
    provider = _provider()
    if not state or not constant_time_compare(state, asked.state):
        raise CannotSay("another state")
    if issuer and issuer != provider.issuer:  # RFC 9207
        raise CannotSay("another issuer")
    told = _discovered(provider)
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": asked.back,
        "code_verifier": asked.verifier, "client_id": provider.client,
    }  # fmt: skip
    answered = _fetch(
        provider, _own(provider, told.get("token_endpoint")), form=urlencode(form),
        basic=f"{quote(provider.client, safe='')}:{quote(provider.secret, safe='')}",
    )  # fmt: skip
    claims = _claims(provider, told, answered.get("id_token"), asked.nonce)
    name = claims.get(provider.claim)
    if not isinstance(name, str) or not name:
        raise CannotSay("no such claim")
    found = Member.objects.select_related("contract").filter(username=name.replace("\x00", ""))
    member = found.first()
    if member is None:
        raise NoAccount
    return member


def _provider() -> Provider:
    provider = environment.single_sign_on()
    if provider is None:
        raise CannotSay("not configured")
    return provider


def _discovered(provider: Provider) -> dict[str, Any]:
    address = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    told = _fetch(provider, address)
    if told.get("issuer") != provider.issuer:
        raise CannotSay("another issuer")
    return told


def _claims(provider: Provider, told: dict[str, Any], token: Any, nonce: str) -> dict[str, Any]:
    """Return what a token says when its signature, issuer, audience, times and nonce are right."""
    keys = _fetch(provider, _own(provider, told.get("jwks_uri")))
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in ALGORITHMS:
            raise CannotSay("algorithm")
        key = _key(jwt.PyJWKSet.from_dict(keys), header.get("kid"))
        claims: dict[str, Any] = jwt.decode(
            token, key, algorithms=[header["alg"]], audience=provider.client, issuer=provider.issuer,
            leeway=LEEWAY, options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )  # fmt: skip
    except (jwt.PyJWTError, TypeError, ValueError, KeyError, AttributeError) as wrong:
        raise CannotSay(f"token: {type(wrong).__name__}") from None
    if not constant_time_compare(str(claims.get("nonce", "")), nonce):
        raise CannotSay("another nonce")
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != provider.client:
        raise CannotSay("another party")
    return claims


def _key(keys: jwt.PyJWKSet, kid: str | None) -> jwt.PyJWK:
    usable = [key for key in keys.keys if key.public_key_use in {None, "sig"}]
    named = [key for key in usable if key.key_id == kid] if kid else usable
    if len(named) != 1:
        raise CannotSay("key")
    return named[0]


def _own(provider: Provider, address: Any) -> str:
    """Return an address that the provider names, if it is the issuer's own.

    :raises CannotSay: it is elsewhere
    """
    if not isinstance(address, str):
        raise CannotSay("no address")
    here, there = urlsplit(provider.issuer), urlsplit(address)
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        raise CannotSay("an address elsewhere")
    return address


def _fetch(
    provider: Provider, address: str, *, form: str | None = None, basic: str = ""
) -> dict[str, Any]:
    """Return the JSON object at one of the issuer's addresses.

    :raises CannotSay: no answer in time, too large, not 200, or no JSON object
    """
    parts = urlsplit(_own(provider, address))
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    headers = {"Accept": "application/json"}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        if provider.secret:
            headers["Authorization"] = f"Basic {b64encode(basic.encode()).decode()}"
    link, until = kind(parts.netloc, timeout=SECONDS), time.monotonic() + SECONDS
    try:
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        link.request("GET" if form is None else "POST", path, body=form, headers=headers)
        answered = link.getresponse()
        body = b""
        while len(body) <= LARGEST and (piece := answered.read1(LARGEST)):
            body += piece
            if time.monotonic() > until:
                raise CannotSay("too slow")
        if answered.status != 200 or len(body) > LARGEST:
            raise CannotSay(f"status {answered.status}, {len(body)} bytes")
        told = json.loads(body)
    except (OSError, HTTPException, ValueError, RecursionError) as broken:
        raise CannotSay(f"no answer: {type(broken).__name__}") from None
    finally:
        link.close()
    if not isinstance(told, dict):
        raise CannotSay("no object")
    return told
