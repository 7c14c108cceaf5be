"""Establishing an office from its files: units, communities, duties, categories and rule sets."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import transaction

from jiesu.catalogue.models import Category, CommunityDuty, HolidayTable, RuleSet, UnitDuty
from jiesu.catalogue.queries import holiday_tables, year_table
from jiesu.core.announcements import announce
from jiesu.org.models import Member, Office, Unit, UnitKind
from jiesu.rules.holidays import YearTable, days_of
from jiesu.rules.rule_set import parse
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

RULESETS = Path(__file__).resolve().parent.parent / "rulesets"
DEFAULT_OFFICE = RULESETS / "offices" / "yangfangdian.toml"
RULE_SET = RULESETS / "bj-2026-haidian.toml"
CATEGORIES = RULESETS / "categories.toml"
SINCE = date(2026, 1, 1)


class BadOffice(ValueError):
    """The office file cannot be used; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Established:
    office: Office
    units: int
    communities: int
    made: bool


@transaction.atomic
def establish(file: Path) -> Established:
    """Make the office of a TOML file, or bring its units and communities up to date.

    Nothing is removed: a unit that left the file stays, for the record. Safe to run twice.

    :raises BadOffice: the file is not there, not TOML, or lacks what it must have
    """
    told = _read(file)
    about = told["office"]
    office, made = Office.objects.update_or_create(
        code=str(about["code"]), defaults={"name": about["name"], "district": about["district"]}
    )
    Unit.objects.bulk_create(
        [_unit(office, place, unit) for place, unit in enumerate(told["units"])],
        update_conflicts=True, unique_fields=["office", "code"],
        update_fields=["name", "kind", "role_code", "aliases", "place"],
    )  # fmt: skip
    held = set(office.community_duties.values_list("category", "matter"))
    CommunityDuty.objects.bulk_create(
        CommunityDuty(
            office=office, category=duty["category"], matter=duty["matter"],
            source=duty.get("source", ""), valid_from=duty.get("valid_from", SINCE),
        )
        for duty in told.get("duties", []) if (duty["category"], duty["matter"]) not in held
    )  # fmt: skip
    _adopt_directory(office, told.get("directory", []))
    adopt_rule_set(office, RULE_SET.read_text())
    adopt_categories(office, CATEGORIES.read_text())
    units = office.units.all()
    communities = units.filter(kind=UnitKind.COMMUNITY).count()
    return Established(office, units.count() - communities, communities, made)


def _adopt_directory(office: Office, told: list[dict[str, Any]]) -> None:
    """Keep the entries of 派单目录 that are not held yet.

    :raises BadOffice: an entry names a unit the file does not have
    """
    units = dict(office.units.values_list("code", "pk"))
    held = set(office.unit_duties.values_list("category", "unit"))
    for part in told:
        if part.get("unit") not in units:
            raise BadOffice(f"派单目录里的单位“{part.get('unit', '?')}”不在 [[units]] 里。")
    UnitDuty.objects.bulk_create(
        UnitDuty(
            office=office, unit_id=units[part["unit"]], category=category, words=words,
            source=part.get("source", ""), valid_from=part.get("valid_from", SINCE),
        )
        for part in told for category, words in part.get("categories", {}).items()
        if (category, units[part["unit"]]) not in held
    )  # fmt: skip


def adopt_rule_set(office: Office, body: str) -> RuleSet:
    """Keep a rule set for the office from its own ``valid_from`` on.

    :raises ValueError: the text is no rule set
    """
    rules = parse(body)
    kept, made = RuleSet.objects.get_or_create(
        office=office, valid_from=rules.valid_from,
        defaults={"name": rules.name, "source": rules.source, "body": body},
    )  # fmt: skip
    if made:
        told = {"name": kept.name, "valid_from": kept.valid_from.isoformat(), "source": kept.source}
        digest = sha256(body.encode()).hexdigest()
        subject = f"rules:{kept.pk}"
        leave(
            Kind.CHANGE,
            actor=None,
            office=office.pk,
            subject=subject,
            after=told | {"sha256": digest},
        )
    return kept


def adopt_categories(office: Office, body: str) -> int:
    """Keep the classification tree for the office. Returns how many nodes it has."""
    told = tomllib.loads(body)
    paths = []
    for first, branches in told["tree"].items():
        paths.append(first)
        for second, leaves in branches.items():
            paths.append(f"{first}>{second}")
            paths += [f"{first}>{second}>{leaf}" for leaf in leaves]
    Category.objects.bulk_create(
        [Category(office=office, path=path, valid_from=told["valid_from"]) for path in paths],
        ignore_conflicts=True,
    )
    return len(paths)


@transaction.atomic
def adopt_holidays(
    office: Office, tables: Iterable[YearTable], *, actor: Member | None, at: datetime
) -> list[int]:
    """Keep year tables for the office; the one before of a year stays on the record as replaced.

    A table that says what already holds changes nothing. Returns the years that changed, which are
    announced so that running clocks are counted anew.
    """
    Office.objects.select_for_update().get(pk=office.pk)  # one adoption at a time
    held = holiday_tables(office)
    years = []
    for table in tables:
        kept = held.get(table.year)
        if kept is not None and year_table(kept) == table:
            continue
        HolidayTable.objects.filter(office=office, year=table.year, replaced_at=None).update(
            replaced_at=at
        )
        HolidayTable.objects.create(
            office=office, year=table.year, source=table.source, confirmed=table.confirmed,
            days=days_of(table), adopted_at=at, adopted_by=actor,
        )  # fmt: skip
        years.append(table.year)
        leave(
            Kind.CHANGE, actor=actor, office=office.pk, subject=f"holidays:{table.year}",
            before=None if kept is None else _told(year_table(kept)), after=_told(table),
        )  # fmt: skip
    if years:
        announce("catalogue.holidays_adopted", office=office.pk, years=years)
    return years


def _told(table: YearTable) -> dict[str, Any]:
    """What the trail says of a year: where it comes from, and its days."""
    return {"source": table.source, "confirmed": table.confirmed, "days": days_of(table)}


def _unit(office: Office, place: int, told: dict[str, Any]) -> Unit:
    community = told["kind"] == UnitKind.COMMUNITY  # people say 会城门社区, not 会城门社区居委会
    name = told.get("short") or told["name"] if community else told["name"]
    aliases = dict.fromkeys([*told.get("aliases", []), told.get("short", ""), told["name"]])
    return Unit(
        office=office, code=str(told["code"]), name=name, kind=UnitKind(told["kind"]), place=place,
        role_code=told.get("role", "OTHER"),
        aliases=[alias for alias in aliases if alias and alias != name],
    )  # fmt: skip


def _read(file: Path) -> dict[str, Any]:
    try:
        told = tomllib.loads(file.read_text("utf-8"))
    except OSError:
        raise BadOffice(f"读不到街道文件 {file}，请核对路径。") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise BadOffice(f"街道文件不是有效的 TOML（UTF-8）：{broken}") from None
    for key in ("code", "name", "district"):
        if not told.get("office", {}).get(key):
            raise BadOffice(f"街道文件的 [office] 缺少 {key}。")
    if not told.get("units"):
        raise BadOffice("街道文件没有 [[units]]，请列出科室、中心和社区。")
    for unit in told["units"]:
        missing = [key for key in ("code", "name", "kind") if not unit.get(key)]
        if missing or unit["kind"] not in list(UnitKind):
            raise BadOffice(
                f"单位“{unit.get('name', '?')}”的 code、name、kind 不全或 kind 不认识。"
            )
    return told
