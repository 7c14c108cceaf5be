"""An import survives kill -9 of web, worker and database: every row once, no half row.

``JIESU_KILL_ROWS`` sets how many rows (a quick run takes 4,500, which are three transactions; the promise was made for 50,000).
"""

import json
import os
import subprocess
import sys
import time
from datetime import datetime

import psycopg
import pytest

from jiesu.desk.demo import workbooks
from jiesu.rules.moments import BEIJING
from tests.journeys.served import product

ROWS = int(os.environ.get("JIESU_KILL_ROWS", "4500"))


def ask(served, sql):
    host = (served.folder / "pg" / "postmaster.pid").read_text().splitlines()[4].strip()
    with psycopg.connect(host=host, user="postgres", dbname="jiesu") as link:
        return link.execute(sql).fetchone()


def wait_for(met, seconds=180):
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A month of orders as one workbook."""
    written = tmp_path_factory.mktemp("in") / "orders.xlsx"
    end = datetime(2026, 10, 18, 23, 0, tzinfo=BEIJING)
    workbooks.write(written, workbooks.month(ROWS, end=end, seed=7), exported_at=end)
    return written


@pytest.mark.parametrize("by", ["command", "page"])
def test_a_killed_import_starts_again_and_every_row_is_there_once(by, path):
    with product("empty") as served:
        served.do("init")  # starts its database
        before = ask(served, "SELECT count(*) FROM cases_case")[0]
        begun = _begin_by_page if by == "page" else _begin_by_command
        process = begun(served, path)
        wait_for(
            lambda: ROWS // 3 < ask(served, "SELECT count(*) FROM cases_case")[0] - before < ROWS
        )

        served.kill_everything()
        if process is not None:
            process.kill()
            process.wait()

        served.do("init")  # its database again, before any worker goes on
        half = ask(served, "SELECT count(*) FROM cases_case")[0] - before
        if by == "page":
            served.start()
        told = json.loads(
            served.do("import", "orders", str(path), "--json").stdout.splitlines()[-1]
        )
        wait_for(lambda: ask(served, "SELECT count(*) FROM cases_case")[0] - before >= ROWS)
        cases, numbers = ask(
            served, "SELECT count(*), count(DISTINCT (number, arrival)) FROM cases_case"
        )
        headless = ask(
            served,
            "SELECT count(*) FROM cases_case c WHERE NOT EXISTS"
            " (SELECT 1 FROM cases_event e WHERE e.case_id = c.id)",
        )[0]
        kept = ask(served, "SELECT count(*) FROM intake_arrival WHERE verdict = 'new'")[0]

    print(f"{by}: {half} of {ROWS} rows were in when all was killed; then {told}")
    assert 0 < half < ROWS
    assert cases - before == ROWS
    assert numbers == cases
    assert kept == ROWS
    assert headless == 0
    assert told["rows"] == ROWS


def _begin_by_command(served, path):
    return subprocess.Popen(
        served.command("import", "orders", str(path)), env=served.env, stderr=subprocess.DEVNULL
    )


def _begin_by_page(served, path):
    """The file through the queue, as a confirmed upload leaves it: the worker imports it."""
    served.start()
    script = (
        "from jiesu.__main__ import connect; connect()\n"
        "import sys, pathlib\n"
        "from jiesu.intake import receiving\n"
        "from jiesu.intake.models import Batch, BatchState\n"
        "from jiesu.org.models import Office\n"
        "batch = receiving.receive_path(Office.objects.get(), pathlib.Path(sys.argv[1]))\n"
        "Batch.objects.filter(pk=batch.pk).update(state=BatchState.CHECKED)\n"
        "receiving.confirm(batch)\n"
    )
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(path)], env=served.env, check=True
    )
