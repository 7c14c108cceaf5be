"""Telling every open desk at once: a word on PostgreSQL's wire, heard when the transaction commits.

Only ids are told; a desk asks for what it may see (docs/decisions). Events of cases are told by a
trigger on their table, so that none can be forgotten; the rest comes through here.
"""

import json
from typing import Any

from django.db import connection

CHANNEL = "jiesu_live"


def tell(kind: str, **facts: Any) -> None:
    """Tell one thing (``kind``: notice, presence, duty, alarm, channel, sittings) with its ids, at commit.

    Nothing is told when the transaction rolls back. ``facts`` must be plain JSON, short, and never
    personal data; the whole must stay under 8,000 bytes.
    """
    told = json.dumps({"k": kind, **facts}, separators=(",", ":"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, told])
