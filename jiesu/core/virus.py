"""The virus scanner: off until ``JIESU_CLAMD`` is set; from then on nothing is taken that it has not passed.

clamd's INSTREAM: pieces with their length before them, an empty one at the end, one line as answer.
It fails closed: no answer, a slow one, or one not understood is a refusal like a find.
"""

import logging
import socket
import time
from collections.abc import Iterable, Iterator

from jiesu.core import environment

log = logging.getLogger("jiesu.virus")

PATIENCE = 60.0  # seconds for one file, its sending and its scan
PIECE = 64 * 1024


class Refused(ValueError):
    """The file is not taken; the message says in Chinese what to do."""


class Found(Refused):
    """The scanner knows it as harmful."""


class NotScanned(Refused):
    """The scanner did not say that it is harmless."""


def scan(name: str, pieces: Iterable[bytes]) -> None:
    """Return when the file is harmless to the scanner, or when none is set.

    :raises Found: it is not
    :raises NotScanned: nobody could say
    """
    where = environment.clamd()
    if not where:
        return
    try:
        said = _ask(where, pieces)
    except OSError as broken:
        log.error("clamd does not answer: %s", type(broken).__name__)
        raise NotScanned(
            f"病毒检查没有回音，“{name}”没有保存。请稍后再传；仍不行请联系管理员查看病毒检查服务。"
        ) from None
    if said == "stream: OK":
        return
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        log.warning("clamd found something in an upload")
        raise Found(f"“{name}”被查出有病毒，没有保存。请先在自己的电脑上查杀，或换一份原始文件。")
    log.error("clamd could not scan an upload")
    raise NotScanned(
        f"“{name}”没能通过病毒检查（检查没有完成），没有保存。请换小一些的文件再传，或联系管理员。"
    )


def _ask(where: str | tuple[str, int], pieces: Iterable[bytes]) -> str:
    end = time.monotonic() + PATIENCE
    family = socket.AF_UNIX if isinstance(where, str) else socket.AF_INET
    if isinstance(where, tuple) and ":" in where[0]:
        family = socket.AF_INET6
    with socket.socket(family, socket.SOCK_STREAM) as link:
        _wait(link, end)
        link.connect(where)
        try:
            link.sendall(b"zINSTREAM\0")
            for piece in _cut(pieces):
                _wait(link, end)
                link.sendall(len(piece).to_bytes(4, "big") + piece)
            link.sendall((0).to_bytes(4, "big"))
        except (BrokenPipeError, ConnectionResetError):
            pass  # too large for it: it says so and hangs up
        return _answer(link, end)


def _answer(link: socket.socket, end: float) -> str:
    said = b""
    while b"\0" not in said and len(said) < 4096:
        _wait(link, end)
        piece = link.recv(1024)
        if not piece:
            break
        said += piece
    return said.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _wait(link: socket.socket, end: float) -> None:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    link.settimeout(left)


def _cut(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for at in range(0, len(piece), PIECE):
            yield piece[at : at + PIECE]
