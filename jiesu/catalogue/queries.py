"""What is in force: the rule set, the categories, the duty list and the working days of an office."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from django.db.models import Q
from django.utils import timezone

from jiesu.catalogue.models import (
    Category,
    CommunityDuty,
    HolidayTable,
    PlaceName,
    RuleSet,
    UnitDuty,
)
from jiesu.catalogue.shipped import work_calendar
from jiesu.org.models import Office, UnitKind
from jiesu.rules.holidays import WorkCalendar, YearTable, table_of
from jiesu.rules.moments import BEIJING
from jiesu.rules.places import Buildings, PlaceKind, Places, Word
from jiesu.rules.rule_set import Rules, parse


class NoRuleSet(LookupError):
    """No rule set of the office is in force at that moment."""


@lru_cache(maxsize=64)
def _parsed(pk: int, adopted_at: datetime, body: str) -> Rules:
    return parse(body)


def rules_at(office: Office, at: datetime) -> Rules:
    """Return the rules in force for the office at ``at``; before the first set, the first holds.

    :raises NoRuleSet: the office has none at all
    """
    sets = RuleSet.objects.filter(office=office)
    day = timezone.localtime(at).date()
    found = (
        sets.filter(valid_from__lte=day).order_by("-valid_from").first()
        or sets.order_by("valid_from").first()
    )
    if found is None:
        raise NoRuleSet(f"{office.name}还没有规则集，请先运行 jiesu init")
    return _parsed(found.pk, found.adopted_at, found.body)


def rule_sets(office: Office) -> list[tuple[datetime, Rules]]:
    """Return every rule set of the office with the moment it begins, newest first: one query.

    For many moments at once; the last holds for whatever came before it, as `rules_at` tells.

    :raises NoRuleSet: the office has none at all
    """
    found = [
        (
            datetime.combine(one.valid_from, time(), BEIJING),
            _parsed(one.pk, one.adopted_at, one.body),
        )
        for one in RuleSet.objects.filter(office=office).order_by("-valid_from")
    ]
    if not found:
        raise NoRuleSet(f"{office.name}还没有规则集，请先运行 jiesu init")
    return found


def _in_force(at: datetime) -> Q:
    day = timezone.localtime(at).date()
    return Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gt=day))


def community_duties(office: Office, at: datetime) -> list[tuple[str, str]]:
    """Return (category path, matter) of what a community of the office may lead."""
    rows = CommunityDuty.objects.filter(_in_force(at), office=office)
    return list(rows.values_list("category", "matter"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a duty list: which class and all below it is whose, on whose word and since when.

    ``whose`` is the name of a unit, or for a community the matter it may lead.
    """

    category: str
    whose: str
    source: str
    since: date
    community: bool


def duty_entries(office: Office, at: datetime) -> list[Entry]:
    """Return the lines in force of 派单目录 and of 社区职责清单: two queries."""
    found = UnitDuty.objects.filter(_in_force(at), office=office)
    rows = found.values_list("category", "unit__name", "source", "valid_from")
    listed = CommunityDuty.objects.filter(_in_force(at), office=office)
    matters = listed.values_list("category", "matter", "source", "valid_from")
    return [Entry(*row, community=False) for row in rows] + [
        Entry(*row, community=True) for row in matters
    ]


def entry_for(category: str, entries: Sequence[Entry]) -> Entry | None:
    """Return the deepest line that covers a class path; None where none does."""
    covering = [
        one
        for one in entries
        if category == one.category or category.startswith(one.category + ">")
    ]
    return max(covering, key=lambda one: len(one.category), default=None)


def category_paths(office: Office, at: datetime) -> list[str]:
    """Return the paths of the classification tree in force, parents before children."""
    rows = Category.objects.filter(_in_force(at), office=office)
    return list(rows.order_by("path").values_list("path", flat=True))


def places_at(office: Office, at: datetime) -> Places:
    """Return the words for the office's communities in force: names, aliases, and those it keeps itself.

    Two small queries; the same words are laid out for finding only once.
    """
    units = office.units.filter(kind=UnitKind.COMMUNITY, active=True)
    named = tuple(units.values_list("code", "name", "aliases"))
    kept = PlaceName.objects.filter(_in_force(at), office=office, community__active=True)
    rows = kept.order_by("pk").values_list("word", "community__code", "kind", "buildings")
    own = ("北京市", "北京", office.district, office.district.removesuffix("区"), office.name,
           office.name.removesuffix("街道") + "地区")  # fmt: skip
    return _laid_out(
        tuple((code, name, tuple(aliases)) for code, name, aliases in named), tuple(rows), own
    )


@lru_cache(maxsize=16)
def _laid_out(
    named: tuple[tuple[str, str, tuple[str, ...]], ...],
    kept: tuple[tuple[str, str, str, str], ...],
    own: tuple[str, ...],
) -> Places:
    words = [Word(name, code, PlaceKind.NAME) for code, name, _ in named]
    words += [Word(alias, code) for code, _, aliases in named for alias in aliases]
    words += [
        Word(word, code, PlaceKind(kind), Buildings.read(only)) for word, code, kind, only in kept
    ]
    return Places(words, own)


def holiday_tables(office: Office) -> dict[int, HolidayTable]:
    """Return the years the office adopted itself, as they hold now."""
    rows = HolidayTable.objects.filter(office=office, replaced_at=None)
    return {row.year: row for row in rows.select_related("adopted_by").order_by("year")}


def year_table(row: HolidayTable) -> YearTable:
    """Return an adopted year as plain data."""
    return table_of(row.year, row.days, confirmed=row.confirmed, source=row.source)


def calendar_of(office: Office) -> WorkCalendar:
    """Return the office's working days: the shipped years overlaid by those it adopted.

    One small query; the same rows give the same calendar, laid out for counting only once.
    """
    rows = HolidayTable.objects.filter(office=office, replaced_at=None)
    return _overlaid(tuple(rows.order_by("pk").values_list("pk", "adopted_at")))


@lru_cache(maxsize=64)
def _overlaid(rows: tuple[tuple[int, datetime], ...]) -> WorkCalendar:
    if not rows:
        return work_calendar()
    adopted = HolidayTable.objects.filter(pk__in=[pk for pk, _ in rows])
    return work_calendar().overlaid({row.year: year_table(row) for row in adopted})
