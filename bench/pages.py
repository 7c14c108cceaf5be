"""The pages, through all of the product's middleware, beside Django and PostgreSQL alone.

In process (Django's test client), so that the CPU of a request can be read; ``served`` asks two real
servers on the loopback instead, where only the clock counts.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.test import Client, override_settings

from bench import load
from bench.measure import ROUNDS, Figure, Took, each, in_turns, ms, once, walls
from jiesu.cases import search, transitions
from jiesu.cases.models import Case, Event
from jiesu.desk.queue import Cursor
from jiesu.org.models import Member
from jiesu.rules.workflow import Action

NEWEST = "/cases/?stage=all"
HISTORY = 50
WORDS = ("电梯", "停水", "充电桩")


def browser_of(member: Member) -> Client:
    """Return a client that is logged in and asks for the name the product answers to."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(member)
    return client


def asking(client: Client, url: str) -> Callable[[], object]:
    """Return one request, checked to be answered well."""

    def ask() -> object:
        answer = client.get(url)
        assert answer.status_code == 200, (url, answer.status_code)
        return answer.content

    return ask


def bare(url: str, times: int) -> Callable[[], Took]:
    """Return the measurement of a bare view: no middleware, no login."""
    site = {"ROOT_URLCONF": "bench.bare", "MIDDLEWARE": [], "ALLOWED_HOSTS": ["*"]}
    template = {**settings.TEMPLATES[0], "DIRS": [str(Path(__file__).parent / "templates")]}
    template["OPTIONS"] = {"context_processors": []}

    def measure() -> Took:
        with override_settings(**site, TEMPLATES=[template]):
            ask = asking(Client(), url)
            ask()
            return each(ask, times)

    return measure


def warm(ask: Callable[[], object], times: int) -> Callable[[], Took]:
    def measure() -> Took:
        ask()
        return each(ask, times)

    return measure


def measure_list(member: Member, *, times: int) -> list[Figure]:
    """The newest list page, and the desk's own queue, beside the bare page of the same rows."""
    client = browser_of(member)
    ours, queue, beside = in_turns(
        ROUNDS, warm(asking(client, NEWEST), times), warm(asking(client, "/cases/"), times),
        bare(f"/rows/?office={member.office_id}", times),
    )  # fmt: skip
    size = len(client.get(NEWEST).content)
    return [
        Figure(
            "list", f"newest list page at {Case.objects.count():,} cases, CPU", ms(ours.cpu),
            f"{ms(beside.cpu)} (bare Django page of 50 rows × 10 columns)", ours.cpu / beside.cpu,
            goal=2.0, stretch=1.0,
            note=f"by the clock {ms(ours.wall)} and {ms(beside.wall)}; {size / 1024:.0f} KB; "
            f"the queue of open cases by time left: CPU {ms(queue.cpu)}, clock {ms(queue.wall)}",
        )
    ]  # fmt: skip


