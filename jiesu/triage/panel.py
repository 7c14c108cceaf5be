"""初核 on the case page: who should lead and what it is about, how sure, and what a person can check."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.urls import reverse

from jiesu.cases import access
from jiesu.cases.models import Assignment, Case, Part
from jiesu.org.models import Member, Unit
from jiesu.rules.workflow import ENDED, Stage
from jiesu.triage import faults
from jiesu.triage.advice import ENOUGH, Adviser, UnitAdvice, text_of
from jiesu.triage.learning.orders import BETWEEN
from jiesu.triage.learning.suggestion import Suggestion

BEFORE_DISPATCH = frozenset({Stage.TO_SIGN, Stage.SIGNED, Stage.TO_DISPATCH})
MARKS = "分类："  # before a reason that is no word of the text
NEAR, LOOKED_AT = 3, 60  # past cases shown, and compared in full
PAST = 200  # finished cases of a unit and a class that say who assists
SALT = "triage.shown"


@dataclass(frozen=True, slots=True)
class Line:
    """One suggestion as it is shown: its name, percent, and what takes it into the dispatch form."""

    name: str
    percent: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """What the card shows. ``none`` says why there is nothing to show."""

    units: tuple[Line, ...] = ()
    unit_sure: bool = False
    unit_doubt: str = ""
    classes: tuple[Line, ...] = ()
    class_sure: bool = False
    class_doubt: str = ""
    duties: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    versions: str = ""
    none: str = ""
    near_url: str = ""


def of_case(case: Case, at: datetime) -> Panel | None:
    """Return the card of a case that waits to be dispatched; None for any other."""
    if case.stage not in BEFORE_DISPATCH:
        return None
    adviser = Adviser(case.office, at)
    label = adviser.label(case)
    path = case.category or (label.label if label and label.sure else "")
    unit = adviser.unit(case, path)
    faults.report(at)
    if unit is None and label is None:
        broken = faults.open_faults().exists()
        none = (
            "模型暂时不能用，已通知系统管理员；请照常派转。" if broken
            else "还没有训练好的模型，请照常派转；模型由办结的案件学出来。"
        )  # fmt: skip
        return Panel(none=none, duties=_duties(adviser, path))
    return Panel(
        units=tuple(
            _line(case, one.unit, one.probability) for n, one in enumerate(unit.units)
            if n == 0 or _percent(one.probability)
        ) if unit else (),
        unit_sure=bool(unit and unit.sure), unit_doubt=_unit_doubt(unit, path),
        classes=tuple(
            Line(one.label.replace(BETWEEN, " › "), _percent(one.probability))
            for n, one in enumerate(label.top) if n == 0 or _percent(one.probability)
        ) if label else (),
        class_sure=bool(label and label.sure),
        class_doubt=label.doubt.label if label and label.doubt else "",
        duties=_duties(adviser, path), words=_words(case, unit, label),
        versions="、".join(dict.fromkeys(one.model for one in (unit.said if unit else None, label) if one)),
        near_url=reverse("triage:near", args=[case.number]),
    )  # fmt: skip


def shown(unit: UnitAdvice) -> dict[str, Any]:
    """Return a suggestion as it goes on record: what was shown, by which model, how sure."""
    return {
        "unit": unit.units[0].unit.name,
        "probability": round(unit.units[0].probability, 4),
        "top": [[one.unit.name, round(one.probability, 4)] for one in unit.units],
        "sure": unit.sure,
        "model": unit.said.model,
    }


def seal_shown(unit: UnitAdvice | None) -> str:
    """Return what a form was shown, so that it comes back with the form unaltered."""
    return signing.dumps(shown(unit), salt=SALT, compress=True) if unit else ""


def unseal_shown(text: str) -> dict[str, Any]:
    """Return what a form was shown; nothing where it was shown nothing, or was tampered with."""
    try:
        told: dict[str, Any] = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return {}
    return {"suggested": told}


@dataclass(frozen=True, slots=True)
class Near:
    """A finished case like this one, and what became of it."""

    case: Case
    alike: int


@dataclass(frozen=True, slots=True)
class Past:
    """What finished cases say: those most like it, and who assisted the likely lead unit."""

    near: Sequence[Near]
    lead: Unit | None
    assisting: Sequence[tuple[str, int]]
    of: int


def past(member: Member, case: Case, at: datetime) -> Past:
    """Return what past cases that the member may see say about this one."""
    adviser = Adviser(case.office, at)
    label = adviser.label(case)
    unit = adviser.unit(case, case.category or (label.label if label and label.sure else ""))
    lead = unit.units[0].unit if unit else None
    helped, of = _assisting(member, case, lead)
    return Past(_near(member, case, _words(case, unit, label)), lead, helped, of)


def _near(member: Member, case: Case, words: Sequence[str]) -> list[Near]:
    """Finished cases that share the words that decided, fewer and fewer of them; else of the same class."""
    ended = access.visible_to(member).filter(stage__in=ENDED).exclude(number=case.number)
    found: dict[int, Case] = {}
    for many in range(min(3, len(words)), 0, -1):
        if len(found) < NEAR:
            hits = ended.matching(" ".join(words[:many])).newest().defer("tokens", "tsv", "sealed")
            found |= {one.pk: one for one in hits.select_related("unit")[:LOOKED_AT]}
    if len(found) < NEAR and case.category:
        hits = ended.filter(category=case.category).newest().defer("tokens", "tsv", "sealed")
        found |= {one.pk: one for one in hits.select_related("unit")[:LOOKED_AT]}
    mine = _pairs(text_of(case))
    alike = [Near(one, _alike(mine, _pairs(text_of(one)))) for one in found.values()]
    return sorted(alike, key=lambda near: -near.alike)[:NEAR]


def _assisting(member: Member, case: Case, lead: Unit | None) -> tuple[list[tuple[str, int]], int]:
    """Return who assisted the unit in its last finished cases of the class, and of how many."""
    if lead is None or not case.category:
        return [], 0
    ended = access.visible_to(member).filter(stage__in=ENDED, unit=lead)
    cases = list(ended.in_category(case.category).newest().values_list("pk", flat=True)[:PAST])
    found = Assignment.objects.filter(case__in=cases, part=Part.ASSISTING)
    names: dict[str, set[int]] = {}
    for name, pk in found.values_list("unit__name", "case"):
        names.setdefault(name, set()).add(pk)
    return sorted(((n, len(of)) for n, of in names.items()), key=lambda one: -one[1])[:3], len(
        cases
    )


def _pairs(text: str) -> set[str]:
    return {text[n : n + 2] for n in range(len(text) - 1)}


def _alike(one: set[str], other: set[str]) -> int:
    return round(100 * len(one & other) / (len(one | other) or 1))


def _line(case: Case, unit: Unit, probability: float) -> Line:
    url = f"{reverse('dispatch:dispatch', args=[case.number])}?{urlencode({'unit': unit.code})}"
    return Line(unit.name, _percent(probability), url)


def _percent(probability: float) -> int:
    return min(99, round(probability * 100))


def _unit_doubt(unit: UnitAdvice | None, path: str) -> str:
    if unit is None or unit.said.doubt is None:
        return ""
    if unit.community_kept_out >= max(ENOUGH, unit.units[0].probability):
        matter = path.replace(BETWEEN, " › ") or "未分类"
        return f"以往这类多由社区主办，但“{matter}”不在社区职责清单内（条例第17条）"
    return unit.said.doubt.label


def _duties(adviser: Adviser, path: str) -> tuple[str, ...]:
    """The lines of the duty lists that speak of the class, with since when and on whose word."""
    matter = path.replace(BETWEEN, " › ")
    if not path:
        return ("还没有问题分类，对不上派单目录。",)
    directory = adviser.entry_of(path, community=False)
    listed = adviser.entry_of(path, community=True)
    told = []
    if listed:
        told.append(
            f"社区职责清单：“{listed.whose}”社区可以主办（{listed.since:%Y-%m-%d} 起，{listed.source}）"
        )
    else:
        told.append(f"“{matter}”不在社区职责清单内，社区只宜协办（条例第17条）")
    if directory:
        of = directory.category.replace(BETWEEN, " › ")
        told.append(
            f"派单目录：{of} → {directory.whose}（{directory.since:%Y-%m-%d} 起，{directory.source}）"
        )
    return tuple(told)


def _words(case: Case, unit: UnitAdvice | None, label: Suggestion | None) -> tuple[str, ...]:
    """The words that decided, as they stand in the text."""
    reasons = [*(unit.said.reasons if unit else ()), *(label.reasons if label else ())]
    text = text_of(case).lower()
    words = dict.fromkeys(one.word for one in reasons if not one.word.startswith(MARKS))
    return tuple(word for word in words if len(word) > 1 and word in text)[:6]
