"""The live tagger: what an address consists of, in words people read; nothing where there is no tagger that works."""

import logging
from functools import lru_cache
from pathlib import Path

from jiesu.core import environment
from jiesu.triage.addresses import files
from jiesu.triage.addresses.model import Tagger

log = logging.getLogger(__name__)

SHOWN = {  # kind → what it is called; what is not here says nothing to a duty desk
    "city": "市", "district": "区", "town": "街道", "community": "社区", "road": "路", "roadno": "门牌",
    "subroad": "支路", "subroadno": "支路门牌", "poi": "小区院落", "subpoi": "分区", "houseno": "楼",
    "cellno": "单元", "floorno": "层", "roomno": "室", "assist": "方位",
}  # fmt: skip


def parts_of(text: str) -> list[tuple[str, str]]:
    """Return what the parts of an address are called and what they are, in order.

    What is wrong with the file is logged once for that file; a tagger put in its place is used at once.
    """
    path = environment.place() / "triage" / files.NAME
    try:
        found = path.stat()
    except OSError:
        return []
    tagger = _loaded(path, found.st_mtime_ns, found.st_size)
    if tagger is None:
        return []
    return [
        (SHOWN[span.kind], text[span.start : span.end])
        for span in tagger.parts(text)
        if span.kind in SHOWN
    ]


@lru_cache(maxsize=2)
def _loaded(path: Path, changed: int, size: int) -> Tagger | None:
    try:
        return files.load(path)
    except (files.NoModel, files.Spoiled) as why:
        log.error("%s", why)
        return None
