"""A signed webhook in the shape government messengers use: a text message that mentions an account.

The body is ``{"msgtype": "text", "text": {"content": …, "mentioned_list": [account]}}``. Signed:
``X-Jiesu-Signature: sha256=`` and the hex HMAC-SHA256, by the shared secret, of the timestamp of
``X-Jiesu-Timestamp``, a dot and the body. ``Idempotency-Key`` is the same when a message comes again.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from jiesu.core.environment import Webhook
from jiesu.platforms.pushes.failures import TIMEOUT, Refused, Send, Unreachable

READ = 4096  # bytes of an answer that are looked at
NOT_THIS_ONE = frozenset({400, 413, 422})


@contextmanager
def session(hook: Webhook, *, timeout: float = TIMEOUT) -> Iterator[Send]:
    """Give a sender. Each message is a request of its own."""

    def send(account: str, text: str, key: str, at: datetime) -> None:
        _post(hook, account, text, key, at, timeout)

    yield send


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return what stands in ``X-Jiesu-Signature``."""
    signed = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={signed.hexdigest()}"


def _post(hook: Webhook, account: str, text: str, key: str, at: datetime, timeout: float) -> None:
    told = {"msgtype": "text", "text": {"content": text, "mentioned_list": [account]}}
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    timestamp = str(int(at.timestamp()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "X-Jiesu-Timestamp": timestamp,
        "X-Jiesu-Signature": signature(hook.secret, timestamp, body),
        "Idempotency-Key": key,
    }
    parts = urlsplit(hook.url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    line = kind(parts.hostname or "", parts.port, timeout=timeout)
    try:
        line.request("POST", path, body, headers)
        answer = line.getresponse()
        status, said = answer.status, answer.read(READ)
    except TimeoutError:
        raise Unreachable("政务通讯等待超时") from None
    except (OSError, HTTPException) as broken:
        words = getattr(broken, "strerror", None) or str(broken) or type(broken).__name__
        raise Unreachable(f"连不上政务通讯：{words}") from None
    finally:
        line.close()
    _check(status, said)


def _check(status: int, said: bytes) -> None:
    """Messengers answer 200 even when they do not take a message, and say so by ``errcode``."""
    if status in NOT_THIS_ONE:
        raise Refused(f"政务通讯不收这条消息（{status}）")
    if not 200 <= status < 300:
        raise Unreachable(f"政务通讯回答 {status}")
    try:
        told = json.loads(said)
    except ValueError:
        return
    code = told.get("errcode", 0) if isinstance(told, dict) else 0
    if code not in (0, "0", None):
        raise Unreachable(f"政务通讯回答 errcode {str(code)[:20]}")
