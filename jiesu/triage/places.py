"""Where the models stand: ``triage/`` in the data folder, one file for each thing that is learnt."""

import re
from pathlib import Path

from jiesu.core import environment

_NAME = re.compile(r"\w{1,40}")


def model(target: str) -> Path:
    """Return where the model that answers ``target`` stands or will stand; makes nothing.

    :raises ValueError: the name cannot be that of a file
    """
    if not _NAME.fullmatch(target):
        raise ValueError(f"“{target}”不能作模型的名字，请只用字母、数字、汉字和下划线。")
    return environment.place() / "triage" / f"{target}.model"


def versions() -> Path:
    """Return the folder of models that are or were to go live, made if absent (0700)."""
    folder = environment.data() / "triage" / "versions"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def version(target: str, digest: str) -> Path:
    """Return where the version with this hash is kept."""
    return versions() / f"{target}-{digest}.model"
