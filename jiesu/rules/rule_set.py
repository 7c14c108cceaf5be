"""A rule set as plain data: what the TOML files in ``jiesu/rulesets`` say, read and checked."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any


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


@dataclass(frozen=True, slots=True)
class Rules:
    """One rule set, in force from ``valid_from``."""

    name: str
    valid_from: date
    source: str
    order_number: re.Pattern[str]
    limits: Limits
    send_back_reasons: tuple[SendBackReason, ...]
    whole: Mapping[str, Any]


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
            ),
            send_back_reasons=tuple(
                SendBackReason(r["code"], r["label"], r["proof"]) for r in told["send_back_reasons"]
            ),
            whole=told,
        )
    except tomllib.TOMLDecodeError as broken:
        raise ValueError(f"规则集不是有效的 TOML：{broken}") from None
    except KeyError as missing:
        raise ValueError(f"规则集缺少 {missing.args[0]}") from None
