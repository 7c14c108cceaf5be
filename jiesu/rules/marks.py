"""标记: what an order must be noticed for, beside its class: 紧急, 敏感, 企业诉求, 季节性话题.

Data of the office say which words make which mark (``rulesets/marks.toml``). A mark is a suggestion with
the words that decided; a person keeps it or takes it off. 扬言 is an alarm of its own (``rules/alarms.py``).
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jiesu.rules.labelled import Labelled
from jiesu.rules.saying import Hit, feared, hits, sentences

NEAR = 24  # characters between a thing and its trouble


class MarkKind(Labelled):
    URGENT = "urgent", "紧急"
    SENSITIVE = "sensitive", "敏感"
    BUSINESS = "business", "企业"
    SEASON = "season", "季节"
    THREAT = (
        "threat",
        "扬言",
    )  # an alarm a person has lifted, or taken up again: the lesson of its words


@dataclass(frozen=True, slots=True)
class MarkRule:
    """When a mark is made. Any of ``words`` does; or one of ``things`` near one of ``troubles``, in one sentence."""

    code: str
    kind: MarkKind
    label: str
    words: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()
    but: tuple[str, ...] = ()  # longer words in which these mean something else
    unless: tuple[str, ...] = ()  # what else the text says, so that nothing is marked
    tags: frozenset[str] = frozenset()
    categories: tuple[str, ...] = ()
    months: frozenset[int] = frozenset()  # of a season; empty: all year
    happened: bool = False  # only what has happened, not what somebody fears


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark with why: ``found`` are the words, ``reason`` a sentence. ``in_season``: None, where seasons say nothing."""

    code: str
    kind: MarkKind
    label: str
    reason: str
    found: tuple[str, ...] = ()
    in_season: bool | None = None


def read(body: str) -> tuple[MarkRule, ...]:
    """Return the rules of a TOML text.

    :raises ValueError: it is no list of marks
    """
    try:
        return tuple(_rule(told) for told in tomllib.loads(body)["mark"])
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as wrong:
        raise ValueError(f"标记规则不合格式：{wrong}") from None


def marks(
    texts: Sequence[str], rules: Iterable[MarkRule], *, month: int, tags: Iterable[str] = (),
    category: str = "", company: str = "",
) -> list[Mark]:  # fmt: skip
    """Return the marks of an order, in the order of the rules. ``texts``: its title and content.

    ``company`` is the name of a business the order gives: with it, 企业诉求 needs no words.
    """
    text = "。".join(one for one in texts if one)
    has = set(tags)
    told = (_mark(rule, text, has, category, company, month) for rule in rules)
    return [mark for mark in told if mark]


def _mark(
    rule: MarkRule, text: str, tags: set[str], category: str, company: str, month: int
) -> Mark | None:
    if company and rule.kind is MarkKind.BUSINESS:
        return _made(rule, month, "来单写有企业名称")
    if tagged := sorted(tags & rule.tags):
        return _made(rule, month, f"标签“{tagged[0]}”")
    if under := [c for c in rule.categories if category == c or category.startswith(f"{c}>")]:
        return _made(rule, month, f"分类为“{under[0].replace('>', '›')}”")
    if any(word in text for word in rule.unless):
        return None
    if word := next(_words(rule, text), None):
        return _made(rule, month, f"写有“{word.word}”", word.word)
    if pair := next(_pairs(rule, text), None):
        thing, trouble = pair
        return _made(rule, month, f"写有“{thing.word}”“{trouble.word}”", thing.word, trouble.word)
    return None


def _words(rule: MarkRule, text: str) -> Iterator[Hit]:
    """Yield the words of a rule that are meant and, where the rule asks for it, have happened."""
    found = hits(text, rule.words, rule.but)
    return (hit for hit in found if not (rule.happened and feared(text, hit)))


def _pairs(rule: MarkRule, text: str) -> Iterator[tuple[Hit, Hit]]:
    """Yield a thing and its trouble, near each other in one sentence."""
    if not rule.things or not any(thing in text for thing in rule.things):
        return
    for _, sentence in sentences(text):
        found = list(hits(sentence, rule.things, rule.but, denied=False))
        if not found:
            continue
        for trouble in hits(sentence, rule.troubles, rule.but):
            if rule.happened and feared(sentence, trouble):
                continue
            for thing in found:
                apart = max(thing.start, trouble.start) - min(thing.end, trouble.end)
                if 0 <= apart <= NEAR:
                    yield thing, trouble


def _made(rule: MarkRule, month: int, reason: str, *found: str) -> Mark:
    if not rule.months:
        return Mark(rule.code, rule.kind, rule.label, reason, found)
    season = month in rule.months
    reason += f"，{'正值' if season else '不在'}{_months(rule.months)}"
    return Mark(rule.code, rule.kind, rule.label, reason, found, season)


def _months(months: frozenset[int]) -> str:
    """11月至次年3月: months in a row, over the turn of the year too."""
    first = next((m for m in sorted(months) if (m - 2) % 12 + 1 not in months), min(months))
    last = first
    while last % 12 + 1 in months and last % 12 + 1 != first:
        last = last % 12 + 1
    if first == last:
        return f"{first}月"
    return f"{first}月至{'次年' if last < first else ''}{last}月"


def _rule(told: Mapping[str, Any]) -> MarkRule:
    texts = {
        name: tuple(told.get(name, ()))
        for name in ("words", "things", "troubles", "but", "unless", "categories")
    }
    return MarkRule(
        code=told["code"], kind=MarkKind(told["kind"]), label=told["label"],
        tags=frozenset(told.get("tags", ())), months=frozenset(told.get("months", ())),
        happened=bool(told.get("happened")), **texts,
    )  # fmt: skip
