"""How often each pair of characters stands in the cases of an office: what makes a word rare.

Counted anew each night, and whenever an office has grown a lot since, over its newest cases; likeness
needs no more exactness than that.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from django.db import connection, transaction

from jiesu.groups.models import Vocabulary
from jiesu.org.models import Office
from jiesu.rules import likeness

NEWEST = 50_000  # cases that are counted
KEPT = 150_000  # counts a process keeps at hand: some 15 MB
GROWN = 1.25  # so many times as many cases since: counted anew

_COUNT = """
INSERT INTO groups_term (office_id, key, cases)
SELECT %(office)s, hashtext(word), max(ndoc)
FROM ts_stat(format('SELECT tsv FROM cases_case WHERE office_id = %%s ORDER BY id DESC LIMIT %%s',
                    %(office)s::bigint, %(newest)s::bigint))
WHERE ndoc > 1 AND length(word) <= 12
GROUP BY hashtext(word)
"""
_LOOK_UP = """
SELECT word, coalesce(term.cases, 0)
FROM unnest(%(words)s::text[]) AS word
LEFT JOIN groups_term AS term ON term.office_id = %(office)s AND term.key = hashtext(word)
"""


@transaction.atomic
def count(office: Office, at: datetime) -> int:
    """Count the words of the office's newest cases anew. Returns over how many cases."""
    cases = min(office.cases.count(), NEWEST)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM groups_term WHERE office_id = %s", [office.pk])
        cursor.execute(_COUNT, {"office": office.pk, "newest": NEWEST})
    Vocabulary.objects.update_or_create(office=office, defaults={"cases": cases, "counted_at": at})
    return cases


def keep_fresh(office: Office, at: datetime) -> None:
    """Count anew when the office has grown a lot since it was counted."""
    counted = Vocabulary.objects.filter(office=office).values_list("cases", flat=True).first()
    if counted is None or (counted < NEWEST and office.cases.count() > counted * GROWN):
        count(office, at)


def weights(office: int, words: Iterable[str]) -> tuple[Mapping[str, float], Mapping[str, int]]:
    """Return the weight of each word in the office's cases, and in how many of those counted it stands.

    What a process has asked for it keeps until the words are counted anew.
    """
    row = Vocabulary.objects.filter(office=office).values_list("cases", "counted_at").first()
    of, counted_at = row or (0, None)
    known = _known(office, counted_at)
    wanted = set(words)
    new = [word for word in wanted if word not in known]
    if new:
        with connection.cursor() as cursor:
            cursor.execute(_LOOK_UP, {"words": new, "office": office})
            looked_up = dict(cursor.fetchall())
        found = {word: known[word] for word in wanted if word in known} | looked_up
        if len(known) > KEPT:
            known.clear()
        known.update(looked_up)
    else:
        found = {word: known[word] for word in wanted}
    return {word: likeness.weight(cases, of) for word, cases in found.items()}, found


@lru_cache(maxsize=4)
def _known(office: int, counted_at: datetime | None) -> dict[str, int]:
    """The counts this process has looked up, of one count of one office."""
    return {}
