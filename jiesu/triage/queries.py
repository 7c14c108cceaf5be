"""What triage can tell: a suggestion about a text, or nothing."""

import logging
from functools import lru_cache
from pathlib import Path

from jiesu.triage import places
from jiesu.triage.learning import files
from jiesu.triage.learning.model import Model
from jiesu.triage.learning.reading import read
from jiesu.triage.learning.suggestion import Suggestion

log = logging.getLogger(__name__)


def suggest(text: str, target: str = "label") -> Suggestion | None:
    """Return what the live model suggests; None where there is none that works, never a default.

    A model put in the place of another is used from the next question on. What is wrong with a file is
    logged once for that file.
    """
    path = places.model(target)
    try:
        found = path.stat()
    except OSError:
        return None
    model = _loaded(path, found.st_mtime_ns, found.st_size)
    return model.suggest(read(text)) if model else None


@lru_cache(maxsize=4)
def _loaded(path: Path, changed: int, size: int) -> Model | None:
    try:
        return files.load(path)
    except (files.NoModel, files.Spoiled) as why:
        log.error("%s", why)
        return None
