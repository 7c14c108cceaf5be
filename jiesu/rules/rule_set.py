"""A rule set as plain data: what the TOML files in ``jiesu/rulesets`` say, read and checked."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from jiesu.rules.attachments import FileLimits, file_limits
from jiesu.rules.counting import Count, Hours, Limit, parse_hours
from jiesu.rules.cycles import Turn, turn
from jiesu.rules.ladder import Level, ladder
from jiesu.rules.rates import Method, method


@dataclass(frozen=True, slots=True)
class SendBackReason:
    """退回理由 and the proof (佐证) it demands (domain 2.5)."""

    code: str
    label: str
    proof: str


@dataclass(frozen=True, slots=True)
class Limits:
    """时限: lengths of counted time (domain 2.3)."""

    sign: timedelta
    sign_urgent: timedelta
    object: timedelta
    dispatch: timedelta
    first_contact: timedelta
    internal_lead: timedelta
    internal_share: Fraction
    review: timedelta
    normal: timedelta
    by_tag: Mapping[str, timedelta]
    call_back: timedelta = timedelta(hours=24)
    counts: Mapping[str, Count] = field(default_factory=dict)  # by kind of clock
    hours: Hours = ()
    by_category: tuple[tuple[str, Limit], ...] = ()  # 派单目录, longest path first
    by_type: Mapping[str, timedelta] = field(default_factory=dict)

    def of(self, kind: str, length: timedelta) -> Limit:
        """Return a limit counted as the rule set counts this kind of clock."""
        count = self.counts.get(kind, self.counts.get("", Count.CALENDAR))
        return Limit(length, count, self.hours if count is Count.SERVICE else ())


@dataclass(frozen=True, slots=True)
class Rules:
    """One rule set, in force from ``valid_from``."""

    name: str
    valid_from: date
    source: str
    order_number: re.Pattern[str]
    limits: Limits
    ladder: tuple[Level, ...]
    send_back_reasons: tuple[SendBackReason, ...]
    whole: Mapping[str, Any]
    turn: Turn
    method: Method
    files: FileLimits = field(default_factory=FileLimits)


def parse(text: str) -> Rules:
    """Read a rule set from its TOML text.

    :raises ValueError: it is not TOML, or something that must be there is not (said in Chinese)
    """
    try:
        told = tomllib.loads(text)
        limit = told["deadline"]
        hours = {tag: timedelta(hours=float(h)) for tag, h in limit["tags"].items()}
        return Rules(
            name=told["name"],
            valid_from=told["valid_from"],
            source=told["source"],
            order_number=re.compile(told["order_number"]["pattern"]),
            limits=Limits(
                sign=timedelta(minutes=limit["sign_min"]),
                sign_urgent=timedelta(minutes=limit["sign_urgent_min"]),
                object=timedelta(hours=limit["object_h"]),
                dispatch=timedelta(minutes=limit["dispatch_min"]),
                first_contact=timedelta(hours=limit["first_contact_h"]),
                internal_lead=timedelta(hours=limit["internal_lead_h"]),
                internal_share=Fraction(limit["internal_share"]),
                review=timedelta(hours=limit["review_h"]),
                normal=timedelta(hours=limit["default_h"]),
                by_tag=hours,
                **_counting(limit),
            ),
            ladder=ladder(told["reminders"]),
            send_back_reasons=tuple(
                SendBackReason(r["code"], r["label"], r["proof"]) for r in told["send_back_reasons"]
            ),
            whole=told,
            turn=turn(told["valid_from"], told),
            method=method(told),
            files=file_limits(told.get("evidence", {})),
        )
    except tomllib.TOMLDecodeError as broken:
        raise ValueError(f"规则集不是有效的 TOML：{broken}") from None
    except KeyError as missing:
        raise ValueError(f"规则集缺少 {missing.args[0]}") from None


def _counting(limit: Mapping[str, Any]) -> dict[str, Any]:
    """How the limits are counted. A rule set of before these keys counts everything plainly."""
    counts = {"": Count(limit.get("day_kind", Count.CALENDAR))}
    counts |= {kind: Count(count) for kind, count in limit.get("count", {}).items()}
    hours = parse_hours(limit["hours"]) if limit.get("hours") else ()
    if Count.SERVICE in counts.values() and not hours:
        raise ValueError("规则集按服务时间计时，但没有写 deadline.hours")
    catalogue = [
        (
            entry["category"],
            Limit(
                timedelta(hours=float(entry["h"])),
                Count(entry.get("count", counts[""])),
                hours,
            ),
        )
        for entry in limit.get("catalogue", ())
    ]
    catalogue.sort(key=lambda entry: len(entry[0]), reverse=True)
    return {
        "call_back": timedelta(hours=float(limit.get("call_back_h", 24))),
        "counts": counts,
        "hours": hours,
        "by_category": tuple(catalogue),
        "by_type": {k: timedelta(hours=float(h)) for k, h in limit.get("types", {}).items()},
    }
