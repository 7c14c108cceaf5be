"""单点登录 against a provider that the test serves itself on this machine."""

import json
import threading
import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from jiesu.core import environment
from jiesu.trail.models import Entry

KEY, OTHER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


class Provider:
    """An identity provider. ``wrong`` changes what it says; ``seen`` is what it was asked."""

    def __init__(self):
        self.wrong, self.seen, self.claims = {}, {}, {}
        provider = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self):
                provider.answer(self, {
                    "/.well-known/openid-configuration": provider.discovery,
                    "/keys": lambda: {"keys": [jwk(KEY)]},
                }[urlsplit(self.path).path]())  # fmt: skip

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.seen = {k: v[0] for k, v in parse_qs(body).items()} | {
                    "basic": self.headers.get("Authorization")
                }
                provider.answer(self, {"id_token": provider.token()})

            def log_message(self, *told):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Door)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, door, told):
        body = self.wrong.get("body") or json.dumps(told).encode()
        door.send_response(self.wrong.get("status", 200))
        if self.wrong.get("status") == 302:
            door.send_header("Location", "http://127.0.0.1:1/")
        door.send_header("Content-Length", str(len(body)))
        door.end_headers()
        door.wfile.write(body)

    def discovery(self):
        return {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
        } | self.wrong.get("discovery", {})  # fmt: skip

    def token(self):
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": "jiesu", "sub": "17", "iat": now, "exp": now + 300,
            "nonce": self.nonce, "preferred_username": "zuoxi",
        } | self.wrong.get("claims", {})  # fmt: skip
        if self.wrong.get("unsigned"):
            return jwt.encode(claims, None, algorithm="none", headers={"kid": "1"})
        if self.wrong.get("shared"):
            return jwt.encode(claims, "s" * 32, algorithm="HS256", headers={"kid": "1"})
        key = OTHER if self.wrong.get("key") else KEY
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "1"})


def jwk(key):
    told = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return told | {"kid": "1", "use": "sig", "alg": "RS256"}


@pytest.fixture
def provider(monkeypatch):
    made = Provider()
    for name, value in {"ISSUER": made.issuer, "CLIENT": "jiesu", "SECRET": "geheim+/="}.items():
        monkeypatch.setenv(f"JIESU_OIDC_{name}", value)
    yield made
    made.server.shutdown()


@pytest.fixture
def known(member):
    return member("seat", username="zuoxi")


def go(client, provider, *, to="/drafts/", state=None):
    """Off to the provider and back, as a browser does."""
    away = client.post("/login/single/", {"next": to})
    asked = {k: v[0] for k, v in parse_qs(urlsplit(away.headers["Location"]).query).items()}
    provider.nonce = asked.get("nonce", "")
    provider.asked = asked
    return client.get(
        "/login/single/back/", {"code": "a-code", "state": state or asked.get("state", "x")}
    )


def test_who_the_provider_knows_comes_in(known, provider, client):
    answer = go(client, provider)

    assert (answer.headers["Location"], client.get("/cases/").status_code) == ("/drafts/", 200)
    asked, seen = provider.asked, provider.seen
    assert (asked["response_type"], asked["client_id"]) == ("code", "jiesu")
    assert asked["redirect_uri"] == seen["redirect_uri"] == "http://testserver/login/single/back/"
    challenge = (
        urlsafe_b64encode(sha256(seen["code_verifier"].encode()).digest()).rstrip(b"=").decode()
    )
    assert (asked["code_challenge_method"], asked["code_challenge"]) == ("S256", challenge)
    assert seen["basic"].startswith("Basic ")
    assert Entry.objects.get(kind="login").facts == {"how": "single"}


WRONG = {
    "another key": {"key": True},
    "no signature": {"unsigned": True},
    "a shared secret": {"shared": True},
    "another nonce": {"claims": {"nonce": "x"}},
    "another audience": {"claims": {"aud": "someone"}},
    "another party": {"claims": {"aud": ["jiesu", "someone"]}},
    "another issuer": {"claims": {"iss": "https://elsewhere.example"}},
    "too old": {"claims": {"exp": 1000, "iat": 900}},
    "nobody here": {"claims": {"preferred_username": "somebody"}},
    "no name": {"claims": {"preferred_username": ["zuoxi"]}},
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_is_not_to_be_believed_lets_nobody_in(known, provider, client, wrong):
    provider.wrong = wrong

    answer = go(client, provider)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/login/")
    assert client.get("/cases/").status_code == 302
    assert Entry.objects.filter(kind="login").count() == 0
    assert Entry.objects.filter(kind="login_failed").count() == 1


ASTRAY = {
    "an address elsewhere": {"discovery": {"token_endpoint": "http://127.0.0.1:1/token"}},
    "another scheme": {"discovery": {"jwks_uri": "file:///etc/passwd"}},
    "sent on": {"status": 302},
    "far too much": {"body": b"[" * 300_000},
    "no JSON": {"body": b"<html>"},
    "another's": {"discovery": {"issuer": "https://elsewhere.example"}},
}  # fmt: skip


@pytest.mark.parametrize("wrong", ASTRAY.values(), ids=ASTRAY)
def test_the_product_asks_the_issuer_and_nobody_else(known, provider, client, wrong):
    provider.wrong = wrong
    provider.nonce = ""

    answer = go(client, provider)

    assert answer.headers["Location"] == "/login/"
    assert client.get("/cases/").status_code == 302


def test_another_browser_s_answer_is_not_taken(known, provider, client):
    assert go(client, provider, state="made-up").headers["Location"] == "/login/"
    assert client.get("/cases/").status_code == 302
    again = client.get("/login/single/back/", {"code": "a-code", "state": provider.asked["state"]})
    assert again.headers["Location"] == "/login/"  # what was asked is asked once


def test_an_account_that_is_off_stays_off(known, provider, client):
    known.is_active = False
    known.save()

    assert go(client, provider).headers["Location"] == "/login/"
    assert client.get("/cases/").status_code == 302


def test_without_a_setting_there_is_none(client, db):
    assert client.post("/login/single/").status_code == 404
    assert "单点登录" not in client.get("/login/").content.decode()


@pytest.mark.parametrize("issuer", ["http://elsewhere.example", "ftp://x", "elsewhere.example"])
def test_an_issuer_is_https_or_this_machine(monkeypatch, issuer):
    monkeypatch.setenv("JIESU_OIDC_ISSUER", issuer)
    monkeypatch.setenv("JIESU_OIDC_CLIENT", "jiesu")

    with pytest.raises(ValueError, match="https"):
        environment.single_sign_on()
