"""A whole product of its own for a test: its data folder, its database, its web and worker."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# what a journey sees must not change under it when the demo's models are learnt a while later
UNTAUGHT = """
from jiesu.__main__ import connect
connect()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'jiesu.teach_demo' AND status = 'todo'")
"""


class Product:
    """One served product, started and ended like an operator would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {
            name: value for name, value in os.environ.items()
            if name not in {"DATABASE_URL", "JIESU_SECRET_KEY", "JIESU_TESTS", "DJANGO_SETTINGS_MODULE"}
            and not name.startswith("PYTEST")
        } | {"JIESU_DATA": str(folder), "JIESU_ADDRESS": f"127.0.0.1:{self.port}"}  # fmt: skip
        self.supervisor: subprocess.Popen[bytes] | None = None

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "jiesu", *words]

    def do(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(
            self.command(*words),
            env=self.env,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=check,
        )

    def python(self, script: str) -> None:
        """Run a few lines with the product at hand, as its own programs do."""
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script], env=self.env, cwd=ROOT, check=True
        )

    def start(self, *words: str, wait: float = 300) -> None:
        """``jiesu run``, until it answers."""
        written = self.folder.parent / f"{self.folder.name}.log"
        with written.open("ab") as log:
            self.supervisor = subprocess.Popen(
                self.command("run", *words), env=self.env, cwd=ROOT, stdout=log, stderr=log
            )
        end = time.monotonic() + wait
        while time.monotonic() < end:
            try:
                urlopen(f"{self.url}/login/", timeout=2).close()
                break
            except (URLError, OSError):
                assert self.supervisor.poll() is None, written.read_text()[-3000:]
                time.sleep(0.2)
        else:
            raise AssertionError(f"jiesu run does not answer: {written.read_text()[-3000:]}")

    def stop(self) -> None:
        self.do("stop", check=False)
        if self.supervisor is not None:
            self.supervisor.wait(30)

    def kill_everything(self) -> None:
        """kill -9 of supervisor, web, worker and database, all of this data folder alone."""
        doomed: list[psutil.Process] = []
        if self.supervisor is not None and self.supervisor.poll() is None:
            supervisor = psutil.Process(self.supervisor.pid)
            doomed += [supervisor, *supervisor.children(recursive=True)]
        postmaster = psutil.Process(
            int((self.folder / "pg" / "postmaster.pid").read_text().split()[0])
        )
        doomed += [postmaster, *postmaster.children()]
        for process in doomed:
            try:
                process.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(doomed, timeout=10)
        if self.supervisor is not None:
            self.supervisor.wait(10)


@contextmanager
def product(like: str = "") -> Iterator[Product]:
    """A product in a fresh folder with a short name (a socket's path is short), gone afterwards.

    ``like`` names what stands in the folder already: ``"empty"`` an office without a case, ``"demo"`` the
    demo street. Either was made once in this run of the tests, by the product's own commands.
    """
    home = Path(tempfile.mkdtemp(prefix="jiesu-p-"))
    home.chmod(0o711)
    made = Product(home / "d")
    if like:
        _copy(_made_once(like), made.folder)
    else:
        made.folder.mkdir()
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(home, ignore_errors=True)


def _made_once(kind: str) -> Path:
    """Return the folder that products of a kind are copied from; who comes second waits for the first."""
    model = Product(Path(os.environ["JIESU_TESTS"]) / kind)
    done = model.folder.with_suffix(".done")
    with model.folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            model.folder.mkdir()
            if kind == "demo":
                model.do("init", "--demo")
                model.python(UNTAUGHT)  # before there is a worker that would do it
                model.start("--demo")  # gathers the static files
            else:
                model.do("init")
            model.stop()
            done.touch()
    return model.folder


def _copy(source: Path, to: Path) -> None:
    subprocess.run(["cp", "-a", "--reflink=auto", str(source), str(to)], check=True)
