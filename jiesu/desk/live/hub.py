"""The desks of one process: who is told what, and what was told while somebody was away.

Everything here runs in the one thread of the event loop, and nothing here waits for anything but the
desks themselves.
"""

import asyncio
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from jiesu.desk.live.audience import Audience, Seat, Who
from jiesu.desk.live.messages import Message, encode

KEPT = 5000  # messages for who comes back
WAITING = 2000  # messages one desk may be behind before it is told to look anew
MARGIN = 2.0  # seconds a page's own time may lie behind its list


@dataclass(frozen=True, slots=True)
class Present:
    """Who has a case open, and who may know it."""

    to: Audience
    names: tuple[tuple[int, str], ...]  # member, surname

    def seen_by(self, member: int) -> list[str]:
        """Return the surnames of the others."""
        return [name for one, name in self.names if one != member]

    def message(self, case: int) -> Message:
        own = {member: {"who": self.seen_by(member)} for member, _ in self.names}
        told = {"case": case, "who": [name for _, name in self.names]}
        return Message("presence", self.to, told, own=own)


@dataclass(slots=True, eq=False)
class Desk:
    """One open stream. What waits for it is bounded; one that cannot keep up looks anew."""

    who: Who
    bound: int = WAITING
    waiting: list[bytes] = field(default_factory=list)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False

    def put(self, piece: bytes) -> bool:
        """Add one message; False when too many wait, and it was not taken."""
        if len(self.waiting) >= self.bound:
            return False
        self.waiting.append(piece)
        self.wake.set()
        return True

    def begin_anew(self, piece: bytes) -> None:
        """Drop what waits: the desk looks at everything anew instead."""
        self.waiting[:] = [piece]
        self.wake.set()

    def end(self, piece: bytes = b"") -> None:
        """Say a last word and close."""
        if piece:
            self.waiting.append(piece)
        self.ended = True
        self.wake.set()

    async def take(self) -> bytes:
        """Wait for something to send; return all of it at once, nothing when the desk is to close."""
        if not self.waiting and not self.ended:
            self.wake.clear()
            await self.wake.wait()
        whole = b"".join(self.waiting)
        self.waiting.clear()
        return whole


class Hub:
    """All desks, by seat; the last messages; who has which case open."""

    def __init__(self, *, epoch: str = "", kept: int = KEPT) -> None:
        self.epoch = epoch or secrets.token_hex(4)
        self.seq = 0
        self.ring: deque[Message] = deque(maxlen=kept)
        self.seats: defaultdict[Seat, set[Desk]] = defaultdict(set)
        self.present: dict[int, Present] = {}
        self.complete_since = float("inf")  # nothing was missed after that moment
        self.ending = False
        self.doubt = asyncio.Event()  # set: who stands at the desks has to be looked at now

    # desks

    def desks(self) -> list[Desk]:
        return [desk for desks in self.seats.values() for desk in desks]

    def open(
        self, who: Who, *, last: str = "", since: float | None = None, bound: int = WAITING
    ) -> Desk:
        """Open a desk: what it missed, or the word to look anew, then who has which case open.

        :param last: the id of the last message it got
        :param since: when its page was made, for one that has got none yet
        """
        desk = Desk(who, bound)
        missed = self._missed(last, since)
        if missed is None:
            desk.waiting.append(self._resync())
        else:
            desk.waiting += [message.wire(who) for message in missed if message.concerns(who)]
        desk.waiting.append(encode("here", self.snapshot(who), self.mark))
        desk.wake.set()
        self.seats[who.seat].add(desk)
        return desk

    def close(self, desk: Desk) -> None:
        """Forget a desk."""
        desk.ended = True
        desks = self.seats.get(desk.who.seat)
        if desks is not None:
            desks.discard(desk)
            if not desks:
                del self.seats[desk.who.seat]

    def move(self, desk: Desk, who: Who) -> None:
        """A member has got another role or unit: the desk looks at everything anew as such."""
        self.close(desk)
        desk.ended = False
        desk.who = who
        self.seats[who.seat].add(desk)
        desk.begin_anew(self._resync())
        desk.put(encode("here", self.snapshot(who), self.mark))

    @property
    def mark(self) -> str:
        return f"{self.epoch}-{self.seq}"

    def _resync(self) -> bytes:
        return encode("resync", {}, self.mark)

    def _missed(self, last: str, since: float | None) -> Iterable[Message] | None:
        """Return what came after; None when that cannot be told for certain."""
        if last:
            epoch, _, number = last.rpartition("-")
            if epoch != self.epoch or not number.isascii() or not number.isdigit():
                return None
            seq = int(number)
            oldest = self.ring[0].seq if self.ring else self.seq + 1
            if seq > self.seq or seq < oldest - 1:
                return None
            return [message for message in self.ring if message.seq > seq]
        if since is None:
            return []
        since -= MARGIN
        full = len(self.ring) == self.ring.maxlen
        if since < self.complete_since or (full and self.ring[0].at >= since):
            return None
        return [message for message in self.ring if message.at >= since]

    # telling

    def tell(self, message: Message) -> None:
        """Tell every desk it concerns, and keep it for who is away."""
        self.seq += 1
        message.seal(self.epoch, self.seq)
        self.ring.append(message)
        to = message.to
        for seat, desks in self.seats.items():
            if not to.reaches(seat):
                continue
            own, piece = message.own, message.shared(seat)
            for desk in desks:
                member = desk.who.member
                if to.member is not None and to.member != member:
                    continue
                told = message.wire(desk.who) if member in own else piece
                if not desk.put(told):
                    desk.begin_anew(self._resync())

    def resync(self) -> None:
        """Something may have been missed: nobody's earlier id holds, every desk looks anew."""
        self.epoch, self.seq = secrets.token_hex(4), 0
        self.ring.clear()
        self.complete_since = time.time()
        for desk in self.desks():
            desk.begin_anew(self._resync())
            desk.put(encode("here", self.snapshot(desk.who), self.mark))

    def ping(self) -> None:
        """A sign of life to every desk for which nothing waits; it carries the newest id along."""
        piece = encode("ping", {}, self.mark)
        for desk in self.desks():
            if not desk.waiting:
                desk.put(piece)

    def end(self) -> None:
        """The server ends: every stream closes at once, and comes back by itself."""
        self.ending = True
        for desk in self.desks():
            desk.end()

    # presence

    def snapshot(self, who: Who) -> dict[str, Any]:
        """Return who has which case open, of those this one may see; the own page left out."""
        found = {
            str(case): names
            for case, present in self.present.items()
            if present.to.reaches(who.seat) and (names := present.seen_by(who.member))
        }
        return {"cases": found}

    def tell_present(self, asked: Iterable[int] | None, now: dict[int, Present]) -> None:
        """Take over who has the ``asked`` cases open (None: all cases), telling what has changed."""
        for case in set(self.present) | set(now) if asked is None else set(asked):
            before, after = self.present.get(case), now.get(case)
            if before == after:
                continue
            if after is None:
                assert before is not None
                self.present.pop(case)
                self.tell(Present(before.to, ()).message(case))
                continue
            self.present[case] = after
            self.tell(after.message(case))
            if before and (gone := before.to.units - after.to.units):
                self.tell(Present(Audience(before.to.office, units=gone), ()).message(case))
