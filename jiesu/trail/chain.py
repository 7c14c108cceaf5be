"""核对: is every row of the trail and of the record of cases still as it was when it joined the chain?

The chain is made by triggers (migration ``trail.0002``). It is read here with expressions of our own and
PostgreSQL's built-in functions alone, so that a function changed in the database changes no answer.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, LiteralString, NamedTuple

from django.db import connection
from psycopg import Connection, IsolationLevel, sql

from jiesu.trail import roles
from jiesu.trail.anchors import Anchor
from jiesu.trail.report import HEAD, LINK, SOURCES, Fault, Report, Wrong

ROWS_AT_ONCE = 5000  # rows looked at by one query
LINKS_AT_ONCE = 2000
MOST = 1000  # faults named; the rest is counted
START = bytes(32)  # what the first link follows
PROGRAMS = "jiesu"  # how the product's own programs call themselves


# a link that says who writes from here on, one that says which old entries went; the note of the first ones
WRITES, CLEARS, BEGIN = "writer", "clear", "begin"
KEPT_AT_LEAST = timedelta(days=180)  # of an entry; 网络安全法第21条: 不少于六个月
HASH = sql.SQL("""sha256(previous || convert_to(jsonb_build_array({place}, source, rows,
    (extract(epoch FROM at) * 1000000)::bigint, role, program, certificate, note)::text, 'UTF8')
    || array_send(ids) || array_send(digests))""")
LINKS = sql.SQL("""
SELECT seq, source, coalesce(cardinality(ids), 0), cardinality(ids) = cardinality(digests), ids[1], rows, at,
    role, program, certificate, note, previous, hash, hash = {hash}
