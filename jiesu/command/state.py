"""What runs on this data folder: one small file beside the data."""

import json
from pathlib import Path

import psutil

from jiesu.core import environment


def _file() -> Path:
    return environment.data() / "run.json"


def write(address: str) -> None:
    """Note that this process serves the data folder at ``address``."""
    me = psutil.Process()
    told = {"pid": me.pid, "since": me.create_time(), "address": address}
    _file().write_text(json.dumps(told))


def clear() -> None:
    _file().unlink(missing_ok=True)


def address() -> str:
    """Return the address that was noted, or "" when nothing was."""
    try:
        return str(json.loads(_file().read_text())["address"])
    except (OSError, ValueError, KeyError):
        return ""


def running() -> psutil.Process | None:
    """Return the supervisor of this data folder, if it lives (not another process with its number)."""
    try:
        told = json.loads(_file().read_text())
        found = psutil.Process(told["pid"])
        return found if abs(found.create_time() - told["since"]) < 1 else None
    except (OSError, ValueError, KeyError, psutil.NoSuchProcess):
        return None
