"""Every setting of the product: read from the environment, with a default that works.

``JIESU_DATA``        data folder (embedded database, uploaded files, secret key); default ``~/.jiesu``
``JIESU_ADDRESS``     address the product serves, ``host:port``; default ``127.0.0.1:8000``
``JIESU_SECRET_KEY``  key for sessions and forms; default: made once and kept in the data folder (0600)
``JIESU_HOSTS``       host names a browser may use, comma-separated; default: the address and localhost
``JIESU_WORKERS``     web processes; default 1
``JIESU_UPLOAD_MB``   largest uploaded file in MB; default 200
``JIESU_UNMASKED_ROWS``  rows of a ledger that may be asked for unmasked at once; default 200
``JIESU_HTTPS``       1: browsers reach the product by HTTPS alone (a proxy in front ends it); default 0
``JIESU_PROXIES``     addresses or networks of the proxies whose ``X-Forwarded-*`` count, comma-separated;
                      default: nobody's
``JIESU_CLAMD``       the virus scanner (clamd) every upload goes through: ``/path/of/socket`` or ``host:port``;
                      default: none. When it is set and does not answer, nothing is taken
``JIESU_LOG``         form of the log: ``json`` (default) or ``plain``
``JIESU_DEMO``        1: the demo is served, and every page says so (``jiesu run --demo`` sets it)
``JIESU_DEMO_OPEN``   1: the demo may be served to other machines; default 0
``JIESU_RATES``       how many times the usual number of costly pages one may ask for, 1 to 1000; default 1
``DATABASE_URL``      the office's own PostgreSQL 14+; default: the product's embedded server
``JIESU_OWNER_URL``   the same database as the owner of its tables, who migrates; default: one role for all
``JIESU_KEYS``        key ring of what is sealed (0600); default: ``keys.json`` in the data folder
``JIESU_MASTER_KEY_FILE``  its master key, when that is kept apart; default: in the key ring
``JIESU_REVEALS_PER_HOUR``  cases whose requester one member may look at within an hour; default 30
``JIESU_TRAIL_DAYS``  how long the trail is kept, in days, 180 at least; default 1095 (three years)
``JIESU_ANCHORS``     file outside the database to which the chain's end is written daily; default: none
``JIESU_RECORDINGS``  folder whose recordings are taken by themselves, read and never changed; default: none
``JIESU_SPEECH_MODEL``  folder of a speech model on this machine; default: ``speech`` in the data folder if
                      it is there, else none: everything works by hand
``JIESU_SPEECH_URL``  where there is none: base address of the office's own OpenAI-compatible speech service
                      (https; plain http to a private address alone), with ``JIESU_SPEECH_NAME`` (its model)
                      and ``JIESU_SPEECH_KEY``; default: none

Reminders by e-mail and by the government messenger are off until they are set:

``JIESU_SMTP_HOST``       mail server; with ``JIESU_SMTP_PORT`` (25, 465 or 587 by ``JIESU_SMTP_TLS``),
                          ``JIESU_SMTP_TLS`` (``starttls``, the default, ``ssl`` or ``none``),
                          ``JIESU_SMTP_USER``, ``JIESU_SMTP_PASSWORD``, ``JIESU_SMTP_FROM``
``JIESU_WEBHOOK_URL``     where messages are posted; ``JIESU_WEBHOOK_SECRET`` signs them

A second opinion on doubtful cases by a language model of the office's own (an OpenAI-compatible chat
endpoint) is off until it is set; nothing personal is sent:

``JIESU_OPINION_URL``     its base address, such as ``http://10.1.2.3:8000/v1``; plain http to this machine
                          or a private address alone; with ``JIESU_OPINION_MODEL``, ``JIESU_OPINION_KEY``,
                          ``JIESU_OPINION_SECONDS`` (an answer's time limit, 1 to 60; default 20) and
                          ``JIESU_OPINION_PER_DAY`` (cases asked about; default 200)

Single sign-on by OpenID Connect is off until an issuer is set:

``JIESU_OIDC_ISSUER``     the provider's issuer address (https); with ``JIESU_OIDC_CLIENT``,
                          ``JIESU_OIDC_SECRET``, ``JIESU_OIDC_CLAIM`` (which claim is our user name;
                          default ``preferred_username``) and ``JIESU_OIDC_SCOPE`` (``openid profile``)
"""

import ipaddress
import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit


def place() -> Path:
    """Return where the data folder is or would be; makes nothing."""
    return _resolved(os.environ.get("JIESU_DATA") or str(Path.home() / ".jiesu"))


@lru_cache(maxsize=8)
def _resolved(text: str) -> Path:
    """Asked five times a row of an import: where the folder is does not change while we run."""
    return Path(text).expanduser().resolve()


def data() -> Path:
    """Return the data folder, made if absent (0700)."""
    folder = place()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def files() -> Path:
    """Return the folder of uploaded and generated files, never served by path."""
    folder = data() / "files"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def keys() -> Path:
    """Return the key ring's file, outside the database."""
    text = os.environ.get("JIESU_KEYS", "").strip()
    return Path(text).expanduser() if text else place() / "keys.json"