def measure_deep(member: Member, *, times: int) -> list[Figure]:
    """A page nine tenths down the list beside the first."""
    count = Case.objects.count()
    place = Case.objects.order_by("-dispatched_at", "-id")[count * 9 // 10]
    turn = Cursor(True, place.dispatched_at, place.pk).write()
    client = browser_of(member)
    deep, first = in_turns(
        ROUNDS,
        warm(asking(client, f"{NEWEST}&turn={turn}"), times),
        warm(asking(client, NEWEST), times),
    )
    return [
        Figure(
            "deep", f"list page {count * 9 // 500:,} beside page 1, by the clock", ms(deep.wall), ms(first.wall),
            deep.wall / first.wall, goal=1.2, stretch=1.05, note=f"CPU {ms(deep.cpu)} and {ms(first.cpu)}",
        )
    ]  # fmt: skip


def measure_search(member: Member, *, times: int) -> list[Figure]:
    """Words of three characters and more, and short rare ones, each as the whole page of hits."""
    client = browser_of(member)
    plain = partial(asking, client)
    figures = []
    for word in WORDS[2:]:
        ours, hits, page = in_turns(
            ROUNDS, warm(plain(f"/cases/?q={quote(word)}"), times), warm(_hits(word), times),
            warm(plain(NEWEST), times),
        )  # fmt: skip
        beside = hits.wall + page.wall
        figures.append(
            Figure(
                "search",
                f"search “{word}” ({_found(word):,} hits), by the clock",
                ms(ours.wall),
                f"{ms(beside)} (raw indexed query {ms(hits.wall)} + list page {ms(page.wall)})",
                ours.wall / beside,
                goal=2.0,
                stretch=1.2,
            )
        )
    for word, kind in ((load.RARE, "rare"), (load.ABSENT, "absent")):
        ours, scan = in_turns(
            ROUNDS, warm(plain(f"/cases/?q={quote(word)}"), times), partial(once, _scan(word))
        )
        figures.append(
            Figure(
                f"search-{kind}",
                f"search of a two-character word, {kind} ({_found(word)} hits), by the clock",
                ms(ours.wall),
                f"{ms(scan.wall)} (unindexed scan of the texts)",
                ours.wall / scan.wall,
                goal=0.05,
                stretch=0.005,
                note=f"the indexed query alone {ms(median(walls(_hits(word), times)))}; "
                "ours is the whole page, so the goal is for a million cases",
            )
        )
    for word in WORDS[:2]:
        ours = in_turns(ROUNDS, warm(plain(f"/cases/?q={quote(word)}"), times))[0]
        figures.append(
            Figure(
                "search-common",
                f"search “{word}” ({_found(word):,} hits), by the clock",
                ms(ours.wall),
                "–",
                None,
            )
        )
    return figures


def _run(sql: str, words: list[str]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, words)
        return cursor.fetchall()


def _hits(word: str) -> Callable[[], object]:
    sql = "SELECT id FROM cases_case WHERE tsv @@ %s::tsquery LIMIT 5000"
    return partial(_run, sql, [search.pg_query(word)])


def _found(word: str) -> int:
    sql = "SELECT count(*) FROM cases_case WHERE tsv @@ %s::tsquery"
    return int(_run(sql, [search.pg_query(word)])[0][0])


def _scan(word: str) -> Callable[[], object]:
    sql = "SELECT id FROM cases_case WHERE title ILIKE %s OR content ILIKE %s OR location ILIKE %s LIMIT 5000"
    return partial(_run, sql, [f"%{word}%"] * 3)


def measure_case(member: Member, *, at: datetime, times: int) -> list[Figure]:
    """A case with fifty lines of history, as its page, beside JSON of fifty rows."""
    case = Case.objects.order_by("-dispatched_at").first()
    assert case is not None
    for place in range(Event.objects.filter(case=case).count(), HISTORY):
        transitions.record(
            case, Action.NOTE, actor=member, at=at, note=f"第 {place} 次联系居民，约定上门时间。"
        )
    url = f"/cases/{quote(case.number)}/"
    client = browser_of(member)
    htmx = Client(SERVER_NAME="127.0.0.1", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="case")
    htmx.force_login(member)
    ours, piece, beside = in_turns(
        ROUNDS, warm(asking(client, url), times), warm(asking(htmx, url), times),
        bare(f"/events/?case={case.pk}", times * 3),
    )  # fmt: skip
    return [
        Figure(
            "case", f"a case with {HISTORY} lines of history, CPU", ms(piece.cpu),
            f"{ms(beside.cpu)} (bare JSON of 50 rows)", piece.cpu / beside.cpu, goal=10, stretch=5,
            note="as it is fetched beside the queue; as a page of its own, with the queue and the shell: "
            f"CPU {ms(ours.cpu)}, {ours.cpu / beside.cpu:.1f} times",
        )
    ]  # fmt: skip
