"""Asking the office's own speech service for what is said: an OpenAI-compatible transcription endpoint.

Only the address that was set is asked: no redirect is followed and no proxy used. Off by default; whoever
calls it leaves the trail, for a recording is personal.
"""

import json
import secrets
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from jiesu.core.environment import SpeechService

READ = 256 * 1024  # bytes of an answer


class Silent(ValueError):
    """The service said nothing that can be used; the message says why."""


def hear(service: SpeechService, wav: bytes) -> str:
    """Return what is said in a WAV file.

    :raises Silent: it cannot be reached, is too slow, refuses, or its answer cannot be read
    """
    mark = secrets.token_hex(16)
    fields = {"model": service.model, "language": "zh", "response_format": "json"}
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="call.wav"\r\n'
    parts += [
        f"{head}Content-Type: audio/wav\r\n\r\n".encode(),
        wav,
        f"\r\n--{mark}--\r\n".encode(),
    ]
    told = _post(service, b"".join(parts), mark)
    text = told.get("text")
    if not isinstance(text, str):
        raise Silent("语音服务的回答看不懂。")
    return text.strip()


def _post(service: SpeechService, body: bytes, mark: str) -> dict[str, Any]:
    parts = urlsplit(f"{service.url}/audio/transcriptions")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    headers = {"Content-Type": f"multipart/form-data; boundary={mark}"}
    if service.key:
        headers["Authorization"] = f"Bearer {service.key}"
    line = kind(parts.hostname or "", parts.port, timeout=service.seconds)
    try:
        line.request("POST", parts.path, body, headers)
        answer = line.getresponse()
        said = answer.read(READ + 1)
    except (OSError, HTTPException):
        raise Silent("语音服务没有连上，或答得太慢。") from None
    finally:
        line.close()
    if answer.status != 200 or len(said) > READ:
        raise Silent(f"语音服务没有转写（{answer.status}）。")
    try:
        told = json.loads(said)
    except (ValueError, RecursionError):
        raise Silent("语音服务的回答看不懂。") from None
    return told if isinstance(told, dict) else {}
