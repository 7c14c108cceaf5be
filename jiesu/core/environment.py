"""Every setting of the product: read from the environment, with a default that works.

``JIESU_DATA``        data folder (embedded database, uploaded files, secret key); default ``~/.jiesu``
``JIESU_ADDRESS``     address the product serves, ``host:port``; default ``127.0.0.1:8000``
``JIESU_SECRET_KEY``  key for sessions and forms; default: made once and kept in the data folder (0600)
``JIESU_HOSTS``       host names a browser may use, comma-separated; default: the address and localhost
``JIESU_WORKERS``     web processes; default 1
``JIESU_UPLOAD_MB``   largest uploaded file in MB; default 200
``DATABASE_URL``      the office's own PostgreSQL 14+; default: the product's embedded server
"""

import os
import secrets
from pathlib import Path


def place() -> Path:
    """Return where the data folder is or would be; makes nothing."""
    return Path(os.environ.get("JIESU_DATA") or Path.home() / ".jiesu").expanduser().resolve()


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


def hosts() -> list[str]:
    """Return the host names a browser may use to reach the product."""
    named = [name.strip() for name in os.environ.get("JIESU_HOSTS", "").split(",") if name.strip()]
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
