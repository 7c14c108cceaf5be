"""Finding the like of a case among all an office has had, by indexes alone, and weighing what was found.

Three roads lead to candidates: the same requester (keyed phones), the same community lately (any, where
it is not known), and the rare words of title and text (the search index). Some two hundred at most are
then compared in full (``rules.likeness``). Whoever asks is shown only what they may see.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models.functions import Left

from jiesu.cases import access
from jiesu.cases.models import Case
from jiesu.groups import vocabulary
from jiesu.org.models import Member
from jiesu.rules import likeness
from jiesu.rules.grouping import ELSEWHERE, OTHERWISE, Spot, elsewhere, otherwise
from jiesu.rules.likeness import HEAD, Saying, Weights

PHONES, NEAR, WORDY = 30, 50, 70  # candidates of each road
COMMON = 250  # a word in more cases than that finds nothing in particular
TITLE_WORDS, TEXT_WORDS = 10, 14
EACH = 60  # cases of one word
TELLING = 40  # the weightiest words that others have written too
DIFFERENT_DAYS = timedelta(days=1)
SHOWN_FROM = 0.2

_PHONES = """
SELECT id FROM (
    SELECT id FROM cases_case
    WHERE phone_keys && %(phones)s::uuid[] AND office_id = %(office)s AND id <> %(case)s OFFSET 0
) AS same ORDER BY id DESC LIMIT %(limit)s
"""
_NEAR = """
SELECT id FROM (
    SELECT id, community_id FROM cases_case
    WHERE office_id = %(office)s AND dispatched_at <= %(until)s AND id <> %(case)s
    ORDER BY dispatched_at DESC, id DESC LIMIT 1500
) AS late WHERE %(community)s::bigint IS NULL OR community_id = %(community)s LIMIT %(limit)s
"""
_WORDY = """
SELECT hit.id
FROM unnest(%(words)s::text[], %(weights)s::float8[]) AS rare (word, weight)
CROSS JOIN LATERAL (
    SELECT id FROM cases_case
    WHERE tsv @@ ('''' || rare.word || '''')::tsquery
        AND office_id = %(office)s AND id <> %(case)s
    LIMIT %(each)s
) AS hit
GROUP BY hit.id ORDER BY sum(rare.weight) DESC, hit.id DESC LIMIT %(limit)s
"""
READ = (
    "pk", "title", Left("content", HEAD), "location", "category", "community_id", "community_text",
)  # fmt: skip
COLUMNS = (
    "number", "arrival", "title", "location", "category", "community", "phone_keys", "requester_phone",
    "stage", "dispatched_at", "closed_at", "office", "unit",
)  # fmt: skip


class Read(NamedTuple):
    """What is read of a case to compare it."""

    pk: int
    title: str
    content: str
    location: str
    category: str
    community_id: int | None
    community_text: str


@dataclass(frozen=True, slots=True)
class Like:
    """A case that is like another: the chance that they are one matter, and what speaks for it."""

    case: Case
    chance: float
    same_requester: bool
    same_place: bool
    same_kind: bool

    @property
    def percent(self) -> int:
        return round(self.chance * 100)

    @property
    def why(self) -> list[str]:
        told = (
            ("同一诉求人", self.same_requester), ("同一社区", self.same_place),
            ("同一分类", self.same_kind),
        )  # fmt: skip
        return [words for words, holds in told if holds]


def find(
    case: Case, *, viewer: Member | None, limit: int = 12, least: float = SHOWN_FROM
) -> list[Like]:
    """Return the likest cases first, of those ``viewer`` may see; None is the product itself, which sees all.

    An earlier arrival of the same number is the case itself, not a like of it.
    """
    mine = _read(case)
    said = likeness.saying(mine.title, mine.content)
    weights, counts = vocabulary.weights(case.office_id, said.words)
    ids = _candidates(case, said, weights, counts)
    seen = (
        Case.objects.filter(office=case.office_id) if viewer is None else access.visible_to(viewer)
    )
    cases = seen.filter(pk__in=ids).exclude(number=case.number)
    telling = sorted((w for w in said.words if counts[w]), key=lambda word: -weights[word])[
        :TELLING
    ]
    found = [
        other
        for other in map(Read._make, cases.values_list(*READ))
        if not telling or _says_one_of(telling, other)
    ]
    chances = _weigh(case.office_id, mine, said, found)
    best = sorted((-chance, -pk) for pk, chance in chances.items() if chance >= least)[:limit]
    whole = cases.select_related("community", "unit").only(
        *COLUMNS, "community__name", "unit__name"
    )
    shown = whole.in_bulk([-pk for _, pk in best])
    return [_like(case, shown[-pk], -chance) for chance, pk in best if -pk in shown]


def _says_one_of(words: Sequence[str], other: Read) -> bool:
    """False for what has none of the telling words: it cannot be alike, and need not be read further."""
    text = f"{other.title}{other.content}".lower()
    return any(word in text for word in words)


def _weigh(office: int, mine: Read, said: Saying, others: Sequence[Read]) -> dict[int, float]:
    """Compare a case with others in full; return the chance of each."""
    sayings = [likeness.saying(other.title, other.content) for other in others]
    words = set(said.words).union(*(one.words for one in sayings))
    weights, _ = vocabulary.weights(office, words)
    size = likeness.size_of(said, weights)
    return {
        other.pk: _chance(mine, said, other, one, weights, size)
        for other, one in zip(others, sayings, strict=True)
    }


def _chance(
    mine: Read, said: Saying, other: Read, one: Saying, weights: Weights, size: float
) -> float:
    chance = likeness.chance(likeness.likeness(said, one, weights, size=size))
    if elsewhere(_spot(mine), _spot(other)):
        chance *= ELSEWHERE
    if otherwise(mine.category, other.category):
        chance *= OTHERWISE
    return chance


def _like(case: Case, other: Case, chance: float) -> Like:
    return Like(
        case=other,
        chance=chance,
        same_requester=same_requester(case, other),
        same_place=bool(case.community_id) and case.community_id == other.community_id,
        same_kind=bool(case.category) and case.category == other.category,
    )


def same_requester(one: Case, other: Case) -> bool:
    """True when both were told from one phone: by its keyed digest, nobody looks at the number."""
    return not set(one.phone_keys).isdisjoint(other.phone_keys)


def _spot(read: Read) -> Spot:
    return Spot(read.community_id or read.community_text or None, f"{read.location} {read.title}")


def _read(case: Case) -> Read:
    return Read(
        case.pk, case.title, case.content[:HEAD], case.location, case.category, case.community_id,
        case.community_text,
    )  # fmt: skip


@transaction.atomic
def _candidates(case: Case, said: Saying, weights: Weights, counts: dict[str, int]) -> set[int]:
    """Return the ids of cases that may be alike: at most some two hundred."""
    rare = [
        *_rarest(_pairs_of(said, said.title), counts, TITLE_WORDS),
        *_rarest(said.words, counts, TEXT_WORDS),
    ]
    words = list(dict.fromkeys(rare))
    told = {
        "office": case.office_id, "case": case.pk, "phones": list(case.phone_keys), "each": EACH,
        "community": case.community_id, "until": case.dispatched_at + DIFFERENT_DAYS, "words": words,
        "weights": [weights[word] for word in words],
    }  # fmt: skip
    found: set[int] = set()
    with connection.cursor() as cursor:
        # a word's number of cases is not known to the planner, who would walk the table for it
        cursor.execute("SET LOCAL enable_seqscan = off")
        if case.phone_keys:
            cursor.execute(_PHONES, told | {"limit": PHONES})
            found.update(pk for (pk,) in cursor.fetchall())
        cursor.execute(_NEAR, told | {"limit": NEAR})
        found.update(pk for (pk,) in cursor.fetchall())
        if words:
            cursor.execute(_WORDY, told | {"limit": WORDY})
            found.update(pk for (pk,) in cursor.fetchall())
        cursor.execute("SET LOCAL enable_seqscan = on")
    return found


def _pairs_of(said: Saying, text: str) -> list[str]:
    return [word for word in said.words if word in text]


def _rarest(words: Iterable[str], counts: dict[str, int], most: int) -> list[str]:
    """The rarest words that anybody else has written too; what only this case says finds nothing."""
    shared = [word for word in words if 0 < counts[word] <= COMMON]
    return sorted(shared, key=lambda word: (counts[word], word))[:most]
