"""What the assessment does: freeze a cycle. Standings are in ``standings``, files in ``importing``."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import transaction

from jiesu.assessment import lines as reading
from jiesu.assessment import queries
from jiesu.assessment.cycles import almanac
from jiesu.assessment.models import Frozen, Result, StandingFact
from jiesu.assessment.queries import Book, By
from jiesu.catalogue.models import RuleSet
from jiesu.org.models import Member, Office
from jiesu.rules.rates import Basis, Rates
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind


class NotYet(ValueError):
    """The cycle cannot be frozen now; the message says why."""


@transaction.atomic
def freeze(office: Office, code: str, *, actor: Member | None, at: datetime) -> Frozen:
    """Close a cycle for good: each order as it counts, the rule set, the figures, a digest over all of it.

    What comes later does not change it: it is shown beside as a named correction.

    :raises NoCycle: the code is none
    :raises NotYet: it runs still, was frozen before, or nothing is known of it
    """
    Office.objects.select_for_update().get(pk=office.pk)
    days = almanac(office)
    cycle = days.named(code)
    code = cycle.code
    if Frozen.objects.filter(office=office, cycle=code).exists():
        raise NotYet(f"考核期 {code} 已经冻结，后来的变化按更正列出。")
    if at < cycle.ends:
        raise NotYet(f"考核期 {code} 到 {cycle.last_on:%m月%d日} 才结束，结束后再冻结。")
    rules = days.rules(cycle)
    book = queries.live(office, cycle, rules, at)
    if not any(line.result for line in book.lines):
        raise NotYet(f"考核期 {code} 还没有导入回访明细，先导入再冻结。")
    body = RuleSet.objects.get(office=office, valid_from=rules.valid_from).body
    lines, figures = reading.write(book.lines), worked_out(book)
    kept = Frozen.objects.create(
        office=office, cycle=code, rules=body, lines=lines, figures=figures,
        digest=digest(code, body, lines, figures),
        last_result=_last(Result, office, code), last_standing=_last(StandingFact, office, code),
        member=actor, at=at,
    )  # fmt: skip
    leave(
        Kind.CHANGE, actor=actor, office=office.pk, subject=f"cycle:{code}", sha256=kept.digest,
        orders=len(lines),
    )  # fmt: skip
    return kept


def worked_out(book: Book) -> dict[str, Any]:
    """Return the figures of a cycle as exact plain data: counts as numbers, rates as fractions in words."""
    return {
        basis.value: {"": exact(book.rates(basis))}
        | {name: exact(one) for name, one in book.by(By.UNIT, basis).items()}
        for basis in Basis
    }


def exact(one: Rates) -> dict[str, Any]:
    """Return figures without any rounding."""
    counts = {
        name: getattr(one, name) for name in ("valid", "contact", "solved", "satisfied", "basic")
    }
    rates = {
        name: str(getattr(one, name)) for name in ("response", "solution", "satisfaction", "score")
    }
    return counts | rates


def digest(code: str, rules: str, lines: list[dict[str, Any]], figures: dict[str, Any]) -> str:
    """Return the SHA-256 over all that a frozen cycle says."""
    told = json.dumps(
        [code, rules, lines, figures], ensure_ascii=False, sort_keys=True, default=str
    )
    return hashlib.sha256(told.encode()).hexdigest()


def intact(frozen: Frozen) -> bool:
    """True when a frozen cycle says what it said, and its own rules still give its own figures."""
    book = queries.as_frozen(frozen, frozen.at)
    return (
        digest(frozen.cycle, frozen.rules, frozen.lines, frozen.figures) == frozen.digest
        and worked_out(book) == frozen.figures
        and reading.replayed(frozen) == book.lines
    )


def _last(model: type[Result] | type[StandingFact], office: Office, code: str) -> int:
    found = (
        model.objects.filter(office=office, cycle=code).order_by("-pk").values_list("pk", flat=True)
    )
    return found.first() or 0