FROM trail_link WHERE seq > %s ORDER BY seq LIMIT %s
""").format(hash=HASH.format(place=sql.SQL("seq")))
OFF = """
SELECT seq, at, id, digest, now FROM (
    SELECT l.seq, l.at, u.id, u.digest, CASE WHEN r.id IS NOT NULL THEN {digest} END AS now
    FROM trail_link AS l CROSS JOIN unnest(l.ids, l.digests) AS u (id, digest)
        LEFT JOIN {table} AS r ON r.id = u.id
    WHERE l.source = {name} AND l.seq BETWEEN %s AND %s
) AS found WHERE now IS DISTINCT FROM digest
"""
UNLINKED = """
SELECT r.id, {digest} FROM {table} AS r
WHERE NOT EXISTS (
    SELECT FROM (SELECT unnest(ids) AS id FROM trail_link WHERE source = {name}) AS u WHERE u.id = r.id
) ORDER BY r.id LIMIT %s
"""
MOVED = sql.SQL("""
SELECT p FROM trail_link CROSS JOIN unnest(%s::bigint[]) AS p WHERE seq = %s AND hash = {hash} LIMIT 1
""").format(hash=HASH.format(place=sql.SQL("p")))
WRITER = """
SELECT note FROM trail_link WHERE source = 'writer' AND note <> '' AND seq < %s ORDER BY seq DESC LIMIT 1
"""


class _Link(NamedTuple):
    seq: int
    source: str
    many: int
    even: bool
    row: int | None  # the first of its rows
    rows: int
    at: datetime
    role: str
    program: str
    certificate: int | None
    note: str
    previous: bytes
    hash: bytes
    whole: bool  # its hash is over what stands in it


class _Off(NamedTuple):
    """A linked row that does not look as its link says: ``now`` None when it is not there."""

    source: str
    seq: int
    row: int
    linked: bytes
    now: bytes | None


class _Seen:
    """What is carried from link to link."""

    def __init__(self, pg: Connection, report: Report) -> None:
        self.pg, self.report = pg, report
        self.previous, self.rows, self.last, self.broken = START, 0, 0, False
        self.writer = roles.NOBODY
        self.begun: set[str] = set()  # sources that had links of their own before
        self.bad: list[int] = []  # links whose own hash is wrong
        self.off: list[_Off] = []

    def fault(self, wrong: Wrong, table: str, row: int | None, seq: int | None, told: str) -> None:
        if len(self.report.faults) < MOST:
            self.report.faults.append(Fault(wrong, table, row, seq, told))
        else:
            self.report.more += 1


def verify(
    *, first: int = 1, anchors: Iterable[Anchor] = (),
    tell: Callable[[int, int], None] | None = None,
) -> Report:  # fmt: skip
    """Walk the chain from link ``first`` to its end and look at every row it links.

    One look at the data as it stood at the beginning, on a connection of its own, in memory that does not
    grow with it. ``tell`` hears how many links of how many are done. Numbers that a rolled back transaction
    left out are no faults.
    """
    begun = monotonic()
    report = Report(first=max(first, 1), warnings=roles.warnings())
    with _look() as pg:
        seen = _Seen(pg, report)
        # how many rows an array holds is what the planner knows least: each part by the index of its rows…
        pg.execute("SET LOCAL enable_hashjoin = off")
        pg.execute("SET LOCAL enable_mergejoin = off")
        pg.execute("SET LOCAL enable_seqscan = off")
        _before(seen, report.first)
        last = _one(pg, "SELECT coalesce(max(seq), 0) FROM trail_link")[0]
        erased, cleared = _erased(pg), _cleared(pg)
        while links := pg.execute(LINKS, [seen.last, LINKS_AT_ONCE]).fetchall():
            for part in _parts([_Link(*link) for link in links]):
                for link in part:
                    _follow(seen, link)
                for name in SOURCES:
                    _rows(seen, name, part[0].seq, part[-1].seq, erased, cleared)
            if tell is not None:
                tell(seen.last, last)
        _name_links(seen)
        for kind in (
            "hashjoin",
            "mergejoin",
            "seqscan",
        ):  # …and the whole against the whole by none
            pg.execute(sql.SQL("RESET {}").format(sql.Identifier(f"enable_{kind}")))
        pg.execute("SET LOCAL enable_nestloop = off")
        _name_rows(seen, {name: _unlinked(pg, name) for name in SOURCES})
        _end(seen)
        _hold_against(seen, anchors)
    report.faults.sort(key=lambda fault: (fault.seq is None, fault.seq or 0, fault.row or 0))
    report.seconds = round(monotonic() - begun, 3)
    return report


@contextmanager
def _look() -> Iterator[Connection]:
    with closing(connection.copy()) as mine:
        mine.ensure_connection()
        pg: Connection = mine.connection
        pg.isolation_level, pg.read_only = IsolationLevel.REPEATABLE_READ, True
        pg.autocommit = False
        yield pg
        pg.rollback()


def _one(
    pg: Connection, query: LiteralString | sql.Composed, values: Sequence[Any] = ()
) -> tuple[Any, ...]:
    return pg.execute(query, values).fetchone() or (None,)


def _before(seen: _Seen, first: int) -> None:
    """Take up the chain at the link before ``first``, trusting what stands there."""
    found = seen.pg.execute(
        "SELECT seq, hash, rows FROM trail_link WHERE seq < %s ORDER BY seq DESC LIMIT 1", [first]
    ).fetchone()
    if first > 1 and found:
        seen.last, seen.previous, seen.rows = first - 1, bytes(found[1]), found[2]
        seen.begun = set(SOURCES)
        seen.writer = _one(seen.pg, WRITER, [first])[0] or roles.NOBODY


def _erased(pg: Connection) -> dict[int, int]:
    """Return the newest link of each row that was lawfully erased."""
    return dict(
        pg.execute(
            "SELECT id, max(seq) FROM trail_link CROSS JOIN unnest(ids) AS u (id)"
            " WHERE note <> '' AND certificate IS NOT NULL GROUP BY id"
        ).fetchall()
    )


def _cleared(pg: Connection) -> tuple[int, datetime]:
    """Return up to which row old entries were cleared away, and when."""
    found = pg.execute(
        "SELECT note::bigint, at FROM trail_link WHERE source = 'clear' AND note <> ''"
        " ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    return found or (0, datetime.min.replace(tzinfo=UTC))


def _parts(links: list[_Link]) -> Iterator[list[_Link]]:
    """Split links so that no part holds many more rows than are looked at together."""
    part: list[_Link] = []
    rows = 0
    for link in links:
        part.append(link)
        rows += link.many
        if rows >= ROWS_AT_ONCE:
            yield part
            part, rows = [], 0
    if part:
        yield part


def _follow(seen: _Seen, link: _Link) -> None:
    """Look at one link: there, whole, on the one before, and made by who makes them."""
    seq, report = link.seq, seen.report
    for lost in range(seen.last + 1, min(seq, seen.last + 1 + MOST)):
        seen.fault(Wrong.MISSING, LINK, lost, lost, f"链的第 {lost} 环被删除")
    if not (link.whole and link.even and link.source in {*SOURCES, WRITES, CLEARS}):
        seen.bad.append(seq)
    elif seen.last == seq - 1 and not seen.broken:
        added = link.many if link.certificate is None else 0
        if bytes(link.previous) != seen.previous:
            seen.fault(
                Wrong.ALTERED, LINK, seq, seq, f"链的第 {seq} 环接不上前一环，链从这里被改过"
            )
        elif link.rows != seen.rows + added:
            seen.fault(Wrong.ALTERED, LINK, seq, seq, f"链的第 {seq} 环的累计行数对不上")
    seen.broken = seq in seen.bad[-1:]
    seen.last, seen.previous, seen.rows = seq, bytes(link.hash), link.rows
    report.links, report.seq, report.hash = report.links + 1, seq, seen.previous.hex()
    if link.source == WRITES:
        seen.writer = link.note
        role = "" if link.note == roles.NOBODY else link.note
        report.writers.append(
            {"seq": seq, "role": role, "by": link.role, "at": link.at.isoformat()}
        )
    elif link.source in SOURCES:
        _count(seen, link)


def _count(seen: _Seen, link: _Link) -> None:
    report = seen.report
    if not seen.broken:
        _written_by(seen, link)
    if link.certificate is None:
        report.rows[link.source] += link.many
    else:
        report.erased += link.many
        if link.certificate not in report.certificates:
            report.certificates.append(link.certificate)
    if link.note != BEGIN:
        seen.begun.add(link.source)


def _written_by(seen: _Seen, link: _Link) -> None:
    """Rows come from the product's programs under the application's role; others were put there by hand."""
    if link.note == BEGIN and link.source not in seen.begun:
        return  # there before the chain was
    if link.program.startswith(PROGRAMS) and seen.writer in {link.role, roles.NOBODY}:
        return
    watched = SOURCES[link.source]
    what = f"{watched.label}第 {link.row} 行" + (f"等 {link.many} 行" if link.many > 1 else "")
    who = f"数据库用户 {link.role}" + (f"（{link.program}）" if link.program else " ")
    told = f"{what}是{who}直接写进数据库的，不是系统所写"
    seen.fault(Wrong.EXTRA, watched.table, link.row, link.seq, told)


def _query(text: LiteralString, name: str) -> sql.Composed:
    source = SOURCES[name]
    return sql.SQL(text).format(
        digest=sql.SQL(source.digest), table=sql.Identifier(source.table), name=sql.Literal(name)
    )


def _rows(
    seen: _Seen, name: str, low: int, high: int, erased: dict[int, int], cleared: tuple[int, datetime]
) -> None:  # fmt: skip
    for seq, at, row, linked, now in seen.pg.execute(_query(OFF, name), [low, high]):
        if (
            name == "entry"
            and now is None
            and row <= cleared[0]
            and at < cleared[1] - KEPT_AT_LEAST
        ):
            seen.report.cleared += 1
            continue  # old enough to go, and said to have gone
        if name == "event" and erased.get(row, 0) > seq and now is not None:
            continue  # its newer link says how it looks
        if len(seen.off) < MOST:
            look = None if now is None else bytes(now)
            seen.off.append(_Off(name, seq, row, bytes(linked), look))
        else:
            seen.report.more += 1


def _unlinked(pg: Connection, name: str) -> list[tuple[int, bytes]]:
    """Return the rows that no link knows, with their digests."""
    found = pg.execute(_query(UNLINKED, name), [MOST + 1])
    return [(row, bytes(digest)) for row, digest in found]


def _name_rows(seen: _Seen, unlinked: dict[str, list[tuple[int, bytes]]]) -> None:
    """Tell altered from exchanged: a row that looks as another one should has changed its place."""
    for name, source in SOURCES.items():
        off = [one for one in seen.off if one.source == name]
        belongs = {one.linked: one for one in off}
        moved: set[int] = set()  # rows whose look is found in another place
        for one in off:
            other = belongs.get(one.now) if one.now is not None else None
            if other is not None and other.row != one.row:
                moved.add(other.row)
                told = f"{source.label}第 {one.row} 行与别的行换了次序：现在放的是第 {other.row} 行的内容"
                seen.fault(Wrong.REORDERED, source.table, one.row, one.seq, told)
            elif one.now is not None:
                told = f"{source.label}第 {one.row} 行被改动，与入链时不同"
                seen.fault(Wrong.ALTERED, source.table, one.row, one.seq, told)
        for row, digest in unlinked[name]:
            other = belongs.get(digest)
            if other is not None and other.now is None:
                moved.add(other.row)
                told = f"{source.label}第 {other.row} 行的次序被换：现在排成了第 {row} 行"
                seen.fault(Wrong.REORDERED, source.table, other.row, other.seq, told)
            else:
                told = f"{source.label}第 {row} 行是多出来的，不在链上"
                seen.fault(Wrong.EXTRA, source.table, row, None, told)
        for one in off:
            if one.now is None and one.row not in moved:
                told = f"{source.label}第 {one.row} 行被删除"
                seen.fault(Wrong.MISSING, source.table, one.row, one.seq, told)


def _name_links(seen: _Seen) -> None:
    """Tell altered links from exchanged ones: one whose hash is right at another's place was moved."""
    places = seen.bad[:100]
    for seq in seen.bad:
        was = None
        if seq in places:
            was = _one(seen.pg, MOVED, [places, seq])[0]
        if was is not None:
            seen.fault(
                Wrong.REORDERED, LINK, seq, seq, f"链的第 {seq} 环次序被换：它原是第 {was} 环"
            )
        else:
            seen.fault(Wrong.ALTERED, LINK, seq, seq, f"链的第 {seq} 环被改动或是后来塞进的")


