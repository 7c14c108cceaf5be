"""Keys outside the database, and what is sealed with them (个人信息保护法 51; security.md).

The key ring is a file beside the database, never in it: a master key (or a file of its own, named by
``JIESU_MASTER_KEY_FILE``), one data key for each month of arrival, wrapped by the master key, and an index
key for look-ups. Sealed is AES-256-GCM under the month's key; ``place`` says whose it is and is bound in, so
that nothing sealed can be put in another's place. When the last case of a month is erased, the month's key
is destroyed, and with it whatever older backups of the database hold of that month.
"""

import base64
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jiesu.core import environment

FORMAT = 1
NONCE, KEY, TAG = 12, 32, 16
HEAD = 5  # format and number of the data key


class Unsafe(Exception):
    """The key ring is not as it must be; the message says what to do."""


class Gone(Exception):
    """What was sealed cannot be opened any more: its key was destroyed, or it is not what it says."""


class Altered(Gone):
    """It is not what was sealed, or not for this place: its key is there and does not fit."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A month's key as the ring knows it. ``secret`` is None once it was destroyed."""

    number: int
    month: str
    made_at: str
    secret: bytes | None
    destroyed_at: str = ""


@dataclass(frozen=True, slots=True)
class Ring:
    """All keys, unwrapped. ``newest`` gives the data key that seals for a month."""

    master: str
    made_at: str
    index: bytes
    index_made_at: str
    data: dict[int, DataKey]
    newest: dict[str, int]


def seal(plain: bytes, *, place: str, month: str) -> bytes:
    """Return ``plain`` sealed for its place under the key of ``month`` (``2026-11``), made if absent."""
    keys = ring()
    if (number := keys.newest.get(month)) is None:
        number, keys = _add_data_key(month), ring()
    secret = keys.data[number].secret
    assert secret is not None
    nonce = os.urandom(NONCE)
    head = bytes([FORMAT]) + number.to_bytes(4, "big")
    return head + nonce + AESGCM(secret).encrypt(nonce, plain, head + place.encode())


def unseal(sealed: bytes | memoryview, *, place: str) -> bytes:
    """Return what was sealed for this place.

    :raises Gone: its key was destroyed
    :raises Altered: it was sealed for another place, or altered
    """
    sealed = bytes(sealed)
    if len(sealed) < HEAD + NONCE + TAG:
        raise Altered("密封内容不完整。")
    key = ring().data.get(key_of(sealed))
    if key is None or key.secret is None:
        raise Gone("密钥已销毁或不在密钥文件里，内容无法恢复。")
    head, nonce, rest = sealed[:HEAD], sealed[HEAD : HEAD + NONCE], sealed[HEAD + NONCE :]
    try:
        return AESGCM(key.secret).decrypt(nonce, rest, head + place.encode())
    except InvalidTag:
        raise Altered("密封内容与其位置不符，或被改动过。") from None


def key_of(sealed: bytes | memoryview) -> int:
    """Return the number of the data key that something is sealed with."""
    return int.from_bytes(bytes(sealed)[1:HEAD], "big")


def digest(kind: str, text: str) -> UUID:
    """Return the keyed digest by which ``text`` is looked up: nothing is learnt from it without the key."""
    made = hmac.digest(ring().index, f"{kind}:{text}".encode(), hashlib.sha256)
    return UUID(bytes=made[:16])


def ring() -> Ring:
    """Return the keys. Read anew when the file has changed; made the first time.

    :raises Unsafe: others may read the file, or it cannot be opened with this master key
    """
    path = environment.keys()
    try:
        found = path.stat()
    except FileNotFoundError:
        with _alone():
            if not path.exists():
                _write(_fresh())
        found = path.stat()
    return _read(str(path), found.st_mtime_ns, found.st_ino)


def rotate() -> str:
    """Wrap every key by a new master key and return its mark. What is sealed stays as it is."""
    with _alone():
        held = _load()
        old, new = _master(held), secrets.token_bytes(KEY)
        mark = _mark("m")
        for entry in (held["index"], *held["data"]):
            if entry.get("wrapped"):
                entry["wrapped"] = _wrap(_unwrap(entry["wrapped"], old), new)
        held["master"] = {"id": mark, "made_at": _now()}
        outside = environment.master_key()
        if outside:
            _keep(outside.with_name(outside.name + ".new"), base64.b64encode(new).decode() + "\n")
            held["master"]["check"] = _check(new)
            _write(held)
            os.replace(outside.with_name(outside.name + ".new"), outside)
        else:
            held["master"]["key"] = base64.b64encode(new).decode()
            _write(held)
        return mark


def renew(months: list[str]) -> dict[str, int]:
    """Make a new data key for each month and return their numbers; the old ones still open."""
    return {month: _add_data_key(month, anew=True) for month in months}


def destroy(numbers: list[int]) -> list[int]:
    """Destroy data keys for good and return those that were still there."""
    with _alone():
        held = _load()
        gone = []
        for entry in held["data"]:
            if entry["number"] in numbers and entry.get("wrapped"):
                entry["wrapped"], entry["destroyed_at"] = None, _now()
                gone.append(entry["number"])
        if gone:
            _write(held)
        return gone


