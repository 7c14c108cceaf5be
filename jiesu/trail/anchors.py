"""锚点: where the chain ended at some moment, one JSON line, kept where the database's owner cannot reach."""

import fcntl
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from jiesu.rules.moments import BEIJING


class Unreadable(Exception):
    """An anchor's line cannot be read."""


class Anchor(NamedTuple):
    """The last link at a moment, its hash (hex), and how many rows were linked by then."""

    at: datetime
    seq: int
    hash: str
    rows: int

    def line(self) -> str:
        """Return it as it stands in the file."""
        at = self.at.astimezone(BEIJING).isoformat(timespec="seconds")
        told = {"date": at[:10], "at": at, "seq": self.seq, "hash": self.hash, "rows": self.rows}
        return json.dumps(told) + "\n"


def append(path: Path, anchor: Anchor) -> None:
    """Add an anchor to a file, which is made if absent (0600); on the disk when this returns.

    :raises OSError: the file cannot be written
    """
    kept = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(kept, "a") as out:
        fcntl.flock(out, fcntl.LOCK_EX)
        out.write(anchor.line())
        out.flush()
        os.fsync(out.fileno())


def read(path: Path) -> Iterator[Anchor]:
    """Yield the anchors of a file, oldest first.

    :raises OSError: the file cannot be read
    :raises Unreadable: a line is no anchor (said in Chinese, with its number)
    """
    with path.open() as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                told = json.loads(line)
                yield Anchor(
                    datetime.fromisoformat(told["at"]), int(told["seq"]), str(told["hash"]),
                    int(told["rows"]),
                )  # fmt: skip
            except (ValueError, KeyError, TypeError):
                raise Unreadable(f"{path} 第 {number} 行不是锚点，文件可能被改过") from None