def _end(seen: _Seen) -> None:
    """The head must say what the last link says."""
    found = seen.pg.execute("SELECT seq, rows, hash FROM trail_head").fetchall()
    if not found:
        if seen.last:
            seen.fault(Wrong.MISSING, HEAD, None, seen.last, "链尾的登记被删除")
        return
    seq, rows, digest = found[0]
    if len(found) > 1:
        seen.fault(Wrong.EXTRA, HEAD, None, seen.last, "链尾的登记多了一行")
    if seq > seen.last:
        told = f"链在第 {seen.last} 环之后被截断，应到第 {seq} 环"
        seen.fault(Wrong.CUT, LINK, None, seen.last + 1, told)
    elif (seq, rows, bytes(digest)) != (seen.last, seen.rows, seen.previous):
        told = f"链尾的登记与最后一环（第 {seen.last} 环）对不上"
        seen.fault(Wrong.ALTERED, HEAD, 1, seen.last, told)


def _hold_against(seen: _Seen, anchors: Iterable[Anchor]) -> None:
    """The chain must still pass through every anchor that was written outside."""
    for anchor in anchors:
        seen.report.anchors += 1
        found = seen.pg.execute(
            "SELECT hash, rows FROM trail_link WHERE seq = %s", [anchor.seq]
        ).fetchone()
        if anchor.seq == 0 or (found and (bytes(found[0]).hex(), found[1]) == anchor[2:]):
            continue
        if found is None and anchor.seq > seen.last:
            told = f"链比 {anchor.at:%Y-%m-%d %H:%M} 的锚点短：那时已有第 {anchor.seq} 环"
            seen.fault(Wrong.CUT, LINK, anchor.seq, anchor.seq, told)
        else:
            told = f"链的第 {anchor.seq} 环与 {anchor.at:%Y-%m-%d %H:%M} 写在外面的锚点不同，链被整段改写过"
            seen.fault(Wrong.ALTERED, LINK, anchor.seq, anchor.seq, told)


def head() -> Anchor:
    """Return where the chain ends now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT now(), seq, hash, rows FROM trail_head UNION ALL SELECT now(), 0, %s, 0"
            " ORDER BY seq DESC LIMIT 1",
            [START],
        )
        at, seq, digest, rows = cursor.fetchone()
    return Anchor(at, seq, bytes(digest).hex(), rows)
