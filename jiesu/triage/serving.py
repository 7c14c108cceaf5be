"""A model answers within its time or not at all: it is read and asked in a thread of its own.

Whoever asks waits a deadline and no longer. While the thread is held up (a disk that does not answer, a file
that never ends) nobody waits for it again: the breaker is open, and after a while a fresh thread tries
anew. What is wrong is kept as a `Fault` for whoever tells people; here it only means no suggestion.
"""

import logging
import stat
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread

from jiesu.rules.labelled import Labelled
from jiesu.triage.learning import files
from jiesu.triage.learning.model import Model
from jiesu.triage.learning.reading import Reading
from jiesu.triage.learning.suggestion import Suggestion

DEADLINE = 0.3  # seconds a page waits for an answer
STUCK = 2.0  # seconds after which it is no longer slow but hanging
RETRY = 30.0  # seconds until a fresh thread tries anew, doubled each time
THREADS = 6  # at most so many are left behind held up; then only a restart helps
LARGEST = 1 << 30  # bytes of a file that is read at all

Ask = Callable[[Model], Suggestion]
log = logging.getLogger("jiesu.triage")


class FaultKind(Labelled):
    MISSING = "missing", "不见了"
    SPOILED = "spoiled", "坏了"
    HANGING = "hanging", "读不动"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a model's file. ``mark`` tells one file from the next in its place."""

    kind: FaultKind
    mark: str
    said: str


class _Reader:
    """One thread that reads the file when it changed, and answers one question at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.asked: SimpleQueue[tuple[Ask, Future[Suggestion | None]]] = SimpleQueue()
        self.since: float | None = None  # when it began what it is doing
        self.mark = ""
        self.model: Model | None = None
        self.fault: Fault | None = None
        Thread(target=self._serve, name=f"triage-{path.stem}", daemon=True).start()

    def held_up(self) -> float:
        """Return for how many seconds it has been at what it does."""
        since = self.since
        return 0.0 if since is None else time.monotonic() - since

    def _serve(self) -> None:
        while True:
            ask, answer = self.asked.get()
            if not answer.set_running_or_notify_cancel():
                continue  # nobody waits for it any more
            self.since = time.monotonic()
            try:
                self._look()
                answer.set_result(ask(self.model) if self.model else None)
            except Exception as wrong:
                log.exception("a model failed to answer")
                self.model = None
                self.fault = Fault(FaultKind.SPOILED, self.mark, f"模型答不出：{wrong}"[:200])
                answer.set_result(None)
            self.since = None

    def _look(self) -> None:
        """Read the file anew when it is another than before."""
        try:
            found = self.path.stat()
        except OSError as gone:
            if self.mark:  # it was there
                said = f"模型文件 {self.path.name} 不见了（{gone.strerror}）。请从备份恢复，或重新训练。"
                self.fault = Fault(FaultKind.MISSING, self.mark, said)
            self.mark, self.model = "", None
            return
        mark = f"{found.st_mtime_ns}-{found.st_size}-{found.st_ino}"
        if mark == self.mark:
            return
        self.mark, self.model, self.fault = mark, None, None
        try:
            if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
                raise files.Spoiled(f"{self.path} 不是模型文件，请核对路径，或重新训练。")
            self.model = files.load(self.path)
        except files.NoModel:
            self.mark = ""
        except files.Spoiled as why:
            log.error("%s", why)
            self.fault = Fault(FaultKind.SPOILED, mark, str(why))


class Served:
    """One model of this process: asked by any thread, never waited for longer than a deadline."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reader = _Reader(path)
        self.left, self.turn = 0, Lock()

    def ask(self, ask: Ask, within: float | None = None) -> Suggestion | None:
        """Return the answer; None where there is no model, it fails, or takes longer than a page waits."""
        answer: Future[Suggestion | None] = Future()
        if not self._ready():
            return None
        self.reader.asked.put((ask, answer))
        try:
            return answer.result(DEADLINE if within is None else within)
        except TimeoutError:
            answer.cancel()
            return None

    @property
    def fault(self) -> Fault | None:
        """What is wrong now, if anything."""
        reader = self.reader
        if reader.held_up() > STUCK:
            said = f"模型文件 {self.path.name} 读不动，已停用。请检查磁盘，或换回上一版、重新训练。"
            return Fault(FaultKind.HANGING, reader.mark, said)
        return reader.fault

    @property
    def mark(self) -> str:
        """What tells the file that answers from others; empty where none does."""
        return self.reader.mark if self.reader.model else ""

    def _ready(self) -> bool:
        """False while the breaker is open. Once in a while a fresh thread takes the place of a stuck one."""
        with self.turn:
            held_up = self.reader.held_up()
            if held_up <= DEADLINE:
                return True
            if held_up > RETRY * 2**self.left and self.left < THREADS:
                self.left += 1
                self.reader = _Reader(self.path)
                return True
            return False


@lru_cache(maxsize=16)
def served(path: Path) -> Served:
    """Return the one of this process that serves the file."""
    return Served(path)


def ask_about(reading: Reading, admit: Callable[[str], bool] | None = None) -> Ask:
    """Return the question about one message; only labels that ``admit`` may be the answer."""
    return lambda model: model.suggest(reading, admit)