def master_key() -> Path | None:
    """Return the file of the master key when it is kept apart from the key ring."""
    text = os.environ.get("JIESU_MASTER_KEY_FILE", "").strip()
    return Path(text).expanduser() if text else None


def trail_days() -> int:
    """Return for how many days the trail is kept.

    :raises ValueError: fewer than 180 (网络安全法第21条: 不少于六个月)
    """
    days = number("JIESU_TRAIL_DAYS", 1095)
    if not 180 <= days <= 36_500:
        raise ValueError(f"JIESU_TRAIL_DAYS 写成“{days}”，留痕要保存 180 至 36500 天")
    return days


def anchors() -> Path | None:
    """Return the file that the chain's daily anchors are written to; None: none are."""
    text = os.environ.get("JIESU_ANCHORS", "").strip()
    return Path(text).expanduser() if text else None


def address() -> tuple[str, int]:
    """Return (host, port) to serve on.

    :raises ValueError: the setting is not ``host:port``
    """
    text = os.environ.get("JIESU_ADDRESS") or "127.0.0.1:8000"
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(
            f"JIESU_ADDRESS 写成“{text}”，看不懂；请写成 127.0.0.1:8000 这样的“主机:端口”"
        )
    return host.strip("[]"), int(port)


def secret_key() -> str:
    """Return the secret key: the one set, or the one made for this data folder."""
    if key := os.environ.get("JIESU_SECRET_KEY"):
        return key
    kept = data() / "secret.key"
    try:
        with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    return kept.read_text()


def named_hosts() -> list[str]:
    """Return the host names the operator has named."""
    return [name.strip() for name in os.environ.get("JIESU_HOSTS", "").split(",") if name.strip()]


def hosts() -> list[str]:
    """Return the host names a browser may use to reach the product."""
    named = named_hosts()
    host = address()[0]
    own = [] if host in {"0.0.0.0", "::"} else [host]  # noqa: S104 - compared with, not bound to
    return [*named, *own, "localhost", "127.0.0.1", "[::1]"]


def number(name: str, default: int) -> int:
    """Return a whole-number setting.

    :raises ValueError: it is not a whole number
    """
    text = os.environ.get(name) or str(default)
    if not text.isdigit():
        raise ValueError(f"{name} 写成“{text}”，应为整数")
    return int(text)


def switch(name: str) -> bool:
    """Return a yes-or-no setting: 1 or 0, default no.

    :raises ValueError: it is neither
    """
    text = os.environ.get(name) or "0"
    if text not in {"0", "1"}:
        raise ValueError(f"{name} 写成“{text}”，应为 1 或 0")
    return text == "1"


def proxies() -> list[str]:
    """Return the proxies whose word about the browser's address and scheme counts.

    :raises ValueError: one is no address or network
    """
    told = [one.strip() for one in os.environ.get("JIESU_PROXIES", "").split(",") if one.strip()]
    for one in told:
        try:
            network = ipaddress.ip_network(one, strict=False)
        except ValueError:
            raise ValueError(
                f"JIESU_PROXIES 里的“{one}”不是地址或网段，应写成 127.0.0.1 或 10.1.2.0/24"
            ) from None
        if network.prefixlen == 0:
            raise ValueError(f"JIESU_PROXIES 里的“{one}”等于相信所有人，请只写前置代理的地址")
    return told


def clamd() -> str | tuple[str, int]:
    """Return where clamd listens: a socket's path, (host, port), or "" for none.

    :raises ValueError: it is neither
    """
    text = os.environ.get("JIESU_CLAMD", "").strip()
    if not text or text.startswith("/"):
        return text
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(
            f"JIESU_CLAMD 写成“{text}”，应为 /run/clamav/clamd.ctl 这样的路径，或 主机:端口"
        )
    return host.strip("[]"), int(port)


def log_kind() -> str:
    """Return the form of the log.

    :raises ValueError: there is no such form
    """
    text = os.environ.get("JIESU_LOG") or "json"
    if text not in {"json", "plain"}:
        raise ValueError(f"JIESU_LOG 写成“{text}”，应为 json 或 plain")
    return text


def recordings() -> Path | None:
    """Return the folder whose recordings are taken by themselves; None: none are."""
    text = os.environ.get("JIESU_RECORDINGS", "").strip()
    return Path(text).expanduser() if text else None


def speech_model() -> Path | None:
    """Return the folder of the speech model; None: recordings are listened to by people alone."""
    text = os.environ.get("JIESU_SPEECH_MODEL", "").strip()
    if text:
        return Path(text).expanduser()
    return speech_home() if speech_home().is_dir() else None


def speech_home() -> Path:
    """Return where a speech model is put when nobody says otherwise."""
    return data() / "speech"


class Smtp(NamedTuple):
    """The office's mail server."""

    host: str
    port: int
    tls: str
    user: str
    password: str
    sender: str


