"""A small month on the real product: nothing late unseen, each reminder once, whenever a worker dies."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("--days", "3", "--orders", "45", "--seed", "7", "--json")


def simulate(*words: str) -> tuple[int, dict[str, Any], str]:
    """Run the command like an operator; return its state, its figures and its words."""
    done = subprocess.run(
        [sys.executable, "-m", "jiesu", "simulate", *words],
        cwd=ROOT, env=dict(os.environ), capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout, done.stderr[-3000:]
    return done.returncode, json.loads(done.stdout.splitlines()[-1]), done.stderr


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, dict[str, Any], str]]:
    """The same month twice; the worker is killed at other moments each time."""
    record = tmp_path_factory.mktemp("month") / "record.jsonl"
    return [simulate(*SMALL, "--record", str(record)), simulate(*SMALL)]


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
    with psycopg.connect(os.environ["DATABASE_URL"]) as link:
        left = link.execute("SELECT datname FROM pg_database WHERE datname LIKE 'jiesu_sim_%'")

        assert left.fetchall() == []


def test_figures_that_make_no_sense_are_refused():
    done = subprocess.run(
        [sys.executable, "-m", "jiesu", "simulate", "--days", "0"],
        cwd=ROOT, env=dict(os.environ), capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr == "--days 写 1 至 92，--orders 写 1 至 20000。\n"