def _add_data_key(month: str, *, anew: bool = False) -> int:
    with _alone():
        held = _load()
        there = [one for one in held["data"] if one["month"] == month and one.get("wrapped")]
        if there and not anew:
            return int(there[-1]["number"])
        number = max((one["number"] for one in held["data"]), default=0) + 1
        wrapped = _wrap(secrets.token_bytes(KEY), _master(held))
        held["data"].append(
            {"number": number, "month": month, "made_at": _now(), "wrapped": wrapped}
        )
        _write(held)
        return int(number)


def _fresh() -> dict[str, Any]:
    outside = environment.master_key()
    master: dict[str, str] = {"id": _mark("m"), "made_at": _now()}
    if outside:
        secret = _from_file(outside)
        master["check"] = _check(secret)
    else:
        secret = secrets.token_bytes(KEY)
        master["key"] = base64.b64encode(secret).decode()
    index = {"made_at": _now(), "wrapped": _wrap(secrets.token_bytes(KEY), secret)}
    return {"format": FORMAT, "master": master, "index": index, "data": []}


@lru_cache(maxsize=4)
def _read(path: str, changed: int, inode: int) -> Ring:
    held = _load()
    master = _master(held)
    data = {}
    newest: dict[str, int] = {}
    for one in held["data"]:
        secret = _unwrap(one["wrapped"], master) if one.get("wrapped") else None
        number = int(one["number"])
        data[number] = DataKey(
            number, one["month"], one["made_at"], secret, one.get("destroyed_at", "")
        )
        if secret is not None:
            newest[one["month"]] = number
    return Ring(
        master=held["master"]["id"], made_at=held["master"]["made_at"],
        index=_unwrap(held["index"]["wrapped"], master), index_made_at=held["index"]["made_at"],
        data=data, newest=newest,
    )  # fmt: skip


def _load() -> dict[str, Any]:
    path = environment.keys()
    _only_ours(path)
    try:
        held: dict[str, Any] = json.loads(path.read_text())
    except ValueError:
        raise Unsafe(f"密钥文件 {path} 不完整，请用备份的密钥文件恢复。") from None
    if held.get("format") != FORMAT:
        raise Unsafe(f"密钥文件 {path} 的格式不认识，请用对应版本的系统打开。")
    return held


def _only_ours(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise Unsafe(
            f"密钥文件 {path} 别人也能读（权限 {mode:o}），请执行 chmod 600 {path} 后再启动。"
        )


def _master(held: dict[str, Any]) -> bytes:
    outside = environment.master_key()
    if "key" in held["master"] and not outside:
        return base64.b64decode(held["master"]["key"])
    if outside is None:
        raise Unsafe("密钥文件的主密钥另存在别处，请用 JIESU_MASTER_KEY_FILE 指明那个文件。")
    secret = _from_file(outside)
    if "key" in held["master"]:
        raise Unsafe(
            "密钥文件里已有主密钥，请取消 JIESU_MASTER_KEY_FILE，或换用与它配套的密钥文件。"
        )
    if held["master"].get("check") != _check(secret):
        raise Unsafe(f"{outside} 里的主密钥打不开这份密钥文件，请核对是不是同一套。")
    return secret


def _from_file(path: Path) -> bytes:
    if not path.exists():
        raise Unsafe(f"找不到主密钥文件 {path}（JIESU_MASTER_KEY_FILE）。")
    _only_ours(path)
    try:
        secret = base64.b64decode(path.read_text().strip(), validate=True)
    except ValueError:
        secret = b""
    if len(secret) != KEY:
        raise Unsafe(
            f"主密钥文件 {path} 应是 32 字节的 Base64，可用 openssl rand -base64 32 生成。"
        )
    return secret


def _check(secret: bytes) -> str:
    return hmac.digest(secret, b"jiesu master key", hashlib.sha256).hex()[:16]


def _wrap(secret: bytes, master: bytes) -> str:
    nonce = os.urandom(NONCE)
    return base64.b64encode(nonce + AESGCM(master).encrypt(nonce, secret, b"jiesu key")).decode()


def _unwrap(wrapped: str, master: bytes) -> bytes:
    raw = base64.b64decode(wrapped)
    try:
        return AESGCM(master).decrypt(raw[:NONCE], raw[NONCE:], b"jiesu key")
    except InvalidTag:
        raise Unsafe("主密钥打不开密钥文件里的密钥，请核对密钥文件和主密钥是不是同一套。") from None


def _write(held: dict[str, Any]) -> None:
    _keep(environment.keys(), json.dumps(held, indent=1) + "\n")


def _keep(path: Path, text: str) -> None:
    """Replace a file as a whole, readable by nobody else, on the disk before it counts."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    os.replace(part, path)


@contextmanager
def _alone() -> Iterator[None]:
    """One at a time changes the ring, whatever process it is in."""
    lock = environment.keys().with_suffix(".lock")
    lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(lock, os.O_RDWR | os.O_CREAT, 0o600), "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _mark(kind: str) -> str:
    return f"{kind}-{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(3)}"
