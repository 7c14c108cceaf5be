"""The ground a measurement stands on: a data folder of its own, the embedded server as shipped."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.core.management import call_command

from jiesu.core import postgres
from jiesu.trail import roles


def folder() -> Path:
    """Return a new empty folder with a path short enough for a socket."""
    made = Path(tempfile.mkdtemp(prefix="jb-", dir="/tmp"))
    made.chmod(0o711)
    return made


@contextmanager
def ground(kept: Path | None = None) -> Iterator[Path]:
    """Start the product's own server, durable as shipped, and wake Django on it.

    ``kept`` is a folder that stays, for a second run on the same cases.
    """
    if kept is not None:
        kept.mkdir(mode=0o711, exist_ok=True)
    here = kept or folder()
    os.environ.pop("DATABASE_URL", None)
    os.environ["JIESU_DATA"] = str(here)
    os.environ["JIESU_SECRET_KEY"] = "only-for-measuring-" + "x" * 40
    os.environ["DJANGO_SETTINGS_MODULE"] = "jiesu.config.settings"
    postgres.ensure()
    try:
        django.setup()
        with roles.as_owner():  # what measures makes and empties tables; what is served does not
            call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
            roles.grant()
            call_command("collectstatic", verbosity=0, interactive=False)
            yield here
    finally:
        postgres.stop()
        if kept is None:
            shutil.rmtree(here, ignore_errors=True)
