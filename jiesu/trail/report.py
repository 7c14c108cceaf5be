"""What a verification of the chain speaks of: the watched tables, what can be wrong, and its report."""

from dataclasses import asdict, dataclass, field
from typing import Any, LiteralString, NamedTuple

from jiesu.rules.labelled import Labelled


class Wrong(Labelled):
    """What can be wrong with a row or a link."""

    ALTERED = "altered", "被改动"
    MISSING = "missing", "被删除"
    EXTRA = "extra", "多出来的"
    REORDERED = "reordered", "次序被换"
    CUT = "cut", "尾部被截断"


class Source(NamedTuple):
    """A watched table, and the digest of one of its rows ``r``."""

    table: str
    label: str
    digest: LiteralString


# the record of cases belongs to a later room; the chain knows its table by name and columns only
SOURCES: dict[str, Source] = {
    "entry": Source(
        "trail_entry", "操作留痕",
        """sha256(convert_to(jsonb_build_array((extract(epoch FROM r.at) * 1000000)::bigint, r.kind, r.office,
        r.member, r.username, r.role, r."case", r.number, r.subject, r.facts, r.address, r.session)::text,
        'UTF8'))""",
    ),
    "event": Source(
        "cases_event", "案件记录",
        """sha256(convert_to(jsonb_build_array(r.office_id, r.case_id, r.step, r.action, r.before, r.after,
        r.moved, r.actor_id, (extract(epoch FROM r.at) * 1000000)::bigint,
        (extract(epoch FROM r.recorded_at) * 1000000)::bigint, r.note, r.facts, r.once)::text, 'UTF8'))""",
    ),
}  # fmt: skip
LINK, HEAD = "trail_link", "trail_head"
TABLES = {source.table: source.label for source in SOURCES.values()} | {LINK: "链", HEAD: "链尾"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One row or link that is not as it was. ``seq`` is its link's; ``told`` says it in words."""

    wrong: Wrong
    table: str
    row: int | None
    seq: int | None
    told: str


@dataclass(slots=True)
class Report:
    """What a verification found. ``first`` is the link it began with."""

    first: int
    seq: int = 0
    hash: str = ""
    links: int = 0
    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SOURCES, 0))
    erased: int = 0
    cleared: int = 0  # entries older than they must be kept
    certificates: list[int] = field(default_factory=list)
    writers: list[dict[str, Any]] = field(default_factory=list)
    anchors: int = 0
    faults: list[Fault] = field(default_factory=list)
    more: int = 0  # faults found and not named
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return not self.faults and not self.more

    @property
    def checked(self) -> int:
        return sum(self.rows.values())

    def told(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        faults = [
            asdict(fault) | {"wrong": fault.wrong.value, "what": fault.wrong.label}
            for fault in self.faults
        ]
        told = asdict(self) | {"good": self.good, "faults": faults, "rows": self.rows}
        return told | {"rows_per_second": round(self.checked / max(self.seconds, 0.001))}
