"""The like of a case among a million: rows are multiplied by SQL from a few thousand loaded ones.

Each copy gets a made-up name of its own in its title and its search words, and every fiftieth shares it
with another copy, so that there is something to find; texts, places and phones are those of the demo.
"""

import random
import time
from datetime import datetime

from django.db import connection

from bench import load
from bench.measure import Figure, Sense
from jiesu.cases.models import Case
from jiesu.groups import likes, vocabulary
from jiesu.org.models import Member, Office

SEEDS = 8000  # loaded by the product's own import; the rest are their copies
GOAL = 200  # ms

_MULTIPLY = """
INSERT INTO cases_case (office_id, number, arrival, stage, steps, case_no, order_type, path, category, tags,
    title, content, location, district, street, community_id, community_text, requester_name,
    requester_phone, requester_address, company, unit_text, extra, sealed, phone_keys, dispatched_at, due_at,
    due_source, arrived_at, unit_id, result, next_clock, tokens)
SELECT office_id, 'copy-' || n, 1, 'closed', steps, '', order_type, path, category, tags,
    substr(name, 1, 4) || title, content, location, district, street, community_id, community_text, requester_name,
    requester_phone, '', company, unit_text, '{}', '', ARRAY[gen_random_uuid()],
    dispatched_at - (n %% 1800) * interval '1 day', due_at, due_source, arrived_at, unit_id, '', '',
    substr(name, 1, 2) || ' ' || substr(name, 2, 2) || ' ' || substr(name, 3, 2) || ' ' || tokens
FROM generate_series(%(first)s, %(last)s) AS n
JOIN bench_seed ON bench_seed.place = n %% %(seeds)s
CROSS JOIN LATERAL (
    SELECT string_agg(chr(19968 + (('x' || substr(md5((n - (n %% 50) / 49) || 'a' || i), 1, 6))::bit(24)::int %% 8000)), '')
    FROM generate_series(1, 4) AS i
) AS made (name)
"""


def fill(office: Office, count: int, *, at: datetime) -> None:
    """Bring the office to so many cases."""
    if office.cases.count() < SEEDS:
        load.load(office, min(SEEDS, count), at=at)
    have = office.cases.count()
    if have >= count:
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX IF EXISTS case_tsv, case_phones")
        cursor.execute(
            "CREATE TEMP TABLE bench_seed AS SELECT (row_number() OVER (ORDER BY id)) - 1 AS place, cases_case.*"
            " FROM cases_case LIMIT %s", [SEEDS],
        )  # fmt: skip
        cursor.execute("ALTER TABLE bench_seed DROP COLUMN id")
        cursor.execute(_MULTIPLY, {"first": have, "last": count - 1, "seeds": SEEDS})
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute("CREATE INDEX case_tsv ON cases_case USING gin (tsv)")
        cursor.execute("CREATE INDEX case_phones ON cases_case USING gin (phone_keys)")
        cursor.execute("VACUUM (ANALYZE) cases_case")


def measure(
    office: Office, member: Member, *, cases: int, times: int, at: datetime
) -> list[Figure]:
    """Ask for the like of cases drawn at random; each is asked for once, so nothing is at hand twice."""
    fill(office, cases, at=at)
    began = time.perf_counter()
    vocabulary.count(office, at)
    counting = time.perf_counter() - began
    first = Case.objects.order_by("pk").values_list("pk", flat=True)[0]
    drawn = random.Random(5).sample(range(first, first + cases), times + 5)
    took, hits = [], 0
    for case in Case.objects.filter(pk__in=drawn):
        began = time.perf_counter()
        found = likes.find(case, viewer=member)
        took.append((time.perf_counter() - began) * 1000)
        hits += bool(found)
    took = sorted(took[5:])
    p95 = took[int(len(took) * 0.95)]
    return [
        Figure(
            "likes", f"the like of a case among {office.cases.count():,}, p95 of {len(took)}", f"{p95:.0f} ms",
            f"{GOAL} ms (the promise)", p95 / GOAL, Sense.MOST, 1.0, 0.5,
            note=f"median {took[len(took) // 2]:.0f} ms, most {took[-1]:.0f} ms; something was found for "
            f"{hits} of {len(drawn)}; the words of {vocabulary.NEWEST:,} cases are counted in {counting:.0f} s",
        )
    ]  # fmt: skip