class Webhook(NamedTuple):
    """Where the government messenger takes messages."""

    url: str
    secret: str


_MAIL_PORTS = {"none": 25, "ssl": 465, "starttls": 587}


def smtp() -> Smtp | None:
    """Return the mail server; None: no e-mail is sent.

    :raises ValueError: a setting cannot be read
    """
    host = os.environ.get("JIESU_SMTP_HOST", "").strip()
    if not host:
        return None
    tls = os.environ.get("JIESU_SMTP_TLS") or "starttls"
    if tls not in _MAIL_PORTS:
        raise ValueError(f"JIESU_SMTP_TLS 写成“{tls}”，应为 starttls、ssl 或 none")
    user = os.environ.get("JIESU_SMTP_USER", "")
    return Smtp(
        host=host,
        port=number("JIESU_SMTP_PORT", _MAIL_PORTS[tls]),
        tls=tls,
        user=user,
        password=os.environ.get("JIESU_SMTP_PASSWORD", ""),
        sender=os.environ.get("JIESU_SMTP_FROM") or user or "jiesu@localhost",
    )


def webhook() -> Webhook | None:
    """Return where messages are posted; None: none are.

    :raises ValueError: it is no http or https address
    """
    url = os.environ.get("JIESU_WEBHOOK_URL", "").strip()
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"JIESU_WEBHOOK_URL 写成“{url}”，应为 http 或 https 开头的网址")
    return Webhook(url, os.environ.get("JIESU_WEBHOOK_SECRET", ""))


class Adviser(NamedTuple):
    """The office's own language model, which is asked for second opinions."""

    url: str
    model: str
    key: str
    seconds: int
    per_day: int


def adviser() -> Adviser | None:
    """Return who is asked for second opinions; None: nobody is.

    :raises ValueError: the address is not https (http to a private address alone), or no model is named
    """
    found = _service("JIESU_OPINION_URL", "JIESU_OPINION_MODEL")
    if found is None:
        return None
    url, model = found
    seconds = number("JIESU_OPINION_SECONDS", 20)
    if not 1 <= seconds <= 60:
        raise ValueError(f"JIESU_OPINION_SECONDS 写成“{seconds}”，应为 1 至 60")
    return Adviser(
        url=url,
        model=model,
        key=os.environ.get("JIESU_OPINION_KEY", ""),
        seconds=seconds,
        per_day=number("JIESU_OPINION_PER_DAY", 200),
    )


class SpeechService(NamedTuple):
    """The office's own speech service."""

    url: str
    model: str
    key: str
    seconds: int


def speech_service() -> SpeechService | None:
    """Return the service that hears recordings; None: there is none.

    :raises ValueError: the address is not https (http to a private address alone), or no model is named
    """
    found = _service("JIESU_SPEECH_URL", "JIESU_SPEECH_NAME")
    if found is None:
        return None
    url, model = found
    return SpeechService(url, model, os.environ.get("JIESU_SPEECH_KEY", ""), 120)


def _service(address: str, name: str) -> tuple[str, str] | None:
    """Return the address of a service of the office's own and its model; None: no address is set.

    :raises ValueError: the address is not https (http to a private address alone), or no model is named
    """
    url = os.environ.get(address, "").strip().rstrip("/")
    if not url:
        return None
    parts = urlsplit(url)
    near = parts.scheme == "http" and _is_private(parts.hostname or "")
    if not parts.hostname or not (parts.scheme == "https" or near) or parts.query:
        raise ValueError(
            f"{address} 写成“{url}”，应为 https 开头的网址；http 只能用于本机和内网地址"
        )
    model = os.environ.get(name, "").strip()
    if not model:
        raise ValueError(f"设了 {address}，还要设 {name}")
    return url, model[:80]


def _is_private(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


class Provider(NamedTuple):
    """The office's identity provider."""

    issuer: str
    client: str
    secret: str
    claim: str
    scope: str


def single_sign_on() -> Provider | None:
    """Return the identity provider; None: there is no single sign-on.

    :raises ValueError: the issuer is no https address (http to this machine alone), or no client is named
    """
    issuer = os.environ.get("JIESU_OIDC_ISSUER", "").strip()
    if not issuer:
        return None
    parts = urlsplit(issuer)
    here = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and here)):
        raise ValueError(f"JIESU_OIDC_ISSUER 写成“{issuer}”，应为 https 开头的网址")
    client = os.environ.get("JIESU_OIDC_CLIENT", "").strip()
    if not client:
        raise ValueError("设了 JIESU_OIDC_ISSUER，还要设 JIESU_OIDC_CLIENT")
    return Provider(
        issuer=issuer,
        client=client,
        secret=os.environ.get("JIESU_OIDC_SECRET", ""),
        claim=os.environ.get("JIESU_OIDC_CLAIM") or "preferred_username",
        scope=os.environ.get("JIESU_OIDC_SCOPE") or "openid profile",
    )
