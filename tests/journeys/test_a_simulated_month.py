"""A small month on the real product: nothing late unseen, each reminder once, whenever a worker dies."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("--days", "3", "--orders", "45", "--seed", "7", "--json")


Month = tuple[int, dict[str, Any], str]


def begin(*words: str) -> subprocess.Popen[str]:
    """Start the command like an operator."""
    return subprocess.Popen(
        [sys.executable, "-m", "jiesu", "simulate", *words],
        cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def end(playing: subprocess.Popen[str]) -> Month:
    """Return its state, its figures and its words."""
    out, words = playing.communicate()
    assert out, words[-3000:]
    return playing.returncode, json.loads(out.splitlines()[-1]), words


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> list[Month]:
    """The same month twice, side by side; the worker is killed at other moments in each."""
    record = tmp_path_factory.mktemp("month") / "record.jsonl"
    playing = [begin(*SMALL, "--record", str(record)), begin(*SMALL)]
    return [end(one) for one in playing]


def test_every_promise_is_kept_though_people_are_away_and_the_worker_dies(months):
    for state, told, words in months:
        broken = {name: one["examples"] for name, one in told["checks"].items() if one["broken"]}
        assert broken == {}
        assert (state, told["held"]) == (0, True)
        assert "到期前没有在岗的人知道的时限：0" in words


def test_the_promises_were_put_to_the_test(months):
    _, told, _ = months[0]
    counts = told["counts"]

    assert counts["orders"] >= 45
    assert counts["overdue"] > 5
    assert sum(counts["reminders"].values()) > 50
    assert counts["absences"] > 3
    assert counts["deliveries"]["given_up"] > 0
    assert counts["climbs"] > 0
    assert told["worker"]["kills"] > 5
    assert {"unseen", "reminder_missing", "reminder_extra", "gap_unnoticed"} <= set(told["checks"])
    for name in ("unseen", "reminder_missing", "overdue_late", "push_lost"):
        assert told["checks"][name]["looked"] > 0


def test_the_same_seed_gives_the_same_record(months):
    (_, first, _), (_, second, _) = months

    assert first["digest"] == second["digest"]
    assert first["counts"]["reminders"] == second["counts"]["reminders"]


def test_nothing_is_left_of_it(months):
    assert [name for name in databases() if name.startswith("jiesu_sim_")] == []


def test_figures_that_make_no_sense_are_refused():
    playing = begin("--days", "0")
    _, words = playing.communicate()

    assert playing.returncode == 1
    assert words == "--days 写 1 至 92，--orders 写 1 至 20000。\n"


def test_told_to_end_it_takes_its_database_with_it():
    playing = begin("--days", "31", "--orders", "900")
    name = f"jiesu_sim_{playing.pid}"
    wait_for(lambda: name in databases())

    playing.send_signal(signal.SIGINT)
    playing.communicate(timeout=60)

    assert name not in databases()


def databases() -> set[str]:
    with psycopg.connect(os.environ["DATABASE_URL"]) as link:
        return {row[0] for row in link.execute("SELECT datname FROM pg_database").fetchall()}


def wait_for(come: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not come():
        assert time.monotonic() < end
        time.sleep(0.1)
