"""What desks are told, each encoded once and shared as bytes by all who are told the same.

Ids and moments only, never a citizen's data.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jiesu.desk.live.audience import Audience, Seat, Who
from jiesu.rules.ladder import spoken
from jiesu.rules.moments import BEIJING


def encode(kind: str, data: Any, mark: str = "") -> bytes:
    """Return one message in the form of ``text/event-stream``; ``mark`` is its id."""
    told = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    named = f"id: {mark}\n" if mark else ""
    return f"{named}event: {kind}\ndata: {told}\n\n".encode()


def moment(at: datetime | None) -> str:
    return at.astimezone(BEIJING).isoformat(timespec="seconds") if at else ""


def level_label(level: str) -> str:
    """Return a level of the ladder in words; none is 催办 by hand."""
    return spoken(level)


@dataclass(slots=True)
class Message:
    """One thing told. ``fresh``: for whom it is new work; ``own``: what single members read instead."""

    kind: str
    to: Audience
    data: dict[str, Any]
    fresh: Audience | None = None
    own: Mapping[int, dict[str, Any]] = field(default_factory=dict)
    mark: str = ""
    seq: int = 0
    at: float = 0.0
    _made: dict[tuple[bool, int], bytes] = field(default_factory=dict)

    def seal(self, epoch: str, seq: int) -> None:
        """Give it its id and its moment."""
        self.mark, self.seq, self.at = f"{epoch}-{seq}", seq, time.time()

    def shared(self, seat: Seat) -> bytes:
        """Return what all at that seat read who have no words of their own."""
        return self._bytes(seat, 0)

    def wire(self, who: Who) -> bytes:
        """Return what one reads."""
        return self._bytes(who.seat, who.member if who.member in self.own else 0)

    def _bytes(self, seat: Seat, member: int) -> bytes:
        new = self.fresh is not None and self.fresh.reaches(seat)
        made = self._made.get((new, member))
        if made is None:
            told = self.data | self.own.get(member, {})
            if self.fresh is not None:
                told["new"] = new
            made = self._made[new, member] = encode(self.kind, told, self.mark)
        return made

    def concerns(self, who: Who) -> bool:
        """True when this one is told it."""
        if self.to.member is not None and self.to.member != who.member:
            return False
        return self.to.reaches(who.seat)
