"""Who is on duty now, for the top of every page: one plain query."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.urls import reverse

from jiesu.duty.month import Name, said_missing


@dataclass(frozen=True, slots=True)
class Strip:
    """Who is on duty now, in words, and the alarm of each open gap."""

    shift: str
    names: tuple[Name, ...]
    alarms: tuple[tuple[str, str], ...]  # (words, where)
    arriving: str  # the viewer's own shift that waits for 到岗


_NOW = """
SELECT s.id, s.on, s.starts_at, s.ends_at, pattern.id AS pattern, pattern.name, post.id AS post, post.lead,
       post.member_id, member.name AS who, post.arrived_at, post.left_at, away.id AS away,
       deputy.id AS deputy, deputy.name AS deputy_name, gap.present, gap.minimum, gap.missing
FROM duty_shift s JOIN duty_pattern pattern ON pattern.id = s.pattern_id
LEFT JOIN duty_post post ON post.shift_id = s.id AND post.released_at IS NULL
LEFT JOIN org_member member ON member.id = post.member_id
LEFT JOIN LATERAL (
    SELECT a.id, a.deputy_id FROM duty_absence a
    WHERE a.member_id = post.member_id AND a.from_at <= %(at)s AND a.to_at > %(at)s
      AND (a.ended_at IS NULL OR a.ended_at > %(at)s) ORDER BY a.id DESC LIMIT 1
) away ON TRUE
LEFT JOIN org_member deputy ON deputy.id = away.deputy_id
LEFT JOIN duty_covergap gap ON gap.shift_id = s.id AND gap.closed_at IS NULL
WHERE s.office_id = %(office)s AND s.starts_at <= %(soon)s AND s.starts_at > %(oldest)s
  AND s.ends_at > %(at)s
ORDER BY s.starts_at, post.lead DESC, post.id
"""
SOON = timedelta(minutes=30)


def strip(office_id: int, at: datetime, *, viewer: int = 0) -> Strip:
    """Return who is on duty, the open gaps, and whether the viewer should press 到岗: one query."""
    told: dict[str, Any] = {
        "office": office_id, "at": at, "soon": at + SOON, "oldest": at - timedelta(hours=25),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_NOW, told)
        columns = [column[0] for column in cursor.description]
        lines = [dict(zip(columns, line, strict=True)) for line in cursor.fetchall()]
    running = [line for line in lines if line["starts_at"] <= at]
    alarms = {}
    for line in running:
        if line["present"] is not None:
            where = reverse("duty:shift", args=[line["pattern"], line["on"].isoformat()])
            alarms[line["id"]] = (_alarm(line), where)
    arriving = next(
        (
            line["name"]
            for line in lines
            if line["arrived_at"] is None
            and line["post"]
            and viewer == (line["deputy"] if line["away"] else line["member_id"])
        ),
        "",
    )
    shift = "、".join(dict.fromkeys(line["name"] for line in running))
    return Strip(shift, tuple(_standing(running)), tuple(alarms.values()), arriving)


def _alarm(line: dict[str, Any]) -> str:
    missing = line["missing"]
    names = json.loads(missing) if isinstance(missing, str) else missing
    said = said_missing(names)
    return f"{line['name']}应到 {line['minimum']} 实到 {line['present']}：{said}"


def _standing(lines: list[dict[str, Any]]) -> list[Name]:
    told: list[Name] = []
    for line in lines:
        if line["post"] is None or line["left_at"] is not None:
            continue
        if line["away"] is None:
            told.append(Name(line["who"], line["lead"], line["member_id"]))
        elif line["deputy"] is not None:
            mark = f"代{line['who']}"
            told.append(Name(line["deputy_name"], line["lead"], line["deputy"], mark))
    return told
